"""The buffers of a sweep, lent out and taken back, so that calls do not allocate.

Fresh memory costs a page fault for every 4 KiB, which for a batch of pictures is
as dear as the arithmetic, and cutting a buffer into its diagonals costs more than
the arithmetic of a single picture. So a workspace keeps its buffers together with
their views, and goes back to the shelf when nobody holds its lease any more.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass
from threading import Lock

import torch
from torch import Tensor

from rnnviz.models.wavefront.diagonals import Diagonals, diagonals_of
from rnnviz.models.wavefront.step import View

SHELF_BYTES = 2**30
"""Most memory that waits on the shelf; beyond it the oldest workspaces are freed."""


@dataclass(frozen=True)
class Size:
    """The size of one chunk's buffers; workspaces of equal size can stand in for each other."""

    height: int
    width: int
    batch: int
    unit: int
    dtype: torch.dtype
    device: torch.device
    sweeps: int | None = None
    """How many sweeps of their own weights go together; None for one alone, without an axis."""


class Workspace:
    """Named buffers of shape (slot, batch, column) and their views, one a diagonal.

    Where sweeps go together, each shape begins with an axis of them.

    Args:
        size: Size of the chunk.
        columns: Number of columns of each buffer by name. All start at zero.
    """

    def __init__(self, size: Size, columns: dict[str, int]):
        self.size = size
        self.diagonals: Diagonals = diagonals_of(size.height, size.width, size.device)
        sweeps = () if size.sweeps is None else (size.sweeps,)
        shape = (*sweeps, self.diagonals.slots, size.batch)
        self.buffers = {
            name: torch.zeros(*shape, count, dtype=size.dtype, device=size.device)
            for name, count in columns.items()
        }
        self.bytes = sum(buffer.nbytes for buffer in self.buffers.values())
        self._walks: dict[tuple[View, ...], list[tuple[Tensor, ...]]] = {}

    def __getitem__(self, name: str) -> Tensor:
        return self.buffers[name]

    def matrix(self, name: str) -> Tensor:
        """Return a whole buffer as a matrix, shape (slot * batch, column)."""
        return self.buffers[name].flatten(-3, -2)

    def blocks(self, view: View) -> list[Tensor]:
        """Return a view of each diagonal, shape (cell * batch, column)."""
        unit, batch = self.size.unit, self.size.batch
        matrix = self.matrix(view.buffer)
        if view.gates is not None:
            matrix = matrix[..., view.gates.start * unit : view.gates.stop * unit]
        starts = getattr(self.diagonals, view.at)
        return [
            matrix[..., start * batch : (start + length) * batch, :]
            for start, length in zip(starts, self.diagonals.lengths, strict=True)
        ]

    def walk(self, views: tuple[View, ...]) -> list[tuple[Tensor, ...]]:
        """Return these views, one tuple a diagonal, from the first diagonal to the last."""
        if views not in self._walks:
            blocks = (self.blocks(view) for view in views)
            self._walks[views] = list(zip(*blocks, strict=True))
        return self._walks[views]


_shelf: OrderedDict[tuple, list[Workspace]] = OrderedDict()
_returned: deque[tuple[tuple, Workspace]] = deque()
_lock = Lock()


class Lease:
    """Holds a workspace; when the lease is garbage, the workspace can be lent again."""

    def __init__(self, key: tuple, workspace: Workspace):
        self.workspace = workspace
        self._key = key

    # A garbage collection can run this anywhere, also inside `borrow`: take no lock,
    # and no global name, which is gone when the interpreter ends.
    def __del__(self, put_back=_returned.append):
        put_back((self._key, self.workspace))


def borrow(purpose: str, size: Size, columns: dict[str, int]) -> Lease:
    """Return a lease on a workspace with these buffers, from the shelf where one waits.

    The contents are what the last holder left, but whatever no holder of this
    `purpose` writes is zero.
    """
    key = (purpose, size, tuple(columns.items()))
    with _lock:
        _tidy_shelf()
        waiting = _shelf.get(key)
        if waiting:
            return Lease(key, waiting.pop())
    return Lease(key, Workspace(size, columns))


def _tidy_shelf() -> None:
    """Shelve what came back, and free the longest unused workspaces beyond the limit."""
    if not _returned:
        return
    while _returned:
        key, workspace = _returned.popleft()
        _shelf.setdefault(key, []).append(workspace)
        _shelf.move_to_end(key)
    total = sum(workspace.bytes for waiting in _shelf.values() for workspace in waiting)
    while total > SHELF_BYTES:
        oldest = next(iter(_shelf))
        if _shelf[oldest]:
            total -= _shelf[oldest].pop().bytes
        else:
            del _shelf[oldest]
