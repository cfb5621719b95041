"""Read a picture column by column, from the left to the right."""

from rnnviz.core.route import Route, chain, volume_indices

NAME = "columns"
LABEL = "Columns"
DESCRIPTION = "One column at a time, from the left to the right."
ORDER = 20
PARENTS = 1
OPTIONS: dict[str, int] = {}


def build(shape: tuple[int, int, int]) -> Route:
    """Return the route of ``frame * width`` steps of ``height`` values."""
    columns = volume_indices(shape).transpose(0, 2, 1)
    return chain(NAME, shape, columns.reshape(-1, shape[1]))
