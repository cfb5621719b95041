"""What a model is made of: enough to build it again, without its weights."""

from dataclasses import asdict, dataclass, field
from typing import Any

READOUTS = ("last", "last+mean")
MOST_LAYERS = 4


@dataclass(frozen=True)
class ModelConfig:
    """What a model is made of: enough to build it again, without its weights."""

    route: str
    """Registry name of the route."""
    cell: str
    """Registry name of the cell."""
    units: int
    """Hidden units of each sweep in each layer."""
    classes: int = 10
    """Number of classes of the readout."""
    shape: tuple[int, int, int] = (1, 28, 28)
    """(frame, height, width) of what is read."""
    readout: str = "last"
    """"last" reads the last state of each sweep, "last+mean" also the mean of all its states."""
    route_options: dict[str, int] = field(default_factory=dict)
    """Options of the route: patch, corners, seed."""
    cell_options: dict[str, float] = field(default_factory=dict)
    """Options of the cell: gain, forget_bias and the like."""
    length: int | None = None
    """How many steps of a chain are read, those in its middle; None for all."""
    layers: int = 1
    """How many layers stand one above the other, 1 to 4; the readout reads the top one."""
    directions: int = 1
    """2 for a chain that is read backwards as well, by weights of its own; otherwise 1."""

    def __post_init__(self) -> None:
        """Check what can be checked without building anything."""
        if self.readout not in READOUTS:
            raise ValueError(f"Readout '{self.readout}' is not one of: {', '.join(READOUTS)}.")
        if self.classes < 2:
            raise ValueError(f"A classifier needs at least 2 classes, got {self.classes}.")
        check_count("layers", self.layers, MOST_LAYERS)
        check_count("directions", self.directions, 2)
        object.__setattr__(self, "shape", tuple(self.shape))

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON-able data from which ``ModelConfig(**data)`` makes an equal config."""
        return asdict(self) | {"shape": list(self.shape)}


def check_count(name: str, count: int, most: int) -> None:
    """Raise a ValueError unless there is a whole number of something, from 1 to ``most``."""
    if type(count) is not int or not 1 <= count <= most:
        raise ValueError(f"A model can have 1 to {most} {name}, got {count!r}.")
