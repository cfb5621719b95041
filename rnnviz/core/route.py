"""A route: in which order a picture or clip is read, and which step hears from which."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np


@dataclass(frozen=True, eq=False)
class Route:
    """The graph of a scan over a volume ``(frame, height, width)``.

    A route consists of one or more sweeps: independent scans of the same shape, each read by
    weights of its own (four of them for a grid that is read from four corners, two for a chain that
    is read both ways). The steps of a sweep stand together, so step ``s`` belongs to sweep
    ``s // (steps // sweeps)``.

    Attributes:
        name: Registry name of the route.
        shape: ``(frame, height, width)`` of the volume.
        gather: Indices into the flattened volume that are read at each step, shape
            (step, feature).
        parents: Earlier steps that each step hears from, -1 for none, shape (step, parent). With
            two parents they are the step above and the step to the left, seen from the corner at
            which the sweep starts.
        lattice: ``(rows, columns)`` of one sweep: (1, steps) for a chain.
        sweeps: Number of independent scans.
        options: What ``build`` was given: patch, corners, seed.
    """

    name: str
    shape: tuple[int, int, int]
    gather: np.ndarray
    parents: np.ndarray
    lattice: tuple[int, int]
    sweeps: int = 1
    options: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check that the arrays describe a graph that can be scanned."""
        steps = self.sweeps * self.lattice[0] * self.lattice[1]
        if self.gather.ndim != 2 or self.parents.ndim != 2:
            raise ValueError(
                "A route's gather and parents must be (step, feature), (step, parent)."
            )
        if not len(self.gather) == len(self.parents) == steps:
            raise ValueError(
                f"Route '{self.name}' needs {steps} steps, got {len(self.gather)} in gather and "
                f"{len(self.parents)} in parents."
            )
        volume = int(np.prod(self.shape))
        if steps and not (self.gather.min() >= 0 and self.gather.max() < volume):
            raise ValueError(f"Route '{self.name}' reads outside its {volume} input values.")
        if (self.parents >= np.arange(steps)[:, None]).any() or (self.parents < -1).any():
            raise ValueError(f"Route '{self.name}' has a parent that isn't an earlier step.")

    @property
    def steps(self) -> int:
        """Number of steps, all sweeps together."""
        return len(self.gather)

    @property
    def steps_per_sweep(self) -> int:
        """Number of steps of one sweep."""
        return self.lattice[0] * self.lattice[1]

    @property
    def features(self) -> int:
        """Number of input values that one step reads."""
        return self.gather.shape[1]

    @cached_property
    def depth(self) -> np.ndarray:
        """When each step can be computed: its longest way from a start, shape (step,).

        Steps of the same depth don't hear from each other and are computed at once: on a chain
        the depth is the step itself, on a grid its anti-diagonal (the wavefront).
        """
        depth = np.zeros(self.steps, dtype=np.int64)
        for step, parents in enumerate(self.parents):
            heard = parents[parents >= 0]
            depth[step] = depth[heard].max() + 1 if len(heard) else 0
        return depth

    @property
    def depths(self) -> int:
        """Number of different depths: the ticks of the clock for this route."""
        return int(self.depth.max()) + 1

    @property
    def both_ways(self) -> bool:
        """Whether it is a chain that is read forwards and backwards."""
        return self.parents.shape[1] == 1 and self.sweeps == 2

    @cached_property
    def alike(self) -> np.ndarray:
        """The step of every sweep that reads the same place as a step, shape (sweep, step).

        The layers of a stack meet there: a step of the next layer hears what all sweeps of the
        layer below have made of its own place.
        """
        places = np.sort(self.gather, axis=1)
        by_sweep = places.reshape(self.sweeps, self.steps_per_sweep, self.features)
        orders = np.stack([np.lexsort(places.T[::-1]) for places in by_sweep])
        ordered = np.take_along_axis(by_sweep, orders[:, :, None], axis=1)
        if (ordered != ordered[0]).any():
            raise ValueError(
                f"The sweeps of route '{self.name}' don't read the same places, so there is no "
                f"telling what a second layer hears. Choose 1 layer."
            )
        # In the order of places, the k-th step of each sweep reads the same place.
        ranks = orders.argsort(axis=1).ravel()
        starts = np.arange(0, self.steps, self.steps_per_sweep)
        return starts[:, None] + orders[:, ranks]

    def sweep_steps(self, sweep: int) -> slice:
        """Return the slice of the steps that belong to a sweep."""
        return slice(sweep * self.steps_per_sweep, (sweep + 1) * self.steps_per_sweep)

    def sweep_parents(self, sweep: int) -> np.ndarray:
        """Return a sweep's parents, counted from its own first step, shape (step, parent)."""
        steps = self.sweep_steps(sweep)
        parents = self.parents[steps]
        return np.where(parents < 0, -1, parents - steps.start)


