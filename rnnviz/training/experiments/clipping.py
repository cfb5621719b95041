"""Twin runs: the same start and the same batches, without a clip, by norm and by value."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from rnnviz.analysis.variants import VARIANTS, variant_model
from rnnviz.core.route import shorten
from rnnviz.core.routes import build_route
from rnnviz.core.twins import Twins
from rnnviz.data.errors import InputError
from rnnviz.data.folder import data_folder
from rnnviz.models.cells import cell_class
from rnnviz.models.model import Model
from rnnviz.training.data import Pictures, endless_batches, load_pictures
from rnnviz.training.experiments import settings_of
from rnnviz.training.settings import Stage, TrainingSettings
from rnnviz.training.step import accuracy
from rnnviz.training.twin_reports import Measured, gather_checks, gather_run
from rnnviz.training.twins import (
    Twin,
    clip_by_norm,
    clip_by_value,
    flow_around_the_clip,
    make_twins,
    no_clip,
    pull,
)

NAME = "clipping"
LABEL = "Clipping"
DESCRIPTION = "Three runs from one start on the same batches, to see what a clip changes."
ORDER = 20

DATASETS = ("digits", "mnist")
ROUTES = ("rows", "patches")
OPTIMISERS = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}
PRECISIONS = {"float32": torch.float32, "float64": torch.float64}
SHAPE = (1, 28, 28)
"""What is read."""
RUNS = 3
"""Without a clip, by norm and by value."""
REPORTS = 50
"""A run tells about itself this often."""
HELD_OUT = 500
"""Pictures that no run learns from, on which the accuracy is measured."""
HARDER = 0.7
"""The flow is measured around a clip that is this much harder than those measured before."""
LONGEST_S = 300
"""How long runs may take on one core."""
STEP_S, FACTOR_S = 6e-5, 2e-10
"""What a step of the route takes in training, and what each factor in its products adds."""


@dataclass(frozen=True)
class Settings:
    """Everything that the result of twin runs depends on."""

    dataset: str = "digits"
    """Data set whose training split is learned from."""
    variant: str = "rnn-relu"
    """Name of the network, as in ``rnnviz.analysis.variants``."""
    route: str = "rows"
    """How a picture is read: "rows" or "patches"."""
    patch: int = 4
    """Side of the patches, for that route alone."""
    length: int = 0
    """How many steps of the route are read, those in its middle; 0 for all."""
    units: int = 64
    """Hidden units."""
    gain: float = 1.5
    """Factor on the recurrent weights at the start."""
    optimiser: str = "sgd"
    """What changes the weights: "sgd" (without momentum) or "adam"."""
    learning_rate: float = 1.0
    """Its learning rate, the same in every step."""
    batch: int = 64
    """Pictures a training step."""
    steps: int = 400
    """Training steps."""
    tau_norm: float = 0.2
    """τ of the run that is clipped by norm: the largest total norm of the gradient."""
    tau_value: float = 0.005
    """τ of the run that is clipped by value: the largest absolute value of an entry."""
    seed: int = 0
    """Seed of the weights and of the order of the pictures."""
    precision: str = "float32"
    """In what the runs compute: "float32", as one trains, or "float64"."""

    def __post_init__(self) -> None:
        """Check what can be checked without building anything."""
        for name, known in {
            "dataset": DATASETS,
            "variant": tuple(VARIANTS),
            "route": ROUTES,
            "optimiser": tuple(OPTIMISERS),
            "precision": tuple(PRECISIONS),
        }.items():
            if getattr(self, name) not in known:
                raise InputError(
                    f"There is no {name} '{getattr(self, name)}' for twin runs. "
                    f"Choose one of: {', '.join(known)}."
                )
        for name, label in {"tau_norm": "norm", "tau_value": "value"}.items():
            check_threshold(label, getattr(self, name))
        for name, low, high in (
            ("units", 1, 512),
            ("batch", 1, 1024),
            ("steps", 1, 10_000),
            ("length", 0, 784),
            ("gain", 0.0, 1000.0),
            ("seed", 0, 2**31),
        ):
            if not low <= getattr(self, name) <= high:
                raise InputError(
                    f"'{name}' of twin runs lies between {low:g} and {high:g}, "
                    f"got {getattr(self, name)}."
                )
        if not 0 < self.learning_rate <= 100:
            raise InputError(
                f"The learning rate lies above 0 and up to 100, got {self.learning_rate}. "
                f"0.1 is a common start for SGD, 0.001 for Adam."
            )
        if self.length:
            shorten(build_route(self.route, SHAPE, **self.route_options), self.length)
        if self.duration_s > LONGEST_S:
            raise InputError(
                f"These runs would take about {self.duration_s / 60:.0f} minutes on one core; the "
                f"longest that are run here take {LONGEST_S / 60:.0f}. Take fewer training steps, "
                f"hidden units or pictures a step, or read fewer steps of the route."
            )

    @property
    def route_options(self) -> dict[str, int]:
        """The options of the route."""
        return {"patch": self.patch} if self.route == "patches" else {}

    @property
    def duration_s(self) -> float:
        """About how long the runs take on one core, if none of them stops early.

        Fitted to times measured with a tanh RNN, an LSTM and a GRU of 16 to 128 units over 28 and
        196 steps, to within a factor of two.
        """
        length = self.length or build_route(self.route, SHAPE, **self.route_options).steps
        blocks = len(cell_class(VARIANTS[self.variant].cell).BLOCKS)
        # Measuring the accuracy goes forward only, a third of what learning from a picture takes.
        batch = self.batch + HELD_OUT / 3 * min(REPORTS / self.steps, 1)
        factors = batch * blocks * self.units * (self.units + 32)
        exact = 2 if self.precision == "float64" else 1
        return RUNS * self.steps * length * (STEP_S + exact * FACTOR_S * factors)


def check_threshold(label: str, threshold: float) -> None:
    """Raise an InputError unless a threshold is a positive number."""
    if not (math.isfinite(threshold) and threshold > 0):
        raise InputError(
            f"τ by {label} must be a positive number, got {threshold}: at 0 nothing would be left "
            f"of the gradient. Try the mean norm of some training steps, or 1."
        )


# Without a clip the ReLU network's loss is not finite after 21 to 29 steps, for each of the seeds
# 0 to 4; clipped by norm all five learn. A clip of the LSTM at a hundredth of its norm makes every
# step a hundredth as long: SGD crawls, while Adam divides by the size of the gradient anyway.
PRESETS = {
    "saves": Settings(),
    "hurts": Settings(
        variant="lstm-1", gain=1.0, learning_rate=0.5, tau_norm=0.005, tau_value=0.00005
    ),
    "adam": Settings(
        variant="lstm-1",
        gain=1.0,
        optimiser="adam",
        learning_rate=0.005,
        tau_norm=0.005,
        tau_value=0.00005,
    ),
}


def run(settings: Settings, folder: Path) -> Iterator[dict[str, Any]]:
    """Train the twins, yielding what was measured some fifty times.

    Raises:
        ValueError: If the network can't be built, or a batch can't be filled.
    """
    yield from run_on(settings, *load_pictures(pictures_wanted(settings), folder))


def run_on(settings: Settings, training: Pictures, held_out: Pictures) -> Iterator[dict[str, Any]]:
    """Train the twins on these pictures; reports and errors as ``run``."""
    batches = endless_batches(training, settings.batch, settings.seed)
    twins = twins_of(settings)
    every = max(settings.steps // REPORTS, 1)
    measured = Measured(twins)
    for number, (images, labels) in enumerate(batches, start=1):
        going = [twin for twin in twins if twin.stopped is None]
        for twin in going:
            take_step(twin, images, labels, number, measured)
        measured.distances(going)
        ended = number == settings.steps or all(twin.stopped for twin in twins)
        if ended or number % every == 0:
            measured.hold_out(number, accuracies(twins, held_out))
            yield {"done": number, "total": settings.steps} | measured.take()
        if ended:
            return


def pictures_wanted(settings: Settings) -> TrainingSettings:
    """Return the settings by which the pictures of a run are loaded."""
    return TrainingSettings(
        (Stage(1, settings.learning_rate),), (settings.dataset,), validation=HELD_OUT
    )


def first_twin(settings: Settings) -> Model:
    """Return the network from which all twins start; the same settings give the same weights."""
    model = variant_model(
        settings.variant,
        settings.route,
        settings.route_options,
        settings.length or None,
        units=settings.units,
        seed=settings.seed,
        gain=settings.gain,
    )
    return model.to(PRECISIONS[settings.precision]).requires_grad_(True).train()


def twins_of(settings: Settings) -> list[Twin]:
    """Return the three twins, all with the same weights."""
    clips = {
        "none": no_clip,
        "norm": clip_by_norm(settings.tau_norm),
        "value": clip_by_value(settings.tau_value),
    }
    kind = OPTIMISERS[settings.optimiser]
    return make_twins(
        first_twin(settings), clips, lambda weights: kind(weights, lr=settings.learning_rate)
    )


def take_step(twin: Twin, images: Tensor, labels: Tensor, number: int, measured: Measured) -> None:
    """Take one training step of one twin and keep what it measured."""
    step = pull(twin, images, labels, number)
    measured.step(twin, step)
    if twin.stopped is not None:
        return
    factor = step.after / step.before if step.before > 0 else 1.0
    if twin.name != "none" and factor < HARDER * twin.hardest:
        twin.hardest = factor
        measured.check(flow_around_the_clip(twin, images, labels, number))
    twin.optimiser.step()


def accuracies(twins: Sequence[Twin], held_out: Pictures) -> dict[str, float]:
    """Return the accuracy of the twins that go on, on pictures that they never learn from."""
    return {twin.name: accuracy(twin.model, held_out) for twin in twins if twin.stopped is None}


def gather(settings: Settings, reports: Sequence[dict[str, Any]]) -> Twins:
    """Return the runs as far as the reports tell of them."""
    thresholds = {"none": math.inf, "norm": settings.tau_norm, "value": settings.tau_value}
    runs = {name: gather_run(name, tau, reports) for name, tau in thresholds.items()}
    return Twins(settings.steps, runs, gather_checks(reports))


def clip_twins(folder: Path | str | None = None, **settings: Any) -> Twins:
    """Return three runs from one start on the same batches, which differ in their clip alone.

    Args:
        folder: The data folder; the usual one if None.
        settings: Fields of ``Settings``: variant="rnn-relu", tau_norm=0.3, steps=400 and so on.

    Raises:
        ValueError: If a setting is unknown or out of its range.
    """
    wanted = settings_of(NAME, settings)
    return gather(wanted, list(run(wanted, data_folder(folder))))
