"""What became of a prediction about a race, in words. Pure data, no Streamlit."""

import math
from collections.abc import Collection

import numpy as np

from rnnviz.core.race import Race
from rnnviz.ui.laboratory.numbers_in_words import power

NOBODY = "none"
"""The prediction that no runner gets there."""
GOAL = 0.5
"""The accuracy that the prediction is about."""
GOAL_TEXT = f"{100 * GOAL:.0f} %"


def right_guesses(race: Race, guess: Collection[str]) -> int:
    """Return for how many runners the prediction, the names of those that get there, was right."""
    reached = race.reaching(GOAL)
    return sum((runner in reached) == (runner in guess) for runner in race.runners)


def verdict(race: Race, guess: Collection[str]) -> str:
    """Return what the race says of a prediction, as one or two sentences.

    Args:
        race: The race, finished or not.
        guess: Names of the runners that somebody expects to reach the goal; ``NOBODY`` for none,
            empty if nothing was predicted.
    """
    reached = race.reaching(GOAL)
    result = outcome(race)
    if not guess:
        return result
    right, count = right_guesses(race, guess), len(race.runners)
    missed = [named(race, runner) for runner in reached if runner not in guess]
    failed = [
        f"{named(race, runner)} ({last_accuracy(race, runner)})"
        for runner in race.runners
        if runner in guess and runner not in reached
    ]
    so_far = "You were" if race.over else "So far you are"
    parts = [f"**{so_far} right about {right} of {count}.** {result}"]
    if missed:
        parts.append(f"You didn't expect it of {listed(missed)}.")
    if failed:
        parts.append(f"You expected it of {listed(failed)} too.")
    return " ".join(parts)


def outcome(race: Race) -> str:
    """Return who got there and after how many training steps, as a sentence."""
    reached = race.reaching(GOAL)
    so_far = "" if race.over else " so far"
    if not reached:
        return f"No network reached {GOAL_TEXT}{so_far}."
    names = [
        f"{named(race, runner)} (after {race.reached(runner, GOAL)} steps)" for runner in reached
    ]
    return f"{listed(names)} reached {GOAL_TEXT}{so_far}."


def named(race: Race, runner: str) -> str:
    """Return what a runner is called, set off from the sentence, for some names have a comma."""
    return f"*{race.label(runner)}*"


def last_accuracy(race: Race, runner: str) -> str:
    """Return a runner's last accuracy in words, with the range over its seeds."""
    low, median, high = 100 * race.accuracy(runner)[:, -1]
    if np.isnan(median):
        return "out of the race"
    return f"{median:.0f} %, {low:.0f} to {high:.0f}"


def departures(race: Race) -> tuple[str, ...]:
    """Return a sentence for each runner of which runs had to leave the race."""
    found = []
    for runner in race.runners:
        if runs := race.runs_left(runner):
            when = listed([f"seed {seed} at training step {step}" for seed, step in runs])
            found.append(
                f"{named(race, runner)} left the race with {when}: its loss or gradient was no "
                f"longer a finite number. The others went on."
            )
    return tuple(found)


def standing(race: Race) -> dict[str, list[str]]:
    """Return the columns of a table of how everybody stands at the last report, in words."""
    table: dict[str, list[str]] = {"network": [], "right": [], "reached": [], "gradient": []}
    for runner in race.runners:
        step = race.reached(runner, GOAL)
        table["network"].append(race.label(runner))
        table["right"].append(last_accuracy(race, runner))
        table["reached"].append("not reached" if step is None else f"{step} training steps")
        shares = [left_at_digit(race, runner, report) for report in (0, -1)]
        table["gradient"].append(" → ".join(map(share_text, shares)))
    return table


def left_at_digit(race: Race, runner: str, report: int) -> float:
    """Return log10 of the share of the gradient that gets back to the middle of the digit.

    Minus infinity where nothing does, NaN where nobody is left whose gradient could be measured.
    """
    return float(race.reach(runner, report)[1][race.rows // 2])


def share_text(share: float) -> str:
    """Return such a share in words."""
    return "not measured" if math.isnan(share) else power(share)


def explanation(race: Race) -> str:
    """Return what told those that reached the goal from the others before any training.

    Empty where the gradient of the untrained networks doesn't part them.
    """
    reached = race.reaching(GOAL)
    before = {runner: left_at_digit(race, runner, 0) for runner in race.runners}
    winners = [before[runner] for runner in reached]
    others = [share for runner, share in before.items() if runner not in reached]
    if not winners or not others or any(map(math.isnan, before.values())):
        return ""
    if min(winners) <= max(others):
        return ""
    return (
        f"One could have seen it coming: before the first training step at least "
        f"{power(min(winners))} of the gradient got back to the middle of the digit in those that "
        f"reached {GOAL_TEXT}, at most {power(max(others))} in the others."
    )


def listed(names: list[str]) -> str:
    """Return names as a list in a sentence."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
