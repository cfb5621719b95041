"""An error surface with a cliff, and descents on it: plain data, no model."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class CliffSurface:
    """The error over the two parameters, on a mesh that need not be regular.

    Attributes:
        w: Recurrent weight at every node of the mesh, shape (row, column).
        b: Bias at every node, shape (row, column).
        error: E at every node, shape (row, column).
        slope: Length of the gradient (∂E/∂w, ∂E/∂b) at every node, shape (row, column).
    """

    w: np.ndarray
    b: np.ndarray
    error: np.ndarray
    slope: np.ndarray


@dataclass(frozen=True, eq=False)
class Descent:
    """One run of gradient descent, point by point.

    Attributes:
        rate: The learning rate.
        threshold: τ, the longest gradient that is followed as it is; None for raw descent.
        points: (w, b) at every point, the start first, shape (point, 2); all finite, so fewer
            than were asked for where the next one would overflow.
        errors: E at every point, shape (point,).
        norms: Length of the gradient at every point, before clipping, shape (point,).
        overflowed: Whether it ended early because the next point isn't finite.
    """

    rate: float
    threshold: float | None
    points: np.ndarray
    errors: np.ndarray
    norms: np.ndarray
    overflowed: bool = False

    @property
    def clipped(self) -> np.ndarray:
        """Where the gradient was shortened, shape (point,)."""
        return self.norms > (np.inf if self.threshold is None else self.threshold)

    @property
    def stuck(self) -> int | None:
        """The first point at which the gradient is exactly 0, so that it stays there; or None."""
        flat = np.flatnonzero(self.norms == 0)
        return int(flat[0]) if len(flat) else None

    @property
    def moves(self) -> np.ndarray:
        """How far each finite step went, shape (point - 1,)."""
        return np.hypot(*np.diff(self.points, axis=0).T)

    @property
    def end(self) -> float:
        """E at the end; infinite if the last step overflowed."""
        return float("inf") if self.overflowed else float(self.errors[-1])

    @property
    def lowest(self) -> float:
        """The smallest E on the way."""
        return float(self.errors.min())

    @property
    def longest(self) -> float:
        """The length of the longest step, infinite if one overflowed, 0 if it made none."""
        if self.overflowed:
            return float("inf")
        return float(self.moves.max(initial=0.0))

    @property
    def steepest(self) -> float:
        """The longest gradient on the way, before clipping."""
        return float(self.norms.max())

    def lately(self, count: int) -> tuple[float, float]:
        """Return the smallest and the largest E of the last ``count`` points."""
        last = self.errors[-count:]
        return float(last.min()), float(last.max())


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Where descents end that start a hair's breadth apart.

    Attributes:
        threshold: τ, None for raw descent.
        apart: Half the width of the square from which the starts are drawn.
        points: (w, b) at the end of each descent, shape (start, 2).
        errors: E there, shape (start,).
        farthest: The longest single step of each descent, shape (start,).
    """

    threshold: float | None
    apart: float
    points: np.ndarray
    errors: np.ndarray
    farthest: np.ndarray

    @property
    def overflowed(self) -> np.ndarray:
        """Which descents took a step that isn't finite, shape (start,)."""
        return np.asarray(~np.isfinite(self.points).all(axis=1))

    @property
    def median(self) -> float:
        """The median of E at the ends, infinite for the descents that overflowed."""
        return float(np.median(np.where(self.overflowed, np.inf, self.errors)))

    def thrown(self, distance: float = 1.0) -> float:
        """Return the share of descents that one single step carried farther than ``distance``.

        A step that isn't finite goes farther than any distance.
        """
        return float(((self.farthest > distance) | self.overflowed).mean())
