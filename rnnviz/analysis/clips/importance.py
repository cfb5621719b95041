"""Which frames and which pixels an answer rests on: the gradient, and occlusion beside it.

The saliency of a recurrent network itself vanishes over time (Ismail et al. 2019), so what happens
when a part of the clip is really taken away stands beside it.
"""

import copy

import numpy as np
import torch
from torch import Tensor

from rnnviz.analysis.clips.trace import Frames, as_clip_batch
from rnnviz.analysis.gradients import checked_class
from rnnviz.core.clip_trace import Importance
from rnnviz.models.clips.model import ClipModel

PATCH = 7
"""Side of the patches that are covered, in pixels: a sixteenth of a frame."""


def importance(model: ClipModel, frames: Frames, target: int, patch: int = PATCH) -> Importance:
    """Return which frames and pixels the last answer's logit of ``target`` rests on.

    Args:
        model: A clip model, trained or not; it isn't changed.
        frames: (frame, height, width), values in [0, 1].
        target: The class whose logit is asked about.
        patch: Side of the patches that are covered, in pixels.

    Raises:
        ValueError: If the clip or the target doesn't fit the model.
    """
    target = checked_class(target, len(model.config.classes))
    frozen = copy.deepcopy(model).requires_grad_(False)
    clip = as_clip_batch(frames, frozen)
    whole = last_logit(frozen, clip, target)
    patches, rows, columns = with_patches_covered(clip[0], patch)
    with torch.no_grad():
        by_frame = whole - last_logit(frozen, with_frames_lost(clip[0]), target)
        by_patch = whole - covered_logits(frozen, clip, patches, target)
    return Importance(
        target=target,
        saliency=saliency(frozen, clip, target),
        frame_occlusion=by_frame.double().numpy(),
        patch_occlusion=by_patch.double().view(-1, rows, columns).numpy(),
        patch=patch,
    )


def last_logit(model: ClipModel, clips: Tensor, target: int) -> Tensor:
    """Return the logit of a class after the last frame of each clip, (clip,)."""
    return model.frame_logits(clips)[:, -1, target]


def saliency(model: ClipModel, clip: Tensor, target: int) -> np.ndarray:
    """Return |d logit / d pixel| in float64, (frame, height, width)."""
    exact = copy.deepcopy(model).double()
    pixels = clip.double().requires_grad_(True)
    (found,) = torch.autograd.grad(last_logit(exact, pixels, target).sum(), pixels)
    return found[0].abs().numpy()


def with_frames_lost(clip: Tensor) -> Tensor:
    """Return the clip once for each frame, that one replaced by its neighbour, (frame, ...)."""
    frames = len(clip)
    variants = clip.expand(frames, *clip.shape).clone()
    for lost in range(frames):
        variants[lost, lost] = clip[lost - 1] if lost else clip[min(1, frames - 1)]
    return variants


def with_patches_covered(clip: Tensor, patch: int) -> tuple[Tensor, int, int]:
    """Return each frame once for each patch, that one covered, and the rows and columns of patches.

    Shape (frame, patch, height, width). The background is the clip's median.
    """
    _, height, width = clip.shape
    rows, columns = -(-height // patch), -(-width // patch)
    variants = clip[:, None].repeat(1, rows * columns, 1, 1)
    background = clip.median()
    for place in range(rows * columns):
        down, across = divmod(place, columns)
        area = (
            slice(down * patch, (down + 1) * patch),
            slice(across * patch, (across + 1) * patch),
        )
        variants[:, place, area[0], area[1]] = background
    return variants, rows, columns


def covered_logits(model: ClipModel, clip: Tensor, patches: Tensor, target: int) -> Tensor:
    """Return the logit of each clip in which one frame has one patch covered, (frame, patch).

    Only what the covered frame changes is read anew: the frame itself, and the one after it where
    the network sees changes.
    """
    frames, count = patches.shape[:2]
    features = model.encode(model.see(clip))[0]
    found = clip.new_zeros(frames, count)
    for index in range(frames):
        around = slice(max(index - 1, 0), index + 2)
        near = clip[0, around].expand(count, -1, -1, -1).clone()
        place = index - around.start
        near[:, place] = patches[index]
        read = model.encode(model.see(near)[:, place:])
        changed = features.expand(count, -1, -1).clone()
        changed[:, index : index + read.shape[1]] = read
        found[index] = model.readout(model.scan(changed)[-1]["h"][:, -1])[:, target]
    return found
