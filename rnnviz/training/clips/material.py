"""What a network of one's own learns from: every clip in many variants, read once if it can be."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from rnnviz.data.clips.clipset import ClipSet
from rnnviz.models.clips.model import ClipModel
from rnnviz.training.clips.variants import Variation, vary

AT_ONCE = 64
"""Clips that a spatial network reads at a time, so that what it notes stays in the cache."""


@dataclass(frozen=True, eq=False)
class Material:
    """Clips in several variants, the first of them as they are.

    Attributes:
        read: What is learned from, (variant, clip, frame, ...): the clips themselves, floats in
            [0, 1], or what a frozen spatial network makes of them, (..., feature).
        lengths: How many frames are a clip's own, (clip,).
        labels: The class of each clip, (clip,).
        encoded: Whether a spatial network has read them already.
    """

    read: Tensor
    lengths: Tensor
    labels: Tensor
    encoded: bool

    def __len__(self) -> int:
        """Return the number of clips."""
        return len(self.labels)


def make_variants(
    clips: ClipSet, count: int, variation: Variation, generator: torch.Generator
) -> Material:
    """Return clips in so many variants, the first of which is as they are."""
    frames = torch.from_numpy(clips.frames).float() / 255
    lengths, labels = torch.from_numpy(clips.lengths), torch.from_numpy(clips.labels)
    changed = [vary(frames, lengths, variation, generator) for _ in range(count - 1)]
    return Material(torch.stack([frames, *changed]), lengths, labels, encoded=False)


@torch.no_grad()
def encode(material: Material, model: ClipModel) -> Material:
    """Return the material as the spatial network of a model reads it."""
    variants, clips = material.read.shape[:2]
    lengths = material.lengths.repeat(variants)
    parts = zip(material.read.flatten(0, 1).split(AT_ONCE), lengths.split(AT_ONCE), strict=True)
    read = torch.cat([model.encode(model.see(part), own) for part, own in parts])
    return Material(
        read.unflatten(0, (variants, clips)), material.lengths, material.labels, encoded=True
    )


class Scale(NamedTuple):
    """How large features are, each (feature,)."""

    mean: Tensor
    """Their means."""
    deviation: Tensor
    """Their standard deviations."""


def scale_of(material: Material, clips: Tensor) -> Scale:
    """Return how large the features of some clips are, over all their variants and frames."""
    read = material.read[:, clips]
    own = torch.arange(read.shape[2]) < material.lengths[clips][:, None]
    seen = read[:, own]
    return Scale(seen.mean((0, 1)), seen.std((0, 1)).clamp_min(1e-3))


@torch.no_grad()
def fold_scale(model: ClipModel, scale: Scale) -> None:
    """Let a temporal network that was taught features in units of their scale read them plain.

    W (x - mean) / deviation + b is (W / deviation) x + (b - (W / deviation) mean), so nothing
    changes but the weights.
    """
    first = model.layers[0]
    first.weight_x.div_(scale.deviation)
    first.bias.sub_(first.weight_x @ scale.mean)
