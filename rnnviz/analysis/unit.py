"""One hidden unit from the inside: what it adds up at every step, and what it looks for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rnnviz.core.route import Route
from rnnviz.core.trace import Trace
from rnnviz.models.cells import Cell
from rnnviz.models.encoder import hear_below
from rnnviz.models.model import Model
from rnnviz.models.record import heard


@dataclass(frozen=True, eq=False)
class GateTerms:
    """What one gate of one unit adds up before it is squashed.

    Attributes:
        hidden: ``W_h h`` of each parent at every step, shape (parent, step); for the candidate of
            a GRU before the reset gate is applied.
        inputs: ``W_x x`` at every step, x the h of the layer below for a layer above the first,
            shape (step,).
        bias: The bias b.
        bias_h: The bias inside the reset gate's product, 0 for all but a GRU's candidate.
        value: The gate itself at every step, after squashing, shape (step,).
        input_weights: This gate's row of ``W_x`` for each sweep, shape (sweep, feature).
    """

    hidden: np.ndarray
    inputs: np.ndarray
    bias: np.ndarray
    bias_h: np.ndarray
    value: np.ndarray
    input_weights: np.ndarray


@dataclass(frozen=True, eq=False)
class UnitDetail:
    """One unit's gates by name, in the order of the cell's equations.

    Attributes:
        unit: Its place among the units of a trace.
        gates: The terms of each gate.
        layer: In which layer it is, counted from 0.
    """

    unit: int
    gates: dict[str, GateTerms]
    layer: int = 0


@torch.no_grad()
def unit_detail(model: Model, seen: Trace, unit: int) -> UnitDetail:
    """Return the terms of every gate of one unit over all steps of a trace.

    ``bias`` and ``bias_h`` have one value a sweep, shape (sweep,), for each sweep has weights of
    its own.

    Raises:
        ValueError: If the model has no such unit.
    """
    if not 0 <= unit < seen.units:
        raise ValueError(f"Units are numbered 0 to {seen.units - 1}, got {unit}.")
    layer, place = divmod(unit, model.config.units)
    cells = model.layers[layer]
    states = torch.from_numpy(seen.states["h"])
    hidden = model.of_layer(states, layer)
    inputs = torch.from_numpy(seen.inputs)
    if layer > 0:
        inputs = hear_below(model.route, model.of_layer(states, layer - 1)[None])[0]
    gates = {
        name: gate_terms(
            Reach(model.route, cells, inputs, hidden),
            name,
            place,
            seen.gates.get(name, seen.states["h"])[:, unit],
        )
        for name in cells[0].BLOCKS
    }
    return UnitDetail(unit, gates, layer)


@dataclass(frozen=True, eq=False)
class Reach:
    """What one layer has in its reach: its route and cells, and what came to each of its steps."""

    route: Route
    cells: Sequence[Cell]
    inputs: Tensor
    """What its steps read, (step, feature)."""
    hidden: Tensor
    """Its own h, (step, unit)."""


def gate_terms(layer: Reach, gate: str, unit: int, value: np.ndarray) -> GateTerms:
    """Return the terms of one gate of one unit over all steps, sweeps one after another.

    Args:
        layer: The layer.
        gate: The gate.
        unit: The unit's place in its layer.
        value: The gate itself at every step, (step,).
    """
    hidden, inputs = [], []
    rows = [cell.block(gate).start + unit for cell in layer.cells]
    for sweep, (cell, row) in enumerate(zip(layer.cells, rows, strict=True)):
        steps = layer.route.sweep_steps(sweep)
        h = layer.hidden[steps][None]
        heard_h = [heard(h, parent)[0] for parent in layer.route.sweep_parents(sweep).T]
        products = [h @ w[row] for h, w in zip(heard_h, cell.weight_h.unbind(), strict=True)]
        hidden.append(torch.stack(products))
        inputs.append(layer.inputs[steps] @ cell.weight_x[row])
    pairs = list(zip(layer.cells, rows, strict=True))
    return GateTerms(
        hidden=torch.cat(hidden, dim=1).numpy(),
        inputs=torch.cat(inputs).numpy(),
        bias=np.array([cell.bias[row].item() for cell, row in pairs]),
        bias_h=np.array([own_hidden_bias(cell, gate, unit) for cell in layer.cells]),
        value=value,
        input_weights=np.stack([cell.weight_x[row].numpy() for cell, row in pairs]),
    )


def own_hidden_bias(cell: torch.nn.Module, gate: str, unit: int) -> float:
    """Return the bias inside the reset gate's product: that of a GRU's candidate, else 0."""
    bias = getattr(cell, "bias_h", None)
    return float(bias[unit]) if bias is not None and gate == "candidate" else 0.0
