"""How the cells of a grid are laid out so that every anti-diagonal is one block."""

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor


@dataclass(frozen=True)
class Diagonals:
    """A grid's cells in the order of their anti-diagonals, one slot a cell.

    The layout is `pad, diagonal 0, pad, diagonal 1, pad, ..., pad`. A pad stays
    zero and stands for the state outside the grid, so that the parents of the
    cells of a diagonal, and their children, are contiguous blocks as well. Two
    neighbouring diagonals share the pad between them.
    """

    height: int
    """Rows of the grid."""
    width: int
    """Columns of the grid."""
    slots: int
    """Number of slots, pads included."""
    lengths: tuple[int, ...]
    """Number of cells of each diagonal."""
    own: tuple[int, ...]
    """First slot of each diagonal."""
    up: tuple[int, ...]
    """First slot of the upper parents of each diagonal; likewise those below."""
    left: tuple[int, ...]
    below: tuple[int, ...]
    right: tuple[int, ...]
    slot_of_cell: Tensor
    """Slot of each cell, cells counted row by row, shape (cell,)."""
    cell_of_slot: Tensor
    """Cell of each slot, 0 for the pads, shape (slot,)."""
    up_of_slot: Tensor
    """Slot of the upper parent, a pad for pads and where there is none, shape (slot,)."""
    left_of_slot: Tensor
    """Slot of the left parent, likewise."""
    pads: Tensor
    """Slots that are pads, shape (diagonal + 1,)."""


@lru_cache(maxsize=64)
def diagonals_of(height: int, width: int, device: torch.device) -> Diagonals:
    """Return the layout of a grid of `height` rows and `width` columns."""
    count = height + width - 1
    first_row = [max(0, diagonal - width + 1) for diagonal in range(count)]
    last_row = [min(diagonal, height - 1) for diagonal in range(count)]
    lengths = [last - first + 1 for first, last in zip(first_row, last_row, strict=True)]
    own = [1]
    for length in lengths[:-1]:
        own.append(own[-1] + length + 1)
    slots = own[-1] + lengths[-1] + 1

    # The first diagonal's parents and the last one's children are single pads.
    up, left, below, right = [0], [0], [], []
    for now in range(1, count):
        left.append(own[now - 1] + first_row[now] - first_row[now - 1])
        up.append(left[-1] - 1)
        right.append(own[now] + first_row[now - 1] - first_row[now])
        below.append(right[-1] + 1)
    below.append(slots - 1)
    right.append(slots - 1)

    slot_of_cell = torch.empty(height, width, dtype=torch.int64)
    up_of_slot = torch.zeros(slots, dtype=torch.int64)
    left_of_slot = torch.zeros(slots, dtype=torch.int64)
    is_pad = torch.ones(slots, dtype=torch.bool)
    for diagonal in range(count):
        places = torch.arange(lengths[diagonal])
        rows = first_row[diagonal] + places
        slot_of_cell[rows, diagonal - rows] = own[diagonal] + places
        up_of_slot[own[diagonal] + places] = up[diagonal] + places
        left_of_slot[own[diagonal] + places] = left[diagonal] + places
        is_pad[own[diagonal] + places] = False
    slot_of_cell = slot_of_cell.flatten()
    cell_of_slot = torch.zeros(slots, dtype=torch.int64)
    cell_of_slot[slot_of_cell] = torch.arange(height * width)
    return Diagonals(
        height=height,
        width=width,
        slots=slots,
        lengths=tuple(lengths),
        own=tuple(own),
        up=tuple(up),
        left=tuple(left),
        below=tuple(below),
        right=tuple(right),
        slot_of_cell=slot_of_cell.to(device),
        cell_of_slot=cell_of_slot.to(device),
        up_of_slot=up_of_slot.to(device),
        left_of_slot=left_of_slot.to(device),
        pads=is_pad.nonzero().flatten().to(device),
    )
