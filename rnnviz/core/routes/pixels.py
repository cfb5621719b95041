"""Read a picture pixel by pixel, in the order of reading."""

from rnnviz.core.route import Route, chain, volume_indices

NAME = "pixels"
LABEL = "Pixels"
DESCRIPTION = "One pixel at a time, from the left to the right and then down."
ORDER = 40
PARENTS = 1
OPTIONS: dict[str, int] = {}


def build(shape: tuple[int, int, int]) -> Route:
    """Return the route of one step a pixel."""
    return chain(NAME, shape, volume_indices(shape).reshape(-1, 1))
