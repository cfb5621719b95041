"""The memory race: networks read a digit, then blank rows, and have to remember it.

All runners take the same batch before anybody gets the next one, so that they can be compared at
every moment, also when the race is stopped.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnnviz.analysis.flow import batch_flow
from rnnviz.analysis.variants import VARIANTS, fresh_model
from rnnviz.core.race import Race
from rnnviz.data.dataset import SIDE
from rnnviz.data.folder import data_folder
from rnnviz.models.config import ModelConfig
from rnnviz.models.model import Model
from rnnviz.training.data import Pictures, as_floats, endless_batches, load_pictures
from rnnviz.training.settings import Stage, TrainingSettings
from rnnviz.training.step import accuracy, one_step

NAME = "race"
LABEL = "The memory race"
DESCRIPTION = "Cells learn digits followed by blank rows, to see who still knows them at the end."

DATASETS = ("mnist", "digits")
MOST_BLANK_ROWS = 84
MOST_REPORTS = 60
SEEDS = (3, 9)
"""Fewest and most seeds: fewer show no band, more take too long."""
MOST_WORK = 200e6
"""Rows read in training, at 64 units: some ten minutes on one core."""
VALIDATION = 500
FLOW_PICTURES = 32
DIGITS = 4
"""Decimals of what is reported."""
NOTHING = "-inf"
"""Stands in reports for the logarithm of 0, which strict JSON has no number for."""


def check_choice(name: str, value: str, known: Sequence[str] | Mapping[str, Any]) -> None:
    """Raise a ValueError unless the value is known."""
    if value not in known:
        raise ValueError(f"'{value}' is no {name} of the race. Choose one of: {', '.join(known)}.")


def check_range(name: str, value: float, low: float, high: float) -> None:
    """Raise a ValueError unless the value is within its bounds."""
    if not low <= value <= high:
        raise ValueError(f"{name} must be from {low:g} to {high:g}, got {value!r}.")


@dataclass(frozen=True)
class Settings:
    """Everything that decides how a race goes."""

    dataset: str = "mnist"
    """Whose digits are read: "mnist", or "digits" for a short race without a download."""
    runners: tuple[str, ...] = ("rnn", "irnn", "lstm-0", "lstm-3", "gru-0", "gru-1")
    """Names of the variants that race."""
    blank_rows: int = 28
    """Rows without ink after the digit, 0 to 84."""
    seeds: int = 3
    """Runs of each variant, with the seeds 0, 1, 2, ..."""
    training_steps: int = 270
    """Batches that each run learns from."""
    batch: int = 128
    """Pictures a training step."""
    units: int = 64
    """Hidden units."""
    learning_rate: float = 1e-3
    """Of Adam (Kingma and Ba 2015), the same from start to end."""
    clip: float = 1.0
    """Largest total norm of the parameter gradient; 0 for no clipping."""
    reports: int = 27
    """How often everybody is measured after the start."""

    def __post_init__(self) -> None:
        """Check the ranges, and that the race ends in some minutes."""
        check_choice("dataset", self.dataset, DATASETS)
        for runner in self.runners:
            check_choice("runner", runner, VARIANTS)
        if not self.runners or len(set(self.runners)) < len(self.runners):
            raise ValueError("A race needs at least one runner, and each of them once.")
        check_range("blank_rows", self.blank_rows, 0, MOST_BLANK_ROWS)
        check_range("seeds", self.seeds, *SEEDS)
        check_range("training_steps", self.training_steps, 1, 5000)
        check_range("batch", self.batch, 1, 512)
        check_range("units", self.units, 1, 256)
        check_range("learning_rate", self.learning_rate, 1e-6, 1.0)
        check_range("clip", self.clip, 0.0, 1e6)
        check_range("reports", self.reports, 1, MOST_REPORTS)
        if self.work > MOST_WORK:
            raise ValueError(
                f"This race would take about {self.work / MOST_WORK:.1f} times as long as the "
                f"longest that is run here, some ten minutes. Take fewer training steps, seeds, "
                f"runners or blank rows."
            )

    @property
    def rows(self) -> int:
        """Rows that are read: those of the digit and the blank ones."""
        return SIDE + self.blank_rows

    @property
    def work(self) -> float:
        """How many rows are read in training, counted at 64 units."""
        runs = len(self.runners) * self.seeds
        return runs * self.training_steps * self.batch * self.rows * self.units / 64


PRESETS: dict[str, Settings] = {
    "default": Settings(),
    "none": Settings(blank_rows=0),
    "long": Settings(blank_rows=84, runners=("rnn", "irnn", "lstm-0", "lstm-3", "lstm-5", "gru-1")),
    "class": Settings(
        dataset="digits",
        runners=("rnn", "irnn", "lstm-0", "lstm-3", "gru-1"),
        training_steps=200,
        batch=32,
        learning_rate=3e-3,
        reports=20,
    ),
}


@dataclass(eq=False)
class Run:
    """One runner from one seed, as far as it has got."""

    model: Model
    """Learns."""
    optimiser: torch.optim.Optimizer
    """How it learns."""
    right: float = 0.0
    """Pictures that were right when they were trained on, since the last report."""
    read: int = 0
    """Pictures that were trained on since the last report."""
    left: int = -1
    """Training step at which the loss or its gradient was no longer finite; -1 if it is."""


def memory_race(folder: Path | str | None = None, **settings: Any) -> Race:
    """Run a race to its end and return it.

    Args:
        folder: The data folder; the usual one if None.
        settings: What differs from the default ``Settings``.

    Raises:
        ValueError: If a setting is out of its range.
        DataError: If the data set isn't there.
    """
    asked = replace(Settings(), **settings)
    return gather(asked, list(run(asked, data_folder(folder))))


def run(settings: Settings, folder: Path) -> Iterator[dict[str, Any]]:
    """Race, yielding how everybody stands: once before the start, then evenly spaced."""
    plan = training_plan(settings)
    training, validation = load_pictures(plan, folder)
    orders = [endless_batches(training, settings.batch, seed) for seed in range(settings.seeds)]
    padded = replace(validation, images=with_blank_rows(validation.images, settings.blank_rows))
    field = {name: starters(settings, name) for name in settings.runners}
    due = report_steps(settings)
    yield report(settings, 0, field, padded)
    for step in range(1, settings.training_steps + 1):
        for seed, order in enumerate(orders):
            images, labels = next(order)
            images = with_blank_rows(images, settings.blank_rows)
            for runs in field.values():
                learn(runs[seed], plan, step, images, labels)
        if step in due:
            yield report(settings, step, field, padded)


def training_plan(settings: Settings) -> TrainingSettings:
    """Return the race's settings as those of the training loop."""
    return TrainingSettings(
        stages=(Stage(1, settings.learning_rate, batch=settings.batch),),
        datasets=(settings.dataset,),
        clip=settings.clip,
        validation=VALIDATION,
        augmentation=None,
    )


