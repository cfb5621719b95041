"""The figure of a sweep: every run a dot, the median of its setting a bar."""

from typing import Any

import plotly.graph_objects as go
import pytest

from rnnviz.core.sweep import Group, Trial
from rnnviz.plots.sweep import sweep_sheet


def group(settings: dict[str, str], *tests: float, diverged: int = 0, waiting: int = 0) -> Group:
    done = [Trial(f"d{n}", n, "done", False, one / 2, one, 1.0) for n, one in enumerate(tests)]
    lost = [Trial(f"x{n}", n, "failed", True) for n in range(diverged)]
    left = [Trial(f"w{n}", n, "paused") for n in range(waiting)]
    return Group(settings, (*done, *lost, *left))


GROUPS = [
    group({"cell": "rnn"}, 0.2, 0.5, 0.3),
    group({"cell": "lstm"}, 0.9),
    group({"cell": "rnn_relu"}, diverged=2, waiting=1),
]


def parts(figure: go.Figure, mode: str) -> list[Any]:
    traces: Any = figure.data
    return [trace for trace in traces if trace.mode == mode]


@pytest.mark.parametrize(("what", "share"), [("test", 1.0), ("validation", 0.5)])
def test_every_run_is_a_dot_and_the_median_a_bar(what: str, share: float):
    figure = sweep_sheet(GROUPS, "cells", what)
    dots = [list(trace.x) for trace in parts(figure, "markers")]
    assert dots == [
        pytest.approx([20 * share, 50 * share, 30 * share]),
        pytest.approx([90 * share]),
        [],
    ]
    bars = [list(trace.x) for trace in parts(figure, "lines")]
    assert bars == [pytest.approx([30 * share] * 2), pytest.approx([90 * share] * 2)]
    low, high = figure.to_plotly_json()["layout"]["xaxis"]["range"]
    assert low < 20 * share and high > 90 * share


def test_dots_stay_in_the_row_of_their_setting_and_off_each_other():
    figure = sweep_sheet([group({"n": str(n)}, *[0.5] * 9) for n in range(3)], "equal")
    for row, trace in enumerate(parts(figure, "markers")):
        assert len(set(trace.y)) == 9
        assert all(abs(y - row) < 0.5 for y in trace.y)


def test_what_has_no_accuracy_is_counted():
    layout = sweep_sheet(GROUPS, "cells").to_plotly_json()["layout"]
    (note,) = layout["annotations"]
    assert (note["y"], note["text"]) == (2, "2 diverged<br>1 not done")
    assert sweep_sheet(GROUPS[2:], "none").to_plotly_json()["layout"]["xaxis"]["range"] == [0, 100]


def test_settings_stand_in_order_from_the_top_and_mean_nothing_to_html():
    odd = group({"name": "<b>x</b> & y"}, 0.5)
    axis = sweep_sheet([*GROUPS, odd], "<i>").to_plotly_json()["layout"]["yaxis"]
    assert list(axis["ticktext"]) == [
        "cell rnn",
        "cell lstm",
        "cell rnn_relu",
        "name &lt;b&gt;x&lt;/b&gt; &amp; y",
    ]
    assert axis["range"][0] > axis["range"][1]


def test_a_long_setting_is_broken_into_lines_without_losing_a_word():
    settings = {f"setting {n}": "a value" for n in range(5)}
    (text,) = sweep_sheet([group(settings, 0.5)], "long").to_plotly_json()["layout"]["yaxis"][
        "ticktext"
    ]
    assert text.replace(",<br>", ", ") == group(settings).label
    assert max(map(len, text.split("<br>"))) < 45


def test_more_settings_make_a_higher_sheet():
    heights = [sweep_sheet(GROUPS * n, "x").to_plotly_json()["layout"]["height"] for n in (1, 5)]
    assert heights[1] > 3 * heights[0] - 400 and heights[1] > heights[0]
