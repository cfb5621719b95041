"""From the frames of a video to the clip that a network reads."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from rnnviz.core.clip import Clip
from rnnviz.data.dataset import SIDE
from rnnviz.data.video.refusals import as_time
from rnnviz.data.video.video import Video, sample_evenly

Polarity = Literal["as is", "bright on dark"]
POLARITIES: tuple[Polarity, ...] = get_args(Polarity)
FRAME_S = 0.1
"""How far apart frames are taken to be that come without times."""


@dataclass(frozen=True)
class Crop:
    """The part of a video that is read: a box, and a stretch of time."""

    left: float = 0.0
    """Where the box begins, as a share of the width."""
    top: float = 0.0
    """Where the box begins, as a share of the height."""
    right: float = 1.0
    """Where the box ends, as a share of the width."""
    bottom: float = 1.0
    """Where the box ends, as a share of the height."""
    start_s: float = 0.0
    """What comes before it isn't read."""
    end_s: float = float("inf")
    """What comes after it isn't read."""

    def __post_init__(self) -> None:
        """Check that something lies inside."""
        for low, high in ((self.left, self.right), (self.top, self.bottom)):
            if not 0 <= low < high <= 1:
                raise ValueError(
                    f"A crop reaches from a smaller to a larger share of a side, both within 0 and "
                    f"1, not from {low} to {high}."
                )
        if not 0 <= self.start_s < self.end_s:
            raise ValueError(
                f"A crop reaches from an earlier to a later time, not from {self.start_s} s to "
                f"{self.end_s} s."
            )


WHOLE = Crop()


def prepare_clip(
    video: Video | np.ndarray,
    frames: int,
    side: int = SIDE,
    *,
    crop: Crop = WHOLE,
    polarity: Polarity = "as is",
    source: str = "file",
) -> Clip:
    """Return a video as a network reads it: so many frames, evenly in time, of one size.

    Args:
        video: What was read or recorded; or just frames, uint8 of shape (frame, height, width),
            which are taken to be ``FRAME_S`` apart.
        frames: How many frames the clip is to have.
        side: Their height and width, in pixels.
        crop: The part that is read.
        polarity: "bright on dark" inverts a clip whose border is bright, as most of our networks
            have read bright things on dark ground; "as is" never does.
        source: Where the clip comes from, one of ``rnnviz.core.clip.SOURCES``.

    Returns:
        Frames in [0, 1], shape (frames, side, side), the first shown at 0 s, all equally long.
        The caption says what was done.

    The network gets the frame that is shown in the middle of each of ``frames`` equal parts of
    the time, whatever the file's own speed is, and repeats frames where there are fewer. The
    picture keeps its proportions: its longer side fills the square, and what is left on both sides
    of the shorter one gets the median grey of all the frames' borders. That is one grey for the
    whole clip, so that what is filled in neither shows an edge nor moves.
    """
    if frames < 1 or side < 1:
        raise ValueError(f"A clip has 1 frame and 1 pixel or more, not {frames} and {side}.")
    if polarity not in POLARITIES:
        raise ValueError(
            f"There is no polarity '{polarity}'. Choose one of: {', '.join(POLARITIES)}."
        )
    if isinstance(video, np.ndarray):
        times_s = np.arange(len(video)) * FRAME_S
        video = Video(video, times_s, duration_s=len(video) * FRAME_S)
    start_s, end_s = stretch(video, crop)
    chosen = sample_evenly(video.times_s - start_s, end_s - start_s, frames)
    grey = cut_box(video.frames, crop)[chosen].astype(np.float32) / 255
    border = border_grey(grey)
    inverted = polarity == "bright on dark" and border > 0.5
    if inverted:
        grey, border = 1 - grey, 1 - border
    duration_s = end_s - start_s
    return Clip(
        frames=letterbox(grey, side, border),
        times_s=np.arange(frames) * (duration_s / frames),
        source=source,
        caption=caption(video, duration_s, frames, inverted),
    )


def stretch(video: Video, crop: Crop) -> tuple[float, float]:
    """Return from when to when a crop of a video reaches, in seconds; all of it if it misses it."""
    if crop.start_s >= video.duration_s:
        return 0.0, video.duration_s
    return crop.start_s, min(crop.end_s, video.duration_s)


def cut_box(frames: np.ndarray, crop: Crop) -> np.ndarray:
    """Return what lies in the box of a crop, at least one pixel on each side."""
    height, width = frames.shape[1:]
    left, top = min(int(crop.left * width), width - 1), min(int(crop.top * height), height - 1)
    right, bottom = round(crop.right * width), round(crop.bottom * height)
    return frames[:, top : max(bottom, top + 1), left : max(right, left + 1)]


def border_grey(frames: np.ndarray) -> float:
    """Return the median of all pixels at the borders of frames (frame, height, width)."""
    edges = (frames[:, 0], frames[:, -1], frames[:, 1:-1, 0], frames[:, 1:-1, -1])
    return float(np.median(np.concatenate([edge.ravel() for edge in edges])))


def letterbox(frames: np.ndarray, side: int, fill: float) -> np.ndarray:
    """Return frames in squares, their proportions kept, averaged over areas.

    Args:
        frames: Floats in [0, 1], shape (frame, height, width).
        side: Of the squares, in pixels.
        fill: What surrounds the frames.

    Returns:
        float32, shape (frame, side, side).
    """
    height, width = frames.shape[1:]
    scale = side / max(height, width)
    new_height, new_width = max(1, round(height * scale)), max(1, round(width * scale))
    small = averages(height, new_height) @ frames @ averages(width, new_width).T
    squares = np.full((len(frames), side, side), fill, np.float32)
    top, left = (side - new_height) // 2, (side - new_width) // 2
    squares[:, top : top + new_height, left : left + new_width] = np.clip(small, 0, 1)
    return squares


def averages(old: int, new: int) -> np.ndarray:
    """Return the matrix (new, old) that averages ``old`` pixels in a row over ``new`` equal parts.

    Each of its rows sums to 1: a pixel counts as much as of it lies in the part.
    """
    edges = np.arange(new + 1) * (old / new)
    starts, ends = edges[:-1, None], edges[1:, None]
    pixels = np.arange(old)
    overlap = np.minimum(ends, pixels + 1) - np.maximum(starts, pixels)
    return (np.maximum(overlap, 0) * (new / old)).astype(np.float32)


def caption(video: Video, duration_s: float, frames: int, inverted: bool) -> str:
    """Return one line on where a clip comes from and what was done to it."""
    parts = [as_time(duration_s)]
    if video.original is not None:
        parts.append(f"{video.original.width} × {video.original.height} pixels")
    parts.append(f"{frames} frames evenly in time" if frames > 1 else "the frame in its middle")
    if inverted:
        parts.append("inverted, as its border is bright")
    return (f"{video.name}: " if video.name else "") + ", ".join(parts) + "."
