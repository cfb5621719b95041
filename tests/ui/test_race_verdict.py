"""What a person is told of a bet agrees with what was measured."""

from dataclasses import replace

import numpy as np
import pytest

from rnnviz.core.race import Race
from rnnviz.ui.laboratory.race_verdict import (
    NOBODY,
    departures,
    explanation,
    last_accuracy,
    listed,
    outcome,
    right_guesses,
    standing,
    verdict,
)


def a_race(*lasts: float, total: int = 20) -> Race:
    """Return a race of three seeds in which the runners a, b, c end at these accuracies."""
    names = ("a", "b", "c")[: len(lasts)]
    end = np.array(lasts)[:, None] + np.array([-0.02, 0.0, 0.04])
    validation = np.stack([np.full_like(end, 0.1), 0.6 * end, end], axis=-1)
    flow = np.broadcast_to(np.array([-7.0, -2.5, 0.0]), (*validation.shape, 3))
    return Race(
        runners=names,
        labels=tuple(name.upper() for name in names),
        seeds=(0, 1, 2),
        rows=2,
        blank_rows=1,
        total=total,
        steps=np.array([0, 10, 20]),
        training=validation,
        validation=validation,
        flow=flow,
        left=np.full(end.shape, -1),
    )


RACE = a_race(0.1, 0.7, 0.9)


def test_every_runner_counts_that_was_foreseen_either_way():
    assert right_guesses(RACE, ("b", "c")) == 3
    assert right_guesses(RACE, ("a",)) == 0
    assert right_guesses(RACE, (NOBODY,)) == 1


def test_the_verdict_names_what_was_not_foreseen():
    said = verdict(RACE, ("a", "b"))
    assert "right about 1 of 3" in said
    assert "*C* (after 10 steps) and *B* (after 20 steps) reached 50 %." in said
    assert "You didn't expect it of *C*." in said
    assert "You expected it of *A* (10 %, 8 to 14) too." in said


def test_a_right_bet_is_told_nothing_more():
    said = verdict(RACE, ("b", "c"))
    assert "right about 3 of 3" in said
    assert "expect" not in said


def test_without_a_bet_there_is_only_the_outcome():
    assert verdict(RACE, ()) == outcome(RACE)


def test_a_bet_on_nobody_is_right_where_nobody_gets_there():
    race = a_race(0.1, 0.2, 0.3)
    assert verdict(race, (NOBODY,)) == ("**You were right about 3 of 3.** No network reached 50 %.")


def test_a_race_that_goes_on_is_told_as_it_stands():
    race = a_race(0.1, total=100)
    assert outcome(race) == "No network reached 50 % so far."
    assert verdict(race, (NOBODY,)).startswith("**So far you are right about 1 of 1.**")


def test_a_runner_that_left_is_told_with_the_moment():
    race = a_race(0.1, 0.7)
    race.left[1] = (-1, 12, 15)
    race.validation[1, 1:, 2] = np.nan
    (said,) = departures(race)
    assert (
        "*B* left the race with seed 1 at training step 12 and seed 2 at training step 15" in said
    )
    race.validation[1, :, 2] = np.nan
    assert last_accuracy(race, "b") == "out of the race"


def test_the_standing_is_that_of_the_moment_which_is_looked_at():
    end, middle = standing(RACE), standing(RACE.until(2))
    assert end["right"][2] == "90 %, 88 to 94"
    assert middle["right"][2] == "54 %, 53 to 56"
    assert end["gradient"] == ["3.2·10⁻³ → 3.2·10⁻³"] * 3
    gone = replace(RACE, flow=np.full_like(RACE.flow, np.nan))
    assert standing(gone)["gradient"] == ["not measured → not measured"] * 3
    assert end["reached"] == ["not reached", "20 training steps", "10 training steps"]
    assert middle["reached"] == ["not reached", "not reached", "10 training steps"]


def with_starts(*log10: float) -> Race:
    """Return the race of a, b and c with these shares left in the digit before any training."""
    flow = np.array(RACE.flow)
    flow[:, :, 0, 1] = np.array(log10)[:, None]
    return replace(RACE, flow=flow)


def test_the_gradient_before_training_explains_the_result_where_it_parts_them():
    said = explanation(with_starts(-7.0, -2.0, -1.0))
    assert "at least 0.01 of the gradient" in said
    assert "at most 1.0·10⁻⁷ in the others" in said


@pytest.mark.parametrize(
    "race",
    [
        with_starts(-1.5, -2.0, -1.0),
        with_starts(np.nan, -2.0, -1.0),
        a_race(0.1, 0.2),
        a_race(0.8, 0.9),
    ],
)
def test_nothing_is_explained_that_was_not_measured(race):
    assert explanation(race) == ""


@pytest.mark.parametrize(
    ("names", "text"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_names_are_listed_as_in_a_sentence(names, text):
    assert listed(names) == text
