"""The revealing way without autograd: every state and gate of every step, as fast as it goes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rnnviz.core.route import Route
from rnnviz.models.cells.cell import Cell, Gates, States
from rnnviz.models.encoder import hear_below, join_layers
from rnnviz.models.model import Model
from rnnviz.models.unroll import unroll

CACHED_VALUES = 2**17
"""Values of gates that are computed at once: 1 MB in float64. With many more, each operation on
them waits for the memory."""


LARGE_BATCH = 16
"""From here on a loop in float64 is faster than the fused scan and the gates afterwards: each of
its steps is as much work as pays, and it computes every gate once."""


@dataclass(frozen=True)
class Recording:
    """Everything that happened on the way through a batch.

    Attributes:
        inputs: What the first layer read, (batch, step, feature).
        states: {name: (batch, step, unit)}, the first layer's units first.
        gates: {name: (batch, step, unit)}, likewise, those that the cell declares in ``GATES``.
        logits: (batch, class).
    """

    inputs: Tensor
    states: States
    gates: Gates
    logits: Tensor


@torch.no_grad()
def record(model: Model, images: Tensor) -> Recording:
    """Return all states and gates of a batch of pictures, exactly and fast."""
    chain = model.cells[0].PARENTS == 1
    if chain and model.dtype == torch.float64 and len(images) >= LARGE_BATCH:
        return record_by_steps(model, images)
    return record_by_scan(model, images)


def record_by_steps(model: Model, images: Tensor) -> Recording:
    """Return what ``record`` does, one step after another."""
    unrolled, cell = unroll(model, images), model.cells[0]
    return Recording(
        inputs=model.read(images),
        states={name: unrolled.states(name) for name in cell.STATES},
        gates={name: unrolled.gates(name) for name in cell.GATES},
        logits=unrolled.logits,
    )


def record_by_scan(model: Model, images: Tensor) -> Recording:
    """Return what ``record`` does, by the fast scan.

    The gates of a step depend on its input and on its parents' h alone. Once the fused scan has
    given h everywhere, one product yields every gate; a cell state that the scan keeps to itself
    follows from the gates by its own short recurrence.
    """
    inputs = model.read(images)
    scanned = model.scan_layers(inputs)
    states, gates = recall(model.route, model.layers, inputs, scanned)
    return Recording(inputs, states, gates, model.readout(model.summary(scanned[-1]["h"])))


def recall(
    route: Route, layers: Sequence[Sequence[Cell]], inputs: Tensor, scanned: Sequence[States]
) -> tuple[States, Gates]:
    """Return all states and gates, (batch, step, unit), the first layer's units first.

    Args:
        route: The route of all layers.
        layers: The cell of each sweep in each layer, the lowest first.
        inputs: What the steps of the lowest read, (batch, step, feature).
        scanned: Each layer's states by the fast way, (batch, step, unit).
    """
    recalled = []
    for layer, cells in enumerate(layers):
        read = hear_below(route, scanned[layer - 1]["h"]) if layer else inputs
        recalled.append(recall_layer(route, cells, read, scanned[layer]))
    states, gates = zip(*recalled, strict=True)
    return join_layers(states), join_layers(gates)


def recall_layer(
    route: Route, cells: Sequence[Cell], inputs: Tensor, scanned: States
) -> tuple[States, Gates]:
    """Return the states and gates of one layer, each (batch, step, unit).

    Args:
        route: The route.
        cells: The cell of each sweep.
        inputs: What the steps of this layer read, (batch, step, feature).
        scanned: Its states by the fast way, (batch, step, unit).
    """
    parts = [recall_sweep(route, sweep, cell, inputs, scanned) for sweep, cell in enumerate(cells)]
    states, gates = zip(*parts, strict=True)
    return (
        {name: torch.cat([part[name] for part in states], 1) for name in cells[0].STATES},
        {name: torch.cat([part[name] for part in gates], 1) for name in cells[0].GATES},
    )


def recall_sweep(
    route: Route, sweep: int, cell: Cell, inputs: Tensor, scanned: States
) -> tuple[States, Gates]:
    """Return the states and gates of one sweep, each (batch, step of the sweep, unit)."""
    steps = route.sweep_steps(sweep)
    states = {name: state[:, steps] for name, state in scanned.items()}
    hidden = [heard(states["h"], parent) for parent in route.sweep_parents(sweep).T]
    gates = activate_in_parts(cell, inputs[:, steps], hidden)
    if set(cell.STATES) - set(states):
        # h stays the scan's own, which gave the answer; the recurrence rounds otherwise.
        states = recur(cell, gates, states["h"]) | states
    return states, gates


def recording_of_layer(model: Model, recording: Recording, layer: int) -> Recording:
    """Return one layer's part of a recording, with what its steps read; the layers from 0."""
    if model.config.layers == 1:
        return recording
    inputs = recording.inputs
    if layer > 0:
        inputs = hear_below(model.route, model.of_layer(recording.states["h"], layer - 1))
    return Recording(
        inputs=inputs,
        states={name: model.of_layer(state, layer) for name, state in recording.states.items()},
        gates={name: model.of_layer(gate, layer) for name, gate in recording.gates.items()},
        logits=recording.logits,
    )


def activate_in_parts(cell: Cell, inputs: Tensor, hidden: Sequence[Tensor]) -> Gates:
    """Return the gates of all steps, some steps at a time.

    Args:
        cell: The cell.
        inputs: (batch, step, feature).
        hidden: Each parent's h, (batch, step, unit).
    """
    size = steps_at_once(cell, len(inputs))
    pieces = zip(inputs.split(size, 1), *(h.split(size, 1) for h in hidden), strict=True)
    parts = [cell.activate(cell.project(x), heard_h) for x, *heard_h in pieces]
    return {name: torch.cat([part[name] for part in parts], 1) for name in parts[0]}


def steps_at_once(cell: Cell, batch: int) -> int:
    """Return of how many steps the gates are best computed at once: those that fit the cache."""
    return max(CACHED_VALUES // (batch * len(cell.bias)), 1)


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
