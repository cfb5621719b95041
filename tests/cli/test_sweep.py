"""``rnnviz sweep``: every possible combination is a run, once, and the table is theirs."""

import argparse
import csv
import json
import statistics
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from rnnviz.cli import main, options, png
from rnnviz.cli.chromium import find_chromium
from rnnviz.cli.sweep import many
from rnnviz.models.checkpoint import load_checkpoint
from rnnviz.training.runs.folder import RunFolder
from rnnviz.training.runs.ledger import Ledger
from rnnviz.training.runs.metrics import MetricsReader
from tests.cli.interrupted import interrupted
from tests.training.test_runs import made, measured, whole

ROOT = Path(__file__).parents[2]
SMALL = ["--pictures", "300", "--validation", "60", "--batch", "32", "--units", "6"]
SMALL += ["--epochs", "2", "--moments", "0"]


def command(folder: Path, *asked: str) -> list[str]:
    return ["sweep", *SMALL, *asked, "--runs", str(folder / "runs"), "--data", str(folder)]


def printed(capsys, folder: Path, *asked: str) -> tuple[dict, str]:
    assert main([*command(folder, *asked), "--json"]) == 0
    out, err = capsys.readouterr()
    return json.loads(out), err


@pytest.mark.parametrize(
    ("text", "values"),
    [("3", [3]), ("1,2", [1, 2]), ("1..4", [1, 2, 3, 4]), ("5,1..2,5", [5, 1, 2])],
)
def test_several_values_are_read(text: str, values: list[int]):
    assert many(options.positive)(text) == values


@pytest.mark.parametrize("text", ["", "1,", "0..2", "4..1", "1..", "1..2..3", "a..b", "1..99999"])
def test_what_is_no_list_of_values_is_refused(text: str):
    with pytest.raises(argparse.ArgumentTypeError):
        many(options.positive)(text)


def test_a_sweep_trains_every_combination_once_and_tells_medians_and_ranges(tmp_path: Path, capsys):
    asked = [
        "--cell",
        "rnn,gru",
        "--route",
        "rows,grid",
        "--learning-rate",
        "0.01",
        "--seed",
        "0..1",
    ]
    table = tmp_path / "table.csv"
    told, err = printed(capsys, tmp_path, *asked, "--jobs", "2", "--csv", str(table))
    assert "Left out: route grid, cell rnn. Route 'grid' gives each step 2 parents" in err
    assert "Left out: route grid, cell gru." in err
    assert [one["settings"] for one in told["settings"]] == [{"cell": "rnn"}, {"cell": "gru"}]
    runs = Ledger(tmp_path / "runs").everything()
    assert len(runs) == 4 and {run.tags for run in runs} == {(f"sweep {told['sweep']}",)}
    for one in told["settings"]:
        folders = [RunFolder(tmp_path / "runs" / trial["run"]) for trial in one["runs"]]
        assert {files.recipe().model.cell for files in folders} == {one["settings"]["cell"]}
        assert [files.recipe().training.seed for files in folders] == [0, 1]
        tests = [load_checkpoint(f.model_path).metrics["digits/test/accuracy"] for f in folders]
        ends = [MetricsReader(files.metrics_path).read()["validation"][-1] for files in folders]
        for what, values in (("test", tests), ("validation", ends)):
            expected = {
                "low": min(values),
                "median": statistics.median(values),
                "high": max(values),
            }
            assert one[what] == pytest.approx(expected)
        assert (one["done"], one["diverged"]) == (2, 0) and one["duration_s"]["low"] > 0
    assert_table(table, told)
    # A run of a sweep is a run like any other.
    first = RunFolder(tmp_path / "runs" / told["settings"][0]["runs"][0]["run"])
    assert measured(whole(made(tmp_path, first.recipe()))) == measured(first)
    again, _ = printed(capsys, tmp_path, *asked)
    assert again == told and Ledger(tmp_path / "runs").everything() == runs
    resumed = ["sweep", "--resume", told["sweep"], "--runs", str(tmp_path / "runs"), "--json"]
    assert main(resumed) == 0 and json.loads(capsys.readouterr().out) == told


