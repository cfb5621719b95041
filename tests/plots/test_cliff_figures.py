from typing import Any

import numpy as np
import pytest

from rnnviz import plots
from rnnviz.core.cliff import CliffSurface, Descent, Neighbours
from rnnviz.plots.cliff import inside

W, B = np.meshgrid(np.linspace(4, 7, 161), np.linspace(-4, -1, 161))
SURFACE = CliffSurface(W, B, 0.4 * (B < -2.5), np.ones_like(W))
LEAVES = Descent(
    0.1,
    None,
    points=np.array([[6.0, -2.6], [5.0, -2.0], [9.0, 0.0], [9.0, 0.0]]),
    errors=np.array([0.3, 0.1, 0.09, 0.09]),
    norms=np.array([2.0, 5000.0, 0.0, 0.0]),
)
STAYS = Descent(
    0.1,
    1.0,
    points=np.array([[6.0, -2.6], [5.9, -2.5], [5.8, -2.4], [5.7, -2.3]]),
    errors=np.array([0.3, 0.2, 0.1, 0.05]),
    norms=np.array([2.0, 0.5, 3.0, 0.1]),
)
BOTH = {"raw": LEAVES, "clipped": STAYS}
PLACES = np.array([[4.5, -3.0], [5.0, -3.0]])
ENDS = {
    "raw": Neighbours(None, 1e-6, np.zeros((3, 2)), np.array([0.09, np.nan, 0.49]), np.ones(3)),
    "clipped": Neighbours(1.0, 1e-6, np.zeros((3, 2)), np.array([0.01, 0.02, 0.03]), np.ones(3)),
}
FIGURES: dict[str, Any] = {
    "map": plots.cliff_map(SURFACE, BOTH, PLACES),
    "errors": plots.descent_errors(BOTH),
    "norms": plots.descent_norms(BOTH),
    "neighbours": plots.neighbour_ends(ENDS),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_names_itself_and_its_axes(name):
    layout = FIGURES[name].to_dict()["layout"]
    for named in (layout, layout["xaxis"], layout["yaxis"]):
        assert named["title"]["text"]


def test_the_map_is_small_enough_to_send():
    assert len(FIGURES["map"].to_json()) < 400_000


def test_a_click_pales_nothing():
    marked = [one for one in FIGURES["map"].data if one.type == "scatter" and "markers" in one.mode]
    assert marked
    for one in marked:
        expected = one.marker.opacity or 1.0
        assert one.selected.marker.opacity == one.unselected.marker.opacity == expected


def test_the_places_to_start_are_those_given_and_come_last_so_that_they_are_hit():
    places = FIGURES["map"].data[-1]
    assert np.allclose(np.stack([places.x, places.y], axis=1), PLACES)
    assert 0 < places.marker.opacity < 0.05


def test_the_marks_stand_where_the_gradient_was_clipped():
    (marks,) = (one for one in FIGURES["map"].data if one.name == "clipped here")
    assert np.array_equal(np.stack([marks.x, marks.y], axis=1), STAYS.points[[0, 2]])


def test_a_path_in_space_ends_at_the_edge_of_the_surface():
    cut = inside(SURFACE, LEAVES)
    assert np.array_equal(cut[:2, :2], LEAVES.points[:2])
    # From (5, -2) to (9, 0) the edge b = -1 and the edge w = 7 are both halfway.
    assert cut[2] == pytest.approx([7.0, -1.0, 0.1])
    assert np.isnan(cut[3]).all()
    assert len(cut) == 4
    assert np.array_equal(inside(SURFACE, STAYS)[:, 2], STAYS.errors)


def test_the_landscape_shows_both_paths_just_above_the_surface():
    landscape: Any = plots.cliff_surface(SURFACE, BOTH)
    surface, raw, clipped = landscape.data
    assert (raw.name, clipped.name) == ("raw", "clipped")
    assert np.all(clipped.z > STAYS.errors)
    assert np.array_equal(surface.z, SURFACE.error.astype(np.float32))


def test_gradients_are_on_a_log_axis_and_a_zero_is_told_in_words():
    figure = FIGURES["norms"]
    assert figure.layout.yaxis.type == "log"
    raw, clipped = figure.data
    assert np.isnan(raw.y[2:]).all()
    assert raw.name == "raw (gradient 0 from point 2 on)"
    assert np.array_equal(clipped.y, STAYS.norms)
    assert figure.layout.shapes[0].y0 == 1.0


def test_an_overflow_is_told_in_the_legend():
    broken = Descent(1e308, None, STAYS.points[:1], STAYS.errors[:1], STAYS.norms[:1], True)
    figure: Any = plots.descent_errors({"raw": broken, "clipped": STAYS})
    assert figure.data[0].name == "raw (overflows after point 0)"


def test_ends_that_are_not_finite_are_left_out():
    raw, clipped = FIGURES["neighbours"].data
    assert np.isfinite(raw.x).sum() == 2
    assert np.array_equal(clipped.x, ENDS["clipped"].errors)
