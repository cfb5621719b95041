"""In which order and how far pictures are read on the page "Gradients". Pure data, no Streamlit."""

from dataclasses import dataclass, field

from rnnviz.data.errors import InputError


@dataclass(frozen=True)
class Way:
    """A route of one parent, with its options."""

    route: str
    """Registry name of the route."""
    steps: int
    """How many steps a picture of 28×28 gives it."""
    word: str
    """What one step reads."""
    label: str
    """What a menu shows."""
    options: dict[str, int] = field(default_factory=dict)
    """The options of the route."""


WAYS = {
    "rows": Way("rows", 28, "row", "Rows, 28 steps"),
    "columns": Way("columns", 28, "column", "Columns, 28 steps"),
    "patches4": Way("patches", 49, "patch", "4×4 patches, 49 steps", {"patch": 4}),
    "patches2": Way("patches", 196, "patch", "2×2 patches, 196 steps", {"patch": 2}),
    "pixels": Way("pixels", 784, "pixel", "Pixels, 784 steps"),
    "snake": Way("snake", 784, "pixel", "Pixels as a snake, 784 steps"),
    "permuted": Way("permuted", 784, "pixel", "Permuted pixels, 784 steps", {"seed": 0}),
}
"""The ways that can be chosen, by how links call them."""
PRESETS = {
    "rows": "28 rows",
    "patches2": "196 patches",
    "pixels": "784 pixels",
}
"""The ways that are one click away."""
SHORTEST, LONGEST = 8, 784


def check_length(way: Way, length: int) -> None:
    """Raise an InputError if a picture doesn't give that many steps on this way."""
    if length > way.steps:
        longer = min((w for w in WAYS.values() if w.steps >= length), key=lambda w: w.steps)
        raise InputError(
            f"T = {length} is too long for this picture: read by the {way.word} it has "
            f"{way.steps} steps. Choose at most {way.steps}, or another route, such as "
            f"{longer.label[0].lower()}{longer.label[1:]}."
        )
