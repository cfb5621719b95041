"""What the cells of a grid have in common: two parents, and the wavefront as their fast way."""

from abc import abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor

from rnnviz.models.cells.cell import Cell, States
from rnnviz.models.wavefront.sweep import Wave, sweep
from rnnviz.models.wavefront.together import pays_together, sweep_together


class GridCell(Cell):
    """A cell that hears from above and from the left.

    A subclass names its ``STATES`` in the order in which its step hands them out.
    """

    PARENTS = 2

    @abstractmethod
    def wave(self) -> Wave:
        """Return the step and the weights that the wavefront sweeps over the grid."""

    def scan(self, inputs: Tensor) -> States:
        """Return all states of the whole grid by the wavefront."""
        step, weights = self.wave()
        return dict(zip(self.STATES, sweep(step, inputs, weights), strict=True))


def scan_grid(cells: Sequence[GridCell], inputs: Sequence[Tensor]) -> list[States]:
    """Return the states of several sweeps over grids, together where that is faster.

    Args:
        cells: The cell of each sweep, all of one class.
        inputs: What each of them reads, (batch, row, column, feature).
    """
    if not pays_together(len(cells), len(inputs[0])):
        return [cell.scan(part) for cell, part in zip(cells, inputs, strict=True)]
    found = sweep_together([cell.wave() for cell in cells], torch.stack(tuple(inputs)))
    by_name = dict(zip(cells[0].STATES, found, strict=True))
    return [
        {name: states[sweep] for name, states in by_name.items()} for sweep in range(len(cells))
    ]
