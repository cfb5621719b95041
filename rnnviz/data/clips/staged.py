"""One clip of a moving digit to order: which digit, which motions, how fast, in what scene."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from rnnviz.core.clip import Clip
from rnnviz.data.clips.motions import MOTIONS, Scene, clutter, light, paths_along, render
from rnnviz.data.dataset import DIGITS, Dataset

FRAME_S = 0.1
"""How far apart the frames of a generated clip are."""
SHORTEST_PART = 4
"""Frames that a motion takes at least."""
TRIES = 40
"""How often a scrap is looked for."""


def staged_clip(
    digits: Dataset,
    digit: int | None,
    motions: Sequence[str],
    scene: Scene,
    seed: int,
    classes: Sequence[str] = MOTIONS,
) -> Clip:
    """Return a clip of one digit that moves as it is told; the same order gives the same clip.

    Args:
        digits: Whose digits move.
        digit: Which class, by its number; any if None.
        motions: Some of ``MOTIONS``, one after another, in parts of equal length.
        scene: Everything else. Its noise and its number of scraps are meant exactly, and not, as
            where clips are drawn by chance, as the most; ``parts`` means nothing.
        seed: Another seed gives another digit, another place and other chance.
        classes: What is asked about the clip.

    Returns:
        Where motions are asked about, its label is the last one, and where they change it has
        ``frame_labels``, none at the first frame: one frame shows no motion. Where digits are, its
        label is the digit; where anything else is, it has none.

    Raises:
        ValueError: If there is no motion, one that isn't known, or more than there are frames for.
    """
    generator = torch.Generator().manual_seed(seed)
    chosen = choose(digits, digit, generator)
    plan = plan_of(motions, scene.frames)
    paths = paths_along(plan[None], scene, generator)
    pictures = torch.tensor(digits.images)
    frames = render(pictures[chosen][None].float() / 255, paths)
    for _ in range(scene.clutter):
        frames = torch.maximum(frames, one_scrap(pictures, generator)[:, None])
    frames = light(frames, replace(scene, noise=0.0), generator)
    noisy = frames + scene.noise * torch.randn(frames.shape, generator=generator)
    shown = int(digits.labels[chosen])
    label, frame_labels = truth(paths.motions[0].numpy(), shown, tuple(classes))
    return Clip(
        frames=noisy.clamp(0, 1)[0].numpy(),
        times_s=np.arange(scene.frames) * FRAME_S,
        source="generated",
        caption=f"A moving {DIGITS[shown]}: number {chosen} of the {digits.split} digits.",
        label=label,
        frame_labels=frame_labels,
    )


def truth(
    motions: np.ndarray, digit: int, classes: tuple[str, ...]
) -> tuple[int | None, np.ndarray | None]:
    """Return what is true of a clip, as ``staged_clip`` says it, from its motions (frame,)."""
    if classes == DIGITS:
        return digit, None
    if classes != MOTIONS:
        return None, None
    if (motions == motions[0]).all():
        return int(motions[-1]), None
    labels = motions.astype(np.int64)
    labels[0] = -1
    return int(motions[-1]), labels


def choose(digits: Dataset, digit: int | None, generator: torch.Generator) -> int:
    """Return the place of a digit of a class, or of any."""
    found = np.arange(len(digits)) if digit is None else np.flatnonzero(digits.labels == digit)
    return int(found[int(torch.randint(len(found), (1,), generator=generator))])


def plan_of(motions: Sequence[str], frames: int) -> torch.Tensor:
    """Return the number of the motion at each frame, (frame,).

    Raises:
        ValueError: As ``staged_clip`` does.
    """
    unknown = [motion for motion in motions if motion not in MOTIONS]
    most = max(frames // SHORTEST_PART, 1)
    if unknown or not 1 <= len(motions) <= most:
        raise ValueError(
            f"A clip of {frames} frames shows 1 to {most} motions out of {', '.join(MOTIONS)}, "
            f"not {', '.join(motions) or 'none'}."
        )
    part = torch.arange(frames) * len(motions) // frames
    return torch.tensor([MOTIONS.index(motion) for motion in motions])[part]


def one_scrap(pictures: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Return one scrap of a digit, (1, 28, 28)."""
    scrap = clutter(pictures, 1, 1, generator)
    for _ in range(TRIES):
        if scrap.any():
            break
        # By chance there is none at all, or it was cut where there is no ink.
        scrap = clutter(pictures, 1, 1, generator)
    return scrap
