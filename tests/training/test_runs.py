"""A run is a folder: repeated, paused or killed, it gives the same to the last digit."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

from rnnviz.analysis.flow import batch_flow
from rnnviz.data.augment import Augmentation
from rnnviz.models import Model, ModelConfig
from rnnviz.models.checkpoint import load_checkpoint
from rnnviz.training.data import as_floats, load_pictures
from rnnviz.training.moments import Moment, handful, look, moment_steps
from rnnviz.training.recipe import Recipe, parse_recipe
from rnnviz.training.runs.carry_out import carry_out, read_answers
from rnnviz.training.runs.errors import RunError
from rnnviz.training.runs.folder import RunFolder
from rnnviz.training.runs.metrics import COLUMNS, MetricsReader
from rnnviz.training.runs.service import new_id
from rnnviz.training.settings import Stage, TrainingSettings

MODEL = ModelConfig("rows", "gru", 12)
QUICK = Recipe(
    "quick",
    MODEL,
    TrainingSettings(
        stages=(Stage(2, 5e-3, batch=32),),
        datasets=("digits",),
        validation=100,
        pictures=400,
        augmentation=Augmentation(shift_px=1),
        moments=8,
    ),
)
KILLED = 20
"""How often a run is killed at a random moment."""


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return made(tmp_path, QUICK)


def made(folder: Path, recipe: Recipe) -> RunFolder:
    found = RunFolder(folder / new_id())
    found.create(recipe)
    return found


def whole(run: RunFolder) -> RunFolder:
    for _ in carry_out(run, run.path.parent):
        pass
    return run


def measured(run: RunFolder) -> list[list[str]]:
    """Return the metrics as they stand in the file, but how long each step took."""
    lines = run.metrics_path.read_text().splitlines()
    return [line.split(",")[: COLUMNS.index("seconds")] for line in lines]


def assert_same_result(one: RunFolder, other: RunFolder) -> None:
    assert measured(one) == measured(other)
    assert one.moments_path.read_text() == other.moments_path.read_text()
    assert one.test_path.read_text() == other.test_path.read_text()
    for name in [path.name for path in (one.path / "checkpoints").iterdir()] + [""]:
        left, right = (
            load_checkpoint(run.path / "checkpoints" / name if name else run.model_path)
            for run in (one, other)
        )
        assert all(torch.equal(left.weights[key], right.weights[key]) for key in left.weights)
    left, right = (load_checkpoint(run.model_path).probes for run in (one, other))
    assert left is not None and right is not None and torch.equal(left.weight, right.weight)


def test_a_run_leaves_every_step_and_a_checkpoint_with_probes_and_figures(run: RunFolder):
    whole(run)
    rows = measured(run)
    assert [row[0] for row in rows] == ["step", *map(str, range(1, 25))]
    done = load_checkpoint(run.model_path)
    assert done.config == MODEL and done.provenance["seed"] == 0
    assert done.probes is not None and len(done.probes.depths) == 28
    answers = read_answers(run)
    right = float((answers["label"] == answers["answer"]).mean())
    assert done.metrics["digits/test/accuracy"] == right
    assert sorted(path.name for path in (run.path / "checkpoints").iterdir()) == [
        "epoch-0001.safetensors",
        "epoch-0002.safetensors",
    ]


def test_a_run_repeated_from_its_folder_gives_the_same_to_the_last_digit(
    run: RunFolder, tmp_path: Path
):
    again = made(tmp_path, whole(run).recipe())
    assert_same_result(run, whole(again))


@pytest.mark.parametrize("steps", [1, 7, 12, 13, 23])
def test_a_paused_run_goes_on_as_if_it_had_not_been(run: RunFolder, tmp_path: Path, steps: int):
    paused = made(tmp_path, QUICK)
    with closing(carry_out(paused, tmp_path)) as reports:
        taken = list(islice(reports, steps))
    assert len(measured(paused)) == steps + 1 and taken[-1].step == steps
    assert_same_result(whole(run), whole(paused))


def test_stages_of_coarse_pictures_are_gone_on_with_as_well(tmp_path: Path):
    stages = (Stage(1, 5e-3, shrink=4, batch=64), Stage(1, 5e-3, shrink=2, batch=64))
    settings = replace(QUICK.training, stages=stages, optimiser="momentum", schedule="step")
    recipe = Recipe("coarse", ModelConfig("pixels", "irnn", 8), settings)
    once = whole(made(tmp_path, recipe))
    for steps in (3, 6, 7):  # in the first stage, at its end, in the second
        paused = made(tmp_path, recipe)
        with closing(carry_out(paused, tmp_path)) as reports:
            list(islice(reports, steps))
        assert_same_result(once, whole(paused))


ZYGOTE = """
import os, sys, time
from pathlib import Path
from rnnviz.models import Model
from rnnviz.training.data import load_pictures
from rnnviz.training.runs import carry_out
from rnnviz.training.runs.folder import RunFolder

