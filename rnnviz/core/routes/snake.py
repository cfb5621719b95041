"""Read a picture pixel by pixel, every second row backwards."""

from rnnviz.core.route import Route, chain, volume_indices

NAME = "snake"
LABEL = "Snake"
DESCRIPTION = "One pixel at a time, to the right in one row and back in the next: no jumps."
ORDER = 50
PARENTS = 1
OPTIONS: dict[str, int] = {}


def build(shape: tuple[int, int, int]) -> Route:
    """Return the route of one step a pixel in which neighbours in time touch in the picture."""
    indices = volume_indices(shape).copy()
    indices[:, 1::2] = indices[:, 1::2, ::-1]
    return chain(NAME, shape, indices.reshape(-1, 1))
