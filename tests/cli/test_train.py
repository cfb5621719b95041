"""``rnnviz train`` trains what its options say, as a run that can be gone on with."""

import json
import sys
from pathlib import Path

import pytest
import torch

from rnnviz.cli import main, make_parser
from rnnviz.cli.recipes import recipe_of
from rnnviz.cli.settings import asked
from rnnviz.data.augment import Augmentation
from rnnviz.models import Model, ModelConfig
from rnnviz.models.checkpoint import load_checkpoint
from rnnviz.training.recipe import Recipe, load_recipe
from rnnviz.training.runs.folder import RunFolder
from rnnviz.training.runs.ledger import Ledger
from rnnviz.training.runs.run import COMMAND_LINE
from rnnviz.training.settings import Stage
from tests.cli.interrupted import interrupted
from tests.training.test_runs import assert_same_result, made, measured, whole

QUICK = ["--pictures", "400", "--validation", "100", "--batch", "32", "--units", "12"]
ROOT = Path(__file__).parents[2]


def recipe(*options: str) -> Recipe:
    arguments = make_parser().parse_args(["train", *options])
    return recipe_of(asked(arguments), arguments.recipe)


def only_run(folder: Path) -> RunFolder:
    (run,) = Ledger(folder).everything()
    return RunFolder(folder / run.id)


def test_the_options_say_what_is_trained():
    network = ["--route", "patches", "--route-option", "patch=7", "--cell", "gru", "--units", "5"]
    network += ["--layers", "2", "--directions", "2", "--readout", "last+mean"]
    network += ["--gate-bias", "update=2", "--cell-option", "memory=9", "--gain", "0.5"]
    assert recipe(*network).model == ModelConfig(
        "patches",
        "gru",
        5,
        readout="last+mean",
        route_options={"patch": 7},
        cell_options={"update_bias": 2.0, "memory": 9.0, "gain": 0.5},
        layers=2,
        directions=2,
    )


def test_the_options_say_how_it_is_trained():
    options = ["--epochs", "3", "--learning-rate", "0.1", "--batch", "8", "--optimiser", "rmsprop"]
    options += ["--schedule", "cosine", "--weight-decay", "0", "--clip", "0.5", "--clip-by"]
    options += ["value", "--pictures", "99", "--validation", "7", "--seed", "4", "--moments", "0"]
    options += ["--label-smoothing", "0.1", "--augment", "shift=1", "--augment", "turn=5"]
    found = recipe(*options).training
    assert found.stages == (Stage(3, 0.1, batch=8),)
    assert found.augmentation == Augmentation(shift_px=1, rotation_deg=5)
    assert (found.optimiser, found.schedule, found.weight_decay) == ("rmsprop", "cosine", 0)
    assert (found.clip, found.clip_by, found.label_smoothing) == (0.5, "value", 0.1)
    assert (found.pictures, found.validation, found.seed, found.moments) == (99, 7, 4, 0)


@pytest.mark.parametrize("off", [["off"], ["shift=0"]])
def test_pictures_can_be_left_as_they_are(off):
    assert recipe("--augment", *off).training.augmentation is None


def test_a_recipe_is_taken_as_it_stands_but_for_what_is_asked():
    shipped = load_recipe("lstm-rows")
    assert recipe("lstm-rows") == shipped
    changed = recipe("lstm-rows", "--epochs", "1", "--augment", "turn=1").training
    assert changed.augmentation is not None and shipped.training.augmentation is not None
    assert changed.augmentation.shear == shipped.training.augmentation.shear
    assert (changed.augmentation.rotation_deg, changed.stages[-1].epochs) == (1, 1)


def test_recurrent_weights_start_where_the_options_say():
    torch.manual_seed(0)
    eye = torch.eye(6)
    model = Model(recipe("--units", "6", "--start", "identity", "--gain", "0.5").model)
    for block in model.cells[0].weight_h[0].split(6):
        assert torch.equal(block, 0.5 * eye)
    model = Model(recipe("--units", "6", "--start", "orthogonal", "--gain", "3").model)
    for block in model.cells[0].weight_h[0].split(6):
        assert torch.allclose(block @ block.T, 9 * eye, atol=1e-5)
    cell = Model(recipe("--units", "6", "--start", "default").model).cells[0]
    assert float(cell.weight_h.detach().abs().max()) <= 6**-0.5
    assert not torch.allclose(cell.weight_h[0, :6] @ cell.weight_h[0, :6].T, eye, atol=0.1)


