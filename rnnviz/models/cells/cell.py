"""What every cell has in common: one step of a scan."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn

States = dict[str, Tensor]
Gates = dict[str, Tensor]
Slopes = dict[str, Tensor]


class Pulled(NamedTuple):
    """The gradient of a loss, carried backward through one step."""

    totals: States
    """dL/dstate, each (..., unit): for a cell state the way through h is counted as well."""
    projected: Tensor
    """dL/d(W_x x + b), shape (..., block * unit)."""
    parents: list[States]
    """What this step adds to dL/dstate of each of its parents, each (..., unit)."""


class Cell(nn.Module, ABC):
    """One step: a function of the input and the parents' states.

    A step is written in two halves, so that one set of equations serves the step-by-step loop and
    the recovery of all gates in one product:

    - ``activate`` maps the projected input and the parents' hidden states to the gates;
    - ``combine`` maps the gates and the parents' states to the new states, unit by unit.

    ``scan`` is the fast way through a whole sweep, used to train and to evaluate. ``slopes`` and
    ``pull`` are the way back: the transposed Jacobian of a step. They need nothing of a new cell,
    autograd does it; a cell that writes both by hand is several times faster.

    Weights (the rows are grouped by gate, in the order of ``BLOCKS``):
        weight_x: (block * unit, feature)
        weight_h: (parent, block * unit, unit), the parent above first, then the one to the left
        bias: (block * unit,)
    """

    NAME: ClassVar[str]
    LABEL: ClassVar[str]
    DESCRIPTION: ClassVar[str]
    PARENTS: ClassVar[int] = 1
    STATES: ClassVar[tuple[str, ...]] = ("h",)
    GATES: ClassVar[tuple[str, ...]] = ()
    """The gates that a trace records, all but the plain candidate of a cell without gates."""
    BLOCKS: ClassVar[tuple[str, ...]]
    """The gates in the order in which their rows stand in the weights."""
    EQUATIONS: ClassVar[tuple[str, ...]]
    """The equations of one step in LaTeX, in the order in which they are computed."""
    OPTIONS: ClassVar[Mapping[str, float]] = {}
    KEEPS: ClassVar[tuple[str, ...]] = ()
    """The gates that say which share of a parent's memory is kept, if there are such."""
    STEEPEST: ClassVar[float | None] = None
    """The largest slope of what squashes a plain cell's one sum, the γ of Pascanu, Mikolov and
    Bengio (2013); None for a cell with gates, which has no such bound."""

    def __init__(self, features: int, units: int) -> None:
        """Allocate the weights; a subclass fills them in ``start``."""
        super().__init__()
        if features < 1 or units < 1:
            raise ValueError(
                f"Cell '{self.NAME}' needs at least 1 feature and 1 unit, "
                f"got {features} and {units}."
            )
        self.features, self.units = features, units
        rows = len(self.BLOCKS) * units
        self.weight_x = nn.Parameter(torch.empty(rows, features))
        self.weight_h = nn.Parameter(torch.empty(self.PARENTS, rows, units))
        self.bias = nn.Parameter(torch.empty(rows))

    def block(self, name: str) -> slice:
        """Return the rows of the weights that belong to one gate."""
        index = self.BLOCKS.index(name)
        return slice(index * self.units, (index + 1) * self.units)

    def project(self, inputs: Tensor) -> Tensor:
        """Return ``W_x x + b`` for inputs (..., feature), shape (..., block * unit)."""
        return torch.nn.functional.linear(inputs, self.weight_x, self.bias)

    def recur(self, hidden: Sequence[Tensor]) -> Tensor:
        """Return the sum of ``W_h h`` over the parents' h (..., unit), (..., block * unit)."""
        products = [h @ weight.T for h, weight in zip(hidden, self.weight_h.unbind(), strict=True)]
        return products[0] if len(products) == 1 else products[0] + products[1]

    def step(self, projected: Tensor, parents: Sequence[States]) -> tuple[States, Gates]:
        """Return the states and the gates of one step.

        Args:
            projected: ``project`` of the inputs, shape (..., block * unit).
            parents: The states of each parent, zeros where there is none, each (..., unit).
        """
        gates = self.activate(projected, [parent["h"] for parent in parents])
        return self.combine(gates, parents), gates

    def slopes(
        self, projected: Tensor, parents: Sequence[States], states: States, gates: Gates
    ) -> Slopes:
        """Return what ``pull`` must know of steps that were taken, all of them at once.

        Args:
            projected: ``project`` of the inputs, shape (..., block * unit).
            parents: The states of each parent, zeros where there is none, each (..., unit).
            states: The states after these steps, each (..., unit).
            gates: All gates of these steps as ``step`` returns them, each (..., unit).

        Returns:
            Tensors with the same leading axes, so that a step of them can be picked.
        """
        del states, gates
        taken = {"projected": projected}
        for index, parent in enumerate(parents):
            taken |= {f"{name} of {index}": state for name, state in parent.items()}
        return taken

    def pull(self, slopes: Slopes, received: States) -> Pulled:
        """Return the transposed Jacobian of a step, applied to the gradient of its states.

        Args:
            slopes: A step, or several, of what ``slopes`` returned.
            received: dL/dstate without the way through the step's other states, each (..., unit).
                More rows than ``slopes`` has are pulled through the same step.
        """
        return pull_by_autograd(self, slopes, received)

    def spread(self, rows: Tensor) -> list[Tensor]:
        """Return ``rows W_h`` for each parent's W_h, the transpose of ``recur``, (..., unit)."""
        return [rows @ weight for weight in self.weight_h.unbind()]

    def zero_states(self, *shape: int) -> States:
        """Return the states before the first step: zeros of ``shape`` + (unit,)."""
        return {name: self.bias.new_zeros(*shape, self.units) for name in self.STATES}

    @abstractmethod
    def activate(self, projected: Tensor, hidden: Sequence[Tensor]) -> Gates:
        """Return every gate, each (..., unit), from the input and the parents' hidden states."""

    @abstractmethod
    def combine(self, gates: Gates, parents: Sequence[States]) -> States:
        """Return the new states, each (..., unit), from the gates and the parents' states."""

    @abstractmethod
    def scan(self, inputs: Tensor) -> States:
        """Return the states of a whole sweep, fast.

        Args:
            inputs: (batch, row, column, feature); a chain is a lattice of one row.

        Returns:
            "h", and the other states where the fast way yields them, each
            (batch, row, column, unit).
        """

    def refine(self, factor: float) -> None:
        """Rescale trained weights for a scan of the same input in ``factor`` times the steps.

        Called when a training goes on from coarse pictures to finer ones. A cell that has no way
        to keep its answer across that change leaves its weights as they are.
        """

    @abstractmethod
    def start(self, generator: torch.Generator | None = None) -> None:
        """Fill the weights as this cell's options ask for."""


