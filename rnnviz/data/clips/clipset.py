"""What every data set of clips is once it is loaded."""

from dataclasses import dataclass, replace

import numpy as np

from rnnviz.core.clip import Clip
from rnnviz.data.dataset import SIDE

NONE = -1
"""The label of a frame that has none."""


@dataclass(frozen=True, eq=False)
class ClipSet:
    """One split of labelled clips.

    Attributes:
        name: The data set's name.
        split: Which part of it this is.
        frames: uint8, (clip, frame, 28, 28); a shorter clip is followed by zeros.
        lengths: How many frames each clip has, int64, (clip,).
        labels: Indices into ``classes``, int64, (clip,).
        classes: The name of each class.
        source: Whom to cite, and the licence.
        frame_labels: The class at each frame, -1 for none, int64, (clip, frame); or None.
        groups: Who made each clip, where that is known, int64, (clip,); or None.
        names: What each clip is called, where it has a name; or None.
    """

    name: str
    split: str
    frames: np.ndarray
    lengths: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    source: str
    frame_labels: np.ndarray | None = None
    groups: np.ndarray | None = None
    names: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        """Check that the parts belong together."""
        n = len(self.frames)
        if self.frames.ndim != 4 or self.frames.shape[2:] != (SIDE, SIDE):
            raise ValueError(
                f"The frames of '{self.name}' must have shape (n, frame, {SIDE}, {SIDE}), "
                f"but have {self.frames.shape}."
            )
        if self.frames.dtype != np.uint8:
            raise ValueError(f"The frames of '{self.name}' must be uint8, not {self.frames.dtype}.")
        for what, shape in (
            ("lengths", (n,)),
            ("labels", (n,)),
            ("groups", (n,)),
            ("frame_labels", self.frames.shape[:2]),
        ):
            values = getattr(self, what)
            if values is not None and (values.shape != shape or values.dtype != np.int64):
                raise ValueError(
                    f"The {what} of '{self.name}' must be int64 of shape {shape}, "
                    f"but are {values.dtype} of shape {values.shape}."
                )
        if n and (self.lengths.min() < 1 or self.lengths.max() > self.frames.shape[1]):
            raise ValueError(
                f"The clips of '{self.name}' have 1 to {self.frames.shape[1]} frames, but their "
                f"lengths reach from {self.lengths.min()} to {self.lengths.max()}."
            )
        if n and (self.labels.min() < 0 or self.labels.max() >= len(self.classes)):
            raise ValueError(
                f"The labels of '{self.name}' must lie in 0..{len(self.classes) - 1}, "
                f"but reach from {self.labels.min()} to {self.labels.max()}."
            )

    def __len__(self) -> int:
        """Return the number of clips."""
        return len(self.frames)

    def choose(self, which: slice | np.ndarray) -> "ClipSet":
        """Return the clips at the given indices, or where a mask is true."""
        names = None
        if self.names is not None:
            names = tuple(np.array(self.names, object)[which])
        return replace(
            self,
            frames=self.frames[which],
            lengths=self.lengths[which],
            labels=self.labels[which],
            frame_labels=None if self.frame_labels is None else self.frame_labels[which],
            groups=None if self.groups is None else self.groups[which],
            names=names,
        )

    def clip(self, index: int, frame_s: float = 0.1) -> Clip:
        """Return one clip, its frames ``frame_s`` seconds apart."""
        length = int(self.lengths[index])
        called = self.names[index] if self.names is not None else f"{self.name}, number {index}"
        labels = self.frame_labels
        return Clip(
            frames=self.frames[index, :length].astype(np.float32) / 255,
            times_s=np.arange(length) * frame_s,
            source="dataset",
            caption=f"{called} ({self.split}).",
            label=int(self.labels[index]),
            frame_labels=None if labels is None else labels[index, :length],
        )