def with_blank_rows(images: Tensor, rows: int) -> Tensor:
    """Return pictures (batch, height, width) with rows of zeros after their last."""
    return torch.nn.functional.pad(images, (0, 0, 0, rows))


def starters(settings: Settings, name: str) -> list[Run]:
    """Return a variant's runs before the start, one a seed."""
    return [starter(settings, name, seed) for seed in range(settings.seeds)]


def starter(settings: Settings, name: str, seed: int) -> Run:
    """Return one run before the start; its weights depend on the variant and the seed alone."""
    variant = VARIANTS[name]
    config = ModelConfig(
        "rows",
        variant.cell,
        settings.units,
        shape=(1, settings.rows, SIDE),
        cell_options=dict(variant.cell_options),
    )
    model = fresh_model(config, seed).requires_grad_(True).train()
    return Run(model, torch.optim.Adam(model.parameters(), lr=settings.learning_rate))


def report_steps(settings: Settings) -> set[int]:
    """Return the training steps after which everybody is measured, the last among them."""
    spaced = np.linspace(0, settings.training_steps, settings.reports + 1)[1:]
    return {max(round(step), 1) for step in spaced}


def learn(run: Run, plan: TrainingSettings, step: int, images: Tensor, labels: Tensor) -> None:
    """Let a run take one training step, or leave the race where that can't be done."""
    if run.left >= 0:
        return
    try:
        right = one_step(run.model, run.optimiser, plan, images, labels).accuracy
    except FloatingPointError:
        run.left = step
        return
    run.right += right * len(labels)
    run.read += len(labels)


