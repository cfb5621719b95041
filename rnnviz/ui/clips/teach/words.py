"""What is said about a teaching, in plain sentences. Pure text: what people typed stands in it."""

from collections.abc import Mapping, Sequence

import numpy as np

from rnnviz.models.clips.config import Sight
from rnnviz.training.clips.own import FEWEST_CLIPS
from rnnviz.training.clips.taught import Taught
from rnnviz.training.experiments.own_actions import Course

SIGHTS: dict[Sight, str] = {
    "changes": "only how each frame differs from the one before",
    "frames": "each frame as it is",
    "both": "each frame, and how it differs from the one before",
}
"""What the network is shown, as the settings and the result say it; the default first."""


def what_is_missing(lacking: Mapping[str, int]) -> str:
    """Return what is needed before anything can be taught, in a sentence; "" if nothing is.

    Args:
        lacking: How many more clips each action needs, by its name.
    """
    if not lacking:
        return ""
    parts = [f"'{name}' needs {count} more" for name, count in lacking.items()]
    return f"It can be taught once every action has {FEWEST_CLIPS} clips: {listed(parts)}."


def listed(parts: Sequence[str]) -> str:
    """Return "a", "a and b", or "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def progress(course: Course) -> str:
    """Return how far a training is, in a sentence or two."""
    if not course.parts:
        return "Starting…"
    if course.part < course.parts:
        text = f"Training {course.part} of {course.parts}: with some clips left out, to judge them."
    else:
        text = f"Training {course.part} of {course.parts}: the last one, with all clips."
    if course.judged:
        text += f" Right so far: {course.right} of {course.judged} that it had never seen."
    return text


def score(taught: Taught) -> str:
    """Return the accuracy with its uncertainty, in a sentence."""
    low, high = taught.interval
    return (
        f"It was right about {taught.right} of {len(taught)} clips that it had never seen: "
        f"{percent(taught.accuracy)}. With so few clips that says: between {percent(low)} and "
        f"{percent(high)} (95 % interval)."
    )


def verdict(taught: Taught) -> str:
    """Return what the accuracy means beside guessing and the simple rule, in plain sentences."""
    low, high = taught.interval
    simple = taught.baseline_accuracy
    if low <= max(taught.chance, taught.largest):
        return (
            "That is not clearly better than guessing, so don't rely on it yet. Record more clips "
            "of each action, make the movements larger, and let them fill the picture."
            + (" A simple rule on where something moves does better." if simple > high else "")
        )
    if simple > high:
        return (
            "It tells your actions apart better than guessing does, but a simple rule on where "
            "something moves does better still. More clips may change that."
        )
    if simple >= low:
        return (
            "It tells your actions apart. A simple rule on where something moves is about as good "
            "on these clips, so their order in time may not have been needed."
        )
    return (
        "It tells your actions apart, and better than a simple rule on where something moves: it "
        "uses how the movement goes on in time."
    )


def measured(taught: Taught) -> str:
    """Return how it was measured, in small print."""
    trainings, asked = int(taught.folds.max()) + 1, taught.settings.get("input")
    sight = next((words for name, words in SIGHTS.items() if name == asked), "the clips")
    start = str(taught.settings.get("start") or "")
    kept = ", kept as it is," if taught.settings.get("frozen") else ""
    begun = f"with what {start} knows{kept}" if start else "with nothing"
    return (
        f"Every clip was judged by one of {trainings} networks that had not seen it; the network "
        f"you keep has learned from all of them. Its part that reads a frame began {begun} and was "
        f"shown {sight}. The "
        f"simple rule is a logistic regression on the mean change of every pixel, judged on the "
        f"same clips. It took {taught.seconds:.0f} s. People and rooms that are in none of your "
        f"clips may still surprise it."
    )


def mistakes(taught: Taught) -> list[tuple[int, str]]:
    """Return the clips that were answered wrong: which one, and what was taken for what.

    The most certain mistakes come first.
    """
    answers = taught.answers
    sure = taught.probabilities.max(axis=1)
    wrong = np.flatnonzero(answers != taught.labels)
    return [
        (
            int(clip),
            f"{taught.names[clip]}: {taught.classes[taught.labels[clip]]}, taken for "
            f"{taught.classes[answers[clip]]} ({percent(float(sure[clip]))} sure)",
        )
        for clip in wrong[np.argsort(-sure[wrong], kind="stable")]
    ]


def answered(classes: Sequence[str], probabilities: np.ndarray, settled: int | None) -> str:
    """Return what a network answers to a clip, how surely, and since when."""
    answer = int(probabilities.argmax())
    since = ""
    if settled is not None:
        since = " It held that from " + (f"frame {settled + 1} on." if settled else "the start.")
    return f"{classes[answer]}: {percent(float(probabilities[answer]))} sure.{since}"


def percent(share: float) -> str:
    """Return a share as whole percent."""
    return f"{100 * share:.0f} %"
