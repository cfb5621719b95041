"""Read a picture in two dimensions: every step hears from above and from the left."""

import numpy as np

from rnnviz.core.route import Route, grid_parents, patch_indices

NAME = "grid"
LABEL = "Grid (2-D)"
DESCRIPTION = "Every pixel or patch hears from the one above and the one to the left."
ORDER = 70
PARENTS = 2
OPTIONS = {"patch": 1, "corners": 1}


def build(shape: tuple[int, int, int], patch: int = 1, corners: int = 1) -> Route:
    """Return the grid of one step a patch, from the top left or from all four corners.

    In every sweep "above" and "left" are seen from the corner at which it starts, in the order
    top left, top right, bottom left, bottom right; only what is gathered is mirrored.

    Raises:
        ValueError: If there are several frames, or ``corners`` is neither 1 nor 4.
    """
    if shape[0] != 1:
        raise ValueError(f"Route 'grid' reads one picture, got {shape[0]} frames.")
    if corners not in (1, 4):
        raise ValueError(f"A grid is read from 1 corner or from 4, got corners={corners}.")
    tiles = patch_indices(shape, patch)
    mirrored = [tiles, tiles[:, ::-1], tiles[::-1], tiles[::-1, ::-1]][:corners]
    gather = np.concatenate([view.reshape(-1, patch * patch) for view in mirrored])
    rows, columns = tiles.shape[:2]
    parents = grid_parents(rows, columns, corners)
    options = {"patch": patch, "corners": corners}
    return Route(NAME, shape, gather, parents, (rows, columns), corners, options)
