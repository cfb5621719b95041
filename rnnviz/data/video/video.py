"""What a clip is once it is decoded, and how much of a file is read at most."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class VideoLimits:
    """How much of a file is read, and how long its decoding may take."""

    most_bytes: int = 20_000_000
    """Larger files are refused."""
    pixels: int = 4096 * 4096
    """Files with larger frames are refused before one is decoded."""
    seconds: float = 60.0
    """What comes later in a clip isn't read."""
    decoded: int = 6_000
    """Frames that are decoded: a minute at 100 a second."""
    frames: int = 600
    """Frames that are kept, chosen evenly in time."""
    side: int = 96
    """The longest side of a kept frame, in pixels."""
    wall_s: float = 20.0
    """After so long the decoding is ended, whatever it has got to."""
    memory_bytes: int = 1 << 30
    """Address space of the process that decodes."""

    def __post_init__(self) -> None:
        """Check that something can be read at all."""
        for name, value in vars(self).items():
            if value <= 0:
                raise ValueError(f"The limit {name} must be above 0, got {value}.")


DEFAULT_LIMITS = VideoLimits()
LATER = 0.08
"""The share of a frame's time by which frames are looked for behind a moment."""


@dataclass(frozen=True)
class Original:
    """What the file was, for telling people; nothing of it ever reaches a network."""

    width: int
    """Of a frame held upright, in pixels."""
    height: int
    """Of a frame held upright, in pixels."""
    codec: str
    """FFmpeg's name of the codec."""
    frames: int | None = None
    """How many frames the file says it has; None where it doesn't say."""
    fps: float | None = None
    """Frames a second on average, as the file says; None where it doesn't."""
    duration_s: float | None = None
    """How long the whole file is, as it says; None where it doesn't."""


@dataclass(frozen=True, eq=False)
class Video:
    """The frames of a clip at a working size, each with the time at which it is shown.

    Attributes:
        frames: Grey, upright, uint8, shape (frame, height, width).
        times_s: Seconds from the first frame, strictly ascending from 0, shape (frame,). The
            steps need not be equal: a camera may have changed its speed.
        duration_s: Seconds from the first frame to the end of the last.
        name: What a person calls it, such as its file's name.
        original: What the file was; None where there was none.
        note: What a person should know about the reading, in full sentences; may be empty.
    """

    frames: np.ndarray
    times_s: np.ndarray
    duration_s: float
    name: str = ""
    original: Original | None = None
    note: str = ""

    def __post_init__(self) -> None:
        """Check that the parts belong together."""
        if self.frames.ndim != 3 or 0 in self.frames.shape or self.frames.dtype != np.uint8:
            raise ValueError(
                "The frames of a video are uint8 of shape (frame, height, width), none of them 0, "
                f"got {self.frames.dtype} of shape {self.frames.shape}."
            )
        if self.times_s.shape != (len(self.frames),):
            raise ValueError(
                f"A video of {len(self.frames)} frames needs as many times, "
                f"got shape {self.times_s.shape}."
            )
        if self.times_s[0] != 0 or (np.diff(self.times_s) <= 0).any():
            raise ValueError("The times of a video must ascend from 0.")
        if not self.duration_s >= self.times_s[-1]:
            raise ValueError(
                f"A video of {self.duration_s} s cannot show a frame at {self.times_s[-1]} s."
            )

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self.frames)


def sample_evenly(times_s: np.ndarray, duration_s: float, count: int) -> np.ndarray:
    """Return which frames are shown at evenly spaced moments, indices of shape (count,).

    Args:
        times_s: When each frame is shown, ascending, shape (frame,).
        duration_s: When the last one ends, the first moment being counted from 0.
        count: How many moments; the clip is cut into as many equal parts, and the moments are
            the middles of these.

    A frame that is shown long is chosen again and again, one that is over between two moments
    isn't chosen. With frames at equal steps and ``count`` of them, each is chosen once.
    """
    moments = (np.arange(count) + 0.5) * (duration_s / count)
    # Of an even number of frames in each part two meet in the middle, and times are rounded, by
    # some files to a thousandth of a second: a little later the same one is shown in all parts.
    later = LATER * float(np.median(np.diff(times_s))) if len(times_s) > 1 else 0.0
    return shown_at(times_s, moments + later)


def shown_at(times_s: np.ndarray, moments_s: np.ndarray) -> np.ndarray:
    """Return which frame is shown at each of some moments; before the first one it is that."""
    return np.maximum(np.searchsorted(times_s, moments_s, side="right") - 1, 0)
