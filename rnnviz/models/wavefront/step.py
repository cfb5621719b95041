"""What the sweep must know of a kind of cell to walk over its diagonals."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple


class View(NamedTuple):
    """A part of a buffer that a diagonal reads or writes, (cell * batch, column)."""

    buffer: str
    """Name of the buffer."""
    at: str = "own"
    """Its `own` cells, their parents `up` and `left`, or their children `below` and `right`."""
    gates: range | None = None
    """Which groups of `unit` columns; all where none are named."""


@dataclass(frozen=True)
class Step:
    """One kind of cell. Columns of `z` come in groups of `unit`, one a gate."""

    name: str
    """Name, one for each kind."""
    states: tuple[str, ...]
    """Buffers that are handed out, `h` first."""
    gates: int
    """Groups of columns in `z`."""
    recurrent: int
    """How many of them, the first ones, receive the parents' products."""
    doubled: slice
    """Groups whose pre-activations arrive doubled."""
    z: str
    """Buffer in which the pre-activations arrive."""
    kept: dict[str, int]
    """Groups of columns of each buffer that the backward pass needs."""
    scratch: dict[str, int]
    """The same for the buffers of the backward pass itself."""
    forward: Callable[..., None]
    """Turns a diagonal's pre-activations into its states."""
    forward_views: tuple[View, ...]
    """What `forward` takes, of the kept buffers."""
    backward: Callable[..., None]
    """Turns the gradient of a diagonal's states into that of its pre-activations."""
    kept_views: tuple[View, ...]
    """What `backward` takes first, of the kept buffers."""
    scratch_views: tuple[View, ...]
    """What `backward` takes then, of the scratch buffers."""
