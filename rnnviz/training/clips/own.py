"""Teach a clip model one's own actions, and say honestly how well it knows them."""

import datetime
import math
import platform
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch

from rnnviz.data.clips.clipset import ClipSet
from rnnviz.data.errors import InputError
from rnnviz.models.clips.checkpoint import LONGEST_NAME, ClipCheckpoint
from rnnviz.models.clips.config import FEWEST_FRAMES, MOST_FRAMES, SIGHTS, ClipConfig
from rnnviz.models.clips.model import ClipModel
from rnnviz.training.clips import baseline
from rnnviz.training.clips.learn import answer, learn, passes_of
from rnnviz.training.clips.material import Material, make_variants
from rnnviz.training.clips.own_settings import OwnSettings
from rnnviz.training.clips.start import Start, start_of
from rnnviz.training.clips.taught import Taught
from rnnviz.training.clips.validate import deal_folds, same_clips
from rnnviz.version import VERSION

FEWEST_CLASSES, MOST_CLASSES = 2, 20
FEWEST_CLIPS = 5
"""Of each class."""
READ_AHEAD = 1500
"""Clips that are made of those that there are, as variants of them."""
FEWEST_VARIANTS = 3
"""Of each clip, however many there are."""


@dataclass(frozen=True, eq=False)
class OwnReport:
    """How far the teaching is.

    Attributes:
        done: Training steps taken, of all trainings.
        total: Training steps in all.
        part: Which training is under way, from 0; the last one learns from all clips.
        parts: How many trainings there are.
        loss: Cross-entropy of the last batch, in nats.
        accuracy: Share of the last batch that was right before the step.
        judged: How many clips have been judged by a network that never saw them.
        right: How many of those were answered right.
        taught: The result; with the last report alone.
        checkpoint: The network that learned from all clips; with the last report alone.
    """

    done: int
    total: int
    part: int
    parts: int
    loss: float
    accuracy: float
    judged: int = 0
    right: int = 0
    taught: Taught | None = None
    checkpoint: ClipCheckpoint | None = None


def check_clips(clips: ClipSet) -> None:
    """Raise an InputError unless there are enough different clips of enough classes."""
    count = len(clips.classes)
    if not FEWEST_CLASSES <= count <= MOST_CLASSES:
        raise InputError(
            f"Give {FEWEST_CLASSES} to {MOST_CLASSES} classes of clips; here "
            f"{'is' if count == 1 else 'are'} {count}."
        )
    for name in clips.classes:
        if not name or len(name) > LONGEST_NAME:
            raise InputError(f"The name of a class has 1 to {LONGEST_NAME} letters, not '{name}'.")
    first = same_clips(clips.frames)
    for label, name in enumerate(clips.classes):
        there = clips.labels == label
        number, different = int(there.sum()), len(np.unique(first[there]))
        if different < FEWEST_CLIPS:
            copies = f", of which {different} differ" if different < number else ""
            raise InputError(
                f"'{name}' has {number} clip{'s' * (number != 1)}{copies}, but at least "
                f"{FEWEST_CLIPS} different ones are needed of each class. Record or add some more."
            )


def teach(clips: ClipSet, settings: OwnSettings) -> Iterator[OwnReport]:
    """Train on one's own clips, yielding reports; the last one carries the result.

    First every clip is left out once, in one of several trainings, and judged by a network that
    never saw it; then the final network learns from all of them. The same clips and settings give
    the same result.

    Args:
        clips: Two to twenty classes with five or more different clips each, of 2 to 64 frames.
        settings: How.

    Raises:
        InputError: If there are too few clips, or the start doesn't fit the input.
        CheckpointError: If there is no such start.
        FloatingPointError: If a loss overflows.
    """
    check_clips(clips)
    check_frames(clips)
    started = time.monotonic()
    start = start_of(settings.start, settings.input)
    passes = passes_of(variants_of(clips, settings), settings, fresh(clips, settings, start))
    groups = same_clips(clips.frames)
    folds = deal_folds(clips.labels, groups, settings.folds, settings.seed)
    parts = int(folds.max()) + 2
    report = OwnReport(0, parts * settings.steps_each, 0, parts, math.nan, math.nan)
    probabilities = np.zeros((len(clips), len(clips.classes)))
    model = fresh(clips, settings, start)
    for part in range(parts):
        left_out = torch.from_numpy(np.flatnonzero(folds == part))
        learned = torch.from_numpy(np.flatnonzero(folds != part))
        model = fresh(clips, settings, start)
        for step, loss, accuracy in learn(model, passes, learned, settings, part):
            done = part * settings.steps_each + step
            report = replace(report, done=done, part=part, loss=loss, accuracy=accuracy)
            if done < report.total:
                yield report
        if len(left_out):
            found = answer(model, passes[-1].material, left_out)
            probabilities[left_out] = found
            right = int((found.argmax(1) == clips.labels[left_out]).sum())
            report = replace(
                report, judged=report.judged + len(left_out), right=report.right + right
            )
    taught = Taught(
        classes=clips.classes,
        names=clips.names or tuple(f"clip {number + 1}" for number in range(len(clips))),
        labels=clips.labels,
        folds=folds,
        probabilities=probabilities,
        baseline=baseline.baseline_answers(clips.frames, clips.lengths, clips.labels, folds),
        settings=asdict(settings),
        notes=tuple(notes_of(clips, groups)),
        seconds=time.monotonic() - started,
    )
    yield replace(report, taught=taught, checkpoint=as_checkpoint(clips, model, taught, settings))


