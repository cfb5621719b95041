"""Batches of clips to learn from, made without end or drawn from a finite set."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

from rnnviz.data.augment import Augmentation, augment_clips
from rnnviz.data.clips import load_clips
from rnnviz.data.clips.clipset import ClipSet
from rnnviz.data.clips.moving_digits import NAME as MOVING
from rnnviz.data.clips.moving_digits import MovingStream, first_unlabelled, source_digits, task_of
from rnnviz.training.clips.recipe import ClipRecipe


@dataclass(frozen=True, eq=False)
class ClipBatch:
    """Some clips and what is right about them.

    Attributes:
        clips: Floats in [0, 1], (clip, frame, height, width).
        lengths: How many frames are a clip's own, (clip,); None where all are.
        targets: The right class of each clip, (clip,).
        frame_targets: The right class at each frame, -1 where none counts, (clip, frame); None for
            clips that have one answer.
    """

    clips: Tensor
    lengths: Tensor | None
    targets: Tensor
    frame_targets: Tensor | None = None

    def __len__(self) -> int:
        """Return the number of clips."""
        return len(self.clips)


class Source(Protocol):
    """Where batches come from."""

    def batch(self, count: int) -> ClipBatch:
        """Return the next clips, so many."""
        ...


class MovingSource:
    """Moving digits, new ones in every batch."""

    def __init__(self, recipe: ClipRecipe, folder: Path) -> None:
        """Read the digits that will move; DataError if that fails."""
        data, scene = source_digits("train", folder), recipe.source.training_scene_of()
        self.task = task_of(recipe.source.task)
        self.stream = MovingStream(data, scene, recipe.training.seed)

    def batch(self, count: int) -> ClipBatch:
        """Return new clips."""
        made = self.stream.take(count)
        targets = self.task.targets(made)
        if not self.task.every_frame:
            return ClipBatch(made.frames, None, targets)
        frame_targets = torch.from_numpy(first_unlabelled(targets.numpy()))
        return ClipBatch(made.frames, None, targets[:, -1], frame_targets)


class SetSource:
    """The clips of a finite set, all of them before any comes again, changed a little each time."""

    def __init__(self, clips: ClipSet, augmentation: Augmentation | None, seed: int) -> None:
        """Begin with a seed."""
        self.clips, self.augmentation = clips, augmentation
        self.generator = torch.Generator().manual_seed(seed)
        self._order = torch.empty(0, dtype=torch.int64)

    def batch(self, count: int) -> ClipBatch:
        """Return the next clips; ones that are few come more than once."""
        while len(self._order) < count:
            more = torch.randperm(len(self.clips), generator=self.generator)
            self._order = torch.cat([self._order, more])
        chosen, self._order = self._order[:count], self._order[count:]
        batch = as_batch(self.clips.choose(chosen.numpy()))
        if self.augmentation is None:
            return batch
        changed = augment_clips(batch.clips, self.augmentation, self.generator)
        return ClipBatch(changed, batch.lengths, batch.targets, batch.frame_targets)


def make_source(recipe: ClipRecipe, folder: Path) -> Source:
    """Return where a recipe's training clips come from; DataError if they can't be read."""
    (name,) = recipe.training.datasets
    if name == MOVING:
        return MovingSource(recipe, folder)
    clips = load_clips(name, "train", folder, frames=recipe.model.frames)
    return SetSource(clips, recipe.training.augmentation, recipe.training.seed)


def as_batch(clips: ClipSet) -> ClipBatch:
    """Return a set of clips as one batch."""
    whole = bool((clips.lengths == clips.frames.shape[1]).all())
    labels = clips.frame_labels
    return ClipBatch(
        torch.from_numpy(clips.frames).float() / 255,
        None if whole else torch.from_numpy(clips.lengths),
        torch.from_numpy(clips.labels),
        None if labels is None else torch.from_numpy(labels),
    )
