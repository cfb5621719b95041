"""What one can do to a clip to ask whether the order of its frames matters to a network."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from rnnviz.core.clip import Clip
from rnnviz.data.clips.motions import MOTIONS

BACKWARDS = {
    "left": "right",
    "up": "down",
    "clockwise": "counter-clockwise",
    "growing": "shrinking",
    "still": "still",
}
"""What each motion is when time runs backwards; the other way round as well."""


@dataclass(frozen=True)
class Change:
    """One thing to do to a clip."""

    label: str
    """What a menu shows."""
    description: str
    """One line: what becomes of the frames."""
    order: Callable[[int], np.ndarray]
    """Which frame is shown at each place, for a clip of so many frames, (frame,)."""


def reversed_order(frames: int) -> np.ndarray:
    """Return the last frame first."""
    return np.arange(frames)[::-1]


def shuffled_order(frames: int) -> np.ndarray:
    """Return the frames in a random order, always the same for clips of the same length."""
    return np.random.default_rng(frames).permutation(frames)


def slow_order(frames: int) -> np.ndarray:
    """Return the first half of the frames, each shown twice."""
    return np.arange(frames) // 2


def gappy_order(frames: int) -> np.ndarray:
    """Return every other frame, each in the place of the lost one after it as well."""
    return np.arange(frames) // 2 * 2


def frozen_order(frames: int) -> np.ndarray:
    """Return the first frame all the time."""
    return np.zeros(frames, np.int64)


CHANGES = {
    "none": Change("As it is", "Nothing is changed.", np.arange),
    "reversed": Change("Reversed", "It runs backwards.", reversed_order),
    "shuffled": Change("Shuffled", "The same frames, in a random order.", shuffled_order),
    "slower": Change("Half as fast", "Its first half, every frame shown twice.", slow_order),
    "dropped": Change(
        "Frames dropped", "Every other frame is lost; the one before it stays.", gappy_order
    ),
    "frozen": Change("Frozen", "The first frame stands still.", frozen_order),
}
"""All of them by name, in the order of menus."""


def change_clip(clip: Clip, name: str, classes: tuple[str, ...] = ()) -> Clip:
    """Return the clip with its frames in another order; it stays as long, with the same times.

    Args:
        clip: Any clip.
        name: One of ``CHANGES``.
        classes: What its labels are called. What is true of a changed clip is known where the
            classes are digits, which stay the digit that they are, and for some changes of motions;
            otherwise the changed clip has no labels.

    Raises:
        ValueError: If there is no such change.
    """
    if name not in CHANGES:
        raise ValueError(f"There is no change '{name}'. Choose one of: {', '.join(CHANGES)}.")
    if name == "none":
        return clip
    order = CHANGES[name].order(len(clip))
    changed = replace(clip, frames=clip.frames[order], frame_labels=None)
    if classes != MOTIONS:
        return changed
    if name == "reversed" and clip.frame_labels is not None:
        return reversed_motions(changed, clip.frame_labels)
    label = None
    if name == "reversed" and clip.label is not None:
        label = backwards()[clip.label]
    if name in ("slower", "dropped"):
        label = clip.label if clip.frame_labels is None else None
    if name == "frozen":
        label = MOTIONS.index("still")
    return replace(changed, label=label)


def reversed_motions(changed: Clip, labels: np.ndarray) -> Clip:
    """Return a clip that runs backwards with what is true of it, from its labels forwards.

    A label says what happens from the frame before to its own, so backwards it belongs to the
    frame before.
    """
    back = backwards()
    turned = [back[label] if label >= 0 else -1 for label in labels[:0:-1]]
    return replace(changed, label=turned[-1], frame_labels=np.array([-1, *turned]))


def backwards() -> list[int]:
    """Return for each of ``MOTIONS`` the one that it is when time runs backwards."""
    both = BACKWARDS | {other: one for one, other in BACKWARDS.items()}
    return [MOTIONS.index(both[motion]) for motion in MOTIONS]