def report(
    settings: Settings, step: int, field: Mapping[str, Sequence[Run]], validation: Pictures
) -> dict[str, Any]:
    """Return how everybody stands after a training step, and begin to count anew."""
    runs = {name: [measure(run, validation) for run in runs] for name, runs in field.items()}
    return {"done": step, "total": settings.training_steps, "runs": runs}


def measure(run: Run, validation: Pictures) -> dict[str, Any]:
    """Return what one run knows, and how far its gradient reaches; nothing of one that left."""
    if run.left >= 0:
        return {"left": run.left}
    right, read = run.right, run.read
    run.right, run.read = 0.0, 0
    return {
        "training": plain(right / read) if read else None,
        "validation": plain(accuracy(run.model, validation)),
        "flow": [flow_number(value) for value in reach(run.model, validation)],
    }


def reach(model: Model, pictures: Pictures) -> np.ndarray:
    """Return the median of log10(|dL/dh_t| / |dL/dh_T|) over some pictures, shape (step,).

    Minus infinity where nothing arrives, NaN where the states grow beyond what float64 can hold.
    """
    images = as_floats(pictures.images[:FLOW_PICTURES])
    try:
        return batch_flow(model, images, pictures.labels[:FLOW_PICTURES].tolist()).median("h")
    except ValueError:
        return np.full(model.route.steps, np.nan)


def plain(value: float) -> float | None:
    """Return a number as reports hold it; None for one that isn't finite."""
    return round(float(value), DIGITS) if math.isfinite(value) else None


def flow_number(log: float) -> float | str | None:
    """Return a logarithm as reports hold it: ``NOTHING`` for that of 0, None for NaN."""
    return NOTHING if log == -math.inf else plain(log)


def with_nothing(flow: np.ndarray) -> np.ndarray:
    """Return a flow (step,) in which a NaN beside numbers is minus infinity.

    Older records hold None for both; but where a flow can't be measured, none of its steps can.
    """
    if np.isnan(flow).all():
        return flow
    return np.where(np.isnan(flow), -np.inf, flow)


def gather(settings: Settings, reports: Sequence[Mapping[str, Any]]) -> Race:
    """Return the race that reports, or a part of them, tell of."""
    shape = (len(settings.runners), settings.seeds, len(reports))
    found: dict[str, Any] = {
        "training": np.full(shape, np.nan),
        "validation": np.full(shape, np.nan),
        "flow": np.full((*shape, settings.rows), np.nan),
    }
    left = np.full(shape[:2], -1)
    for at, one in enumerate(reports):
        for place, name in enumerate(settings.runners):
            for seed, measured in enumerate(one["runs"][name]):
                left[place, seed] = measured.get("left", -1)
                for key, values in found.items():
                    if key in measured:
                        # As floats, None is NaN and NOTHING is minus infinity.
                        told = np.array(measured[key], dtype=float)
                        values[place, seed, at] = with_nothing(told) if key == "flow" else told
    return Race(
        runners=settings.runners,
        labels=tuple(VARIANTS[name].label for name in settings.runners),
        seeds=tuple(range(settings.seeds)),
        rows=SIDE,
        blank_rows=settings.blank_rows,
        total=settings.training_steps,
        steps=np.array([one["done"] for one in reports], dtype=np.int64),
        left=left,
        **found,
    )
