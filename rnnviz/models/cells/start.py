"""How weights are drawn before training."""

import math

import torch
from torch import Tensor, nn

from rnnviz.models.cells.cell import Cell


@torch.no_grad()
def orthogonal_cell(cell: Cell, gain: float, generator: torch.Generator | None) -> None:
    """Fill a cell: Glorot input weights, ``gain`` times orthogonal recurrent ones, no bias."""
    xavier_blocks(cell.weight_x, cell.units, generator)
    for weight in cell.weight_h:
        orthogonal_blocks(weight, cell.units, gain, generator)
    cell.bias.zero_()


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
def orthogonal_blocks(
    weight: Tensor, units: int, gain: float, generator: torch.Generator | None
) -> None:
    """Fill every (unit, unit) block of ``weight`` (block * unit, unit) with gain * orthogonal."""
    for rows in weight.split(units):
        nn.init.orthogonal_(rows, gain=gain, generator=generator)


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
    bias.uniform_(1.0, max(steps - 1.0, 1.0 + 1e-6), generator=generator).log_()
