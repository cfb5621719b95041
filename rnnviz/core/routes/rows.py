"""Read a picture row by row, from the top to the bottom."""

from rnnviz.core.route import Route, chain, volume_indices

NAME = "rows"
LABEL = "Rows"
DESCRIPTION = "One row at a time, from the top to the bottom."
ORDER = 10
PARENTS = 1
OPTIONS: dict[str, int] = {}


def build(shape: tuple[int, int, int]) -> Route:
    """Return the route of ``frame * height`` steps of ``width`` values."""
    return chain(NAME, shape, volume_indices(shape).reshape(-1, shape[2]))
