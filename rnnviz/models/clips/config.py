"""What a clip model is made of: enough to build it again, without its weights."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from rnnviz.models.config import MOST_LAYERS, ModelConfig, check_count

Sight = Literal["frames", "changes", "both"]
Answers = Literal["end", "frames"]

SIGHTS = {
    "frames": "each frame as it is",
    "changes": "each frame's difference from the one before",
    "both": "each frame, and beside it its difference from the one before",
}
"""What the spatial network is shown, and what a menu shows."""
ANSWERS = {"end": "one answer at the end", "frames": "an answer for every frame"}
"""When a clip model answers, and what a menu shows."""
FEWEST_FRAMES, MOST_FRAMES = 2, 64
"""To how many frames a clip can be brought."""


@dataclass(frozen=True)
class ClipConfig:
    """A spatial network, a temporal cell and a readout."""

    spatial: ModelConfig
    """The network that reads one frame; its readout says which of its states stand for the frame,
    its number of classes means nothing."""
    cell: str
    """Registry name of the temporal cell, one with a single parent."""
    units: int
    """Hidden units of each temporal layer."""
    classes: tuple[str, ...]
    """What it can answer."""
    frames: int = 16
    """To how many frames a clip of any length is brought before it is read."""
    answers: Answers = "end"
    """"end" answers after the last frame (classification), "frames" at each one (detection)."""
    sight: Sight = "frames"
    """What the spatial network is shown of each frame."""
    layers: int = 1
    """Temporal layers one above the other, 1 to 4."""
    cell_options: dict[str, float] = field(default_factory=dict)
    """Options of the temporal cell."""

    def __post_init__(self) -> None:
        """Check what can be checked without building anything."""
        object.__setattr__(self, "classes", tuple(self.classes))
        if isinstance(self.spatial, dict):
            object.__setattr__(self, "spatial", ModelConfig(**self.spatial))
        if len(self.classes) < 2 or len(set(self.classes)) < len(self.classes):
            raise ValueError(
                f"A clip model needs at least 2 classes of different names, got {self.classes}."
            )
        if not all(isinstance(name, str) and name for name in self.classes):
            raise ValueError(f"Every class needs a name, got {self.classes}.")
        for name, known in (("sight", SIGHTS), ("answers", ANSWERS)):
            if getattr(self, name) not in known:
                raise ValueError(
                    f"There is no {name} '{getattr(self, name)}'. Choose one of: "
                    f"{', '.join(known)}."
                )
        check_count("temporal layers", self.layers, MOST_LAYERS)
        if type(self.frames) is not int or not FEWEST_FRAMES <= self.frames <= MOST_FRAMES:
            raise ValueError(
                f"A clip is brought to {FEWEST_FRAMES} to {MOST_FRAMES} frames, "
                f"not to {self.frames!r}."
            )
        if self.spatial.shape[0] != 1:
            raise ValueError(
                f"The spatial network reads one frame at a time, got {self.spatial.shape}."
            )
        if self.sight == "both" and self.spatial.shape[2] % 2:
            raise ValueError("Frames and changes stand side by side, so the width must be even.")

    @property
    def frame_shape(self) -> tuple[int, int]:
        """(height, width) of a frame."""
        _, height, width = self.spatial.shape
        return height, width // 2 if self.sight == "both" else width

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON-able data from which ``ClipConfig(**data)`` makes an equal config."""
        return asdict(self) | {"spatial": self.spatial.as_dict(), "classes": list(self.classes)}
