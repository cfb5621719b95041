"""Read a picture patch by patch, in the order of reading."""

from rnnviz.core.route import Route, chain, patch_indices

NAME = "patches"
LABEL = "Patches"
DESCRIPTION = "One square patch at a time, from the left to the right and then down."
ORDER = 30
PARENTS = 1
OPTIONS = {"patch": 4}


def build(shape: tuple[int, int, int], patch: int = 4) -> Route:
    """Return the route of one step a patch of ``patch * patch`` values."""
    tiles = patch_indices(shape, patch)
    return chain(NAME, shape, tiles.reshape(-1, patch * patch), patch=patch)
