"""The revealing way without a step-by-step loop: states by ``scan``, gates in one product."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rnnviz.models.cells.cell import Cell, Gates, States
from rnnviz.models.model import Model


@dataclass(frozen=True)
class Recording:
    """Everything that happened on the way through a batch.

    Attributes:
        inputs: (batch, step, feature).
        states: {name: (batch, step, unit)}.
        gates: {name: (batch, step, unit)}, those that the cell declares in ``GATES``.
        logits: (batch, class).
    """

    inputs: Tensor
    states: States
    gates: Gates
    logits: Tensor


@torch.no_grad()
def record(model: Model, images: Tensor) -> Recording:
    """Return all states and gates of a batch of pictures, exactly and fast.

    The gates of a step depend on its input and on its parents' h alone. Once the fused scan has
    given h everywhere, one product yields every gate; a cell state that the scan keeps to itself
    follows from the gates by its own short recurrence.
    """
    inputs = model.read(images)
    scanned = model.scan(images)
    parts = [recall_sweep(model, sweep, inputs, scanned) for sweep in range(model.route.sweeps)]
    states, gates = zip(*parts, strict=True)
    cell = model.cells[0]
    return Recording(
        inputs=inputs,
        states={name: torch.cat([part[name] for part in states], 1) for name in cell.STATES},
        gates={name: torch.cat([part[name] for part in gates], 1) for name in cell.GATES},
        logits=model.readout(model.summary(scanned["h"])),
    )


def recall_sweep(model: Model, sweep: int, inputs: Tensor, scanned: States) -> tuple[States, Gates]:
    """Return the states and gates of one sweep, each (batch, step of the sweep, unit)."""
    cell, steps = model.cells[sweep], model.route.sweep_steps(sweep)
    states = {name: state[:, steps] for name, state in scanned.items()}
    hidden = [heard(states["h"], parent) for parent in model.route.sweep_parents(sweep).T]
    gates = cell.activate(cell.project(inputs[:, steps]), hidden)
    if set(cell.STATES) - set(states):
        states = recur(cell, gates, states["h"])
    return states, gates


def heard(states: Tensor, parents: np.ndarray) -> Tensor:
    """Return each step's parent's state, zero where there is none, (batch, step, unit)."""
    found = states[:, np.maximum(parents, 0)]
    return found * torch.from_numpy(parents >= 0).to(found)[:, None]


def recur(cell: Cell, gates: Gates, hidden: Tensor) -> States:
    """Return the states of a chain by ``combine`` alone, from gates (batch, step, unit)."""
    states = cell.zero_states(len(hidden))
    by_step = {name: gate.unbind(1) for name, gate in gates.items()}
    found = []
    for step in range(hidden.shape[1]):
        states = cell.combine({name: gate[step] for name, gate in by_step.items()}, [states])
        found.append(states)
    return {name: torch.stack([state[name] for state in found], 1) for name in cell.STATES}
