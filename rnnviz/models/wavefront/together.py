"""Several sweeps of one layer at once, for a few pictures that only want to be read.

A single picture's diagonals are so short that a sweep costs its calls, not its arithmetic. The
corners of a layer, each with weights of its own, take the same calls when they go together, by
batched products. There is no way back through them; training takes them one after another.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from rnnviz.models.wavefront.step import View
from rnnviz.models.wavefront.sweep import FEW_IMAGES, Wave, Weights, scale_weights
from rnnviz.models.wavefront.workspace import Size, Workspace, borrow


def pays_together(sweeps: int, batch: int) -> bool:
    """Return whether these sweeps go faster together, now that nobody asks for gradients."""
    return sweeps > 1 and batch < FEW_IMAGES and not torch.is_grad_enabled()


@torch.no_grad()
def sweep_together(waves: Sequence[Wave], inputs: Tensor) -> tuple[Tensor, ...]:
    """Return the states of every sweep, each of shape (sweep, batch, row, column, unit).

    Args:
        waves: What each of them sweeps, all by the same step.
        inputs: What they read, (sweep, batch, row, column, feature).
    """
    step = waves[0].step
    weights = Weights(*map(torch.stack, zip(*(wave.weights for wave in waves), strict=True)))
    scaled = scale_weights(step, weights)
    sweeps, batch, height, width, _ = inputs.shape
    unit = weights.hidden.shape[-1]
    size = Size(height, width, batch, unit, inputs.dtype, inputs.device, sweeps)
    columns = {name: count * unit for name, count in step.kept.items()}
    lease = borrow(f"together {step.name}", size, columns)
    workspace = lease.workspace
    _project(workspace, step.z, inputs.flatten(2, 3), scaled)
    up, left = scaled.hidden.unbind(1)
    products = (View(step.z, gates=range(step.recurrent)), View("h", "up"), View("h", "left"))
    for (z, h_up, h_left), own in zip(
        workspace.walk(products), workspace.walk(step.forward_views), strict=True
    ):
        z.baddbmm_(h_up, up)
        z.baddbmm_(h_left, left)
        step.forward(*own)
    shape = (sweeps, batch, height, width, unit)
    slots = workspace.diagonals.slot_of_cell
    return tuple(
        workspace[name].index_select(1, slots).transpose(1, 2).reshape(shape)
        for name in step.states
    )


def _project(workspace: Workspace, z: str, inputs: Tensor, weights: Weights) -> None:
    """Write `W_x x + b` of inputs (sweep, batch, cell, feature) into the gates."""
    in_slots = inputs.transpose(1, 2).index_select(1, workspace.diagonals.cell_of_slot)
    torch.baddbmm(
        weights.bias.unsqueeze(1), in_slots.flatten(1, 2), weights.input, out=workspace.matrix(z)
    )
    workspace[z].index_fill_(1, workspace.diagonals.pads, 0.0)