def pull_by_autograd(cell: Cell, slopes: Slopes, received: States) -> Pulled:
    """Return what ``Cell.pull`` does, for the base class's ``slopes``, by taking the step again."""
    rows = torch.broadcast_shapes(slopes["projected"].shape[:-1], received["h"].shape[:-1])
    taken = {
        name: value.detach().expand(*rows, value.shape[-1]).requires_grad_(True)
        for name, value in slopes.items()
    }
    parents = [
        {name: taken[f"{name} of {index}"] for name in cell.STATES} for index in range(cell.PARENTS)
    ]
    with torch.enable_grad():
        states, _ = cell.step(taken["projected"], parents)
        products = [(states[name] * received[name]).sum() for name in cell.STATES]
        arrived = torch.stack(products).sum()
    wanted = [*(states[name] for name in cell.STATES), *taken.values()]
    found = torch.autograd.grad(arrived, wanted, materialize_grads=True)
    totals = dict(zip(cell.STATES, found, strict=False))
    pulled = dict(zip(taken, found[len(totals) :], strict=True))
    above = [
        {name: pulled[f"{name} of {index}"] for name in cell.STATES}
        for index in range(cell.PARENTS)
    ]
    return Pulled(totals, pulled["projected"], above)


def split(cell: Cell, rows: Tensor) -> dict[str, Tensor]:
    """Return the blocks of ``rows`` (..., block * unit) by gate name, each (..., unit)."""
    return dict(zip(cell.BLOCKS, rows.chunk(len(cell.BLOCKS), dim=-1), strict=True))


def squash(cell: Cell, rows: Tensor) -> Gates:
    """Return the gates of ``rows`` (..., block * unit): tanh the candidate, sigmoids the others."""
    functions = {"candidate": torch.tanh}
    blocks = split(cell, rows)
    return {name: functions.get(name, torch.sigmoid)(block) for name, block in blocks.items()}
