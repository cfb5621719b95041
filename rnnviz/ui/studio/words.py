"""How a run stands, in words. Pure data."""

from dataclasses import replace
from typing import Any

from rnnviz.training.recipe import Recipe
from rnnviz.training.runs.run import Run, Turn
from rnnviz.training.settings import CLIPS, OPTIMISERS
from rnnviz.ui.studio.departures import departures
from rnnviz.ui.studio.latest import Latest
from rnnviz.ui.studio.plan import room_words, time_words
from rnnviz.ui.studio.recipes import name_of

HEADLINES = {
    "queued": "Waiting",
    "running": "Training",
    "paused": "Paused",
    "done": "Done",
    "failed": "Failed",
    "cancelled": "Cancelled",
    "interrupted": "Interrupted",
}
MEANINGS = {
    "paused": "All that it has learned is kept. Resume it, and it goes on as if nothing had been.",
    "cancelled": "It was ended before its time. What it has learned is kept, and it can be resumed "
    "from there.",
    "interrupted": "Its process ended while it trained. Resume it to go on from the last kept "
    "state.",
}
TEST, VALIDATION = "/test/accuracy", "validation/accuracy"
OTHER_PICTURES = (
    "Validation and test pictures are different ones, so their figures may lie some points apart."
)


def status(run: Run, turn: Turn, latest: Latest) -> dict[str, Any]:
    """Return how a run stands, as the browser shows it.

    Args:
        run: The run.
        turn: When it is its turn, if it waits.
        latest: Its last training steps that have been recorded.

    Returns:
        "state", "headline", "detail" (a sentence), "progress" (0 to 1), "numbers" (how far it is)
        and "figures" (pairs of what was measured last and its value).
    """
    # The curves below are of the recorded steps; what is said here is to be of the same ones.
    run = replace(run, step=latest.step or run.step)
    return {
        "state": run.state,
        "headline": HEADLINES[run.state],
        "detail": detail(run, turn),
        "progress": 1.0 if run.state == "done" else run.progress,
        "numbers": numbers(run, latest),
        "figures": figures(run, latest),
    }


def detail(run: Run, turn: Turn) -> str:
    """Return what the state of a run means."""
    if run.state == "queued":
        return waiting(turn)
    if run.state == "running":
        asked = {"pause": "It pauses in a moment.", "cancel": "It ends in a moment."}
        return asked.get(run.wish, "") or running(run)
    if run.state == "done":
        took = f"It took {time_words(run.seconds)} of training."
        both = VALIDATION in run.figures and any(name.endswith(TEST) for name in run.figures)
        return f"{took} {OTHER_PICTURES}" if both else took
    if run.state == "failed":
        return run.message
    meaning = MEANINGS[run.state]
    return f"{run.message} {meaning}" if run.message and run.message not in meaning else meaning


def waiting(turn: Turn) -> str:
    """Return what comes before a run that waits, and for how long at least."""
    before = (
        f"{turn.before} run{'s' * (turn.before > 1)} wait{'s' * (turn.before == 1)} before it"
        if turn.before
        else "It is the next that waits"
    )
    told = f"{before}; it starts by itself, also when this page is closed."
    return told if turn.room_in_s is None else f"{told} {room_words(turn.room_in_s)}"


def running(run: Run) -> str:
    """Return what a run under way does now, and for how long."""
    if run.phase:
        return f"Now {run.phase}."
    left = run.seconds_left
    return "Starting." if left is None else f"{time_words(left)} left."


def numbers(run: Run, latest: Latest) -> str:
    """Return how far a run is: "step 312 of 720, epoch 9 of 20".

    The epoch is the one that this step belongs to, however the run stands.
    """
    if not run.steps:
        return ""
    told = f"step {run.step:,} of {run.steps:,}"
    return f"{told}, epoch {latest.epoch} of {run.epochs}" if latest.epoch else told


def figures(run: Run, latest: Latest) -> list[tuple[str, str]]:
    """Return what was measured last, the accuracies on test pictures of a finished run first.

    Those of training are means over some steps, but of a run that failed they are its last step's:
    there a mean would hide what happened.
    """
    told = [
        (f"{name.removesuffix(TEST)}, test accuracy", as_percent(value))
        for name, value in run.figures.items()
        if name.endswith(TEST)
    ]
    if latest.count and run.state == "failed":
        told += [
            ("training loss, last step", as_loss(latest.last_loss)),
            ("training accuracy, last step", as_percent(latest.last_accuracy)),
        ]
    elif latest.count:
        steps = f"last {latest.count} steps" if latest.count > 1 else "first step"
        told += [
            (f"training loss, {steps}", as_loss(latest.loss)),
            (f"training accuracy, {steps}", as_percent(latest.accuracy)),
        ]
    if VALIDATION in run.figures:
        told.append(("validation accuracy", as_percent(run.figures[VALIDATION])))
    return told


def as_percent(share: float) -> str:
    """Return a share as it is read: "98.2 %"."""
    return f"{100 * share:.1f} %"


def as_loss(loss: float) -> str:
    """Return a loss as it is read: "0.042", "72,663", "1.3e+12"."""
    if abs(loss) >= 1e5:
        return f"{loss:.1e}"
    return f"{loss:.3f}" if abs(loss) < 1e3 else f"{loss:,.0f}"


def summary(recipe: Recipe) -> str:
    """Return what is trained and how, in one line: also all that isn't as usual."""
    model, training = recipe.model, recipe.training
    stage = training.stages[-1]
    epochs = sum(one.epochs for one in training.stages)
    clip = f"clipped {CLIPS[training.clip_by]} at {training.clip:g}" if training.clip else "no clip"
    parts = [
        *(name_of(model, data) for data in training.datasets[:1]),
        f"{model.units} units",
        f"{OPTIMISERS[training.optimiser]} at {stage.learning_rate:g}",
        f"{stage.batch} pictures a step",
        f"{epochs} epoch{'s' * (epochs > 1)}",
        clip,
        *departures(recipe),
        f"seed {training.seed}",
    ]
    if training.pictures:
        parts.insert(1, f"{training.pictures:,} pictures")
    return " · ".join(parts)