def assert_table(path: Path, told: dict) -> None:
    with path.open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == len(told["settings"])
    for line, one in zip(lines, told["settings"], strict=True):
        assert line["cell"] == one["settings"]["cell"]
        assert (int(line["runs"]), int(line["done"])) == (len(one["runs"]), one["done"])
        for what in ("validation", "test", "duration_s"):
            for name, value in one[what].items():
                assert float(line[f"{what}_{name}"]) == value


def test_what_diverges_is_counted_and_the_figure_is_drawn(tmp_path: Path, capsys):
    asked = ["--cell", "rnn_relu", "--optimiser", "sgd", "--clip", "0", "--seed", "0,1"]
    asked += ["--learning-rate", "0.01,1e5", "--name", "too fast"]
    figure = tmp_path / "sweep.png"
    drawn = ["--png", str(figure)] if find_chromium() else []
    assert main([*command(tmp_path, *asked, *drawn)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("Sweep too fast: 4 runs")
    calm, wild = (line.split() for line in told[2:])
    assert calm[:5] == ["0.01", "2", "of", "2", "–"] and wild[:5] == ["100000", "0", "of", "2", "2"]
    if not drawn:
        pytest.skip(png.MISSING)  # tests/conftest.py turns this into a failure in CI
    with Image.open(figure) as picture:
        assert picture.width == png.WIDTH * png.SHARPNESS
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    blue = np.abs(pixels - [0, 114, 178]).sum(axis=2) < 30  # the dots of the first setting
    assert blue.sum() > 300


def test_ctrl_c_keeps_what_was_trained_and_the_same_command_goes_on(tmp_path: Path, capsys):
    asked = ["--cell", "rnn,gru", "--name", "half"]
    program = [sys.executable, "-m", "rnnviz", *command(tmp_path, *asked)]
    runs = tmp_path / "runs"
    status, out, err = interrupted(program, lambda: list(runs.glob("*/metrics.csv")))
    assert status == 130 and not out
    assert f"rnnviz sweep --resume half --runs {tmp_path / 'runs'}" in err
    before = Ledger(tmp_path / "runs").everything()
    assert len(before) == 2 and {run.state for run in before} <= {"paused", "interrupted", "done"}
    assert any(run.state != "done" for run in before)
    told, _ = printed(capsys, tmp_path, *asked)
    after = Ledger(tmp_path / "runs").everything()
    assert {run.id for run in after} == {run.id for run in before}
    assert [one["done"] for one in told["settings"]] == [1, 1]
    assert all(
        new.ended == old.ended
        for new, old in zip(after, before, strict=True)
        if old.state == "done"
    )


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (["--route", "grid", "--cell", "rnn,lstm"], "None of these combinations"),
        (["--seed", "0..999", "--cell", "rnn,gru"], "2,000 combinations"),
        (["--resume", "--cell", "rnn"], "Leave out the settings"),
        (["--resume", "nothing"], "There is no sweep 'nothing'"),
        (["--resume"], "There is no sweep to go on with"),
        (["--cell", "rnn", "--name", "x" * 50], "A sweep's name has"),
    ],
)
def test_what_can_not_be_swept_is_said(tmp_path: Path, capsys, asked, message):
    assert main(["sweep", *asked, "--runs", str(tmp_path / "runs")]) == 1
    told = capsys.readouterr().err
    assert message in told and "Traceback" not in told


def test_without_a_chromium_it_is_said_before_hours_of_training(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "nothing-here"))
    asked = ["--cell", "rnn", "--png", str(tmp_path / "x.png")]
    assert main(command(tmp_path, *asked)) == 1
    assert "Install one with your system's packages" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()
