"""What the network in space did within all frames of a clip at once."""

import numpy as np
import torch

from rnnviz.analysis.clips.trace import Frames, as_clip_batch
from rnnviz.models.clips.model import ClipModel
from rnnviz.models.encoder import join_layers


@torch.no_grad()
def hidden_within(model: ClipModel, frames: Frames) -> np.ndarray:
    """Return h of the network in space at every step within every frame, (frame, step, unit).

    What ``frame_trace`` shows of one frame, without its other states and gates, and many times
    faster for all of them.

    Args:
        model: A clip model, trained or not.
        frames: (frame, height, width), values in [0, 1].

    Raises:
        ValueError: If the frames don't have the model's size.
    """
    clip = as_clip_batch(frames, model)
    spatial = model.spatial
    scanned = spatial.scan_layers(spatial.read(model.see(clip)[0]))
    return join_layers(scanned)["h"].numpy()
