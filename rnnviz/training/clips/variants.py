"""Small changes to clips that leave an action what it is.

Nothing is reversed and nothing is mirrored: both make another action of many.
"""

from dataclasses import dataclass, fields

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class Variation:
    """How far clips may be changed; each gets its own changes within these bounds."""

    shift_px: float = 2.0
    """Moved by up to so many pixels, down or up and to either side."""
    scale: float = 0.1
    """Grown or shrunk by up to this share."""
    brightness: float = 0.15
    """Made brighter or darker by up to this much, and its contrast changed by up to this share."""
    warp: float = 0.12
    """Played faster or slower by up to this share, and begun earlier or later by up to this share
    of its length."""

    def __post_init__(self) -> None:
        """Check the ranges."""
        limits = {"shift_px": 14.0, "scale": 0.5, "brightness": 0.5, "warp": 0.5}
        for field in fields(self):
            value = getattr(self, field.name)
            if not 0 <= value <= limits[field.name]:
                raise ValueError(
                    f"Variation.{field.name} must lie in 0..{limits[field.name]:g}, but is {value}."
                )


def vary(
    clips: Tensor, lengths: Tensor, variation: Variation, generator: torch.Generator
) -> Tensor:
    """Return the clips, each changed a little at random, all frames of one in the same way.

    Args:
        clips: Floats in [0, 1], (clip, frame, height, width).
        lengths: How many frames are a clip's own, (clip,); the others come back as they were.
        variation: The bounds of the changes.
        generator: All chance comes from it.

    Returns:
        New clips of the same shape, in [0, 1]. What comes in at an edge is what stood there.
    """
    own = torch.arange(clips.shape[1]) < lengths[:, None]
    warped = warp(clips, lengths, variation, generator)
    changed = light(move(warped, variation, generator), own, variation, generator)
    return torch.where(own[:, :, None, None], changed, clips)


def even(count: int, generator: torch.Generator) -> Tensor:
    """Return even chance between -1 and 1, (count,)."""
    return torch.rand(count, generator=generator) * 2 - 1


def warp(
    clips: Tensor, lengths: Tensor, variation: Variation, generator: torch.Generator
) -> Tensor:
    """Return the clips a little faster or slower, and begun a little earlier or later.

    A moment between two frames shows the nearer one: their mix would show a hand twice.
    """
    count, frames = clips.shape[:2]
    last = (lengths - 1)[:, None].to(clips)
    speed = 1 + variation.warp * even(count, generator)[:, None]
    begun = variation.warp * even(count, generator)[:, None] * last
    moments = (torch.arange(frames) - last / 2) * speed + last / 2 + begun
    index = moments.round().clamp(min=0).minimum(last).long()
    return clips[torch.arange(count)[:, None], index]


def move(clips: Tensor, variation: Variation, generator: torch.Generator) -> Tensor:
    """Return the clips moved, and grown or shrunk."""
    count, _, height, width = clips.shape
    size = 1 + variation.scale * even(count, generator)
    right, down = (
        2 * variation.shift_px / side * even(count, generator) for side in (width, height)
    )
    none = torch.zeros(count)
    # The interpolation asks where each pixel of the result comes from, so this is the way back.
    theta = torch.stack(
        [torch.stack([1 / size, none, right], 1), torch.stack([none, 1 / size, down], 1)], 1
    )
    grid = functional.affine_grid(theta, [count, 1, height, width], align_corners=False)
    return functional.grid_sample(clips, grid, padding_mode="border", align_corners=False)


def light(clips: Tensor, own: Tensor, variation: Variation, generator: torch.Generator) -> Tensor:
    """Return the clips brighter or darker, with more contrast or less.

    Contrast changes around the mean of a clip's own frames, (clip, frame), so that a dark clip does
    not just go black.
    """
    count = len(clips)
    gain = 1 + variation.brightness * even(count, generator)[:, None, None, None]
    offset = variation.brightness * even(count, generator)[:, None, None, None]
    by_frame = clips.mean(dim=(2, 3)) * own
    mean = (by_frame.sum(1) / own.sum(1))[:, None, None, None]
    return ((clips - mean) * gain + mean + offset).clamp(0, 1)
