"""The error surface with a cliff of Pascanu, Mikolov and Bengio (2013), figure 6.

One hidden unit without input runs for 50 steps, and its error is asked at the last one:

    x_t = w·sigmoid(x_{t-1}) + b,   x_0 = 0.5,   E = (sigmoid(x_50) - 0.7)²

Where x_0 happens to be the unit's unstable fixed point, b = 0.5 - w·sigmoid(0.5), a hair to either
side sends x_50 to one of two far attractors: there stands the cliff.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from rnnviz.core.cliff import CliffSurface, Descent, Neighbours

STEPS = 50
START = 0.5
TARGET = 0.7
W_RANGE = (3.5, 7.0)
B_RANGE = (-4.0, -1.0)
"""The part of the plane that is shown."""
UNSTABLE_FROM = 4.0 * math.cosh(START / 2) ** 2
"""From this w on the fixed point START is unstable: w·sigmoid'(START) > 1."""


def cliff_bias(w: ArrayLike) -> np.ndarray:
    """Return the bias at which the cliff stands, for each w > ``UNSTABLE_FROM``."""
    return START - np.asarray(w) / (1.0 + math.exp(-START))


def error_and_gradient(w: ArrayLike, b: ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return E, ∂E/∂w and ∂E/∂b at each pair of parameters; arrays of one shape, float64.

    The derivatives come back through time: δ_{t-1} = δ_t·w·s_t(1 - s_t) with
    s_t = sigmoid(x_{t-1}), and ∂E/∂w = Σ δ_t·s_t, ∂E/∂b = Σ δ_t. Memory: 50 times the arguments.
    """
    w, b = np.broadcast_arrays(np.asarray(w, np.float64), np.asarray(b, np.float64))
    squashed = np.empty((STEPS, *w.shape))
    minus_x, minus_w = np.full(w.shape, -START), -w
    with np.errstate(over="ignore"):
        for t in range(STEPS):
            # In place: a descent from many starts spends all of its time here.
            s = squashed[t, ...]
            np.exp(minus_x, out=s)
            s += 1
            np.reciprocal(s, out=s)
            np.multiply(minus_w, s, out=minus_x)
            minus_x -= b
        last = 1 / (1 + np.exp(minus_x))
    outer = 2 * (last - TARGET) * last * (1 - last)
    slopes = squashed * (1 - squashed) * w
    slopes[0] = outer
    slopes[1:] = slopes[:0:-1].copy()
    deltas = np.cumprod(slopes, axis=0, out=slopes)
    squashed = squashed[::-1]
    return (last - TARGET) ** 2, (deltas * squashed).sum(axis=0), deltas.sum(axis=0)


def backpropagate(w: float, b: float) -> tuple[float, float, float]:
    """Return E, ∂E/∂w and ∂E/∂b of one pair of parameters, by backpropagation through time.

    Where the gradient is some thousands, a descent blows up even the last bit of a sum. This is
    the order in which autograd adds up, so both see the same descent.
    """
    squashed, x = [], START
    for _ in range(STEPS):
        squashed.append(squash(x))
        x = w * squashed[-1] + b
    last = squash(x)
    delta = 2 * (last - TARGET) * last * (1 - last)
    dw = db = 0.0
    for s in reversed(squashed):
        dw += delta * s
        db += delta
        delta *= w * (s * (1 - s))
    return (last - TARGET) ** 2, dw, db


def squash(x: float) -> float:
    """Return the sigmoid of one number."""
    return 0.0 if x < -700 else 1 / (1 + math.exp(-x))


def surface_grid(columns: int = 161, rows: int = 161) -> CliffSurface:
    """Return the surface on a regular grid: w along a row, b down a column."""
    return surface_at(*np.meshgrid(np.linspace(*W_RANGE, columns), np.linspace(*B_RANGE, rows)))


def surface_mesh(columns: int = 71, rows: int = 91) -> CliffSurface:
    """Return the surface on a mesh that is as fine as the cliff is sharp.

    Every column has one w; its rows crowd geometrically around the cliff, so that its two edges
    are 1e-6 apart and the drop between them is drawn upright.
    """
    w = np.linspace(*W_RANGE, columns)
    middle = np.clip(cliff_bias(w), B_RANGE[0] + 0.01, B_RANGE[1] - 0.01)
    half = rows // 2
    crowded = np.geomspace(1e-6, 1.0, half)
    below = middle - (middle - B_RANGE[0]) * crowded[::-1, None]
    above = middle + (B_RANGE[1] - middle) * crowded[:, None]
    between = middle[None, :]
    return surface_at(
        np.broadcast_to(w, (2 * half + 1, columns)), np.vstack([below, between, above])
    )


def surface_at(w: np.ndarray, b: np.ndarray) -> CliffSurface:
    """Return the surface at the nodes of a mesh, both arrays (row, column)."""
    error, dw, db = error_and_gradient(w, b)
    return CliffSurface(w, b, error, np.hypot(dw, db))


def descend(
    start: tuple[float, float], rate: float, threshold: float | None = None, points: int = 400
) -> Descent:
    """Return gradient descent from a start, raw or with its gradient clipped by its length.

    Args:
        start: (w, b).
        rate: Learning rate, above 0.
        threshold: τ: a longer gradient is shortened to this length; None for raw descent.
        points: Most points of the path, the start included: as many gradients are taken.

    Raises:
        ValueError: If an argument has no meaning here.
    """
    check_descent(start, rate, threshold, points)
    w, b = (float(value) for value in start)
    path: list[tuple[float, float, float, float]] = []
    while len(path) < points and math.isfinite(w) and math.isfinite(b):
        error, dw, db = backpropagate(w, b)
        norm = math.hypot(dw, db)
        if norm == 0:
            path += [(w, b, error, norm)] * (points - len(path))
            break
        path.append((w, b, error, norm))
        kept = rate if threshold is None or norm <= threshold else rate * (threshold / norm)
        w, b = w - kept * dw, b - kept * db
    values = np.array(path)
    overflowed = len(path) < points
    return Descent(rate, threshold, values[:, :2], values[:, 2], values[:, 3], overflowed)


def check_descent(
    start: tuple[float, float], rate: float, threshold: float | None, points: int
) -> None:
    """Raise a ValueError that says what to change, unless a descent has a meaning."""
    if len(start) != 2 or not np.isfinite(start).all():
        raise ValueError(f"A descent starts at two finite numbers (w, b), got {start}.")
    if not (math.isfinite(rate) and rate > 0):
        raise ValueError(f"The learning rate is a number above 0, got {rate}. Try 0.1.")
    if threshold is not None and not (math.isfinite(threshold) and threshold > 0):
        raise ValueError(
            f"The threshold τ is a number above 0, got {threshold}: at 0 no step would move. Try 1."
        )
    if points < 1:
        raise ValueError(f"A path has at least 1 point, its start; got {points}.")


def neighbours(
    start: tuple[float, float],
    rate: float,
    thresholds: tuple[float | None, ...],
    points: int = 400,
    count: int = 64,
    apart: float = 1e-6,
    seed: int = 0,
) -> tuple[Neighbours, ...]:
    """Return where ``count`` descents end whose starts differ by ``apart`` at most.

    One result a threshold (None for raw descent), each from the same starts.

    Raises:
        ValueError: As ``descend`` does.
    """
    for threshold in thresholds:
        check_descent(start, rate, threshold, points)
    moved = np.random.default_rng(seed).uniform(-apart, apart, (2, count))
    w, b = np.tile(np.array(start)[:, None] + moved, len(thresholds))
    limit = np.repeat([np.inf if one is None else one for one in thresholds], count)
    farthest = np.zeros_like(w)
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(points - 1):
            _, dw, db = error_and_gradient(w, b)
            norm = np.hypot(dw, db)
            kept = rate * np.minimum(1.0, limit / np.maximum(norm, np.finfo(float).tiny))
            w, b = w - kept * dw, b - kept * db
            farthest = np.fmax(farthest, kept * norm)
        errors = error_and_gradient(w, b)[0]
    ends = np.stack([w, b], axis=1)
    parts = [slice(k * count, (k + 1) * count) for k in range(len(thresholds))]
    return tuple(
        Neighbours(threshold, apart, ends[part], errors[part], farthest[part])
        for threshold, part in zip(thresholds, parts, strict=True)
    )
