"""The figures of a race show medians in bands, the lines to compare with, and the blank rows."""

from typing import Any

import numpy as np
import pytest

from rnnviz import plots
from rnnviz.core.race import Race
from rnnviz.plots.style import faint

NAMES = ("rnn", "lstm-3", "gru-1")
REPORTS, ROWS, BLANK = 5, 4, 3


def a_race(blank: int = BLANK, names: tuple[str, ...] = NAMES) -> Race:
    chance = np.random.default_rng(0)
    shape = (len(names), 3, REPORTS)
    flow = chance.normal(-8, 2, (*shape, ROWS + blank))
    flow[..., -1] = 0
    return Race(
        runners=names,
        labels=tuple(name.upper() for name in names),
        seeds=(0, 1, 2),
        rows=ROWS,
        blank_rows=blank,
        total=40,
        steps=10 * np.arange(REPORTS),
        training=chance.random(shape),
        validation=chance.random(shape),
        flow=flow,
        left=np.full(shape[:2], -1),
    )


RACE = a_race()
CURVES: Any = plots.race_curves(RACE)
FLOW: Any = plots.race_flow(RACE)


@pytest.mark.parametrize("figure", [CURVES, FLOW, plots.race_picture(np.eye(28), 5)])
def test_a_figure_has_a_title_and_can_be_sent(figure):
    assert figure.to_dict()["layout"]["title"]["text"]
    assert figure.to_json()


@pytest.mark.parametrize("figure", [CURVES, FLOW])
def test_every_runner_is_a_curve_in_its_band(figure):
    assert [trace.name for trace in figure.data if trace.showlegend is not False] == [
        "RNN",
        "LSTM-3",
        "GRU-1",
    ]
    for high, low, curve in zip(*[iter(figure.data)] * 3, strict=True):
        assert low.fill == "tonexty"
        assert (np.array(low.y) <= np.array(curve.y)).all()
        assert (np.array(curve.y) <= np.array(high.y)).all()


def test_the_curves_are_the_medians_in_percent():
    curve = CURVES.data[2]
    assert curve.x == pytest.approx(RACE.steps)
    assert curve.y == pytest.approx(100 * np.median(RACE.validation[0], axis=0))


def test_the_flow_is_drawn_in_decades_and_told_as_a_share_of_the_last_rows_gradient():
    curve = FLOW.data[5]
    median = np.median(RACE.flow[1, :, -1], axis=0)
    assert curve.y == pytest.approx(median)
    assert curve.customdata[:, 0] == pytest.approx(10**median)
    assert curve.customdata[-1].tolist() == [1, 1, 1]
    assert list(curve.x) == list(range(1, ROWS + BLANK + 1))


def test_chance_and_the_goal_are_dotted_lines():
    lines = [shape for shape in CURVES.layout.shapes if shape.y0 == shape.y1]
    assert [line.y0 for line in lines] == [10, 50]
    assert {line.line.dash for line in lines} == {"dot"}


def test_the_blank_rows_are_marked_where_there_are_any():
    (mark,) = FLOW.layout.shapes
    assert (mark.x0, mark.x1) == (ROWS + 0.5, ROWS + BLANK)
    without: Any = plots.race_flow(a_race(blank=0))
    assert not without.layout.shapes


def test_a_moment_shows_no_more_than_was_known_then():
    early: Any = plots.race_curves(RACE, 2)
    assert list(early.data[2].x) == [0, 10]
    # The axis is that of the whole race, so that one sees how far it has got.
    assert tuple(early.layout.xaxis.range) == (0, 40)
    flow: Any = plots.race_flow(RACE, 1)
    assert "training step 10" in flow.layout.title.text


def test_the_flows_axis_is_made_anew_for_each_moment():
    """An axis kept from another moment would make any flow look as if it vanished."""
    race = a_race()
    race.flow[:, :, 0] = np.linspace(-60, 0, ROWS + BLANK)
    for report, low in ((0, -60.0), (1, race.flow[:, :, 1].min())):
        figure: Any = plots.race_flow(race, report)
        bottom, top = figure.layout.yaxis.range
        assert low - 0.1 * -low <= bottom <= low
        assert top >= race.flow[:, :, report].max()


def test_what_left_the_race_has_a_shorter_curve():
    gone = a_race()
    gone.validation[0, :, 3:] = np.nan
    gone.flow[0, :, 3:] = np.nan
    curves: Any = plots.race_curves(gone)
    flow: Any = plots.race_flow(gone, 4)
    assert len(curves.data[2].y) == 3
    assert len(flow.data[2].y) == 0


def test_a_curve_ends_where_nothing_arrives_and_its_band_goes_on_to_the_lower_edge():
    shut = a_race()
    shut.flow[0, :2, 4, 0] = -np.inf
    shut.flow[0, 0, 4, 1] = -np.inf
    figure: Any = plots.race_flow(shut, 4)
    high, low, median = figure.data[:3]
    assert median.x[0] == low.x[0] == high.x[0] == 2
    assert low.y[0] == figure.layout.yaxis.range[0]
    assert median.customdata[0][1] == 0, "the number that is told is the one that was measured"
    assert np.isfinite(low.y).all()


def test_no_two_runners_look_the_same():
    strange: Any = plots.race_curves(a_race(names=("a", "b", "c", "rnn")))
    looks = {(trace.line.color, trace.line.dash) for trace in strange.data[2::3]}
    assert len(looks) == 4


def test_the_picture_has_the_blank_rows_below_the_digit():
    figure: Any = plots.race_picture(np.eye(28), 28)
    (heatmap,) = figure.data
    assert np.array_equal(heatmap.z[:28], np.eye(28))
    assert not np.any(heatmap.z[28:])
    assert len(heatmap.z) == len(heatmap.y) == 56
    assert (heatmap.x[0], heatmap.x[-1], heatmap.y[0]) == (1, 28, 1)


def test_a_faint_colour_is_the_same_colour():
    assert faint("#0072b2", 0.18) == "rgba(0,114,178,0.18)"
