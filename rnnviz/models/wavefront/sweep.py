"""The walk over the anti-diagonals of a batch, forward and backward.

Several images go together so that a diagonal is a product worth its call, and few
enough that a chunk's buffers stay in the cache. Within a chunk the input projection
is done in one go before the walk, and the gradients of the weights after it.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from rnnviz.models.wavefront.steps import Step
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


CHUNK_BYTES = 12 * 2**20
"""About how much memory one chunk's states and gates may take."""


def chunk_size(step: Step, batch: int, cells: int, unit: int, element_bytes: int) -> int:
    """Return how many images go together, the batch cut into nearly equal parts."""
    image_bytes = cells * unit * element_bytes * sum(step.kept.values())
    largest = max(1, CHUNK_BYTES // image_bytes)
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
    scale = inputs.new_ones(step.gates, unit)
    scale[step.doubled] = 2.0
    scale = scale.flatten()
    scaled = Weights(
        (weights.input * scale[:, None]).t().contiguous(),
        (weights.hidden * scale[: step.recurrent * unit, None]).transpose(1, 2).contiguous(),
        weights.bias * scale,
    )
    size = chunk_size(step, batch, height * width, unit, inputs.element_size())
    for first in range(0, batch, size):
        chunk = inputs[first : first + size].flatten(1, 2)
        lease = _borrow(f"forward {step.name}", step.kept, chunk.shape[0], inputs, unit, step)
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
    return states


def _borrow(
    purpose: str, groups: dict[str, int], batch: int, inputs: Tensor, unit: int, step: Step
) -> Lease:
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
    views = workspace.views
    if "forward" not in views:
        recurrent = slice(0, step.recurrent)
        views["products"] = list(
            zip(
                workspace.blocks(step.z, gates=recurrent),
                workspace.blocks("h", "up"),
                workspace.blocks("h", "left"),
                strict=True,
            )
        )
        views["forward"] = step.forward_views(workspace)
    up, left = hidden
    forward = step.forward
    for (z, h_up, h_left), own in zip(views["products"], views["forward"], strict=True):
        z.addmm_(h_up, up)
        z.addmm_(h_left, left)
        forward(own)


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
        scratch = _borrow(
            f"backward {step.name}", step.scratch, batch, inputs, unit, step
        ).workspace
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
    if "backward" not in kept.views:
        kept.views["backward"] = step.kept_views(kept)[::-1]
    if "backward" not in scratch.views:
        recurrent = slice(0, step.recurrent)
        scratch.views["products"] = list(
            zip(
                scratch.blocks("h"),
                scratch.blocks("z", "below", recurrent),
                scratch.blocks("z", "right", recurrent),
                strict=True,
            )
        )[::-1]
        scratch.views["backward"] = step.scratch_views(scratch)[::-1]
    up, left = hidden
    backward = step.backward
    for (dh, below, right), own_kept, own_scratch in zip(
        scratch.views["products"], kept.views["backward"], scratch.views["backward"], strict=True
    ):
        dh.addmm_(below, up)
        dh.addmm_(right, left)
        backward(own_kept, own_scratch)


def _add_weight_gradients(
    step: Step, kept: Workspace, scratch: Workspace, chunk: Tensor, grads: Weights
) -> None:
    """Add a chunk's share, one product a weight, over all its cells."""
    diagonals = kept.diagonals
    dz = scratch.matrix("z").t()
    recurrent = dz[: grads.hidden.shape[1]]
    for direction, parent_of_slot in enumerate((diagonals.up_of_slot, diagonals.left_of_slot)):
        parents = kept["h"].index_select(0, parent_of_slot).flatten(0, 1)
        grads.hidden[direction].addmm_(recurrent, parents)
    inputs = chunk.transpose(0, 1).index_select(0, diagonals.cell_of_slot).flatten(0, 1)
    if inputs.shape[1] == 1:
        grads.input.squeeze(1).addmv_(dz, inputs.squeeze(1))
    else:
        grads.input.addmm_(dz, inputs)
    grads.bias.add_(dz.sum(1))
