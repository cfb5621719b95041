"""The bug laboratory: a row reader as it was published, repaired, and with each fault alone."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnnviz.analysis.row_reader import reader_flow
from rnnviz.core.repairs import Findings, Patient, Repairs, medians
from rnnviz.data.errors import InputError
from rnnviz.data.sets import load_dataset
from rnnviz.models.row_reader import (
    SIDE,
    Faults,
    LinearReader,
    Reader,
    RowReader,
    as_pieces,
    fresh_reader,
)
from rnnviz.training.data import Pictures, as_floats, as_pictures, endless_batches, load_pictures
from rnnviz.training.settings import Stage, TrainingSettings

NAME = "listing"
LABEL = "Bug laboratory"
DESCRIPTION = "A row reader with faults, repaired, and with each fault alone: what each one costs."
ORDER = 70

BLOCKS = (1, 2, 4, 7, 14, 28)
"""Rows a step at which the late answer is compared with one in time."""
PATIENTS = (
    Patient("repaired-1", "repaired", 1),
    Patient("straight-1", "nothing bends", 1, ("straight",)),
    Patient("late-1", "answers a step late", 1, ("late",)),
    Patient("listing", "as published, whole pictures", SIDE, ("whole", "straight")),
    Patient("blind", "all three, whole pictures", SIDE, ("whole", "straight", "late")),
    Patient("linear", "one linear layer, no RNN", SIDE),
    *(Patient(f"repaired-{rows}", f"in time, {rows} rows a step", rows) for rows in BLOCKS[1:-1]),
    Patient("repaired-28", "only the size, whole pictures", SIDE),
    *(Patient(f"late-{rows}", f"late, {rows} rows a step", rows, ("late",)) for rows in BLOCKS[1:]),
)
REPORTS = 10
"""A run tells about itself this often."""
WATCHED = 500
"""Validation pictures whose share of right answers is reported on the way."""
MEASURED = 64
"""Test pictures over which gradients are measured."""
DIGITS = 9
"""Significant digits of what is reported."""


@dataclass(frozen=True)
class Settings:
    """Everything that the result depends on."""

    dataset: str = "mnist"
    """Data set: its training split is learned from, its test split measured on."""
    seeds: tuple[int, ...] = (0, 1, 2)
    """Seeds of the weights and of the order of the pictures, one run of every patient for each."""
    units: int = 128
    """Hidden units."""
    steps: int = 1500
    """Training steps of each run."""
    batch: int = 128
    """Pictures a training step."""
    learning_rate: float = 3e-3
    """Of Adam at first; it falls evenly towards 0."""
    clip: float = 1.0
    """Largest total norm of the parameter gradient."""

    def __post_init__(self) -> None:
        """Check the ranges."""
        for name, low, high in (("units", 1, 512), ("steps", 1, 20_000), ("batch", 1, 1024)):
            if not low <= getattr(self, name) <= high:
                raise InputError(
                    f"'{name}' lies between {low} and {high}, got {getattr(self, name)}."
                )
        if not self.seeds or len(set(self.seeds)) < len(self.seeds) or min(self.seeds) < 0:
            raise InputError(f"Give one or more seeds, each once, none below 0; got {self.seeds}.")
        for name in ("learning_rate", "clip"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise InputError(f"'{name}' must be a positive number, got {value}.")


PRESETS = {
    "default": Settings(),
    "digits": Settings(dataset="digits", steps=600, batch=64),
}


def run(settings: Settings, folder: Path) -> Iterator[dict[str, Any]]:
    """Train every patient from every seed, one after another, yielding reports.

    The runs of a seed all start from that seed and see the same batches.
    """
    training, validation = load_pictures(loop_settings(settings), folder)
    test = load_dataset(settings.dataset, "test", folder)
    shown = as_pictures(test.images, test.labels)
    total = len(settings.seeds) * len(PATIENTS) * settings.steps
    done = 0
    for seed in settings.seeds:
        for patient in PATIENTS:
            for report in run_one(patient, seed, settings, (training, validation, shown)):
                whole = {"patient": patient.name, "seed": seed, "done": done + report["step"]}
                yield whole | {"total": total} | report
            done += settings.steps


def run_one(
    patient: Patient, seed: int, settings: Settings, pictures: tuple[Pictures, Pictures, Pictures]
) -> Iterator[dict[str, Any]]:
    """Train one patient from one seed.

    Args:
        patient: The patient.
        seed: Of the weights and of the order of the pictures.
        settings: The settings.
        pictures: Those that are learned from, watched and tested on.

    Raises:
        FloatingPointError: If the loss is no longer a finite number.
    """
    training, validation, test = pictures
    generator = torch.Generator().manual_seed(seed)
    reader = fresh_reader(lambda: make_reader(patient, settings.units), generator)
    optimiser = torch.optim.Adam(reader.parameters(), lr=settings.learning_rate)
    fall = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / settings.steps)
    watched = Pictures(validation.images[:WATCHED], validation.labels[:WATCHED])
    start = findings(reader, patient, test)
    yield {"step": 0, "validation": accuracy(reader, patient, watched), "findings": start}
    batches = endless_batches(training, settings.batch, seed)
    for step in range(1, settings.steps + 1):
        images, labels = next(batches)
        train_step(reader, optimiser, settings, as_pieces(images, patient.rows), labels)
        fall.step()
        if step == settings.steps:
            end = findings(reader, patient, test) | {"test": accuracy(reader, patient, test)}
            yield {"step": step, "validation": accuracy(reader, patient, watched), "findings": end}
        elif step % max(settings.steps // REPORTS, 1) == 0:
            yield {"step": step, "validation": accuracy(reader, patient, watched)}


def make_reader(patient: Patient, units: int) -> Reader:
    """Return the network of a patient with fresh weights."""
    features = patient.rows * SIDE
    if patient.name == "linear":
        return LinearReader(features)
    return RowReader(features, units, Faults(**dict.fromkeys(patient.faults, True)))


def train_step(
    reader: Reader,
    optimiser: torch.optim.Optimizer,
    settings: Settings,
    pieces: Tensor,
    labels: Tensor,
) -> None:
    """Take one training step; FloatingPointError if its loss isn't finite."""
    optimiser.zero_grad(set_to_none=True)
    loss = torch.nn.functional.nll_loss(reader(pieces), labels)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(reader.parameters(), settings.clip)
    if not torch.isfinite(loss):
        raise FloatingPointError(
            f"The loss is no longer a finite number at a learning rate of "
            f"{settings.learning_rate}. Choose a smaller one."
        )
    optimiser.step()


