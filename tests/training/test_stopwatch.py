"""How long a run takes is measured on a few of its batches, in a process of its own."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rnnviz.models import ModelConfig
from rnnviz.training.recipe import Recipe
from rnnviz.training.runs import stopwatch
from rnnviz.training.runs.carry_out import carry_out
from rnnviz.training.runs.limits import Limits
from rnnviz.training.runs.service import Service
from rnnviz.training.runs.speed import Speed, measure, speed_key
from rnnviz.training.runs.stopwatch import Stopwatch
from rnnviz.training.settings import Stage
from tests.training.test_runs import QUICK, made

PATIENCE_S = 90


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Stopwatch]:
    service = Service(tmp_path, tmp_path / "runs", Limits())
    yield Stopwatch(service.measure)
    service.close()


def waited_for(watch: Stopwatch, recipe: Recipe) -> Speed | str:
    deadline = time.monotonic() + PATIENCE_S
    while (found := watch.speed(recipe)) is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def with_epochs(epochs: int) -> Recipe:
    return replace(QUICK, training=replace(QUICK.training, stages=(Stage(epochs, 5e-3, batch=32),)))


def test_the_estimate_is_near_what_the_run_takes(tmp_path: Path):
    recipe = with_epochs(30)
    measure(recipe, tmp_path)
    before = measure(recipe, tmp_path).total_s(recipe)
    *_, last = carry_out(made(tmp_path, recipe), tmp_path)
    after = measure(recipe, tmp_path).total_s(recipe)
    # Within a factor of three: other work on the machine may come and go in between.
    assert min(before, after) / 3 < last.seconds < max(before, after) * 3


def test_longer_runs_are_estimated_longer_and_measured_once(watch: Stopwatch):
    assert watch.speed(QUICK) is None, "nobody waits for a measurement"
    speed = waited_for(watch, QUICK)
    assert isinstance(speed, Speed) and speed.training == 400 and speed.validation == 100
    assert watch.speed(with_epochs(500)) is speed
    assert speed.total_s(with_epochs(500)) > 50 * speed.total_s(with_epochs(5))
    assert speed_key(QUICK) != speed_key(replace(QUICK, model=ModelConfig("rows", "gru", 13)))


@pytest.mark.parametrize(
    ("recipe", "why"),
    [
        (with_epochs(1), "Put the four files"),
        (
            replace(QUICK, training=replace(QUICK.training, stages=(Stage(1, 1.0, batch=5000),))),
            "5000",
        ),
    ],
)
def test_what_cannot_be_measured_is_said(
    watch: Stopwatch, tmp_path: Path, recipe: Recipe, why: str
):
    (tmp_path / "MNIST").write_text("in the way")
    if "four" in why:
        recipe = replace(recipe, training=replace(recipe.training, datasets=("mnist",)))
    found = waited_for(watch, recipe)
    assert isinstance(found, str) and why in found


def test_what_could_not_be_measured_is_tried_again_later(monkeypatch):
    answers: list[Speed | str] = ["This machine is busy.", measured := Speed((1,), 1, 1, 1, 1, 1)]
    watch = Stopwatch(lambda recipe: answers.pop(0))
    assert waited_for(watch, QUICK) == "This machine is busy."
    assert watch.speed(QUICK) == "This machine is busy."
    monkeypatch.setattr(stopwatch, "FORGET_S", 0.0)
    assert waited_for(watch, QUICK) is measured
    assert waited_for(watch, QUICK) is measured
