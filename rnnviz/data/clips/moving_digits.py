"""Moving digits, made without end: which digit, which motion, or what happens when."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from rnnviz.data.clips.clipset import ClipSet
from rnnviz.data.clips.motions import MOTIONS, Moving, Scene, moving_clips
from rnnviz.data.dataset import DIGITS, Dataset, check_split
from rnnviz.data.sets import digits, load_dataset, mnist

NAME = "moving-digits"
LABEL = "Moving digits"
DESCRIPTION = "A digit that moves in one of nine ways, made anew each time"
SPLITS = ("train", "test")
ORDER = 10
COUNT = 2000
"""Clips of a split where nobody says how many."""
SEEDS = {"train": 1_000_003, "test": 2_000_003}
"""Each split begins its own chance, beside its own digits."""


@dataclass(frozen=True)
class Task:
    """What is asked about the clips."""

    label: str
    """What a menu shows."""
    question: str
    """The question itself."""
    classes: tuple[str, ...]
    """What can be answered."""
    scene: Scene
    """The clips in which it is asked."""
    every_frame: bool = False
    """Whether it is asked at every frame."""

    def targets(self, clips: Moving) -> Tensor:
        """Return the right answers, (clip,), or (clip, frame) for one asked at every frame."""
        if self.classes == DIGITS:
            return clips.digits
        return clips.motions if self.every_frame else clips.motions[:, -1]


TASKS = {
    "motion": Task(
        label="Which motion?",
        question="How does it move? (action recognition)",
        classes=MOTIONS,
        scene=Scene(),
    ),
    "digit": Task(
        label="Which digit?",
        question="Which digit is it? (video classification)",
        classes=DIGITS,
        # A digit on its head may be another one, so here they turn less, and grow less.
        scene=Scene(
            speed=(0.5, 1.5),
            turn_deg=(0.5, 2.0),
            growth=(0.005, 0.02),
            size=(0.85, 1.1),
            sizes=(0.75, 1.15),
            noise=0.08,
            clutter=0,
            bounce=True,
        ),
    ),
    "events": Task(
        label="What happens when?",
        question="How does it move in each frame? (event detection)",
        classes=MOTIONS,
        # What happens between two frames must show in those two, or no change is found in time.
        scene=Scene(
            frames=32,
            parts=(2, 4),
            speed=(0.5, 0.95),
            turn_deg=(6.0, 14.0),
            growth=(0.02, 0.05),
            noise=0.06,
        ),
        every_frame=True,
    ),
}
"""The three tasks."""


def available(folder: Path) -> bool:
    """Return True: without MNIST, the digits that come with scikit-learn move."""
    del folder
    return True


def task_of(name: str) -> Task:
    """Return a task; ValueError lists those there are."""
    if name not in TASKS:
        raise ValueError(f"There is no task '{name}'. Choose one of: {', '.join(TASKS)}.")
    return TASKS[name]


def source_digits(split: str, folder: Path, of: str | None = None) -> Dataset:
    """Return the digits that move: those named, or else MNIST, or else the embedded ones."""
    return load_dataset(of or source_name(folder), split, folder)


def source_name(folder: Path) -> str:
    """Return whose digits move where none are named."""
    return mnist.NAME if mnist.available(folder) else digits.NAME


def load(
    split: str,
    folder: Path,
    task: str = "motion",
    count: int = COUNT,
    scene: Scene | None = None,
    of: str | None = None,
    seed: int = 0,
) -> ClipSet:
    """Return clips of one split's digits; the same arguments give the same clips.

    Args:
        split: 'train' or 'test': whose digits move.
        folder: The data folder.
        task: Which question they are labelled for, one of ``TASKS``.
        count: How many clips.
        scene: How they are made; as the task has it if None.
        of: The data set of the digits; MNIST where it is there, otherwise the embedded one.
        seed: Another seed gives other clips.

    Raises:
        ValueError: There is no such split, task or data set.
        DataError: The digits' files are missing or damaged.
    """
    check_split(NAME, split, SPLITS)
    asked = task_of(task)
    data = source_digits(split, folder, of)
    stream = MovingStream(data, scene or asked.scene, SEEDS[split] + seed)
    made = stream.take(count)
    targets = asked.targets(made).numpy()
    length = made.frames.shape[1]
    return ClipSet(
        name=NAME,
        split=split,
        frames=(made.frames * 255).round().to(torch.uint8).numpy(),
        lengths=np.full(count, length, np.int64),
        labels=targets[:, -1].copy() if asked.every_frame else targets,
        classes=asked.classes,
        source=f"Made of {data.source}",
        frame_labels=first_unlabelled(targets) if asked.every_frame else None,
    )


def first_unlabelled(targets: np.ndarray) -> np.ndarray:
    """Return labels (clip, frame) without the first frame's: one frame shows no motion."""
    found = targets.copy()
    found[:, 0] = -1
    return found


class MovingStream:
    """Clips without end, from one generator."""

    def __init__(self, data: Dataset, scene: Scene, seed: int) -> None:
        """Begin with a seed."""
        self.pictures = torch.tensor(data.images)
        self.labels = torch.tensor(data.labels)
        self.scene = scene
        self.generator = torch.Generator().manual_seed(seed)

    def take(self, count: int) -> Moving:
        """Return the next clips."""
        return moving_clips(self.pictures, self.labels, count, self.scene, self.generator)
