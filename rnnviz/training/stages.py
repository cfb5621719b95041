"""The stages of the laboratory's variants: one training each, kept early, midway and at the end."""

import datetime
import platform
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from rnnviz.analysis.variants import variant_model
from rnnviz.models.checkpoint import Checkpoint, save_checkpoint
from rnnviz.models.model import Model
from rnnviz.models.stages_store import STAGE_ROUTES, STAGE_STEPS, stage_name
from rnnviz.models.store import SUFFIX
from rnnviz.training.data import endless_batches, load_pictures
from rnnviz.training.settings import Stage, TrainingSettings
from rnnviz.training.step import accuracy, one_step
from rnnviz.version import VERSION


@dataclass(frozen=True)
class StageSettings:
    """Everything that the stages depend on, the same for all variants."""

    dataset: str = "mnist"
    """The data set, of which the training split is used alone."""
    steps: tuple[int, ...] = tuple(STAGE_STEPS.values())
    """Training steps after which a stage is kept, ascending."""
    units: int = 64
    """Hidden units."""
    batch: int = 64
    """Pictures a training step."""
    learning_rate: float = 2e-3
    """Of AdamW, the same at every step; no weight decay."""
    clip: float = 1.0
    """Largest total norm of the parameter gradient."""
    validation: int = 2000
    """Training pictures that are kept apart and measured on."""
    seed: int = 0
    """Seed of the weights and of the order of the pictures."""

    def __post_init__(self) -> None:
        """Check that there is a training to be kept."""
        if not self.steps or list(self.steps) != sorted(set(self.steps)) or self.steps[0] < 1:
            raise ValueError(f"steps must be ascending whole numbers above 0, got {self.steps}.")
        if min(self.batch, self.units, self.validation) < 1 or self.learning_rate <= 0:
            raise ValueError(
                "The stages need at least 1 picture a batch, 1 unit, 1 validation picture and a "
                f"positive learning rate, got {self}."
            )

    def loop(self) -> TrainingSettings:
        """Return the settings in the words of the training loop."""
        return TrainingSettings(
            stages=(Stage(epochs=1, learning_rate=self.learning_rate, batch=self.batch),),
            datasets=(self.dataset,),
            seed=self.seed,
            weight_decay=0.0,
            clip=self.clip,
            validation=self.validation,
            augmentation=None,
        )


@dataclass(frozen=True)
class StageReport:
    """One training step of one variant.

    Attributes:
        step: Training steps done.
        loss: Cross-entropy of this step's batch, in nats.
        path: The checkpoint that was kept after this step, None if none was.
        validation: Accuracy on the validation pictures where a checkpoint was kept.
    """

    step: int
    loss: float
    path: Path | None = None
    validation: float | None = None


def make_stages(
    variant: str, route: str, settings: StageSettings, folder: Path, out: Path
) -> Iterator[StageReport]:
    """Train a variant along a route, leaving a checkpoint of each stage in a folder.

    All variants and routes see the same batches in the same order.

    Args:
        variant: Name of a variant of the laboratory.
        route: One of ``STAGE_ROUTES``.
        settings: What the training depends on.
        folder: The data folder.
        out: Where the checkpoints go.

    Raises:
        ValueError: If there is no such variant or route.
        FloatingPointError: If the loss is no longer a finite number.
    """
    loop = settings.loop()
    training, validation = load_pictures(loop, folder)
    model = untrained(variant, route, settings)
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=settings.learning_rate, weight_decay=loop.weight_decay
    )
    started = time.monotonic()
    batches = endless_batches(training, settings.batch, settings.seed)
    for step in range(1, settings.steps[-1] + 1):
        images, labels = next(batches)
        loss = one_step(model, optimiser, loop, images, labels).loss
        if step not in settings.steps:
            yield StageReport(step, loss)
            continue
        right = accuracy(model, validation)
        kept = as_checkpoint(variant, route, model, settings, step, right)
        kept.provenance["duration_s"] = round(time.monotonic() - started, 1)
        path = out / f"{kept.name}{SUFFIX}"
        save_checkpoint(kept, path)
        yield StageReport(step, loss, path, right)


def untrained(variant: str, route: str, settings: StageSettings) -> Model:
    """Return a variant before its training; ValueError if there is no such variant or route."""
    if route not in STAGE_ROUTES:
        raise ValueError(
            f"Stages are kept for these routes: {', '.join(STAGE_ROUTES)}, not '{route}'."
        )
    options = STAGE_ROUTES[route]
    model = variant_model(variant, route, options, units=settings.units, seed=settings.seed)
    return model.requires_grad_(True).train()


def as_checkpoint(
    variant: str, route: str, model: Model, settings: StageSettings, step: int, right: float
) -> Checkpoint:
    """Return a variant as a checkpoint that says at which step of which training it was kept."""
    return Checkpoint(
        name=stage_name(variant, route, step),
        config=model.config,
        weights={name: value.detach().clone() for name, value in model.state_dict().items()},
        training=asdict(settings) | {"step": step},
        metrics={f"{settings.dataset}/validation/accuracy": right},
        provenance=provenance(variant, settings),
    )


def provenance(variant: str, settings: StageSettings) -> dict[str, Any]:
    """Return where a stage comes from."""
    return {
        "variant": variant,
        "datasets": [settings.dataset],
        "seed": settings.seed,
        "date": datetime.date.today().isoformat(),
        "rnnviz": VERSION,
        "torch": torch.__version__,
        "python": platform.python_version(),
    }
