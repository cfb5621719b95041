"""Made-up recordings of a person before a webcam: somebody waves, claps, raises or lowers a hand.

A head over shoulders stands before a wall with furniture; two hands hang or act. What differs from
one recording to the next is what differs at home: where the person sits, how large and how bright
they are against the wall, how fast they act and when they begin, the sway of the body, the
flicker of the light and the noise of the camera.
"""

import numpy as np

from rnnviz.data.clips.clipset import ClipSet
from rnnviz.data.video import Video
from rnnviz.data.video.prepare import prepare_clip

ACTIONS = ("clap", "lower", "nothing", "raise", "wave")
HEIGHT, WIDTH, RATE = 72, 96, 15


def recording(action: str, seed: int, room: int | None = None) -> np.ndarray:
    """Return two seconds of a recording, uint8, (frame, 72, 96), 15 frames a second.

    Args:
        action: One of ``ACTIONS``.
        seed: Another one is another recording.
        room: Recordings of one room show one person before one wall; without one, each has its own.
    """
    chance = np.random.default_rng([ACTIONS.index(action), seed])
    count = 2 * RATE
    moment = np.arange(count) / RATE
    here = chance if room is None else np.random.default_rng(room)
    wall = here.uniform(0.25, 0.6)
    skin = wall + here.choice([-1, 1]) * here.uniform(0.15, 0.3)
    shirt = wall + here.choice([-1, 1]) * here.uniform(0.1, 0.25)
    scene = furniture(wall, here)
    size = chance.uniform(0.85, 1.15)
    middle = np.array([48 + chance.uniform(-8, 8), 30 + chance.uniform(-4, 4)])
    sway = chance.uniform(0.3, 1.2) * np.sin(moment * chance.uniform(1, 3) + chance.uniform(0, 6))
    light = 1 + 0.02 * np.sin(moment * chance.uniform(2, 9) + chance.uniform(0, 6))
    left, right = hands(action, moment, chance)
    frames = np.empty((count, HEIGHT, WIDTH))
    for index in range(count):
        frame = scene.copy()
        body = middle + np.array([sway[index], 0.0])
        paint(frame, body + np.array([0, 42 * size]), 24 * size, 22 * size, shirt)
        paint(frame, body, 8 * size, 11 * size, skin)
        for hand in (left[index], right[index]):
            paint(frame, body + hand * size, 5.5 * size, 6.5 * size, skin)
        frames[index] = frame * light[index]
    frames += chance.uniform(0.005, 0.03) * chance.standard_normal(frames.shape)
    return (frames.clip(0, 1) * 255).round().astype(np.uint8)


def hands(action: str, moment: np.ndarray, chance: np.random.Generator) -> tuple:
    """Return where both hands are, seen from the head, each (frame, 2) as (right, down)."""
    rest = np.stack([np.full_like(moment, 20.0), np.full_like(moment, 38.0)], 1)
    left, right = rest * [-1, 1], rest.copy()
    beat = 2 * np.pi * chance.uniform(1.2, 2.2) * moment + chance.uniform(0, 6)
    if action == "wave":
        right = np.stack([24 + chance.uniform(5, 9) * np.sin(beat), np.full_like(moment, 2.0)], 1)
    elif action == "clap":
        gap = 3 + chance.uniform(8, 12) * (0.5 + 0.5 * np.sin(beat))
        height = np.full_like(moment, 22.0 + chance.uniform(-3, 3))
        left, right = np.stack([-gap, height], 1), np.stack([gap, height], 1)
    elif action in ("raise", "lower"):
        begin, length = chance.uniform(0.1, 0.9), chance.uniform(0.5, 0.9)
        share = np.clip((moment - begin) / length, 0, 1)[:, None]
        share = share * share * (3 - 2 * share)
        share = 1 - share if action == "lower" else share
        right = right + share * (np.array([22.0, -8.0]) - right)
    jitter = chance.uniform(0.2, 0.8) * chance.standard_normal((2, len(moment), 2))
    return left + jitter[0], right + jitter[1]


def furniture(wall: float, chance: np.random.Generator) -> np.ndarray:
    """Return an empty room, (72, 96): a shaded wall with a few boxes of other greys."""
    across = np.linspace(-0.5, 0.5, WIDTH) * chance.uniform(-0.2, 0.2)
    scene = np.full((HEIGHT, WIDTH), wall) + across
    for _ in range(4):
        top, left = chance.integers(0, HEIGHT - 10), chance.integers(0, WIDTH - 10)
        high, wide = chance.integers(8, 30, 2)
        scene[top : top + high, left : left + wide] += chance.uniform(-0.2, 0.2)
    return scene


def paint(frame: np.ndarray, middle: np.ndarray, wide: float, high: float, grey: float) -> None:
    """Paint an ellipse with a soft edge into a frame."""
    across = (np.arange(WIDTH) - middle[0]) / wide
    down = (np.arange(HEIGHT) - middle[1]) / high
    inside = 1 - np.hypot(across[None, :], down[:, None])
    cover = np.clip(inside * min(wide, high) / 2 + 0.5, 0, 1)
    frame += cover * (grey - frame)


def recorded_set(
    each: int, actions: tuple[str, ...] = ACTIONS, frames: int = 16, room: int | None = 0
) -> ClipSet:
    """Return recordings as a page prepares them, so many of each action."""
    clips = [
        prepare_clip(as_video(recording(action, seed, room)), frames).frames
        for action in actions
        for seed in range(each)
    ]
    return ClipSet(
        name="own clips",
        split="train",
        frames=np.rint(np.stack(clips) * 255).astype(np.uint8),
        lengths=np.full(len(clips), frames, np.int64),
        labels=np.repeat(np.arange(len(actions), dtype=np.int64), each),
        classes=actions,
        source="made up by the tests",
        names=tuple(f"{action}/{seed}.mp4" for action in actions for seed in range(each)),
    )


def as_video(frames: np.ndarray) -> Video:
    """Return frames of a recording as a decoder would."""
    return Video(frames, np.arange(len(frames)) / RATE, duration_s=len(frames) / RATE)
