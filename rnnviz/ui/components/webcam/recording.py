"""What the webcam sends, checked, becomes recordings. Pure data, no Streamlit."""

import base64
import binascii
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

import numpy as np

from rnnviz.core.clip import Clip
from rnnviz.data.errors import ClipError
from rnnviz.data.video.prepare import prepare_clip
from rnnviz.data.video.video import Video

FEWEST_FRAMES, MOST_FRAMES = 2, 64
"""How many pictures a recording has."""
MOST_SIDE = 128
"""The longest side of a picture, in pixels."""
LONGEST_MS = 10_000
"""The longest that a recording lasts."""
MOST_TAKES = 6
"""Recordings that are made and sent in one go."""
DAMAGED = "The recording came damaged. Record it again."


@dataclass(frozen=True, eq=False)
class Recording:
    """What a webcam saw, the right way round.

    Attributes:
        frames: Grey, uint8, shape (frame, height, width), at most 64 of 128 by 128.
        times_s: Seconds from the first frame, strictly ascending from 0, shape (frame,).
        duration_s: Seconds from the first frame to the end of the last.
    """

    frames: np.ndarray
    times_s: np.ndarray
    duration_s: float

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self.frames)

    def video(self) -> Video:
        """Return the recording as what a file of a clip is read into."""
        return Video(self.frames, self.times_s, self.duration_s, "Your recording")

    def clip(self, frames: int) -> Clip:
        """Return the recording as a network reads it, brought to so many frames of 28×28."""
        return prepare_clip(self.video(), frames, source="webcam")


def parse_takes(sent: Any) -> tuple[Recording, ...]:
    """Return the recordings in a message of the component; a stranger may have written it.

    Raises:
        ClipError: If it isn't as the component sends it.
    """
    takes = sent.get("takes") if isinstance(sent, Mapping) else None
    if not isinstance(takes, list) or not 1 <= len(takes) <= MOST_TAKES:
        raise ClipError(DAMAGED)
    return tuple(parse_take(take) for take in takes)


def parse_take(sent: Any) -> Recording:
    """Return one recording; ClipError if it isn't as the component sends it."""
    if not isinstance(sent, Mapping):
        raise ClipError(DAMAGED)
    width, height = sent.get("width"), sent.get("height")
    if not (is_side(width) and is_side(height)):
        raise ClipError(DAMAGED)
    times, length = parse_times(sent.get("times_ms"), sent.get("length_ms"))
    size = len(times) * height * width
    data = sent.get("data")
    # Checked first, so that nothing large is decoded only to be refused.
    if not isinstance(data, str) or len(data) != 4 * math.ceil(size / 3):
        raise ClipError(DAMAGED)
    try:
        raw = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ClipError(DAMAGED) from error
    if len(raw) != size:
        raise ClipError(DAMAGED)
    frames = np.frombuffer(raw, np.uint8).reshape(len(times), height, width)
    return Recording(frames, times / 1000, length / 1000)


def parse_times(times: Any, length: Any) -> tuple[np.ndarray, float]:
    """Return when each picture is shown and when the last one ends, in ms; ClipError otherwise."""
    if not isinstance(times, list) or not all(is_number(one) for one in (*times, length)):
        raise ClipError(DAMAGED)
    if len(times) > MOST_FRAMES:
        raise ClipError(
            f"The recording has {len(times)} pictures, but at most {MOST_FRAMES} are taken. "
            "Record it again, shorter."
        )
    if len(times) < FEWEST_FRAMES:
        raise ClipError(
            "The recording has fewer than two pictures, so nothing moves in it. Record it again."
        )
    moments = np.array(times, np.float64)
    if moments[0] != 0 or (np.diff(moments) <= 0).any():
        raise ClipError(DAMAGED)
    if not moments[-1] <= length <= LONGEST_MS:
        raise ClipError(DAMAGED)
    return moments, float(length)


def is_side(value: Any) -> TypeGuard[int]:
    """Return whether a value can be a side of a picture, in pixels."""
    return type(value) is int and 1 <= value <= MOST_SIDE


def is_number(value: Any) -> bool:
    """Return whether a value is a finite number, and no truth value; JSON can name others."""
    return type(value) in (int, float) and abs(value) <= LONGEST_MS