def check_frames(clips: ClipSet) -> None:
    """Raise an InputError unless the clips have as many frames as a model can read."""
    frames = clips.frames.shape[1]
    if not FEWEST_FRAMES <= frames <= MOST_FRAMES:
        raise InputError(
            f"A clip is brought to {FEWEST_FRAMES} to {MOST_FRAMES} frames, not to {frames}."
        )


def variants_of(clips: ClipSet, settings: OwnSettings) -> Material:
    """Return the clips in many variants, as many of each as there is time for."""
    count = max(READ_AHEAD // len(clips), FEWEST_VARIANTS)
    chance = torch.Generator().manual_seed(settings.seed)
    return make_variants(clips, count, settings.variation, chance)


def fresh(clips: ClipSet, settings: OwnSettings, start: Start) -> ClipModel:
    """Return the model before it has seen a clip, its weights drawn by the seed."""
    torch.manual_seed(settings.seed)
    model = ClipModel(
        ClipConfig(
            spatial=start.config,
            cell="gru",
            units=settings.units,
            classes=clips.classes,
            frames=clips.frames.shape[1],
            sight=settings.input,
        )
    )
    if start.weights is not None:
        model.spatial.load_state_dict(start.weights)
    return model


def notes_of(clips: ClipSet, groups: np.ndarray) -> Iterator[str]:
    """Yield what a person should know of their clips."""
    copies = len(clips) - len(np.unique(groups))
    if copies:
        yield (
            f"{copies} of the clips {'shows' if copies == 1 else 'show'} just what another one "
            f"shows. Copies are left out together, so none of them gives the answer away."
        )
    if (clips.labels != clips.labels[groups]).any():
        yield "The same clip is in two classes, so nothing can tell them apart there."


def as_checkpoint(
    clips: ClipSet, model: ClipModel, taught: Taught, settings: OwnSettings
) -> ClipCheckpoint:
    """Return the network as a checkpoint that says what it was taught, and how well it knows it."""
    return ClipCheckpoint(
        name="own-actions",
        config=model.config,
        weights={name: value.detach().clone() for name, value in model.state_dict().items()},
        training=asdict(settings),
        metrics=taught.metrics(),
        provenance=provenance(clips, taught, settings),
    )


def provenance(clips: ClipSet, taught: Taught, settings: OwnSettings) -> dict[str, Any]:
    """Return where the network comes from and how its accuracy was measured, as plain data."""
    counts = np.bincount(clips.labels, minlength=len(clips.classes)).tolist()
    return {
        "clips": dict(zip(clips.classes, counts, strict=True)),
        "input": SIGHTS[settings.input],
        "start": settings.start or "fresh weights",
        "spatial": "learned" if settings.learns_space else "frozen",
        "measured": "every clip by a network that never saw it",
        "folds": int(taught.folds.max()) + 1,
        "right": taught.right,
        "interval": "95 %, Wilson",
        "baseline": baseline.NAME,
        "seed": settings.seed,
        "date": datetime.date.today().isoformat(),
        "duration_s": round(taught.seconds, 1),
        "rnnviz": VERSION,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "threads": torch.get_num_threads(),
    }
