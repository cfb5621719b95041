"""Trace a clip model: what it did across the frames, and within one of them."""

import numpy as np
import torch
from torch import Tensor

from rnnviz.core.clip_trace import ClipTrace
from rnnviz.core.trace import Trace
from rnnviz.models.clips.model import ClipModel
from rnnviz.models.record import recall

Frames = np.ndarray | Tensor


def as_clip_batch(frames: Frames, model: ClipModel) -> Tensor:
    """Return one clip as a batch of one, shape (1, frame, height, width).

    Raises:
        ValueError: If it isn't one clip of the model's frame size with finite values.
    """
    values = frames.detach() if isinstance(frames, Tensor) else np.asarray(frames)
    clip = torch.as_tensor(values, dtype=model.dtype)
    shape = model.config.frame_shape
    if clip.dim() != 3 or len(clip) == 0 or tuple(clip.shape[1:]) != shape:
        raise ValueError(
            f"Expected one clip of shape (frame, {shape[0]}, {shape[1]}) with values in [0, 1], "
            f"got {tuple(clip.shape)}. For a batch, call the model itself."
        )
    if not clip.isfinite().all():
        raise ValueError("The clip holds values that aren't finite numbers. Check its source.")
    return clip[None]


@torch.no_grad()
def clip_trace(model: ClipModel, frames: Frames) -> ClipTrace:
    """Return what ``model`` did across the frames of a clip, every state and gate.

    Args:
        model: A clip model, trained or not.
        frames: (frame, height, width), values in [0, 1].

    Raises:
        ValueError: If the frames don't have the model's size.
    """
    clip = as_clip_batch(frames, model)
    seen = model.see(clip)
    features = model.encode(seen)
    scanned = model.scan(features)
    route = model.route(clip.shape[1])
    states, gates = recall(route, [[cell] for cell in model.layers], features, scanned)
    logits = model.readout(scanned[-1]["h"])[0].numpy()
    temporal = Trace(
        route=route,
        inputs=features[0].numpy(),
        states={name: state[0].numpy() for name, state in states.items()},
        gates={name: gate[0].numpy() for name, gate in gates.items()},
        logits=logits[-1],
        layers=model.config.layers,
    )
    return ClipTrace(temporal, logits, seen[0].numpy())


@torch.no_grad()
def frame_trace(model: ClipModel, frames: Frames, frame: int) -> Trace:
    """Return what the network in space did while it read one frame, every state and gate.

    The trace's logits are the readout after that frame, to which the network in time has brought
    all frames before it as well.

    Args:
        model: A clip model, trained or not.
        frames: (frame, height, width), values in [0, 1].
        frame: Which frame, from 0.

    Raises:
        ValueError: If there is no such frame, or the frames don't have the model's size.
    """
    clip = as_clip_batch(frames, model)
    check_frame(frame, clip.shape[1])
    seen = model.see(clip[:, : frame + 1])
    spatial = model.spatial
    inputs = spatial.read(seen[:, frame])
    states, gates = recall(spatial.route, spatial.layers, inputs, spatial.scan_layers(inputs))
    logits = model.readout(model.scan(model.encode(seen))[-1]["h"][:, -1])
    return Trace(
        route=spatial.route,
        inputs=inputs[0].numpy(),
        states={name: state[0].numpy() for name, state in states.items()},
        gates={name: gate[0].numpy() for name, gate in gates.items()},
        logits=logits[0].numpy(),
        layers=spatial.config.layers,
    )


def check_frame(frame: int, frames: int) -> None:
    """Raise a ValueError unless a clip of so many frames has this one."""
    if not 0 <= frame < frames:
        raise ValueError(f"A clip of {frames} frames has frames 0 to {frames - 1}, not {frame}.")
