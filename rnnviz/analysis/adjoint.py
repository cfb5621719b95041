"""The adjoint of a scan: the gradient of a loss carried back through every step.

A recording holds everything that the way back needs. What of it can be computed for all steps at
once is (``Cell.slopes``); the recurrence itself then takes one matrix product a step. It gives what
autograd gives on the unrolled loop, several times faster and with no graph to keep.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rnnviz.core.route import Route
from rnnviz.models.cells.cell import Cell, Pulled, Slopes, States
from rnnviz.models.encoder import join_layers
from rnnviz.models.model import Model
from rnnviz.models.record import Recording, heard, recording_of_layer, steps_at_once


@dataclass(frozen=True)
class Adjoint:
    """The gradient of each picture's loss.

    Attributes:
        states: dL/dstate at every step, all paths to the loss summed, by name, each of shape
            (batch, step, unit). For a cell state the way through h is counted as well, and for a
            layer the way through those above it.
        inputs: dL/dx of what was read at every step, shape (batch, step, feature).
    """

    states: States
    inputs: Tensor


def adjoint(model: Model, recording: Recording, arriving: States) -> Adjoint:
    """Return the gradient at every step, given what arrives from the loss directly.

    Args:
        model: The model that made the recording, of the same type.
        recording: What ``record`` returned for a batch.
        arriving: dL/dstate without the way through later steps, by state name, each of shape
            (batch, step, unit); a state that isn't named receives nothing. Where the batch has
            more rows than the recording, the recording's one picture is used for all of them.
    """
    found: list[States] = []
    inputs = recording.inputs
    for layer, cells in reversed(list(enumerate(model.layers))):
        own = {name: model.of_layer(gradient, layer) for name, gradient in arriving.items()}
        if found:
            own["h"] = own["h"] + send_below(model.route, inputs)
        part = recording_of_layer(model, recording, layer)
        swept = [
            pull_sweep(model.route, sweep, cell, part, own) for sweep, cell in enumerate(cells)
        ]
        names = cells[0].STATES
        found.append({name: torch.cat([at[name] for at, _ in swept], 1) for name in names})
        inputs = torch.cat([inputs for _, inputs in swept], 1)
    return Adjoint(join_layers(found[::-1]), inputs)


@torch.no_grad()
def send_below(route: Route, gradient: Tensor) -> Tensor:
    """Return dL/dh of a layer, (batch, step, unit), from that of what the layer above it reads.

    It is the transpose of ``hear_below``; ``gradient`` is (batch, step, sweep * unit).
    """
    if route.sweeps == 1:
        return gradient
    parts = gradient.chunk(route.sweeps, dim=2)
    sent = torch.zeros_like(parts[0])
    for steps, part in zip(torch.from_numpy(route.alike), parts, strict=True):
        sent.index_add_(1, steps, part)
    return sent


def readout_gradient(model: Model, recording: Recording, targets: Tensor) -> tuple[Tensor, States]:
    """Return each picture's cross-entropy, (batch,), and what it sends to h directly.

    The second is what ``adjoint`` takes: {"h": (batch, step, unit)}, for whatever the readout
    reads.
    """
    with torch.enable_grad():
        hidden = recording.states["h"].detach().requires_grad_(True)
        logits = model.readout(model.summary(hidden))
        losses = torch.nn.functional.cross_entropy(logits, targets, reduction="none")
        total = losses.sum()
    (gradient,) = torch.autograd.grad(total, hidden)
    return losses.detach(), {"h": gradient}


def check_finite(values: Iterable[Tensor], dtype: torch.dtype) -> None:
    """Raise a ValueError if states or gradients hold anything but finite numbers."""
    if not all(value.isfinite().all() for value in values):
        kind = str(dtype).removeprefix("torch.")
        raise ValueError(
            f"The states or the gradient grow beyond what {kind} can hold on the way through this "
            f"route. Lower the recurrent gain, or read fewer steps."
        )


@torch.no_grad()
def pull_sweep(
    route: Route, sweep: int, cell: Cell, recording: Recording, arriving: States
) -> tuple[States, Tensor]:
    """Return dL/dstate and dL/dx of one sweep, (batch, step of the sweep, unit or feature).

    ``recording`` and ``arriving`` are those of the layer to which the sweep belongs.
    """
    steps, parents = route.sweep_steps(sweep), route.sweep_parents(sweep)
    part = {name: gradient[:, steps] for name, gradient in arriving.items()}
    if is_chain(parents):
        totals, rows = pull_chain(route, sweep, cell, recording, part)
    else:
        depth, slopes = route.depth[steps], sweep_slopes(route, sweep, cell, recording)
        totals, rows = pull_levels(cell, slopes, part, parents, depth)
    return totals, rows @ cell.weight_x


@torch.no_grad()
def sweep_slopes(
    route: Route, sweep: int, cell: Cell, recording: Recording, part: slice = slice(None)
) -> Slopes:
    """Return ``Cell.slopes`` of the steps of a sweep, all or a part, each (batch, step, ...)."""
    steps = route.sweep_steps(sweep)
    states = {name: state[:, steps] for name, state in recording.states.items()}
    parents = [
        {name: heard(state, parent) for name, state in states.items()}
        for parent in route.sweep_parents(sweep)[part].T
    ]
    return cell.slopes(
        cell.project(recording.inputs[:, steps][:, part]),
        parents,
        {name: state[:, part] for name, state in states.items()},
        {name: gate[:, steps][:, part] for name, gate in recording.gates.items()},
    )


def is_chain(parents: np.ndarray) -> bool:
    """Return whether each step's only parent, in ``parents`` (step, parent), is the one before."""
    return parents.shape[1] == 1 and bool((parents[:, 0] == np.arange(-1, len(parents) - 1)).all())


