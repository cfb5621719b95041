"""What a training run is asked to do: everything that its result depends on."""

from dataclasses import asdict, dataclass, field
from typing import Any

from rnnviz.data.augment import Augmentation

OPTIMISERS = {
    "adamw": "AdamW",
    "adam": "Adam",
    "rmsprop": "RMSprop",
    "momentum": "SGD with momentum 0.9",
    "sgd": "SGD",
}
"""The optimisers, by name, and what a menu shows."""
SCHEDULES = {
    "one-cycle": "one cycle: up, then down",
    "constant": "constant",
    "cosine": "cosine: down to 0",
    "step": "a tenth after half of the steps",
}
"""How the learning rate goes over a stage, by name, and what a menu shows."""
CLIPS = {"norm": "by norm", "value": "by value"}
"""What ``clip`` limits, by name, and what a menu shows."""


@dataclass(frozen=True)
class Stage:
    """A part of a run with its own length and learning rate.

    A pixel route of 784 steps learns slowly from nothing. Stages let a run begin on coarser
    pictures, a quarter of the steps or fewer, and go on with the same weights on the full ones.
    """

    epochs: int
    """Passes over the training pictures."""
    learning_rate: float
    """Peak of the learning rate, where the schedule has one."""
    shrink: int | tuple[int, int] = 1
    """Height and width of the blocks whose mean makes one pixel of what is read; one number for
    squares, 1 for the full picture."""
    batch: int = 128
    """Pictures a training step."""

    def __post_init__(self) -> None:
        """Check that the stage can be run."""
        if self.epochs < 1 or self.batch < 1 or self.learning_rate <= 0 or min(self.block) < 1:
            raise ValueError(
                "A stage needs at least 1 epoch, 1 picture a batch, a positive learning rate and "
                f"shrink >= 1, got {self}."
            )

    @property
    def block(self) -> tuple[int, int]:
        """(height, width) of the blocks whose mean makes one pixel."""
        return (self.shrink, self.shrink) if isinstance(self.shrink, int) else self.shrink


@dataclass(frozen=True)
class TrainingSettings:
    """Everything but the model that decides how a run goes."""

    stages: tuple[Stage, ...]
    """Run one after another, the weights carried on."""
    datasets: tuple[str, ...] = ("mnist",)
    """Data sets whose training splits are mixed."""
    pen_variants: int = 1
    """How often each digit of a data set of strokes is drawn, each time with another pen."""
    pen_widths: tuple[float, float] | None = None
    """Range of these pens' widths, as fractions of the canvas; None for the app's own pen."""
    seed: int = 0
    """Seed of the weights, the order of the pictures and the augmentation."""
    weight_decay: float = 0.01
    """AdamW's decoupled weight decay (Loshchilov and Hutter 2019); the other optimisers add it to
    the gradient."""
    clip: float = 1.0
    """Largest total norm of the parameter gradient, or largest of its values; 0 for no clipping."""
    warm_up: float = 0.25
    """Share of a stage's steps in which a one-cycle schedule rises."""
    label_smoothing: float = 0.0
    """Share of the target that is spread over all classes."""
    replicate: float = 0.0
    """Weight of target replication (Lipton et al. 2016): the readout's loss at earlier depths."""
    replicate_from: float = 0.5
    """Share of the route after which targets are replicated."""
    validation: int = 2000
    """Pictures of the first data set's training split that are kept from training, to watch it."""
    augmentation: Augmentation | None = field(default_factory=Augmentation)
    """Random changes of the training pictures; None for none."""
    optimiser: str = "adamw"
    """What turns gradients into steps, one of ``OPTIMISERS``."""
    schedule: str = "one-cycle"
    """How the learning rate goes over each stage, one of ``SCHEDULES``. One cycle: Smith and Topin
    (2019)."""
    clip_by: str = "norm"
    """What ``clip`` limits: the total norm (Pascanu, Mikolov and Bengio 2013), or each value."""
    pictures: int = 0
    """How many training pictures of each data set are used, the first ones; 0 for all."""
    moments: int = 0
    """How often the run is looked at from the inside, at most; 0 for never."""

    def __post_init__(self) -> None:
        """Check the ranges."""
        if not self.stages or not self.datasets:
            raise ValueError("A run needs at least one stage and one data set.")
        for name in ("weight_decay", "clip", "replicate", "pictures", "moments", "validation"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise ValueError(f"{name} is a number of at least 0, got {getattr(self, name)}.")
        for name, known in (("optimiser", OPTIMISERS), ("schedule", SCHEDULES), ("clip_by", CLIPS)):
            if getattr(self, name) not in known:
                raise ValueError(
                    f"There is no {name} '{getattr(self, name)}'. Choose one of: "
                    f"{', '.join(known)}."
                )
        if self.pen_variants < 1:
            raise ValueError(f"pen_variants must be at least 1, got {self.pen_variants}.")
        for name in ("warm_up", "label_smoothing", "replicate_from"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} is a share in [0, 1), got {getattr(self, name)}.")

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON-able data that describes the run."""
        return asdict(self)
