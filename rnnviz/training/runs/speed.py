"""How long a run would take, measured on this machine with a few of its own batches."""

import contextlib
import json
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from rnnviz.data.sets import load_dataset
from rnnviz.models.model import Model
from rnnviz.training.data import Pictures, load_pictures
from rnnviz.training.loop import Training, total_steps
from rnnviz.training.moments import handful, look, moment_steps
from rnnviz.training.recipe import Recipe, parse_recipe
from rnnviz.training.settings import Stage
from rnnviz.training.step import score

MEASURE_S = 1.2
"""How long the batches of one stage are measured, unless a single one takes longer."""
MOST_BATCHES = 8


@dataclass(frozen=True)
class Speed:
    """What a recipe costs on this machine, measured just now. Times in seconds."""

    step_s: tuple[float, ...]
    """One training step, of each stage."""
    picture_s: float
    """Reading one picture without training."""
    moment_s: float
    """Looking at the network from the inside once."""
    training: int
    """Training pictures an epoch."""
    validation: int
    """Validation pictures, read after every epoch."""
    test: int
    """Test pictures, read at the end."""

    def total_s(self, recipe: Recipe) -> float:
        """Return how long the run will take; the probes at its end, seconds as a rule, come on top.

        Args:
            recipe: The measured one, or one with other epochs, learning rate, seed or clip.
        """
        settings = recipe.training
        spent = 0.0
        for stage, step_s in zip(settings.stages, self.step_s, strict=True):
            spent += stage.epochs * (self.training // stage.batch) * step_s
            spent += stage.epochs * self.validation * self.picture_s
        moments = len(moment_steps(total_steps(settings, self.training), settings.moments))
        return spent + moments * self.moment_s + self.test * self.picture_s


def speed_key(recipe: Recipe) -> str:
    """Return what recipes of the same speed have in common, as text."""
    stages = tuple(Stage(1, 1e-3, one.shrink, one.batch) for one in recipe.training.stages)
    same = replace(recipe.training, stages=stages, seed=0, schedule="constant", moments=1)
    return json.dumps([recipe.model.as_dict(), same.as_dict()], sort_keys=True)


def measure(recipe: Recipe, data: Path) -> Speed:
    """Return what a recipe costs, by taking a few of its training steps.

    Raises:
        InputError: If the data set can't be read.
        ValueError: If the model can't be built or a batch not be filled.
    """
    settings = recipe.training
    training, validation = load_pictures(settings, data)
    test = sum(len(load_dataset(name, "test", data)) for name in settings.datasets)
    torch.manual_seed(0)
    model = Model(recipe.model)
    steps = []
    for stage in settings.stages:
        one = replace(settings, stages=(replace(stage, epochs=10**6),))
        steps.append(seconds_a_step(Training(model, one, training, validation)))
    some = Pictures(validation.images[:250], validation.labels[:250])
    started = time.perf_counter()
    score(model, some)
    picture_s = (time.perf_counter() - started) / max(len(some), 1)
    started = time.perf_counter()
    look(model, 0, handful(validation, recipe.model.classes))
    moment_s = time.perf_counter() - started
    return Speed(tuple(steps), picture_s, moment_s, len(training), len(validation), test)


def seconds_a_step(work: Training) -> float:
    """Return how long a training step takes, the first one aside if it doesn't take long."""
    started = time.perf_counter()
    work.advance()
    first = time.perf_counter() - started
    if first > MEASURE_S:
        return first
    started, taken = time.perf_counter(), 0
    while taken < MOST_BATCHES and time.perf_counter() - started < MEASURE_S:
        # One that overflows has taken as long as any other.
        with contextlib.suppress(FloatingPointError):
            work.advance()
        taken += 1
    return (time.perf_counter() - started) / taken


def reply(recipe: dict[str, Any], data: Path) -> dict[str, Any]:
    """Return JSON-able data that ``read_reply`` understands: a recipe's speed, or what is wrong.

    Args:
        recipe: As of ``Recipe.as_dict``.
        data: The data folder.
    """
    try:
        return asdict(measure(parse_recipe(recipe), data))
    except (ValueError, FloatingPointError, MemoryError, RuntimeError) as error:
        return {"error": str(error)}


def read_reply(content: dict[str, Any]) -> Speed | str:
    """Return the speed that ``reply`` measured, or why it could not."""
    if "error" in content:
        return str(content["error"])
    return replace(Speed(**content), step_s=tuple(content["step_s"]))