def pull_chain(
    route: Route, sweep: int, cell: Cell, recording: Recording, arriving: States
) -> tuple[States, Tensor]:
    """Return dL/dstate (batch, step, unit) and dL/d(W_x x + b) of a chain, last step first.

    The slopes are computed some steps at a time, just before they are used.
    """
    direct = {name: gradient.unbind(1) for name, gradient in arriving.items()}
    steps, rows = len(direct["h"]), len(direct["h"][0])
    size = steps_at_once(cell, rows)
    received = cell.zero_states(rows)
    found: list[Pulled] = []
    for start in reversed(range(0, steps, size)):
        part = slice(start, min(start + size, steps))
        slopes = sweep_slopes(route, sweep, cell, recording, part)
        by_step = {name: value.unbind(1) for name, value in slopes.items()}
        for step in reversed(range(part.start, part.stop)):
            now = {name: value[step - start] for name, value in by_step.items()}
            received = received | {n: received[n] + sent[step] for n, sent in direct.items()}
            found.append(cell.pull(now, received))
            (received,) = found[-1].parents
    found.reverse()
    totals = {name: torch.stack([at.totals[name] for at in found], 1) for name in cell.STATES}
    return totals, torch.stack([at.projected for at in found], 1)


def pull_levels(
    cell: Cell, slopes: Slopes, arriving: States, parents: np.ndarray, depth: np.ndarray
) -> tuple[States, Tensor]:
    """Return what ``pull_chain`` does for any graph: all steps of a depth at once, last first.

    Args:
        cell: The cell of this sweep.
        slopes: Each (batch, step, ...).
        arriving: Each (batch, step, unit).
        parents: Each step's parents, -1 for none, shape (step, parent).
        depth: When each step was computed, shape (step,).
    """
    rows, steps = arriving["h"].shape[:2]
    # One more place, after the last, takes what is sent to parents that aren't there.
    received = {name: torch.cat([v, v[:, :1] * 0], 1) for name, v in arriving.items()}
    received = cell.zero_states(rows, steps + 1) | received
    projected = arriving["h"].new_zeros(rows, steps, len(cell.bias))
    for now in reversed(range(int(depth.max()) + 1)):
        at = torch.from_numpy(np.flatnonzero(depth == now))
        level = {name: value[:, at] for name, value in slopes.items()}
        pulled = cell.pull(level, {name: value[:, at] for name, value in received.items()})
        projected[:, at] = pulled.projected
        for name, total in pulled.totals.items():
            received[name][:, at] = total
        send(received, pulled.parents, parents[at.numpy()])
    return {name: value[:, :steps] for name, value in received.items()}, projected


def send(received: States, contributions: Sequence[States], parents: np.ndarray) -> None:
    """Add a level's contributions, each (batch, node, unit), to its parents (node, parent)."""
    for contribution, parent in zip(contributions, parents.T, strict=True):
        to = torch.from_numpy(parent)
        for name, gradient in contribution.items():
            received[name].index_add_(1, to % received[name].shape[1], gradient)
