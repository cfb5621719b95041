"""How large the gradient is at every step, over a batch of pictures: plain data, no model."""

from dataclasses import dataclass

import numpy as np

from rnnviz.core.route import Route

GONE = -1e300
"""Stands for a logarithm of minus infinity while quantiles are interpolated."""


@dataclass(frozen=True, eq=False)
class BatchFlow:
    """The size of dL/dstate at every step, for each picture of a batch and its own loss.

    Attributes:
        route: The route along which the pictures were read.
        targets: The class whose cross-entropy is the loss, shape (picture,).
        losses: The cross-entropy of each picture, in nats, shape (picture,).
        norms: |dL/dstate| by state name, all paths to the loss summed, over the units of all layers
            together; each of shape (picture, step), float64.
    """

    route: Route
    targets: np.ndarray
    losses: np.ndarray
    norms: dict[str, np.ndarray]

    @property
    def distance(self) -> np.ndarray:
        """Return how many steps each step is from the end of its sweep, shape (step,).

        On a grid the distance is counted in anti-diagonals.
        """
        return self.route.depths - 1 - self.route.depth

    def ratio(self, state: str = "h") -> np.ndarray:
        """Return log10 of |δ_t| / |δ_T|, T the last step of the sweep, shape (picture, step).

        Minus infinity where nothing arrives, NaN where even the last step has no gradient.
        """
        norms = find(self.norms, state)
        by_sweep = norms.reshape(len(norms), self.route.sweeps, self.route.steps_per_sweep)
        with np.errstate(divide="ignore", invalid="ignore"):
            # The logarithms are subtracted, for a quotient of two tiny norms may overflow.
            ratio = np.log10(by_sweep) - np.log10(by_sweep[:, :, -1:])
        return ratio.reshape(norms.shape)

    def quartiles(self, state: str = "h") -> np.ndarray:
        """Return the 25th, 50th and 75th percentile of ``ratio`` over the batch, (3, step)."""
        ratio = np.maximum(self.ratio(state), GONE)
        found = np.percentile(ratio, (25, 50, 75), axis=0)
        return np.where(found < GONE / 1e3, -np.inf, found)

    def median(self, state: str = "h") -> np.ndarray:
        """Return the median of ``ratio`` over the batch, shape (step,)."""
        return self.quartiles(state)[1]

    def factor_per_step(self, state: str = "h") -> float:
        """Return by how much the gradient is multiplied at a step on its way back.

        The geometric mean over the median's way from the last step to the first; below 1 it
        vanishes, above it explodes. 0 where nothing arrives, 1 for a single step.
        """
        steps = int(self.distance.max())
        if steps == 0:
            return 1.0
        reached = np.median(self.median(state)[self.distance == steps])
        return float(10.0 ** (reached / steps))

    def steps_until(self, share: float = 0.01, state: str = "h") -> int | None:
        """Return how many steps back from the end less than a share of the gradient is left.

        The first distance at which the median of |δ_t| / |δ_T| is below ``share`` (on a grid: at
        every step of that distance); None if there is none.
        """
        median = self.median(state)
        for back in range(1, self.route.depths):
            if (median[self.distance == back] < np.log10(share)).all():
                return back
        return None


def find(values: dict[str, np.ndarray], state: str) -> np.ndarray:
    """Return the values of a state; KeyError lists those there are."""
    if state not in values:
        raise KeyError(
            f"There is no state '{state}' in this flow. Choose one of: {', '.join(values)}."
        )
    return values[state]


def row_norms(gradient: np.ndarray) -> np.ndarray:
    """Return the Euclidean norm over the last axis, in float64.

    The squares of a gradient of 1e-200 underflow even in float64, so they are taken of what is
    left after dividing by the largest entry.
    """
    exact = gradient.astype(np.float64)
    largest = np.abs(exact).max(axis=-1, keepdims=True)
    scale = np.where(largest > 0, largest, 1.0)
    return scale[..., 0] * np.linalg.norm(exact / scale, axis=-1)
