"""The walk over the anti-diagonals of a batch, forward and backward.

Several images go together so that a diagonal is a product worth its call, and few
enough that a chunk's buffers stay in the cache. Within a chunk the input projection
is done in one go before the walk, and the gradients of the weights after it.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from rnnviz.models.wavefront.step import Step, View
from rnnviz.models.wavefront.workspace import Lease, Size, Workspace, borrow


class Weights(NamedTuple):
    """A cell's weights, their rows in the order of the step's groups of columns.

    Groups beyond the step's `recurrent` have no rows in `hidden`.
    """

    input: Tensor
    """Shape (gate * unit, feature)."""
    hidden: Tensor
    """Shape (2, recurrent * unit, unit), from above and from the left."""
    bias: Tensor
    """Shape (gate * unit,)."""


class Wave(NamedTuple):
    """What a cell needs to be swept over a grid."""

    step: Step
    """What it computes."""
    weights: Weights
    """Its weights, in the step's order."""


CHUNK_ROWS = 1024
"""About how many rows, cells times images, the longest diagonal of a chunk has."""

FEW_IMAGES = 8
"""Chunks of fewer images are ruled by the number of calls, larger ones by memory."""


def chunk_size(batch: int, height: int, width: int) -> int:
    """Return how many images go together, the batch cut into nearly equal parts."""
    largest = max(FEW_IMAGES, CHUNK_ROWS // min(height, width))
    parts = -(-batch // largest)
    return -(-batch // parts)


def sweep(step: Step, inputs: Tensor, weights: Weights) -> tuple[Tensor, ...]:
    """Return the step's states at every cell, each of shape (batch, row, column, unit).

    Args:
        step: What a cell computes.
        inputs: Shape (batch, row, column, feature).
        weights: The cell's weights, of the same type and device.
    """
    if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in (inputs, *weights)):
        return _Sweep.apply(step, inputs, *weights)  # type: ignore[return-value]
    return _forward(step, inputs, weights, leases=None)


class _Sweep(torch.autograd.Function):
    @staticmethod
    def forward(ctx, step: Step, inputs: Tensor, *weights: Tensor):  # type: ignore[override]
        leases: list[Lease] = []
        states = _forward(step, inputs, Weights(*weights), leases)
        # The buffers hang on a saved tensor, so that they are free for the next call as
        # soon as autograd lets go of what it saved, and stay where it retains the graph.
        token = inputs.new_empty(0)
        token.leases = leases  # type: ignore[attr-defined]
        ctx.save_for_backward(token, inputs, *weights)
        ctx.step = step
        ctx.set_materialize_grads(False)
        return states

    @staticmethod
    @once_differentiable
    def backward(ctx, *grad_states: Tensor | None):  # type: ignore[override]
        token, inputs, *weights = ctx.saved_tensors
        gradients = _backward(
            ctx.step,
            inputs,
            Weights(*weights),
            token.leases,
            grad_states,
            needs_inputs=ctx.needs_input_grad[1],
        )
        return None, *gradients


def _forward(
    step: Step, inputs: Tensor, weights: Weights, leases: list[Lease] | None
) -> tuple[Tensor, ...]:
    """Return the states; append each chunk's workspace to `leases` where it is wanted."""
    batch, height, width, _ = inputs.shape
    unit = weights.hidden.shape[2]
    states = tuple(inputs.new_empty(batch, height, width, unit) for _ in step.states)
    scaled = scale_weights(step, weights)
    size = chunk_size(batch, height, width)
    for first in range(0, batch, size):
        chunk = inputs[first : first + size].flatten(1, 2)
        lease = _borrow(f"forward {step.name}", step.kept, chunk.shape[0], inputs, unit)
        workspace = lease.workspace
        _project(step, workspace, chunk, scaled)
        _walk_forward(step, workspace, scaled.hidden)
        for name, state in zip(step.states, states, strict=True):
            torch.index_select(
                workspace[name].transpose(0, 1),
                1,
                workspace.diagonals.slot_of_cell,
                out=state[first : first + size].flatten(1, 2),
            )
        if leases is not None:
            leases.append(lease)
        # Given back before the next chunk borrows, unless it is kept for the backward pass.
        del lease
    return states


def scale_weights(step: Step, weights: Weights) -> Weights:
    """Return weights that double what the step wants doubled, transposed for the products.

    The input's become (feature, gate * unit), the hidden ones (2, unit, recurrent * unit). Several
    sweeps' weights may be stacked along a first axis.
    """
    unit = weights.hidden.shape[-1]
    scale = weights.bias.new_ones(step.gates, unit)
    scale[step.doubled] = 2.0
    scale = scale.flatten()
    return Weights(
        (weights.input * scale[:, None]).transpose(-1, -2).contiguous(),
        (weights.hidden * scale[: step.recurrent * unit, None]).transpose(-1, -2).contiguous(),
        weights.bias * scale,
    )


def _borrow(purpose: str, groups: dict[str, int], batch: int, inputs: Tensor, unit: int) -> Lease:
    """Return a lease on buffers for a chunk of `batch` images."""
    _, height, width, _ = inputs.shape
    size = Size(height, width, batch, unit, inputs.dtype, inputs.device)
    return borrow(purpose, size, {name: count * unit for name, count in groups.items()})


def _project(step: Step, workspace: Workspace, chunk: Tensor, weights: Weights) -> None:
    """Write `W_x x + b` of a chunk, shape (batch, cell, feature), into the gates."""
    inputs = chunk.transpose(0, 1).index_select(0, workspace.diagonals.cell_of_slot)
    z = workspace.matrix(step.z)
    if chunk.shape[2] == 1:
        # A matrix product with a single column takes several times as long.
        torch.addcmul(weights.bias, inputs.flatten(0, 1), weights.input, out=z)
    else:
        torch.addmm(weights.bias, inputs.flatten(0, 1), weights.input, out=z)
    workspace[step.z].index_fill_(0, workspace.diagonals.pads, 0.0)


def _walk_forward(step: Step, workspace: Workspace, hidden: Tensor) -> None:
    """Compute all states from the top left corner to the bottom right one."""
    up, left = hidden
    products = (View(step.z, gates=_recurrent(step)), View("h", "up"), View("h", "left"))
    for (z, h_up, h_left), own in zip(
        workspace.walk(products), workspace.walk(step.forward_views), strict=True
    ):
        z.addmm_(h_up, up)
        z.addmm_(h_left, left)
        step.forward(*own)


def _recurrent(step: Step) -> range:
    """Return the groups of columns that receive the parents' products."""
    return range(step.recurrent)


def _backward(
    step: Step,
    inputs: Tensor,
    weights: Weights,
    leases: list[Lease],
    grad_states: tuple[Tensor | None, ...],
    needs_inputs: bool,
) -> tuple[Tensor | None, ...]:
    """Return the gradients of the inputs, if needed, and of the weights."""
    unit = weights.hidden.shape[2]
    grad_inputs = torch.empty_like(inputs) if needs_inputs else None
    grads = Weights(*(torch.zeros_like(weight) for weight in weights))
    first = 0
    for lease in leases:
        kept = lease.workspace
        batch = kept.size.batch
        chunk = slice(first, first + batch)
        first += batch
        # Without a name for the lease, another thread could borrow the same buffers now.
        scratch_lease = _borrow(f"backward {step.name}", step.scratch, batch, inputs, unit)
        scratch = scratch_lease.workspace
        for name, grad_state in zip(step.states, grad_states, strict=True):
            _arrive(scratch, name, None if grad_state is None else grad_state[chunk])
        _walk_backward(step, kept, scratch, weights.hidden)
        _add_weight_gradients(step, kept, scratch, inputs[chunk].flatten(1, 2), grads)
        if grad_inputs is not None:
            dx = scratch["z"].matmul(weights.input)
            grad_inputs[chunk] = (
                dx.transpose(0, 1)
                .index_select(1, scratch.diagonals.slot_of_cell)
                .view(grad_inputs[chunk].shape)
            )
        # Given back before the next chunk borrows, which finds it still in the cache.
        del scratch_lease
    return grad_inputs, *grads


def _arrive(scratch: Workspace, name: str, gradient: Tensor | None) -> None:
    """Write the gradient of a state as it arrives, (batch, row, column, unit), or zero."""
    if gradient is None:
        scratch[name].zero_()
        return
    diagonals = scratch.diagonals
    torch.index_select(
        gradient.flatten(1, 2).transpose(0, 1), 0, diagonals.cell_of_slot, out=scratch[name]
    )
    scratch[name].index_fill_(0, diagonals.pads, 0.0)


def _walk_backward(step: Step, kept: Workspace, scratch: Workspace, hidden: Tensor) -> None:
    """Compute all gradients of pre-activations from the bottom right corner back."""
    up, left = hidden
    children = (
        View("h"),
        View("z", "below", _recurrent(step)),
        View("z", "right", _recurrent(step)),
    )
    for (dh, dz_below, dz_right), own_kept, own_scratch in zip(
        reversed(scratch.walk(children)),
        reversed(kept.walk(step.kept_views)),
        reversed(scratch.walk(step.scratch_views)),
        strict=True,
    ):
        dh.addmm_(dz_below, up)
        dh.addmm_(dz_right, left)
        step.backward(*own_kept, *own_scratch)


def _add_weight_gradients(
    step: Step, kept: Workspace, scratch: Workspace, chunk: Tensor, grads: Weights
) -> None:
    """Add a chunk's share, the products taken over all its cells."""
    if kept.size.batch < FEW_IMAGES:
        _add_hidden_gradients_at_once(kept, scratch, grads.hidden)
    else:
        _add_hidden_gradients_by_diagonal(step, kept, scratch, grads.hidden)
    dz = scratch.matrix("z").t()
    inputs = chunk.transpose(0, 1).index_select(0, kept.diagonals.cell_of_slot).flatten(0, 1)
    if inputs.shape[1] == 1:
        grads.input.squeeze(1).addmv_(dz, inputs.squeeze(1))
    else:
        grads.input.addmm_(dz, inputs)
    grads.bias.add_(dz.sum(1))


def _add_hidden_gradients_at_once(kept: Workspace, scratch: Workspace, hidden: Tensor) -> None:
    """Add the recurrent weights' gradient by one product a parent: the fewest calls."""
    dz = scratch.matrix("z").t()[: hidden.shape[1]]
    diagonals = kept.diagonals
    for grad, parent_of_slot in zip(
        hidden, (diagonals.up_of_slot, diagonals.left_of_slot), strict=True
    ):
        grad.addmm_(dz, kept["h"].index_select(0, parent_of_slot).flatten(0, 1))


def _add_hidden_gradients_by_diagonal(
    step: Step, kept: Workspace, scratch: Workspace, hidden: Tensor
) -> None:
    """Add the recurrent weights' gradient diagonal by diagonal, which moves no memory."""
    up, left = hidden
    for (dz,), (h_up, h_left) in zip(
        scratch.walk((View("z", gates=_recurrent(step)),)),
        kept.walk((View("h", "up"), View("h", "left"))),
        strict=True,
    ):
        columns = dz.t()
        up.addmm_(columns, h_up)
        left.addmm_(columns, h_left)