def test_the_bias_of_a_gate_starts_where_the_options_say():
    cell = Model(recipe("--gate-bias", "forget=3").model).cells[0]
    assert (cell.bias[cell.block("forget")] == 3).all()
    assert (cell.bias[cell.block("input")] == 0).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--start", "default", "--gain", "2"], "Leave out --gain"),
        (["--cell", "irnn", "--start", "orthogonal"], "always starts at the identity"),
        (["--route", "grid", "--cell", "gru_2d", "--start", "default"], "no two-dimensional"),
        (["--gain", "0"], "leaves nothing"),
        (["--route", "grid", "--cell", "gru_2d", "--directions", "2"], "directions"),
        (["--cell", "gru", "--gate-bias", "forget=1"], "Such gates of its are: update"),
        (["--cell-option", "colour=1"], "has no option 'colour'"),
        (["--route-option", "patch=2"], "Route 'rows' has no option 'patch'"),
        (["--route", "patches", "--route-option", "patch=3"], "don't tile"),
        (["--layers", "9"], "1 to 4 layers"),
        (["--pictures", "10"], "Choose a smaller --batch"),
        (["--augment", "colour=1"], "There is no change 'colour'"),
        (["--augment", "off", "--augment", "shift=1"], "Leave out --augment off"),
        (["--augment", "shift=1.5"], "whole pixels"),
        (["lstm-rows", "--gate-bias", "forget=1"], "Leave out --gate-bias"),
        (["--out", "{folder}"], "is a folder"),
    ],
)
def test_what_does_not_fit_is_said_before_anything_begins(tmp_path, capsys, options, message):
    options = [option.format(folder=tmp_path) for option in options]
    assert main(["train", "--runs", str(tmp_path / "runs"), *options]) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("option", [["--clip=-1"], ["--learning-rate=0"], ["--start", "cold"]])
def test_what_is_no_such_value_is_named(capsys, option):
    with pytest.raises(SystemExit):
        main(["train", *option])
    assert f"argument {option[0].split('=')[0]}" in capsys.readouterr().err


def test_a_training_is_a_run_of_the_command_line(tmp_path, capsys):
    out, runs = tmp_path / "net.safetensors", tmp_path / "runs"
    name = "../../<b>mine</b>"
    command = ["train", "--cell", "gru", "--epochs", "2", *QUICK, "--runs", str(runs)]
    assert (
        main([*command, "--data", str(tmp_path), "--out", str(out), "--name", name, "--json"]) == 0
    )
    told = json.loads(capsys.readouterr().out)
    (run,) = Ledger(runs).everything()
    files = RunFolder(runs / run.id)
    assert (run.owner, run.state, run.name) == (COMMAND_LINE, "done", name)
    assert (told["run"], told["folder"], told["path"]) == (run.id, str(files.path), str(out))
    assert out.read_bytes() == files.model_path.read_bytes()
    assert told["metrics"] == load_checkpoint(out).metrics
    assert run.figures["digits/test/accuracy"] == told["metrics"]["digits/test/accuracy"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["net.safetensors", "runs"]
    # The studio trains what stands in the folder just so.
    again = whole(made(tmp_path, files.recipe()))
    assert measured(again) == measured(files)


def test_a_run_that_diverges_says_so_and_keeps_what_it_had(tmp_path, capsys):
    options = ["--cell", "rnn_relu", "--optimiser", "sgd", "--learning-rate", "1e4", "--clip", "0"]
    folders = ["--runs", str(tmp_path / "runs"), "--data", str(tmp_path)]
    out = str(tmp_path / "x.safetensors")
    assert main(["train", *options, *QUICK, *folders, "--out", out]) == 1
    told = capsys.readouterr().err
    assert "lower the learning rate" in told.lower() and "Traceback" not in told
    (run,) = Ledger(tmp_path / "runs").everything()
    assert run.state == "failed" and "overflowed" in run.message


def test_ctrl_c_and_resume_give_what_an_uninterrupted_run_does(tmp_path, capsys):
    out, runs = tmp_path / "net.safetensors", tmp_path / "runs"
    command = [sys.executable, "-m", "rnnviz", "train", "--cell", "rnn", "--epochs", "60", *QUICK]
    command += ["--moments", "0", "--out", str(out), "--runs", str(runs), "--data", str(tmp_path)]
    status, _, told = interrupted(command, out.exists)
    files = only_run(runs)
    assert status == 130
    assert f"rnnviz runs resume {files.id[:8]} --runs {runs}" in told
    taken = len(measured(files)) - 1
    assert Ledger(runs).get(files.id).state == "interrupted" and 12 <= taken < 60 * 12
    resume = ["runs", "resume", files.id[:8], "--runs", str(runs), "--data", str(tmp_path)]
    assert main([*resume, "--out", str(out)]) == 0
    assert Ledger(runs).get(files.id).state == "done"
    assert out.read_bytes() == files.model_path.read_bytes()
    assert_same_result(whole(made(tmp_path, files.recipe())), files)