carry_out.KEEP_EVERY_S = carry_out.KEEP_EPOCH_S = 0.05
run, data = RunFolder(Path(sys.argv[1])), Path(sys.argv[2])
pictures = load_pictures(run.recipe().training, data)
carry_out.load_pictures = lambda *asked: pictures
recipe = run.recipe()
carry_out.Training(Model(recipe.model), recipe.training, *pictures).advance()
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        for _ in carry_out.carry_out(run, data):
            time.sleep(0.02)
        os._exit(0)
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""
"""A process that has everything loaded, of which each child trains the run until it is killed."""


def test_a_run_killed_at_random_moments_gives_what_an_uninterrupted_one_does(tmp_path: Path):
    settings = replace(QUICK.training, stages=(Stage(10, 5e-3, batch=32),))
    recipe = replace(QUICK, training=settings)
    killed, chance = made(tmp_path, recipe), random.Random(5)
    command = [sys.executable, "-c", ZYGOTE, str(killed.path), str(tmp_path)]
    zygote = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert zygote.stdin is not None and zygote.stdout is not None
    reached = []
    for _ in range(KILLED):
        zygote.stdin.write("train\n")
        zygote.stdin.flush()
        child = int(zygote.stdout.readline())
        time.sleep(chance.uniform(0.0, 0.4))
        os.kill(child, signal.SIGKILL)
        assert int(zygote.stdout.readline()) == signal.SIGKILL, "it was over before it was killed"
        reached.append(len(measured(killed)) if killed.metrics_path.exists() else 0)
    zygote.communicate()
    assert len(set(reached)) > KILLED // 3, "it was killed at different moments of its way"
    assert_same_result(whole(made(tmp_path, recipe)), whole(killed))


def test_what_was_half_written_when_the_power_went_is_written_again(run: RunFolder, tmp_path: Path):
    once = whole(made(tmp_path, QUICK))
    with closing(carry_out(run, tmp_path)) as reports:
        list(islice(reports, 9))
    with run.metrics_path.open("a") as file:
        file.write("10,0,2.1,0.5\n11,0,1.")
    with run.moments_path.open("a") as file:
        file.write('{"step": 3, "dep')
    assert_same_result(once, whole(run))


def test_a_run_that_diverges_keeps_what_it_had(tmp_path: Path):
    settings = replace(QUICK.training, stages=(Stage(3, 1e4, batch=32),), clip=0.0)
    run = made(
        tmp_path,
        Recipe("bang", ModelConfig("rows", "rnn_relu", 8), replace(settings, optimiser="sgd")),
    )
    with pytest.raises(FloatingPointError):
        whole(run)
    assert "diverged" in run.log_path.read_text()
    assert load_checkpoint(run.network_path()).config.cell == "rnn_relu"
    # It is the same the second time: there is nothing random in it.
    before = measured(run)
    with pytest.raises(FloatingPointError):
        whole(run)
    assert measured(run) == before


def test_a_moment_measures_what_the_gradient_laboratory_measures(tmp_path: Path):
    _, validation = load_pictures(QUICK.training, tmp_path)
    torch.manual_seed(3)
    model, pictures = Model(MODEL), handful(validation, 10)
    assert pictures.labels.tolist() == list(range(10))
    moment = look(model, 5, pictures)
    assert moment is not None
    flow = batch_flow(model, as_floats(pictures.images), pictures.labels.numpy())
    expected = np.log10(np.median(flow.norms["h"], axis=0))
    assert np.allclose(np.array(moment.flow, float), expected, atol=1e-6)
    logits = model.double()(as_floats(pictures.images).double())
    assert np.allclose(moment.answers, torch.softmax(logits, 1).detach().numpy(), atol=1e-6)
    assert Moment(**json.loads(json.dumps(moment.as_dict()))).as_dict() == json.loads(
        json.dumps(moment.as_dict())
    )


