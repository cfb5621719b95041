import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rnnviz import plots
from rnnviz.core.twins import FlowCheck, TwinRun, Twins


def a_run(name: str, threshold: float, before: np.ndarray, stopped: int | None = None) -> TwinRun:
    count = len(before)
    after = np.minimum(before, threshold)
    return TwinRun(
        name=name,
        threshold=threshold,
        weights=400,
        losses=np.where(np.isfinite(before), np.linspace(2.3, 0.5, count), np.nan),
        accuracies=np.linspace(0.1, 0.8, count),
        before=before,
        after=after,
        cosines=np.ones(count),
        clipped=after < before,
        travelled=np.linspace(0, 1, count),
        apart=np.concatenate([[0.0], np.geomspace(1e-3, 1, count - 1)]),
        checked=np.array([4, 8]),
        held_out=np.array([0.3, 0.8]),
        stopped=stopped,
        cause="loss" if stopped else "",
    )


FLOW = np.geomspace(1e-9, 1, 28)
CHECK = FlowCheck("norm", 3, (50.0, 0.5), FLOW, FLOW, 0.0, 9)
TWINS = Twins(
    40,
    {
        "none": a_run("none", math.inf, np.array([1.0, 3.0, 1e9, np.nan]), stopped=4),
        "norm": a_run("norm", 0.5, np.geomspace(0.1, 1e3, 40)),
        "value": a_run("value", 0.1, np.geomspace(0.1, 1e3, 40)),
    },
    (CHECK,),
)
FIGURES: dict[str, Any] = {
    "losses": plots.twin_losses(TWINS),
    "accuracies": plots.twin_accuracies(TWINS),
    "norms none": plots.clip_norms(TWINS, "none"),
    "norms norm": plots.clip_norms(TWINS, "norm"),
    "norms value": plots.clip_norms(TWINS, "value"),
    "distances": plots.twin_distances(TWINS),
    "flow": plots.flow_around_clip(CHECK),
}


def texts(figure) -> str:
    return " ".join(one["text"] for one in figure.to_dict()["layout"].get("annotations", ()))


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_names_itself_and_its_axes(name):
    layout = FIGURES[name].to_dict()["layout"]
    for named in (layout, layout["xaxis"], layout["yaxis"]):
        assert named["title"]["text"]
    assert layout["legend"]["orientation"] == "h", "names stand below, where a phone has room"


@pytest.mark.parametrize("name", [name for name in FIGURES if name != "accuracies"])
def test_every_finite_value_lies_within_the_axis_and_the_axis_is_no_wider_than_these(name):
    layout = FIGURES[name].to_dict()["layout"]
    low, high = layout["yaxis"]["range"]
    drawn = np.concatenate([np.asarray(curve.y, dtype=float) for curve in FIGURES[name].data])
    drawn = drawn[np.isfinite(drawn)]
    assert len(drawn)
    assert low < drawn.min() and drawn.max() < high
    levels = [shape["y0"] for shape in layout.get("shapes", ()) if shape["y0"] == shape["y1"]]
    spread = np.ptp([*drawn, *levels])
    assert high - low < max(spread, 0.5) * 1.2


@pytest.mark.parametrize("name", ["losses", "accuracies", "norms none", "distances"])
def test_a_run_that_could_not_go_on_is_marked_where_it_ended(name):
    figure = FIGURES[name]
    assert "loss is not finite" in texts(figure)
    assert "step 4" in texts(figure)
    lines = [shape for shape in figure.to_dict()["layout"]["shapes"] if shape["x0"] == shape["x1"]]
    assert [line["x0"] for line in lines] == [4]


def test_a_run_that_went_on_is_not_marked():
    assert "finite" not in texts(FIGURES["norms norm"])


@pytest.mark.parametrize(
    ("name", "height", "words"),
    [("norm", 0.5, "τ = 0.5"), ("value", 0.1 * 20, "τ·√n = 2")],
)
def test_the_threshold_is_a_line_at_the_largest_norm_that_the_clip_can_leave(name, height, words):
    figure = FIGURES[f"norms {name}"]
    levels = [shape["y0"] for shape in figure.to_dict()["layout"]["shapes"]]
    assert levels == [pytest.approx(np.log10(height))]
    assert words in texts(figure)


def test_norms_are_drawn_as_they_were_measured():
    before, after = FIGURES["norms norm"].data
    np.testing.assert_allclose(10.0**before.y, TWINS.runs["norm"].before)
    np.testing.assert_allclose(10.0**after.y, TWINS.runs["norm"].after)
    assert before.x[0] == 1 and before.x[-1] == 40


def test_twins_that_are_still_one_have_no_place_on_a_log_axis():
    for curve in FIGURES["distances"].data:
        assert np.isnan(curve.y[0])
        assert np.isfinite(curve.y[1:]).all()


def test_the_flow_figure_says_the_largest_difference():
    title = FIGURES["flow"].to_dict()["layout"]["title"]["text"]
    assert "largest difference 0" in title
    other = replace(CHECK, difference=0.25)
    assert "0.25" in plots.flow_around_clip(other).to_dict()["layout"]["title"]["text"]


def test_runs_differ_by_more_than_their_colour():
    pens = {(curve.line.dash, curve.marker.symbol) for curve in FIGURES["accuracies"].data}
    assert len(pens) == 3


@pytest.mark.parametrize("draw", [plots.twin_losses, plots.twin_accuracies, plots.twin_distances])
def test_nothing_measured_yet_can_be_drawn(draw):
    empty = {
        name: replace(run, **dict.fromkeys(ARRAYS, np.array([])), stopped=None)
        for name, run in TWINS.runs.items()
    }
    assert draw(Twins(40, empty)).data


ARRAYS = (
    "losses",
    "accuracies",
    "before",
    "after",
    "cosines",
    "clipped",
    "travelled",
    "apart",
    "checked",
    "held_out",
)
