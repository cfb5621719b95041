"""Drawings to test with."""

import numpy as np

from rnnviz.data.strokes import Drawing


def scribble(points=80, strokes=2, seed=0):
    """Return a drawing that moves about as a hand does, 60 points a second."""
    random = np.random.default_rng(seed)
    turns = np.cumsum(random.normal(0, 0.3, points))
    path = np.cumsum(np.stack([np.cos(turns), np.sin(turns)], axis=1) * 0.02, axis=0)
    path = (path - path.min(axis=0)) / np.ptp(path, axis=0).max() * 0.8 + 0.1
    times = np.arange(points) * 16.7
    return Drawing(tuple(np.array_split(np.column_stack([path, times]), strokes)), 0.07)
