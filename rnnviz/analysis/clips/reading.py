"""A clip's reading: a trace together with what the network knew, and after which frame."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch

from rnnviz.analysis.clips.trace import Frames, clip_trace
from rnnviz.core.clip_trace import ClipTrace
from rnnviz.models.clips.model import ClipModel
from rnnviz.models.clips.probes import FrameProbes

MeasuredBy = Literal["probes", "readout"]


@dataclass(frozen=True, eq=False)
class ClipReading:
    """One clip model's reading of one clip.

    Attributes:
        trace: What happened across the frames.
        answer: The class with the largest logit after the last frame.
        probabilities: Of every class after the last frame, (class,).
        beliefs: Probability of every class after every frame, (frame, class).
        measured_by: What the beliefs are: "probes" were fitted to the states after each frame;
            "readout" is the network's own answer, of which it was asked after every frame.
        settled: The first frame from which on the most likely class is always the answer; None if
            not even the last belief agrees.
    """

    trace: ClipTrace
    answer: int
    probabilities: np.ndarray
    beliefs: np.ndarray
    measured_by: MeasuredBy
    settled: int | None


def read_clip(model: ClipModel, probes: FrameProbes | None, frames: Frames) -> ClipReading:
    """Return how ``model`` reads one clip, (frame, height, width) with values in [0, 1].

    Probes stand after frames of a clip of the model's own length; for another length, or without
    any, the readout itself says what it knew.

    Raises:
        ValueError: If the frames don't have the model's size.
    """
    trace = clip_trace(model, frames)
    by_readout = trace.frame_probabilities
    beliefs, measured_by = by_readout, "readout"
    if probes is not None and len(probes) == len(trace):
        hidden = torch.from_numpy(trace.temporal.states["h"])[:, -model.config.units :]
        with torch.no_grad():
            beliefs = torch.softmax(probes.logits(hidden[None])[0], 1).numpy()
        measured_by = "probes"
    answer = int(trace.frame_logits[-1].argmax())
    return ClipReading(
        trace, answer, by_readout[-1], beliefs, measured_by, settled_frame(beliefs, answer)
    )


def settled_frame(beliefs: np.ndarray, answer: int) -> int | None:
    """Return the first frame from which on every belief's most likely class is ``answer``."""
    differs = np.flatnonzero(beliefs.argmax(axis=1) != answer)
    first = int(differs[-1]) + 1 if len(differs) else 0
    return first if first < len(beliefs) else None
