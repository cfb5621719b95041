"""Read a picture pixel by pixel in a fixed random order."""

import numpy as np

from rnnviz.core.route import Route, chain

NAME = "permuted"
LABEL = "Permuted pixels"
DESCRIPTION = "One pixel at a time, in a random order that is the same for every picture."
ORDER = 60
PARENTS = 1
OPTIONS = {"seed": 0}


def build(shape: tuple[int, int, int], seed: int = 0) -> Route:
    """Return the route of one step a pixel in the order drawn from ``seed``.

    The permutation is numpy's ``RandomState(seed).permutation``, whose stream numpy keeps frozen
    between versions, so a checkpoint reads in the same order for ever.
    """
    order = np.random.RandomState(seed).permutation(int(np.prod(shape)))
    return chain(NAME, shape, order.astype(np.int64)[:, None], seed=seed)
