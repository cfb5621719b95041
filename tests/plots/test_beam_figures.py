from typing import Any

import numpy as np
import pytest

from rnnviz import plots
from rnnviz.core.beam import Beam
from rnnviz.plots.looks import CELLS
from rnnviz.plots.style import DIVERGING

NORMS = 10.0 ** -np.add.outer(np.arange(28)[::-1], np.arange(28.0)[::-1])
GRID = Beam("top-left", NORMS)
TURNED = Beam("bottom-right", NORMS)
ROWS = Beam("top-left", NORMS[:, -1:], share=(1, 28))
HOLES = Beam("top-left", np.array([[0.0, 1.0], [2.0, 4.0]]))
PICTURE = np.zeros((28, 28))
REACH = plots.common_range({"grid": GRID, "rows": ROWS})
FIGURES: dict[str, Any] = {
    "grid": plots.beam_map(GRID, "A grid", REACH, PICTURE),
    "turned": plots.beam_map(TURNED, "A grid", REACH),
    "rows": plots.beam_map(ROWS, "Rows", REACH),
    "holes": plots.beam_map(HOLES, "Holes", 1.0),
    "paths": plots.path_map(GRID),
    "curves": plots.distance_curves(
        {"diagonal": GRID.diagonal, "edge": GRID.edge},
        {"diagonal": CELLS["rnn_2d"], "edge": CELLS["rnn"]},
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_names_itself_and_its_axes(name):
    layout = FIGURES[name].to_dict()["layout"]
    for named in (layout, layout["xaxis"], layout["yaxis"]):
        assert named["title"]["text"]


def test_maps_to_be_compared_share_one_scale_around_the_last_step():
    grid, rows = (FIGURES[name].data[0] for name in ("grid", "rows"))
    assert (grid.zmin, grid.zmax) == (rows.zmin, rows.zmax) == (-54, 54)
    assert [colour for _, colour in grid.colorscale] == [colour for _, colour in DIVERGING]
    assert np.asarray(grid.z)[-1, -1] == 0


def test_a_flat_gradient_does_not_look_eventful():
    assert plots.common_range({"flat": Beam("top-left", np.ones((3, 3)))}) == 1.0


def test_rows_fill_the_picture():
    z = np.asarray(FIGURES["rows"].data[0].z)
    assert z.shape == (28, 28)
    assert (z == z[:, :1]).all()


@pytest.mark.parametrize(("name", "place"), [("grid", (27, 27)), ("turned", (0, 0))])
def test_the_star_is_where_the_gradient_comes_from(name, place):
    star = FIGURES[name].data[-1]
    heatmap = FIGURES[name].data[0]
    assert (star.y[0], star.x[0]) == (heatmap.y[place[0]], heatmap.x[place[1]])
    assert np.asarray(heatmap.z)[place] == 0


@pytest.mark.parametrize("name", ["grid", "rows", "holes", "paths"])
def test_rows_and_columns_count_from_one(name):
    figure = FIGURES[name]
    heights, widths = np.asarray(figure.data[0].z).shape
    assert (figure.data[0].y[0], figure.data[0].y[-1]) == (1, heights)
    assert (figure.data[0].x[0], figure.data[0].x[-1]) == (1, widths)
    assert figure.layout.yaxis.range == (heights + 0.5, 0.5)


def test_the_outline_lies_on_the_pixels():
    heatmap, outline, _ = FIGURES["grid"].data
    assert np.array_equal(heatmap.x, outline.x)
    assert np.array_equal(heatmap.y, outline.y)


def test_where_nothing_arrives_is_a_hole():
    assert np.isnan(np.asarray(FIGURES["holes"].data[0].z)[0, 0])


def test_the_ways_are_most_at_the_far_corner_and_one_along_the_edges():
    z = np.asarray(FIGURES["paths"].data[0].z)
    assert z.argmax() == 0
    assert np.abs(z[-1]).max() == np.abs(z[:, -1]).max() == 0


def test_the_curves_are_on_an_axis_of_decades_that_fits_them():
    diagonal, edge = FIGURES["curves"].data
    assert diagonal.line.dash != edge.line.dash
    low, high = FIGURES["curves"].layout.yaxis.range
    assert low < -54 < 0 < high
