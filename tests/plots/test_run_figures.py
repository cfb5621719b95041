"""The figures of the page "Runs" hold what they are given."""

import numpy as np
import pytest

from rnnviz import plots
from rnnviz.core.curves import Curve
from rnnviz.plots.style import PALETTE


def curve(colour: int, y, name: str = "a run") -> Curve:
    return Curve(name, colour, np.arange(1.0, len(y) + 1), np.asarray(y, float))


def data(figure) -> list[dict]:
    return [trace.to_plotly_json() for trace in figure.data]


def layout(figure) -> dict:
    return figure.to_plotly_json()["layout"]


def test_curves_keep_their_colours_and_what_was_measured_stands_faintly_behind():
    curves = [curve(4, [1.0, 0.5, 0.25, 0.1]), curve(1, [2.0, 1.0, 0.5, 0.2])]
    figure = plots.run_curves(curves, curves, "Loss", "step", "loss", True)
    faint, front = data(figure)[:2], data(figure)[2:]
    assert [one["line"]["color"] for one in front] == [PALETTE[4], PALETTE[1]]
    assert all(one["line"]["color"].startswith("rgba") for one in faint)
    assert [one["showlegend"] for one in data(figure)] == [False, False, True, True]
    np.testing.assert_allclose(front[0]["y"], np.log10([1.0, 0.5, 0.25, 0.1]))
    np.testing.assert_allclose(front[0]["customdata"], [1.0, 0.5, 0.25, 0.1])


def test_a_loss_that_is_no_number_leaves_a_gap_and_shares_reach_from_none_to_all():
    figure = plots.run_curves([curve(0, [1.0, 0.0, 3.0])], [], "Loss", "step", "loss", True)
    assert np.isnan(data(figure)[0]["y"][1])
    figure = plots.run_curves([curve(0, [0.1, 0.9, 0.5])], [], "Right", "step", "share", False)
    assert list(layout(figure)["yaxis"]["range"]) == [0, 1.02]
    assert data(figure)[0]["y"].tolist() == [0.1, 0.9, 0.5]


def test_a_curve_longer_than_a_screen_is_thinned():
    figure = plots.run_curves([curve(0, np.ones(50_000))], [], "Loss", "step", "loss", True)
    assert len(data(figure)[0]["x"]) <= 1200


def test_the_map_counts_and_tells_right_from_wrong():
    counts = np.array([[8, 2, 0], [0, 0, 0], [1, 2, 1]])
    figure = plots.confusion_map(counts, ["cat", "dog", "cow"], "What")
    (heat,) = data(figure)
    gap, root = np.nan, np.sqrt
    expected = [[-root(0.8), root(0.2), gap], [gap, gap, gap], [0.5, root(0.5), -0.5]]
    np.testing.assert_allclose(heat["z"], expected)
    assert np.array_equal(heat["customdata"][:, :, 0], counts)
    np.testing.assert_allclose(heat["customdata"][2, :, 1], [25, 50, 25])
    assert heat["text"].tolist() == [["8", "2", ""], ["", "", ""], ["1", "2", "1"]]
    assert list(heat["x"]) == list(heat["y"]) == [0, 1, 2], "what a click tells"
    assert list(layout(figure)["xaxis"]["ticktext"]) == ["cat", "dog", "cow"]
    # The first class stands at the top, as in every table.
    assert layout(figure)["yaxis"]["range"][0] > layout(figure)["yaxis"]["range"][1]


@pytest.mark.parametrize("classes", [["0", "1"], ["Ankle boot", "Dress"]])
def test_long_names_get_the_room_that_they_need(classes):
    figure = plots.confusion_map(np.eye(2, dtype=int), classes, "What")
    assert (layout(figure)["margin"]["l"] > 60) == (len(classes[0]) > 3)


def test_a_name_is_text_to_plotly_and_not_markup():
    wild = "<b>x</b> %{y} &lt; $z$"
    (trace,) = data(plots.run_curves([curve(0, [1.0, 2.0, 3.0], wild)], [], "L", "s", "l", True))
    assert trace["name"] == "&lt;b&gt;x&lt;/b&gt; %\u2060{y} &amp;lt; &#36;z&#36;"
    assert trace["hovertemplate"].endswith(f"<extra>{trace['name']}</extra>")


def test_a_run_that_explodes_does_not_flatten_the_others():
    calm = curve(0, np.linspace(2.0, 0.1, 200))
    wild = curve(1, [2.0, 3.0, 1e6])
    both = plots.run_curves([calm, wild], [], "Loss", "step", "loss", True)
    low, high = layout(both)["yaxis"]["range"]
    assert low < np.log10(0.1) and np.log10(2.0) < high < 2
    alone = plots.run_curves([wild], [], "Loss", "step", "loss", True)
    assert layout(alone)["yaxis"]["range"][1] > 6
