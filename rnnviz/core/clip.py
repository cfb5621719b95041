"""A clip as the networks get it: plain data."""

from dataclasses import dataclass

import numpy as np

SOURCES = ("file", "webcam", "drawing", "generated", "dataset")


@dataclass(frozen=True, eq=False)
class Clip:
    """A sequence of grey pictures of one size.

    Attributes:
        frames: Floats in [0, 1], shape (frame, height, width).
        times_s: When each frame is shown, ascending, shape (frame,).
        source: Where it comes from, one of ``SOURCES``.
        caption: One line on that.
        label: The true class, where it is known.
        frame_labels: The true class at each frame, -1 where there is none, shape (frame,); None
            where nobody knows.
    """

    frames: np.ndarray
    times_s: np.ndarray
    source: str = "file"
    caption: str = ""
    label: int | None = None
    frame_labels: np.ndarray | None = None

    def __post_init__(self) -> None:
        """Check that the parts belong together."""
        if self.frames.ndim != 3 or 0 in self.frames.shape:
            raise ValueError(
                f"A clip has shape (frame, height, width), none of them 0, got {self.frames.shape}."
            )
        count = len(self.frames)
        for name in ("times_s", "frame_labels"):
            values = getattr(self, name)
            if values is not None and values.shape != (count,):
                raise ValueError(
                    f"A clip of {count} frames needs {name} of shape ({count},), "
                    f"got {values.shape}."
                )
        if self.source not in SOURCES:
            raise ValueError(
                f"A clip has no source '{self.source}'. Choose one of: {', '.join(SOURCES)}."
            )

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self.frames)

    @property
    def duration_s(self) -> float:
        """Seconds from the first frame to the end of the last, all taken as equally long."""
        if len(self) < 2:
            return 0.0
        return float((self.times_s[-1] - self.times_s[0]) * len(self) / (len(self) - 1))
