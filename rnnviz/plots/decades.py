"""Axes whose values are log10 already, so that 1e-400 has its place too."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

GAPS = (1, 2, 5, 10, 20, 50, 100, 200, 500)
MOST_TICKS = 8
MULTIPLES = ((1, 2, 5), (1, 1.5, 2, 3, 5, 7), (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9))
"""Of a power of ten, for ticks over a short range: the first that give three or more."""
ROOM = 0.05
"""Share of the range that stays free above and below."""
LEAST = 0.5
"""Decades that are shown at least."""


def decade_axis(
    figure: go.Figure, logs: Sequence[np.ndarray], include: float = 0.0
) -> tuple[float, float]:
    """Fit the y axis to log10 values, label it with powers of ten, and return its range.

    The range is that of the values at hand and ``include``, never an older one: an axis that keeps
    room for what was shown before makes anything look as if it vanished.
    """
    flat = np.concatenate([np.ravel(values) for values in logs] + [np.array([include])])
    shown = flat[np.isfinite(flat)]
    low, high = float(shown.min()), float(shown.max())
    middle, half = (low + high) / 2, max(high - low, LEAST) * (0.5 + ROOM)
    low, high = middle - half, middle + half
    ticks, texts = decade_ticks(low, high)
    figure.update_yaxes(range=[low, high], tickvals=ticks, ticktext=texts)
    return low, high


def decade_ticks(low: float, high: float) -> tuple[list[float], list[str]]:
    """Return the places and names of the ticks between two log10 values.

    Whole powers of ten; over a short range also some of their multiples.
    """
    gap = next((gap for gap in GAPS if (high - low) / gap < MOST_TICKS), GAPS[-1])
    whole = np.arange(np.ceil(low / gap) * gap, high + 1e-9, gap)
    if len(whole) >= 2 and high - low >= 1.5:
        return [float(tick) for tick in whole], [power_text(int(tick)) for tick in whole]
    decades = range(int(np.floor(low)), int(np.ceil(high)) + 1)
    ticks: list[float] = []
    for factors in MULTIPLES:
        fine = [float(np.log10(factor)) + decade for decade in decades for factor in factors]
        ticks = [tick for tick in fine if low <= tick <= high]
        if len(ticks) >= 3:
            break
    return ticks, [f"{10.0**tick:.3g}" for tick in ticks]


def power_text(exponent: int) -> str:
    """Return a power of ten as a tick shows it: "1", "0.1", "10<sup>−6</sup>"."""
    if -1 <= exponent <= 1:
        return {-1: "0.1", 0: "1", 1: "10"}[exponent]
    return f"10<sup>{str(exponent).replace('-', '−')}</sup>"
