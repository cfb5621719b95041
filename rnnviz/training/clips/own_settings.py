"""What decides how a network of one's own actions turns out, beside the clips."""

from dataclasses import dataclass, field

from rnnviz.data.errors import InputError
from rnnviz.models.clips.config import SIGHTS, Sight
from rnnviz.training.clips.variants import Variation
from rnnviz.training.settings import Stage, TrainingSettings

SHIPPED = "lstm-rows"
"""The shipped network as which the spatial one begins unless another is asked for.

What moves before a camera is a shape on a plain ground once a frame is taken from the next, and
shapes are what a picture model knows. Kept as it is, it tells actions apart far better than
clip-motion's spatial network, which knows one way in which digits move from another.
"""


@dataclass(frozen=True)
class OwnSettings:
    """Everything but the clips that decides how a network of one's own turns out."""

    input: Sight = "changes"
    """What the spatial network is shown: "frames", "changes" (each frame's difference from the one
    before), or "both"."""
    start: str = SHIPPED
    """How the spatial network begins: as that of a shipped model of pictures or of clips, or of a
    file; "" for fresh weights."""
    frozen: bool = True
    """Whether the spatial weights stay as they start; fresh ones are always learned."""
    units: int = 48
    """Hidden units of the temporal GRU."""
    steps: int = 200
    """Training steps, of each of the trainings with clips left out and of the last one."""
    tuning: int = 12
    """Further steps, in which a spatial network that began as a shipped one learns too, unless it
    is frozen: by then the temporal one knows what to ask of it."""
    batch: int = 32
    """Clips a training step."""
    learning_rate: float = 5e-3
    """Its peak."""
    folds: int = 5
    """Into how many parts the clips are dealt, each left out once."""
    variation: Variation = field(default_factory=Variation)
    """How far clips are changed, at random, while they are learned."""
    seed: int = 0
    """Of the weights, the folds, the order of the clips and their changes."""

    def __post_init__(self) -> None:
        """Check the ranges."""
        if isinstance(self.variation, dict):
            object.__setattr__(self, "variation", Variation(**self.variation))
        if self.input not in SIGHTS:
            raise InputError(
                f"There is no input '{self.input}'. Choose one of: {', '.join(SIGHTS)}."
            )
        for name, low, high in (
            ("units", 4, 256),
            ("steps", 1, 10_000),
            ("tuning", 1, 10_000),
            ("batch", 2, 512),
            ("folds", 2, 20),
            ("seed", 0, 2**31 - 1),
        ):
            value = getattr(self, name)
            if type(value) is not int or not low <= value <= high:
                raise InputError(f"'{name}' is a whole number from {low} to {high}, not {value!r}.")
        if not 0 < self.learning_rate <= 1:
            raise InputError(f"'learning_rate' lies between 0 and 1, got {self.learning_rate}.")

    @property
    def learns_space(self) -> bool:
        """Whether the spatial weights are learned too."""
        return not (self.start and self.frozen)

    @property
    def steps_each(self) -> int:
        """Training steps of each of the trainings, in all."""
        return self.steps + (self.tuning if self.start and not self.frozen else 0)

    def training(self, learning_rate: float) -> TrainingSettings:
        """Return how a network is trained at this rate, in the words of all trainings."""
        stage = Stage(epochs=1, learning_rate=learning_rate, batch=self.batch)
        return TrainingSettings(
            stages=(stage,),
            datasets=("own clips",),
            seed=self.seed,
            weight_decay=0.05,
            replicate=0.3,
            augmentation=None,
        )
