"""One hidden unit from the inside: what it adds up at every step, and what it looks for."""

from dataclasses import dataclass

import numpy as np
import torch

from rnnviz.core.trace import Trace
from rnnviz.models.model import Model
from rnnviz.models.record import heard


@dataclass(frozen=True, eq=False)
class GateTerms:
    """What one gate of one unit adds up before it is squashed.

    Attributes:
        hidden: ``W_h h`` of each parent at every step, shape (parent, step); for the candidate of
            a GRU before the reset gate is applied.
        inputs: ``W_x x`` at every step, shape (step,).
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
    """One unit's gates by name, in the order of the cell's equations."""

    unit: int
    gates: dict[str, GateTerms]


@torch.no_grad()
def unit_detail(model: Model, seen: Trace, unit: int) -> UnitDetail:
    """Return the terms of every gate of one unit over all steps of a trace.

    ``bias`` and ``bias_h`` have one value a sweep, shape (sweep,), for each sweep has weights of
    its own.

    Raises:
        ValueError: If the model has no such unit.
    """
    if not 0 <= unit < model.config.units:
        raise ValueError(f"Units are numbered 0 to {model.config.units - 1}, got {unit}.")
    names = model.cells[0].BLOCKS
    return UnitDetail(unit, {name: gate_terms(model, seen, name, unit) for name in names})


def gate_terms(model: Model, seen: Trace, gate: str, unit: int) -> GateTerms:
    """Return the terms of one gate of one unit over all steps, sweeps one after another."""
    hidden, inputs, values = [], [], []
    rows = [cell.block(gate).start + unit for cell in model.cells]
    for sweep, (cell, row) in enumerate(zip(model.cells, rows, strict=True)):
        steps = model.route.sweep_steps(sweep)
        h = torch.from_numpy(seen.states["h"][steps])[None]
        heard_h = [heard(h, parent)[0] for parent in model.route.sweep_parents(sweep).T]
        products = [h @ w[row] for h, w in zip(heard_h, cell.weight_h.unbind(), strict=True)]
        hidden.append(torch.stack(products))
        inputs.append(torch.from_numpy(seen.inputs[steps]) @ cell.weight_x[row])
        values.append(seen.gates.get(gate, seen.states["h"])[steps, unit])
    return GateTerms(
        hidden=torch.cat(hidden, dim=1).numpy(),
        inputs=torch.cat(inputs).numpy(),
        bias=np.array([cell.bias[row].item() for cell, row in zip(model.cells, rows, strict=True)]),
        bias_h=np.array([own_hidden_bias(cell, gate, unit) for cell in model.cells]),
        value=np.concatenate(values),
        input_weights=np.stack(
            [cell.weight_x[row].numpy() for cell, row in zip(model.cells, rows, strict=True)]
        ),
    )


def own_hidden_bias(cell: torch.nn.Module, gate: str, unit: int) -> float:
    """Return the bias inside the reset gate's product: that of a GRU's candidate, else 0."""
    bias = getattr(cell, "bias_h", None)
    return float(bias[unit]) if bias is not None and gate == "candidate" else 0.0
