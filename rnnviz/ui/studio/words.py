"""How a run stands, in words. Pure data."""

from dataclasses import replace
from typing import Any

from rnnviz.training.recipe import Recipe
from rnnviz.training.runs.run import Run
from rnnviz.training.settings import CLIPS, OPTIMISERS
from rnnviz.ui.studio.plan import time_words
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
FIGURES = {
    "loss": "training loss",
    "accuracy": "training accuracy",
    "validation/accuracy": "validation accuracy",
}
"""The figures of a run, and what they are called."""
TEST = "/test/accuracy"


def status(run: Run, place: int, steps: int) -> dict[str, Any]:
    """Return how a run stands, as the browser shows it.

    Args:
        run: The run.
        place: How many runs are before it in the queue.
        steps: How many of its training steps have been recorded.

    Returns:
        "state", "headline", "detail" (a sentence), "progress" (0 to 1), "numbers" (how far it is)
        and "figures" (pairs of what was measured last and its value).
    """
    # The ledger hears of the last steps of a run only if it ends well.
    run = replace(run, step=max(run.step, steps))
    return {
        "state": run.state,
        "headline": HEADLINES[run.state],
        "detail": detail(run, place),
        "progress": 1.0 if run.state == "done" else run.progress,
        "numbers": numbers(run),
        "figures": figures(run),
    }


def detail(run: Run, place: int) -> str:
    """Return what the state of a run means."""
    if run.state == "queued":
        before = (
            f"{place} run{'s' * (place > 1)} come{'s' * (place == 1)} before it"
            if place
            else "It is the next"
        )
        return f"{before}; it starts by itself, also when this page is closed."
    if run.state == "running":
        asked = {"pause": "It pauses in a moment.", "cancel": "It ends in a moment."}
        return asked.get(run.wish, "") or running(run)
    if run.state == "done":
        return f"It took {time_words(run.seconds)} of training."
    if run.state == "failed":
        return run.message
    meaning = MEANINGS[run.state]
    return f"{run.message} {meaning}" if run.message and run.message not in meaning else meaning


def running(run: Run) -> str:
    """Return what a run under way does now, and for how long."""
    if run.phase:
        return f"Now {run.phase}."
    left = run.seconds_left
    return "Starting." if left is None else f"{time_words(left)} left."


def numbers(run: Run) -> str:
    """Return how far a run is: "step 312 of 720, epoch 9 of 20"."""
    if not run.steps:
        return ""
    # The epoch that is under way counts, as people count.
    epoch = min(run.epoch + (run.state == "running"), run.epochs)
    return f"step {run.step:,} of {run.steps:,}, epoch {epoch} of {run.epochs}"


def figures(run: Run) -> list[tuple[str, str]]:
    """Return what was measured last, the accuracies on test pictures of a finished run first."""
    tests = [
        (f"{name.removesuffix(TEST)}, test accuracy", as_percent(value))
        for name, value in run.figures.items()
        if name.endswith(TEST)
    ]
    others = [
        (
            label,
            f"{run.figures[name]:.3f}" if name == "loss" else f"{100 * run.figures[name]:.1f} %",
        )
        for name, label in FIGURES.items()
        if name in run.figures
    ]
    return tests + others


def as_percent(share: float) -> str:
    """Return a share as it is read: "98.2 %"."""
    return f"{100 * share:.1f} %"


def as_loss(loss: float) -> str:
    """Return a loss as it is read: "0.042", "1.3e+12"."""
    return f"{loss:.3f}" if abs(loss) < 1e5 else f"{loss:.1e}"


def summary(recipe: Recipe) -> str:
    """Return what is trained and how, in one line."""
    model, training = recipe.model, recipe.training
    stage = training.stages[-1]
    clip = f"clipped {CLIPS[training.clip_by]} at {training.clip:g}" if training.clip else "no clip"
    parts = [
        *(name_of(model, data) for data in training.datasets[:1]),
        f"{model.units} units",
        f"{OPTIMISERS[training.optimiser]} at {stage.learning_rate:g}",
        f"{stage.batch} pictures a step",
        clip,
        f"seed {training.seed}",
    ]
    if training.pictures:
        parts.insert(1, f"{training.pictures:,} pictures")
    return " · ".join(parts)
