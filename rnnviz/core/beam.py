"""How the gradient of the last step spreads over the lattice of a sweep: plain data, no model."""

import math
from dataclasses import dataclass

import numpy as np

from rnnviz.core.route import Route

CORNERS = ("top-left", "top-right", "bottom-left", "bottom-right")
"""Where the sweeps of a grid start, in their order."""
BALANCE = 1 / math.sqrt(2)
"""The gain between those at which a beam fades exponentially and those at which it grows."""


@dataclass(frozen=True, eq=False)
class Beam:
    """The size of dL/dh at every step of one sweep, compared with its last step.

    Attributes:
        start: The corner at which the sweep starts; it ends at the opposite one.
        norms: |dL/dh|, shape (row, column), seen from that corner: the last step is [-1, -1]. A
            network that reads whole rows has one column.
        share: The part of the picture that a step reads, (rows, columns) in pixels.
    """

    start: str
    norms: np.ndarray
    share: tuple[int, int] = (1, 1)

    @property
    def decades(self) -> np.ndarray:
        """Return log10 of |δ_ij| / |δ_last|, shape (row, column).

        Minus infinity where nothing arrives, NaN where even the last step has no gradient.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log10(self.norms) - np.log10(self.norms[-1, -1])

    @property
    def picture(self) -> np.ndarray:
        """Return ``decades`` where the steps read the picture, shape (height, width)."""
        return np.kron(seen_from(self.start, self.decades), np.ones(self.share))

    @property
    def ways(self) -> np.ndarray:
        """Return log10 of how many ways lead to the last step, shape (height, width)."""
        return np.kron(seen_from(self.start, path_decades(*self.norms.shape)), np.ones(self.share))

    @property
    def diagonal(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the steps to the last corner and the decades there, along the diagonal."""
        count = min(self.norms.shape)
        back = np.arange(count)
        return 2 * back, self.decades[::-1, ::-1][back, back]

    @property
    def edge(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the steps to the last corner and the decades there, along the edge into it.

        For a network that reads whole rows it is the only way.
        """
        along = self.decades[:, -1] if self.norms.shape[1] == 1 else self.decades[-1]
        return np.arange(len(along)), along[::-1]


def starts_of(route: Route) -> tuple[str, ...]:
    """Return the corner at which each sweep of a route starts."""
    return (CORNERS[0], CORNERS[-1]) if route.both_ways else CORNERS[: route.sweeps]


def seen_from(start: str, values: np.ndarray) -> np.ndarray:
    """Return values (row, column) that are seen from a corner as the picture has them.

    Raises:
        ValueError: If there is no such corner.
    """
    if start not in CORNERS:
        raise ValueError(f"There is no corner '{start}'. Choose one of: {', '.join(CORNERS)}.")
    vertical, horizontal = start.split("-")
    rows = slice(None, None, -1 if vertical == "bottom" else 1)
    columns = slice(None, None, -1 if horizontal == "right" else 1)
    return values[rows, columns]


def path_decades(rows: int, columns: int) -> np.ndarray:
    """Return log10 of how many paths lead from each cell to the last corner, (row, column).

    A path goes down or to the right at every step, so from a cell that is ``i`` rows and ``j``
    columns away there are (i + j)! / (i! j!) of them.
    """
    factorial = np.array([math.lgamma(n + 1.0) for n in range(rows + columns - 1)])
    i, j = np.arange(rows)[::-1, None], np.arange(columns)[None, ::-1]
    return (factorial[i + j] - factorial[i] - factorial[j]) / math.log(10.0)


def expected_decades(gain: float, rows: int, columns: int) -> np.ndarray:
    """Return what ``Beam.decades`` are expected to be for a fresh linear net, (row, column).

    Every path of n steps multiplies the gradient by gain^n and turns it in a random direction, for
    W_up and W_left are ``gain`` times random rotations. The C paths then add like the steps of a
    random walk, to sqrt(C)·gain^n. Along the diagonal, where C is about 2^n·sqrt(2 / (pi·n)), that
    is about (2 / (pi·n))^(1/4) for the gain ``BALANCE``: it is lost more and more slowly.
    """
    steps = np.arange(rows)[::-1, None] + np.arange(columns)[None, ::-1]
    return steps * math.log10(gain) + path_decades(rows, columns) / 2
