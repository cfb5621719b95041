"""A reading: a trace together with what the network knew, and when."""

from dataclasses import dataclass

import numpy as np
import torch

from rnnviz.analysis.trace import Image, hidden_trace, trace
from rnnviz.core.trace import Trace
from rnnviz.models.model import Model
from rnnviz.models.probes import Probes


@dataclass(frozen=True, eq=False)
class Reading:
    """One model's reading of one picture.

    Attributes:
        trace: Everything that happened on the way.
        answer: The class with the largest logit.
        belief_depths: After which depths of the route the beliefs hold, ascending, shape (probe,);
            empty for a model without probes.
        beliefs: Probabilities from the probe fitted at each of these depths, (probe, class).
        settled: The first of ``belief_depths`` from which on the most likely class is always the
            final answer; None if even the last probe disagrees, or there are no probes.
    """

    trace: Trace
    answer: int
    belief_depths: np.ndarray
    beliefs: np.ndarray
    settled: int | None


def read(model: Model, probes: Probes | None, image: Image) -> Reading:
    """Return how ``model`` reads one picture, (28, 28) or the model's own shape, in [0, 1].

    Raises:
        ValueError: If the picture doesn't have the model's shape.
    """
    return reading_of(model, probes, trace(model, image))


def glance(model: Model, probes: Probes | None, image: Image) -> Reading:
    """Return what ``read`` does, its trace without gates and with h as the only state."""
    return reading_of(model, probes, hidden_trace(model, image))


def reading_of(model: Model, probes: Probes | None, seen: Trace) -> Reading:
    """Return what the network knew, and when, on the way that a trace shows."""
    answer = int(seen.logits.argmax())
    if probes is None:
        classes = model.config.classes
        return Reading(seen, answer, np.zeros(0, np.int64), np.zeros((0, classes)), None)
    with torch.no_grad():
        hidden = torch.from_numpy(seen.states["h"])[None]
        beliefs = torch.softmax(probes.logits(model, hidden)[0], dim=-1).numpy()
    depths = probes.depths.numpy()
    return Reading(seen, answer, depths, beliefs, settled_depth(beliefs, depths, answer))


def settled_depth(beliefs: np.ndarray, depths: np.ndarray, answer: int) -> int | None:
    """Return the first depth from which on every belief's most likely class is ``answer``."""
    differs = np.flatnonzero(beliefs.argmax(axis=1) != answer)
    first = differs[-1] + 1 if len(differs) else 0
    return int(depths[first]) if first < len(depths) else None