def test_saturation_counts_gates_that_are_shut_and_open(tmp_path: Path):
    _, validation = load_pictures(QUICK.training, tmp_path)
    model = Model(ModelConfig("rows", "lstm", 8))
    with torch.no_grad():
        cell = model.cells[0]
        cell.weight_x.zero_()
        cell.weight_h.zero_()
        cell.bias[cell.block("forget")] = 9.0
        cell.bias[cell.block("input")] = -9.0
        cell.bias[cell.block("output")] = 0.0
    moment = look(model, 0, handful(validation, 10))
    assert moment is not None
    gates = moment.gates
    assert gates["forget"] == (0.0, 1.0)
    assert gates["input"] == (1.0, 0.0)
    assert gates["output"] == (0.0, 0.0)


def test_a_network_that_has_diverged_has_no_inside_to_look_at(tmp_path: Path):
    _, validation = load_pictures(QUICK.training, tmp_path)
    model = Model(MODEL)
    with torch.no_grad():
        model.readout.weight.fill_(float("inf"))
    assert look(model, 0, handful(validation, 10)) is None


def test_a_run_without_validation_pictures_is_trained_all_the_same(tmp_path: Path):
    blind = replace(QUICK, training=replace(QUICK.training, validation=0))
    run = whole(made(tmp_path, blind))
    assert run.model_path.is_file() and run.moments() == []


def test_a_damaged_state_is_begun_anew(run: RunFolder, tmp_path: Path):
    once = whole(made(tmp_path, QUICK))
    with closing(carry_out(run, tmp_path)) as reports:
        list(islice(reports, 9))
    state = run.path / "state.safetensors"
    state.write_bytes(state.read_bytes()[:100])
    assert_same_result(once, whole(run))
    assert "damaged" in run.log_path.read_text()


def test_a_long_run_is_looked_at_as_often_as_asked_and_a_short_one_less():
    assert len(moment_steps(10_000, 60)) == 60
    assert len(moment_steps(100, 60)) <= 12
    assert {0, 100} <= moment_steps(100, 60)
    assert moment_steps(100, 0) == set()


def test_looking_inside_changes_nothing(tmp_path: Path):
    blind = replace(QUICK, training=replace(QUICK.training, moments=0))
    assert measured(whole(made(tmp_path, blind))) == measured(whole(made(tmp_path, QUICK)))


def test_metrics_are_read_as_they_grow_and_after_the_file_was_written_anew(run: RunFolder):
    reader = MetricsReader(run.metrics_path)
    assert len(reader.read()["step"]) == 0
    with closing(carry_out(run, run.path.parent)) as reports:
        list(islice(reports, 5))
    assert reader.read()["step"].tolist() == [1, 2, 3, 4, 5]
    with run.metrics_path.open("a") as file:
        file.write("6,0,1.0,0.5,1.0,1.0,0.01,,,0.1\n7,0,1.")
    assert reader.read()["step"].tolist() == [1, 2, 3, 4, 5, 6]
    whole(run)
    found = reader.read()
    assert found["step"].tolist() == list(range(1, 25))
    assert np.isfinite(found["validation"]).sum() == 2
    assert [repr(value) for value in found["loss"].tolist()] == [r[2] for r in measured(run)[1:]]


def test_a_recipe_survives_json():
    text = json.dumps(QUICK.as_dict())
    assert parse_recipe(json.loads(text)) == QUICK


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 1}', '{"format": 9}', "null"])
def test_a_damaged_folder_is_named(tmp_path: Path, content: str):
    run = made(tmp_path, QUICK)
    (run.path / "recipe.json").write_text(content)
    with pytest.raises(RunError, match=run.id):
        run.recipe()


def test_a_moment_can_be_kept_and_opened_later(run: RunFolder, tmp_path: Path):
    with pytest.raises(RunError, match="not begun"):
        run.network_path()
    with closing(carry_out(run, tmp_path)) as reports:
        list(islice(reports, 5))
    step = run.keep_moment()
    assert step == 5 == run.keep_moment() and run.kept_steps() == [5]
    kept = load_checkpoint(run.network_path(5)).weights
    whole(run)
    assert all(
        torch.equal(kept[k], v) for k, v in load_checkpoint(run.network_path(5)).weights.items()
    )
    assert not all(
        torch.equal(kept[k], v) for k, v in load_checkpoint(run.network_path()).weights.items()
    )
    with pytest.raises(RunError, match="step 4"):
        run.network_path(4)
