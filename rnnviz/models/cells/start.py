"""How weights are drawn before training."""

import math

import torch
from torch import Tensor, nn

from rnnviz.models.cells.cell import Cell


@torch.no_grad()
def recurrent_start(
    cell: Cell, gain: float, identity: float, generator: torch.Generator | None
) -> None:
    """Fill a cell: Glorot input weights, scaled recurrent ones, no bias.

    Args:
        cell: The cell.
        gain: The factor on the recurrent weights. A gain of 0 takes PyTorch's default start for a
            cell with one parent, of which PyTorch has its own.
        identity: 0 for orthogonal recurrent blocks; 1 for the identity, as Le, Jaitly and Hinton
            (2015) start a ReLU network.
        generator: Source of the random numbers, None for the global one.

    Raises:
        ValueError: If ``identity`` is neither 0 nor 1, or the gain leaves nothing of it.
    """
    check_identity(cell, gain, identity)
    if gain == 0 and cell.PARENTS == 1:
        torch_default(cell, generator)
        return
    xavier_blocks(cell.weight_x, cell.units, generator)
    for weight in cell.weight_h:
        if identity == 1:
            identity_blocks(weight, cell.units, gain)
        else:
            orthogonal_blocks(weight, cell.units, gain, generator)
    for bias in cell.parameters():
        if bias.dim() == 1:
            bias.zero_()


def check_identity(cell: Cell, gain: float, identity: float) -> None:
    """Raise a ValueError unless a cell can start so."""
    if identity not in (0, 1):
        raise ValueError(
            f"The option 'identity' of cell '{cell.NAME}' is 1 for a start at the identity or 0 "
            f"for another, got {identity!r}."
        )
    if identity == 1 and gain == 0:
        raise ValueError(
            f"Cell '{cell.NAME}' can't start at the identity with a gain of 0, which leaves "
            f"nothing of it. Choose a gain above 0, such as 1, or identity=0."
        )


@torch.no_grad()
def torch_default(cell: Cell, generator: torch.Generator | None) -> None:
    """Fill a cell as PyTorch's recurrent layers are: all uniform within 1 / sqrt(unit)."""
    for weight in cell.parameters():
        uniform(weight, 1.0 / math.sqrt(cell.units), generator)


@torch.no_grad()
def uniform(weight: Tensor, bound: float, generator: torch.Generator | None) -> None:
    """Fill a weight uniformly in [-bound, bound]."""
    weight.uniform_(-bound, bound, generator=generator)


@torch.no_grad()
def normal(weight: Tensor, deviation: float, generator: torch.Generator | None) -> None:
    """Fill a weight with Gaussian numbers around 0.

    One that has a shape but no values is left as it is: to draw normal numbers for it, torch would
    load its compiler, 150 MB and two seconds.

    Raises:
        ValueError: If the standard deviation is negative or no number.
    """
    if not deviation >= 0:
        raise ValueError(f"A standard deviation is 0 or more, got {deviation}.")
    if not weight.is_meta:
        weight.normal_(0.0, deviation, generator=generator)


@torch.no_grad()
def orthogonal_blocks(
    weight: Tensor, units: int, gain: float, generator: torch.Generator | None
) -> None:
    """Fill every (unit, unit) block of ``weight`` (block * unit, unit) with gain * orthogonal."""
    for rows in weight.split(units):
        if rows.is_meta:  # as in ``normal``; a gain that is none is refused all the same
            rows.mul_(gain)
        else:
            nn.init.orthogonal_(rows, gain=gain, generator=generator)


@torch.no_grad()
def identity_blocks(weight: Tensor, units: int, gain: float) -> None:
    """Make every (unit, unit) block of ``weight`` (block * unit, unit) gain * identity."""
    for rows in weight.split(units):
        rows.zero_().fill_diagonal_(gain)


@torch.no_grad()
def xavier_blocks(weight: Tensor, units: int, generator: torch.Generator | None) -> None:
    """Fill every (unit, feature) block of ``weight`` as Glorot and Bengio (2010) propose."""
    for rows in weight.split(units):
        nn.init.xavier_uniform_(rows, generator=generator)


@torch.no_grad()
def chrono_bias(bias: Tensor, steps: float, generator: torch.Generator | None) -> None:
    """Fill the bias of a gate that keeps, so that units remember between 1 and ``steps`` steps.

    bias = log(U(1, steps - 1)), so a gate keeps 1 - 1/time of its state a step (Tallec and
    Ollivier 2018, "Can recurrent neural networks warp time?").
    """
    longest = max(steps - 1.0, 1.0 + 1e-6)
    if not bias.is_meta:  # as in ``normal``
        bias.uniform_(1.0, longest, generator=generator).log_()
