"""How long a run would take, measured on this machine with a few of its own batches.

As a program (``python -m rnnviz.training.runs.stopwatch DATA``) it reads recipes, one JSON object
a line, and answers each with a line; so no page waits for a measurement. It ends with its input.
"""

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

from rnnviz.data.sets import load_dataset
from rnnviz.models.model import Model
from rnnviz.training.data import Pictures, load_pictures
from rnnviz.training.loop import Training, score, total_steps
from rnnviz.training.moments import handful, look, moment_steps
from rnnviz.training.recipe import Recipe, parse_recipe, parse_settings
from rnnviz.training.runs.worker import PRIORITY
from rnnviz.training.settings import Stage, TrainingSettings

MEASURE_S = 1.2
"""How long the batches of one stage are measured, unless a single one takes longer."""
MOST_BATCHES = 8
PATIENCE_S = 40.0
"""How long one answer may take."""
IDLE_S = 30.0
"""How long the process stays without a question."""
MOST_KEPT = 500
"""Speeds that are remembered."""
MOST_WAITING = 40
"""Questions that wait; of more the oldest is dropped, its page has asked something else since."""


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
    training, validation, test = pictures_of(pictures_key(recipe), data)
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


def pictures_key(recipe: Recipe) -> str:
    """Return the settings on which the pictures depend, as text."""
    settings = recipe.training
    names = ("datasets", "pen_variants", "pen_widths", "seed", "validation", "pictures")
    same = TrainingSettings(
        stages=(Stage(1, 1e-3),), **{name: getattr(settings, name) for name in names}
    )
    return json.dumps(same.as_dict(), sort_keys=True)


@lru_cache(maxsize=2)
def pictures_of(key: str, data: Path) -> tuple[Pictures, Pictures, int]:
    """Return the training and validation pictures of a recipe, and the number of test pictures."""
    settings = parse_settings(json.loads(key))
    training, validation = load_pictures(settings, data)
    return training, validation, sum(len(load_dataset(n, "test", data)) for n in settings.datasets)


class Stopwatch:
    """Measures recipes in a process of its own, one after another. Safe to share."""

    def __init__(self, data: Path) -> None:
        """Begin with nothing measured; ``data`` is the data folder."""
        self.data = data
        self._known: OrderedDict[str, Speed | str] = OrderedDict()
        self._waiting: OrderedDict[str, Recipe] = OrderedDict()
        self._change = threading.Condition()
        self._thread: threading.Thread | None = None

    def speed(self, recipe: Recipe) -> Speed | str | None:
        """Return what a recipe costs, why it can't be measured, or None while that goes on."""
        key = speed_key(recipe)
        with self._change:
            known = self._known.get(key)
            if known is None and key not in self._waiting:
                self._waiting[key] = recipe
                if len(self._waiting) > MOST_WAITING:
                    self._waiting.popitem(last=False)
                if self._thread is None:
                    self._thread = threading.Thread(target=self._serve, daemon=True)
                    self._thread.start()
                self._change.notify()
            return known

    def _serve(self) -> None:
        """Have all questions answered, then wait for more a while."""
        process: subprocess.Popen[str] | None = None
        for key, recipe in self._questions():
            try:
                if process is None or process.poll() is not None:
                    process = open_process(self.data)
                found = ask(process, recipe)
            except OSError as error:
                found = f"It can't be measured now ({error}). Try again in some minutes."
            with self._change:
                self._known[key] = found
                self._waiting.pop(key, None)
                while len(self._known) > MOST_KEPT:
                    self._known.popitem(last=False)
        if process is not None:
            end(process)

    def _questions(self) -> Iterator[tuple[str, Recipe]]:
        """Yield one question after another, until there has been none for a while."""
        while True:
            with self._change:
                if not self._waiting and not self._change.wait_for(lambda: self._waiting, IDLE_S):
                    self._thread = None
                    return
                key = next(iter(self._waiting))
                recipe = self._waiting[key]
            yield key, recipe


def open_process(data: Path) -> "subprocess.Popen[str]":
    """Start the process that measures."""
    return subprocess.Popen(
        [sys.executable, "-m", "rnnviz.training.runs.stopwatch", str(data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},
    )


def ask(process: "subprocess.Popen[str]", recipe: Recipe) -> Speed | str:
    """Return the answer of a process to one recipe, or why there is none; then it has ended."""
    assert process.stdin is not None and process.stdout is not None
    alarm = threading.Timer(PATIENCE_S, process.kill)
    alarm.start()
    try:
        process.stdin.write(json.dumps(recipe.as_dict()) + "\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
    except (OSError, ValueError):
        end(process)
        return (
            f"A few batches took more than {PATIENCE_S:.0f} s, or more memory than there is. "
            f"Choose fewer units, a smaller batch or a shorter route."
        )
    finally:
        alarm.cancel()
    if "error" in answer:
        return str(answer["error"])
    return Speed(**answer | {"step_s": tuple(answer["step_s"])})


def end(process: "subprocess.Popen[str]") -> None:
    """End a process and let go of what belonged to it."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()


def main() -> int:
    """Answer recipes from the standard input until it closes; return the exit status."""
    with contextlib.suppress(AttributeError, OSError):
        os.nice(PRIORITY)
    torch.set_num_threads(1)
    data = Path(sys.argv[1])
    for line in sys.stdin:
        print(json.dumps(reply(line, data)), flush=True)
    return 0


def reply(line: str, data: Path) -> dict[str, Any]:
    """Return the answer to one line."""
    try:
        return asdict(measure(parse_recipe(json.loads(line)), data))
    except (ValueError, FloatingPointError, MemoryError, RuntimeError) as error:
        return {"error": str(error)}


if __name__ == "__main__":
    sys.exit(main())
