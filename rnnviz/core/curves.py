"""Curves over a training: smoothed, and thinned out for the eye. Pure data."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Curve:
    """One run's values over its training.

    Attributes:
        name: What it is called, in letters that mean nothing to HTML.
        colour: Which of the palette's colours it has, from 0.
        x: Training steps or seconds, ascending, shape (point,).
        y: The values, shape (point,); NaN where nothing was measured.
    """

    name: str
    colour: int
    x: np.ndarray
    y: np.ndarray


def smoothed(values: np.ndarray, weight: float) -> np.ndarray:
    """Return the exponential moving average of values, shape (point,).

    Args:
        values: Shape (point,); what isn't finite is left out and stays NaN.
        weight: Weight of what was before, 0 (no smoothing) to below 1.

    With n values taken in so far the average s_n = weight·s_{n-1} + (1 - weight)·x_n, which begins
    at s_0 = 0, is divided by 1 - weight**n, so that it isn't drawn towards 0 at first (as in Adam,
    Kingma and Ba 2015).

    Raises:
        ValueError: If the weight is out of its range.
    """
    if not 0 <= weight < 1:
        raise ValueError(f"The weight of what was before is from 0 to below 1, got {weight}.")
    found = np.full(len(values), np.nan)
    average, remaining = 0.0, 1.0
    for place in np.flatnonzero(np.isfinite(values)):
        average = weight * average + (1 - weight) * float(values[place])
        remaining *= weight
        found[place] = average / (1 - remaining)
    return found


def thinned(curve: Curve, most: int) -> Curve:
    """Return a curve of at most ``most`` points that keeps its ends and its extremes.

    Points without a value go; of each stretch of the others the lowest and the highest stay.
    """
    there = np.flatnonzero(np.isfinite(curve.y))
    if len(there) > most:
        stretches = np.array_split(there, max((most - 2) // 2, 1))
        ends = [there[0], there[-1]]
        lows = [one[np.argmin(curve.y[one])] for one in stretches]
        highs = [one[np.argmax(curve.y[one])] for one in stretches]
        there = np.unique(np.array([*ends, *lows, *highs]))
    return Curve(curve.name, curve.colour, curve.x[there], curve.y[there])
