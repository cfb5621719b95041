from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from rnnviz import plots
from rnnviz.core.route import Route, both_ways
from rnnviz.core.routes import build_route
from rnnviz.core.trace import Trace
from rnnviz.plots.heatmaps import unit_picture
from rnnviz.plots.style import DIVERGING, INK, PALETTE

UNITS = 6


def a_trace(route: Route) -> Trace:
    chance = np.random.default_rng(0)
    shape = (route.steps, UNITS)
    return Trace(
        route=route,
        inputs=chance.random((route.steps, route.features)),
        states={"h": chance.uniform(-1, 1, shape), "c": chance.normal(0, 3, shape)},
        gates={"forget": chance.random(shape), "candidate": chance.uniform(-1, 1, shape)},
        logits=chance.normal(size=10),
    )


ROWS = a_trace(build_route("rows", (1, 28, 28)))
GRID = a_trace(build_route("grid", (1, 28, 28)))
STACK = replace(a_trace(both_ways(build_route("rows", (1, 28, 28)))), layers=2)
"""Two layers of three units, read both ways."""
BELIEFS = np.full((28, 10), 0.1)

FIGURES: dict[str, Any] = {
    "state h": plots.state_heatmap(ROWS),
    "state c": plots.state_heatmap(ROWS, "c"),
    "forget": plots.gate_heatmap(ROWS, "forget"),
    "candidate": plots.gate_heatmap(ROWS, "candidate"),
    "stack h": plots.state_heatmap(STACK),
    "stack forget": plots.gate_heatmap(STACK, "forget"),
    "stack curves": plots.unit_curves(STACK, 4),
    "map": plots.unit_map(GRID, 2),
    "curves": plots.unit_curves(ROWS, 2),
    "bars": plots.probability_bars(ROWS.probabilities),
    "belief": plots.belief_heatmap(np.arange(28), BELIEFS, settled=17),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_names_itself_and_its_axes(name):
    layout = FIGURES[name].to_dict()["layout"]
    for named in (layout, layout["xaxis"], layout["yaxis"]):
        assert named["title"]["text"]


def test_a_stack_names_its_units_by_their_layers():
    (heatmap,) = FIGURES["stack h"].data
    assert heatmap.y == tuple(f"layer {n}, unit {k}" for n in (1, 2) for k in range(3))
    assert np.array_equal(heatmap.z, STACK.states["h"].T)
    layout = FIGURES["stack h"].layout
    assert layout.yaxis.ticktext == ("layer 1", "layer 2")
    # A line between the layers, and one between the directions.
    lines = {(line.x0, line.x1, line.y0, line.y1) for line in layout.shapes}
    assert lines == {(0, 1, 2.5, 2.5), (28.5, 28.5, 0, 1)}
    assert FIGURES["stack curves"].layout.title.text == "Layer 2, unit 1 over the steps"


def test_curves_of_the_two_directions_are_not_joined():
    for curve in FIGURES["stack curves"].data:
        assert np.isnan(curve.y).sum() == 1 and np.isnan(curve.y[28])
    (state, *_) = FIGURES["stack curves"].data
    assert np.array_equal(np.delete(state.y, 28), STACK.states["h"][:, 4])
    assert np.array_equal(np.delete(state.x, 28), np.arange(1, 57))


@pytest.mark.parametrize("name", ["state h", "state c", "candidate", "map", "stack h"])
def test_colours_of_signed_values_are_centred_on_zero(name):
    (heatmap,) = FIGURES[name].data
    assert heatmap.zmin == -heatmap.zmax
    assert heatmap.zmax >= np.abs(heatmap.z).max()
    assert [colour for _, colour in heatmap.colorscale] == [colour for _, colour in DIVERGING]


@pytest.mark.parametrize("name", ["forget", "belief"])
def test_colours_of_shares_go_from_zero_to_one(name):
    (heatmap,) = FIGURES[name].data
    assert (heatmap.zmin, heatmap.zmax) == (0, 1)


def test_a_heat_map_has_a_row_for_each_unit_and_a_column_for_each_step():
    (heatmap,) = FIGURES["state h"].data
    assert np.array_equal(heatmap.z, ROWS.states["h"].T)


@pytest.mark.parametrize("name", ["state h", "forget", "belief", "map", "stack h"])
def test_heat_maps_count_from_one_and_from_the_top_as_the_page_does(name):
    figure = FIGURES[name]
    (heatmap,) = figure.data
    assert list(heatmap.x) == list(range(1, np.shape(heatmap.z)[1] + 1))
    assert figure.layout.yaxis.autorange == "reversed"


def test_a_unit_map_puts_each_state_where_its_pixel_is():
    assert np.array_equal(unit_picture(GRID, 2), GRID.states["h"][:, 2].reshape(28, 28))


@pytest.mark.parametrize("options", [{"corners": 4}, {"patch": 4}, {"patch": 4, "corners": 4}])
def test_a_unit_map_is_the_mean_of_what_was_read_at_each_pixel(options):
    trace = a_trace(build_route("grid", (1, 28, 28), **options))
    found = unit_picture(trace, 1)
    for pixel in (0, 5, 400, 783):
        reads = (trace.route.gather == pixel).any(axis=1)
        assert found.ravel()[pixel] == pytest.approx(trace.states["h"][reads, 1].mean())


def test_the_belief_marks_from_where_the_answer_stands():
    (line,) = FIGURES["belief"].to_dict()["layout"]["shapes"]
    assert line["x0"] == line["x1"] == 18, "depth 17 is the 18th step"


def test_the_answer_stands_out_among_the_probabilities():
    (bars,) = FIGURES["bars"].data
    colours = list(bars.marker.color)
    assert colours.count(PALETTE[5]) == 1
    assert colours.index(PALETTE[5]) == int(ROWS.logits.argmax())


def test_curves_differ_by_more_than_their_colour():
    looks = [(curve.line.dash, curve.line.color) for curve in FIGURES["curves"].data]
    assert len({dash for dash, _ in looks}) == len(looks)


@pytest.mark.parametrize("page", ["#ffffff", "#10161c"])
def test_text_can_be_told_from_the_page_in_both_themes(page):
    """WCAG 2.2: large text needs a contrast of 3 and more."""
    light, dark = sorted((luminance(INK), luminance(page)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 3


def luminance(colour: str) -> float:
    """Return the relative luminance of "#rrggbb" as WCAG 2.2 defines it."""
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: plots.state_heatmap(ROWS, "x"),
        lambda: plots.gate_heatmap(ROWS, "reset"),
        lambda: plots.unit_map(GRID, UNITS),
        lambda: plots.unit_curves(ROWS, -1),
    ],
)
def test_what_is_not_there_is_answered_with_what_is(wrong):
    with pytest.raises(ValueError, match=r"Choose one of|numbered 0 to"):
        wrong()


def test_figures_are_plotly_figures_that_can_be_sent():
    for figure in FIGURES.values():
        assert isinstance(figure, go.Figure)
        assert figure.to_json()
