"""A race is read the way its curves are drawn: medians, ranges, and who got there first."""

from dataclasses import replace

import numpy as np
import pytest

from rnnviz.core.race import Race, band

NAN = np.nan


def a_race(validation: np.ndarray, left: np.ndarray | None = None, total: int = 40) -> Race:
    """Return a race of two rows and one blank one with this accuracy (runner, seed, report)."""
    runners, seeds, reports = validation.shape
    flow = np.where(np.isnan(validation), NAN, 0.0)[..., None] + np.array([-6.0, -3.0, 0.0])
    return Race(
        runners=("slow", "fast", "third")[:runners],
        labels=("Slow", "Fast", "Third")[:runners],
        seeds=tuple(range(seeds)),
        rows=2,
        blank_rows=1,
        total=total,
        steps=10 * np.arange(reports),
        training=validation,
        validation=validation,
        flow=flow,
        left=np.full((runners, seeds), -1) if left is None else left,
    )


SLOW = [[0.1, 0.2, 0.3, 0.6, 0.7], [0.1, 0.3, 0.4, 0.4, 0.8], [0.1, 0.1, 0.2, 0.5, 0.6]]
FAST = [[0.1, 0.6, 0.7, 0.8, 0.9], [0.1, 0.5, 0.6, 0.7, 0.8], [0.1, 0.1, 0.1, 0.1, 0.1]]
RACE = a_race(np.array([SLOW, FAST]))


def test_a_band_reaches_from_the_lowest_seed_to_the_highest_around_the_median():
    low, median, high = RACE.accuracy("slow")
    assert low.tolist() == [0.1, 0.1, 0.2, 0.4, 0.6]
    assert median.tolist() == [0.1, 0.2, 0.3, 0.5, 0.7]
    assert high.tolist() == [0.1, 0.3, 0.4, 0.6, 0.8]


def test_a_runner_has_reached_a_share_once_most_of_its_runs_have():
    assert RACE.reached("fast") == 10
    assert RACE.reached("slow") == 30
    assert RACE.reached("slow", 0.9) is None


def test_those_that_reach_a_share_come_in_the_order_in_which_they_do():
    assert RACE.reaching() == ("fast", "slow")
    assert RACE.reaching(0.75) == ("fast",)


def test_runs_that_left_do_not_count_as_having_reached_anything():
    fast = np.array(FAST)
    fast[:2, 2:] = NAN
    fast[0, 1] = NAN
    race = a_race(np.array([SLOW, fast]), left=np.array([[-1, -1, -1], [3, 12, -1]]))
    assert race.reached("fast") is None
    assert race.runs_left("fast") == ((0, 3), (1, 12))
    # Of those still there the band is drawn, without a hole.
    assert race.accuracy("fast")[1].tolist() == [0.1, 0.3, 0.1, 0.1, 0.1]
    assert race.reach("fast", 4)[1].tolist() == [-6.0, -3.0, 0.0]


def test_a_runner_whose_runs_all_left_has_no_curve_any_more():
    gone = np.array(FAST)
    gone[:, 3:] = NAN
    race = a_race(gone[None], left=np.full((1, 3), 25))
    assert np.isnan(race.accuracy("slow")[:, 3:]).all()
    assert not np.isnan(race.accuracy("slow")[:, :3]).any()
    assert np.isnan(race.reach("slow", 4)).all()


def test_a_race_until_a_report_knows_nothing_of_what_came_later():
    race = a_race(np.array([SLOW, FAST]), left=np.array([[-1, -1, -1], [-1, 15, 35]]))
    early = race.until(3)
    assert early.steps.tolist() == [0, 10, 20]
    assert early.reaching() == ("fast",)
    assert early.runs_left("fast") == ((1, 15),)
    assert not early.over
    assert race.over


def test_a_race_before_its_first_report_is_empty_but_sound():
    empty = RACE.until(0)
    assert empty.reports == 0
    assert empty.reaching() == ()
    assert not empty.over


def test_the_band_of_nothing_is_nothing():
    assert np.isnan(band(np.full((3, 2), NAN))).all()


def test_a_runner_that_is_not_there_is_answered_with_those_that_are():
    with pytest.raises(ValueError, match="Choose one of: slow, fast"):
        RACE.accuracy("gru")


@pytest.mark.parametrize("name", ["training", "validation", "flow", "left"])
def test_arrays_that_do_not_fit_each_other_are_refused(name):
    with pytest.raises(ValueError, match=f"race's {name} must have shape"):
        replace(RACE, **{name: getattr(RACE, name)[:1]})


def test_a_seed_that_nothing_arrives_with_counts_as_the_lowest():
    flow = np.array([[-np.inf, -np.inf], [-np.inf, -2.0], [-1.0, -1.0]])
    low, median, high = band(flow)
    assert low.tolist() == [-np.inf, -np.inf]
    assert median.tolist() == [-np.inf, -2.0]
    assert high.tolist() == [-1.0, -1.0]
    # Of two, the median lies between: halfway to nothing is nothing.
    assert band(flow[1:])[1].tolist() == [-np.inf, -1.5]
    assert band(np.array([[-np.inf], [NAN]])).tolist() == [[-np.inf]] * 3