@torch.no_grad()
def accuracy(reader: Reader, patient: Patient, pictures: Pictures) -> float:
    """Return the share of the pictures that are answered right."""
    right = 0
    for images, labels in zip(pictures.images.split(500), pictures.labels.split(500), strict=True):
        answers = reader(as_pieces(as_floats(images), patient.rows)).argmax(1)
        right += int((answers == labels).sum())
    return right / len(pictures)


def findings(reader: Reader, patient: Patient, test: Pictures) -> dict[str, Any]:
    """Return what the gradients of the first test pictures are like, as JSON-able data."""
    pieces = as_pieces(as_floats(test.images[:MEASURED]), patient.rows)
    flow = reader_flow(reader, pieces, test.labels[:MEASURED])
    return {
        "states": rounded(medians(flow.states)),
        "inputs": rounded(medians(flow.inputs)),
        "weights": {name: float(f"{norm:.{DIGITS}g}") for name, norm in flow.weights.items()},
        "bend": float(f"{flow.bend:.{DIGITS}g}"),
    }


def rounded(values: np.ndarray) -> list[float]:
    """Return numbers as JSON writes them, with as many digits as are shown."""
    return [float(f"{value:.{DIGITS}g}") for value in values]


def loop_settings(settings: Settings) -> TrainingSettings:
    """Return what the loading of the pictures asks for."""
    stage = Stage(epochs=1, learning_rate=settings.learning_rate, batch=settings.batch)
    return TrainingSettings(stages=(stage,), datasets=(settings.dataset,), augmentation=None)


def gather(settings: Settings, reports: Sequence[dict[str, Any]]) -> Repairs:
    """Return what the reports say so far."""
    before: dict[tuple[str, int], Findings] = {}
    after: dict[tuple[str, int], Findings] = {}
    courses: dict[tuple[str, int], list[tuple[int, float]]] = {}
    for report in reports:
        run_of = (report["patient"], report["seed"])
        courses.setdefault(run_of, []).append((report["step"], report["validation"]))
        if "findings" in report:
            place = after if "test" in report["findings"] else before
            place[run_of] = as_findings(report["findings"])
    arrays = {run_of: np.array(course, dtype=float).T for run_of, course in courses.items()}
    return Repairs(PATIENTS, tuple(settings.seeds), before, after, arrays)


def as_findings(found: dict[str, Any]) -> Findings:
    """Return the findings of a report."""
    return Findings(
        states=np.array(found["states"], dtype=np.float64),
        inputs=np.array(found["inputs"], dtype=np.float64),
        weights=found["weights"],
        bend=found["bend"],
        test=found.get("test"),
    )