def chain_parents(steps: int) -> np.ndarray:
    """Return the parents of a chain, each step hearing from the previous one, (step, 1)."""
    return np.arange(-1, steps - 1, dtype=np.int64)[:, None]


def chain(name: str, shape: tuple[int, int, int], gather: np.ndarray, **options: int) -> Route:
    """Return a route whose steps form a chain in the order of ``gather`` (step, feature)."""
    return Route(name, shape, gather, chain_parents(len(gather)), (1, len(gather)), 1, options)


def both_ways(route: Route) -> Route:
    """Return a chain read in two sweeps: as it is, and from its last step to its first.

    Raises:
        ValueError: If the route is no chain.
    """
    if route.parents.shape[1] != 1:
        raise ValueError(
            f"Route '{route.name}' starts at corners and has no way back, so its directions can't "
            f"be 2. Leave them at 1, and use the route option corners=4 to read from all corners."
        )
    if route.lattice[0] != 1 or route.sweeps != 1:
        raise ValueError(
            f"Route '{route.name}' isn't a single chain, so it can't be read both ways. Choose 1 "
            f"direction."
        )
    gather = np.concatenate([route.gather, route.gather[::-1]])
    back = np.where(route.parents < 0, -1, route.parents + route.steps)
    parents = np.concatenate([route.parents, back])
    return Route(route.name, route.shape, gather, parents, route.lattice, 2, route.options)


def shorten(route: Route, length: int) -> Route:
    """Return the chain of the middle ``length`` steps of a chain: the rest isn't read.

    Raises:
        ValueError: If the route is no chain, or ``length`` isn't from 2 to its number of steps.
    """
    if route.lattice[0] != 1 or route.sweeps != 1 or route.parents.shape[1] != 1:
        raise ValueError(
            f"Route '{route.name}' isn't a chain, so it has no length to choose. Leave the length "
            f"out, or choose a route whose steps follow one another, such as rows or pixels."
        )
    if not 2 <= length <= route.steps:
        raise ValueError(
            f"Route '{route.name}' has {route.steps} steps here, so its length can be 2 to "
            f"{route.steps}, got {length}. Choose one of these, or a route of more steps: 'pixels' "
            f"has {int(np.prod(route.shape))}."
        )
    first = (route.steps - length) // 2
    gather = route.gather[first : first + length]
    return chain(route.name, route.shape, gather, **route.options)


def grid_parents(rows: int, columns: int, sweeps: int = 1) -> np.ndarray:
    """Return the steps above and to the left of each step of a grid, (sweep * step, 2)."""
    step = np.arange(rows * columns, dtype=np.int64).reshape(rows, columns)
    up = np.full_like(step, -1)
    left = np.full_like(step, -1)
    up[1:], left[:, 1:] = step[:-1], step[:, :-1]
    one = np.stack([up.ravel(), left.ravel()], axis=1)
    return np.concatenate([np.where(one < 0, -1, one + k * step.size) for k in range(sweeps)])


def volume_indices(shape: tuple[int, int, int]) -> np.ndarray:
    """Return the index of each value in the flattened volume, shape (frame, height, width)."""
    return np.arange(int(np.prod(shape)), dtype=np.int64).reshape(shape)


def patch_indices(shape: tuple[int, int, int], patch: int) -> np.ndarray:
    """Return the indices of square patches, shape (frame * row, column, patch * patch).

    Raises:
        ValueError: If the patches don't tile the picture.
    """
    frames, height, width = shape
    if patch < 1 or height % patch or width % patch:
        raise ValueError(
            f"Patches of {patch}x{patch} don't tile a picture of {height}x{width}. "
            f"Choose a size that divides both sides."
        )
    tiles = volume_indices(shape).reshape(frames, height // patch, patch, width // patch, patch)
    return tiles.transpose(0, 1, 3, 2, 4).reshape(-1, width // patch, patch * patch)
