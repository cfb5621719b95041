"""A sweep is a tag: entered once, gone on with, told apart by what differs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rnnviz.core.sweep import Group, Spread, Trial
from rnnviz.models import ModelConfig
from rnnviz.training.recipe import Recipe
from rnnviz.training.runs import sweep
from rnnviz.training.runs.errors import RunError
from rnnviz.training.runs.ledger import Ledger
from rnnviz.training.runs.run import COMMAND_LINE
from rnnviz.training.runs.service import Service
from rnnviz.training.settings import Stage
from tests.training.test_runs import QUICK

TAG = sweep.tag_of("test")


def recipe(cell: str = "gru", seed: int = 0, rate: float = 5e-3, **options: float) -> Recipe:
    training = replace(QUICK.training, stages=(Stage(1, rate, batch=32),), seed=seed)
    model = ModelConfig("rows", cell, 6, cell_options=options)
    return Recipe(f"{cell} {seed}", model, replace(training, moments=0))


RECIPES = [recipe(cell, seed) for cell in ("rnn", "gru") for seed in (0, 1)]


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path)


def states(ledger: Ledger) -> list[str]:
    return [run.state for run in sweep.runs_of(ledger, TAG)]


def test_every_recipe_becomes_one_run_however_often_it_is_entered(ledger: Ledger, tmp_path: Path):
    sweep.enter(ledger, tmp_path, RECIPES[:3], TAG)
    before = sweep.runs_of(ledger, TAG)
    sweep.enter(ledger, tmp_path, [*RECIPES, replace(RECIPES[0], name="another name")], TAG)
    after = sweep.runs_of(ledger, TAG)
    assert after[:3] == before and len(after) == 4
    assert [run.recipe for run in after] == [
        one.as_dict() | run.recipe for one, run in zip(RECIPES, after, strict=True)
    ]
    assert {(run.owner, run.state, run.tags) for run in after} == {(COMMAND_LINE, "paused", (TAG,))}
    assert all((tmp_path / run.id / "recipe.json").is_file() for run in after)


def test_the_name_of_a_sweep_is_that_of_its_runs_in_any_order():
    renamed = [replace(one, name="x") for one in reversed(RECIPES)]
    assert sweep.name_of(RECIPES) == sweep.name_of(renamed)
    others = [RECIPES[:3], [*RECIPES, recipe(seed=2)], [recipe(seed=9)]]
    assert len({sweep.name_of(RECIPES), *map(sweep.name_of, others)}) == 4


@pytest.mark.parametrize("name", ["", "  ", "x" * 40, "a\x1bb"])
def test_what_can_not_be_a_tag_is_refused(name: str):
    with pytest.raises(RunError, match="name has 1 to"):
        sweep.tag_of(name)


def test_the_latest_sweep_is_found(ledger: Ledger, tmp_path: Path):
    with pytest.raises(RunError, match="no sweep to go on with"):
        sweep.latest_tag(ledger)
    for name in ("one", "two"):
        sweep.enter(ledger, tmp_path, [recipe(seed=len(name))], sweep.tag_of(name))
    assert sweep.latest_tag(ledger) == sweep.tag_of("two")


def settle(ledger: Ledger, run: str, state, figures: dict[str, float], message: str = "") -> None:
    assert ledger.enqueue(run) and ledger.claim(run)
    assert ledger.settle(run, state, message, figures)


def test_runs_are_gathered_by_what_differs_but_the_seed(ledger: Ledger, tmp_path: Path):
    asked = [recipe("rnn", s) for s in (0, 1, 2)] + [recipe("lstm", 0, forget_bias=3.0)]
    sweep.enter(ledger, tmp_path, asked, TAG)
    ids = [run.id for run in sweep.runs_of(ledger, TAG)]
    for run, right in zip(ids[:3], (0.5, 0.9, 0.6), strict=True):
        settle(ledger, run, "done", {"digits/test/accuracy": right, "validation/accuracy": 1.0})
    rnn, lstm = sweep.groups_of(sweep.runs_of(ledger, TAG), tmp_path)
    assert rnn.settings == {"cell": "rnn"}
    assert lstm.settings == {"cell": "lstm", "forget bias": "3"}
    assert [trial.seed for trial in rnn.trials] == [0, 1, 2] and rnn.done == 3
    assert rnn.spread("test") == Spread(0.5, 0.6, 0.9)
    assert rnn.spread("validation") == Spread(1.0, 1.0, 1.0)
    assert lstm.spread("test") is None and lstm.done == lstm.diverged == 0


@pytest.mark.parametrize(
    ("options", "start"),
    [
        ({"gain": 0.0, "identity": 0.0}, "default"),
        ({"identity": 0.0}, "orthogonal"),
        ({"identity": 1.0, "gain": 2.0}, "identity"),
    ],
)
def test_a_start_is_called_what_it_is_asked_for_as(options: dict[str, float], start: str):
    found = sweep.settings_of(recipe("gru", 0, 5e-3, **options).as_dict())
    assert found["start"] == start and ("gain" in found) == (start == "identity")


def test_the_median_is_numpys():
    values = [0.3, 0.9, 0.1, 0.7]
    trials = tuple(Trial(str(n), n, "done", test=one) for n, one in enumerate(values))
    lost = (Trial("x", 9, "failed", diverged=True), Trial("y", 10, "paused"))
    group = Group({}, trials + lost)
    assert group.spread("test") == (0.1, float(np.median(values)), 0.9)
    assert (group.done, group.diverged, group.spread("duration_s")) == (4, 1, None)


def test_what_is_missing_is_trained_and_nothing_else(tmp_path: Path):
    """One is done, one was cancelled, one has failed, one diverged, one never began."""
    service = Service(tmp_path, tmp_path / "runs", sweep.limits_of(2), command_line=True)
    ledger = service.ledger
    try:
        bang = replace(recipe("rnn_relu", 0, rate=1e5).training, optimiser="sgd", clip=0.0)
        asked = [recipe(seed=seed) for seed in range(4)]
        asked.append(Recipe("bang", ModelConfig("rows", "rnn_relu", 6), bang))
        sweep.enter(ledger, service.folder, asked, TAG)
        ids = [run.id for run in sweep.runs_of(ledger, TAG)]
        settle(ledger, ids[0], "done", {"digits/test/accuracy": 0.5})
        settle(ledger, ids[1], "failed", {}, "no memory")
        ledger.ask(ids[2], "cancel")
        seen = list(sweep.work_off(service, TAG))
        assert [run.state for run in seen[-1]] == ["done"] * 4 + ["failed"]
        assert all(sum(run.state in sweep.UNDER_WAY for run in runs) <= 4 for runs in seen)
        assert not service.files(ids[0]).metrics_path.exists(), "it was done already"
        (plain, relu) = sweep.groups_of(sweep.runs_of(ledger, TAG), service.folder)
        assert (plain.done, plain.diverged, relu.done, relu.diverged) == (4, 0, 0, 1)
        # What diverged does so again, and is left as it is.
        ended = [run.ended for run in sweep.runs_of(ledger, TAG)]
        list(sweep.work_off(service, TAG))
        assert [run.ended for run in sweep.runs_of(ledger, TAG)] == ended
    finally:
        service.close()


def test_a_sweep_that_is_left_can_be_gone_on_with(tmp_path: Path):
    service = Service(tmp_path, tmp_path / "runs", sweep.limits_of(1), command_line=True)
    sweep.enter(service.ledger, service.folder, RECIPES, TAG)
    watched = sweep.work_off(service, TAG)
    next(watched)
    next(watched)
    assert "queued" in states(service.ledger) or "running" in states(service.ledger)
    sweep.leave(service, TAG)
    assert set(states(service.ledger)) <= {"paused", "interrupted", "done"}
