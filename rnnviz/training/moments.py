"""Moments of a run: what the network looks like from the inside after some of its steps."""

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnnviz.analysis.adjoint import adjoint, readout_gradient
from rnnviz.core.batch_flow import row_norms
from rnnviz.models.model import Model
from rnnviz.models.record import Recording, record
from rnnviz.training.data import Pictures, as_floats, pool

MOMENTS = 60
"""How often a run of somebody's own settings is looked at, at most."""
FEWEST_STEPS = 25
"""Training steps between two moments, at least. Looking costs as much as one or two steps do, and
all of it together at most a tenth of the training: benchmarks/training.py measures that."""
EARLY = 1.7
"""Moments lie denser at the beginning, where most happens: at share**EARLY of the run."""
MOST_DEPTHS = 56
"""Depths of a route of which the flow is kept; of a longer one evenly spaced ones are."""
SHUT, OPEN = 0.1, 0.9
"""A gate below the one or above the other counts as saturated (Karpathy, Johnson and Li 2015)."""


@dataclass(frozen=True, eq=False)
class Moment:
    """A network at one moment of its training, measured on a handful of pictures.

    Attributes:
        step: Training steps done before.
        depths: Depths of the route at which the flow was measured, ascending, 0 first.
        of_depths: How many depths the route has.
        flow: Median over the pictures of log10 |dL/dh| at each of these depths, in float64; None
            where nothing arrives.
        gates: By gate, the shares of its values below ``SHUT`` and above ``OPEN``. For values from
            -1 to 1 (a candidate, or "h" of a cell without gates), those below -OPEN and above OPEN.
        answers: Probability of each class for each picture, (picture, class).
    """

    step: int
    depths: list[int]
    of_depths: int
    flow: list[float | None]
    gates: dict[str, tuple[float, float]]
    answers: list[list[float]]

    def as_dict(self) -> dict[str, Any]:
        """Return strictly JSON-able data from which ``Moment(**data)`` makes it again."""
        return dict(vars(self))


def moment_steps(steps: int, most: int) -> set[int]:
    """Return after which of a run's steps it is looked at, 0 and the last one among them.

    Denser at the beginning, and never so many that looking takes a good part of the time.
    """
    count = min(most, steps // FEWEST_STEPS + 2)
    if count < 1:
        return set()
    shares = np.linspace(0.0, 1.0, max(count, 2)) ** EARLY
    return {round(float(share) * steps) for share in shares}


def handful(pictures: Pictures, classes: int) -> Pictures:
    """Return the first picture of each class that occurs, in the order of the classes."""
    labels = pictures.labels.numpy()
    first = [np.flatnonzero(labels == one)[:1] for one in range(classes)]
    chosen = torch.from_numpy(np.concatenate(first))
    return Pictures(pictures.images[chosen], pictures.labels[chosen])


def look(
    model: Model, step: int, pictures: Pictures, block: tuple[int, int] = (1, 1)
) -> Moment | None:
    """Return how a network looks from the inside, measured in float64; it isn't changed.

    None for one that has diverged: its answers are no numbers.

    Args:
        model: The network.
        step: Training steps that it has taken.
        pictures: A handful, at least one; all are read at once.
        block: (height, width) of the blocks whose mean makes one pixel of what it reads.
    """
    exact = exact_copy(model)
    recording = record(exact, pool(as_floats(pictures.images), block).double())
    if not recording.logits.isfinite().all():
        return None
    _, arriving = readout_gradient(exact, recording, pictures.labels)
    hidden = adjoint(exact, recording, arriving).states["h"]
    depths = kept_depths(model.route.depths)
    return Moment(
        step=step,
        depths=depths,
        of_depths=model.route.depths,
        flow=median_flow(exact, hidden, depths),
        gates=saturation(recording),
        answers=torch.softmax(recording.logits, 1).tolist(),
    )


def exact_copy(model: Model) -> Model:
    """Return the network in float64, without gradients of its own."""
    # A model built anew would draw weights first, which takes longer than all the copying.
    return copy.deepcopy(model).double().requires_grad_(False)


def kept_depths(depths: int) -> list[int]:
    """Return the depths of which the flow is kept, the first and the last among them."""
    spaced = np.linspace(0, depths - 1, min(depths, MOST_DEPTHS))
    return np.unique(np.rint(spaced).astype(int)).tolist()


def median_flow(model: Model, gradient: Tensor, depths: list[int]) -> list[float | None]:
    """Return log10 of the norm of dL/dh at some depths, the median over pictures.

    Where several steps have one depth (on a grid, or in several sweeps) their norms are joined,
    as the norm of all of them together.
    """
    norms = row_norms(gradient.numpy())
    medians = np.median(np.stack([row_norms(norms[:, at]) for at in steps_of(model, depths)]), 1)
    found = np.full(len(depths), np.nan)
    np.log10(medians, out=found, where=np.isfinite(medians) & (medians > 0))
    return [None if np.isnan(value) else value for value in found.tolist()]


def steps_of(model: Model, depths: list[int]) -> list[np.ndarray]:
    """Return which steps of the route have each of some depths."""
    by_depth = np.argsort(model.route.depth, kind="stable")
    ends = np.searchsorted(model.route.depth[by_depth], depths, side="right")
    starts = np.searchsorted(model.route.depth[by_depth], depths, side="left")
    return [by_depth[start:end] for start, end in zip(starts, ends, strict=True)]


def saturation(recording: Recording) -> dict[str, tuple[float, float]]:
    """Return the shares of saturated values, low and high, by gate; of h where there is no gate."""
    values = recording.gates or {"h": recording.states["h"]}
    shares = {}
    for name, gate in values.items():
        low = -OPEN if name in ("candidate", "h") else SHUT
        shares[name] = (float((gate < low).double().mean()), float((gate > OPEN).double().mean()))
    return shares
