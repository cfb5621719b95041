"""The cells, one file each. A file declares ``NAME`` and one class, ``CELL``."""

from rnnviz.models.cells.cell import Cell
from rnnviz.registry import discover, find

PACKAGE = "rnnviz.models.cells"

__all__ = ["Cell", "build_cell", "cell_class", "cells_with"]


def cell_class(name: str) -> type[Cell]:
    """Return the class of the cell called ``name``; ValueError lists those there are."""
    return find(PACKAGE, name, "cell").CELL


def cells_with(parents: int) -> list[str]:
    """Return the names of the cells that take this number of parents."""
    return [name for name, file in discover(PACKAGE).items() if file.CELL.PARENTS == parents]


def build_cell(name: str, features: int, units: int, **options: float) -> Cell:
    """Return a fresh cell that reads ``features`` values a step into ``units`` hidden units.

    Raises:
        ValueError: If there is no such cell or it has no such option.
    """
    cell = cell_class(name)
    unknown = set(options) - set(cell.OPTIONS)
    if unknown:
        raise ValueError(
            f"Cell '{name}' has no option '{min(unknown)}'. "
            f"Its options are: {', '.join(cell.OPTIONS) or 'none'}."
        )
    return cell(features, units, **options)
