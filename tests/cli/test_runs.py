"""``rnnviz runs`` tells of runs as they are, and changes what it is asked to."""

import csv
import json
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
import torch

from rnnviz.cli import main
from rnnviz.models.checkpoint import load_checkpoint
from rnnviz.training.runs.carry_out import carry_out
from rnnviz.training.runs.folder import RunFolder
from rnnviz.training.runs.ledger import Ledger
from rnnviz.training.runs.run import COMMAND_LINE, Run, State
from rnnviz.training.runs.worker import Worker, held
from tests.training.test_runs import QUICK, assert_same_result, made, whole

SECRET = "a-visitors-cookie"


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def entered(shelf: Path, owner: str = SECRET, state: State = "queued", **changes) -> RunFolder:
    """Return a run that has not begun."""
    recipe = replace(QUICK, **changes)
    Ledger(shelf)
    run = made(shelf, recipe)
    Ledger(shelf).add(run.id, recipe, owner, state)
    return run


def trained(shelf: Path, **changes) -> RunFolder:
    run = entered(shelf, **changes)
    assert Worker(shelf, shelf).take_one()
    return run


def begun(shelf: Path, steps: int = 5) -> RunFolder:
    """Return a run of a visitor that was paused after some steps."""
    run = entered(shelf, state="paused")
    with closing(carry_out(run, shelf)) as reports:
        list(islice(reports, steps))
    return run


def known(shelf: Path, run: RunFolder) -> Run:
    return Ledger(shelf).get(run.id)


def runs(shelf: Path, *arguments: object) -> int:
    return main(["runs", *map(str, arguments), "--runs", str(shelf)])


def printed(capsys, shelf: Path, *arguments: object) -> dict:
    assert runs(shelf, *arguments, "--json") == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys, shelf: Path, *arguments: object) -> str:
    assert runs(shelf, *arguments) == 1
    return capsys.readouterr().err


def test_everybodys_runs_are_listed_and_nobodys_cookie(shelf: Path, capsys):
    done, waiting = trained(shelf, name="one"), entered(shelf, COMMAND_LINE, name="two")
    told = printed(capsys, shelf, "list")
    assert [run["id"] for run in told["runs"]] == [waiting.id, done.id]
    assert [run["from_command_line"] for run in told["runs"]] == [True, False]
    figures = load_checkpoint(done.model_path).metrics
    assert figures.items() <= told["runs"][1]["figures"].items()
    (only,) = printed(capsys, shelf, "list", "--state", "done")["runs"]
    assert only["name"] == "one"
    assert runs(shelf, "list") == 0
    text = capsys.readouterr().out
    assert done.id[:8] in text and waiting.id[:8] in text
    assert SECRET not in text and SECRET not in json.dumps(told)


def test_an_empty_folder_is_said_to_be_empty(shelf: Path, capsys):
    assert runs(shelf, "list") == 0
    assert "There is no run in" in capsys.readouterr().out


def test_a_run_whose_process_is_gone_is_interrupted(shelf: Path, capsys):
    lost, held_one = entered(shelf, state="running"), entered(shelf, state="running")
    with held(held_one):
        states = {run["id"]: run["state"] for run in printed(capsys, shelf, "list")["runs"]}
    assert states == {lost.id: "interrupted", held_one.id: "running"}


def test_all_about_a_run_is_shown(shelf: Path, capsys):
    run = trained(shelf)
    told = printed(capsys, shelf, "show", run.id[:6])
    assert told["settings"] == json.loads(json.dumps(QUICK.as_dict()))
    with run.metrics_path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert told["last_metrics"] == {name: float(cell) for name, cell in rows[-1].items()}
    sizes = {path.name: path.stat().st_size for path in run.path.iterdir() if path.is_file()}
    assert sizes.items() <= told["files"].items()
    assert runs(shelf, "show", run.id[:6]) == 0
    text = capsys.readouterr().out
    assert "It is done." in text and "learning_rate" in text and "metrics.csv" in text


def test_letters_that_would_move_the_cursor_are_not_printed(shelf: Path, capsys):
    run = entered(shelf, name="\x1b[2J\x07gone\naway")
    Ledger(shelf).tag(run.id, ["\x1b[31mred"])
    assert runs(shelf, "list") == runs(shelf, "show", run.id) == runs(shelf, "delete", run.id) == 0
    text = capsys.readouterr().out
    assert "gone?away" in text and "\x1b" not in text and "\x07" not in text


def test_a_beginning_has_to_be_that_of_one_run(shelf: Path, capsys):
    for end in "12":
        run = RunFolder(shelf / ("ab" * 11 + "0" + end))
        run.create(QUICK)
        Ledger(shelf).add(run.id, QUICK, COMMAND_LINE)
    assert "2 runs begin with 'ab'" in refused(capsys, shelf, "show", "ab")
    assert "There is no run" in refused(capsys, shelf, "show", "cd")
    assert "There is no run" in refused(capsys, shelf, "show", "")
    assert "There is no run" in refused(capsys, shelf, "show", "../ab")
    assert printed(capsys, shelf, "show", "AB" * 11 + "01")["id"] == "ab" * 11 + "01"


def test_a_visitors_paused_run_is_gone_on_with_here(shelf: Path, tmp_path: Path, capsys):
    run = begun(shelf)
    out = tmp_path / "net.safetensors"
    told = printed(capsys, shelf, "resume", run.id[:9], "--data", tmp_path, "--out", out)
    assert told["run"] == run.id and known(shelf, run).state == "done"
    assert known(shelf, run).owner == SECRET
    assert out.read_bytes() == run.model_path.read_bytes()
    assert torch.get_num_threads() == 1
    assert_same_result(run, whole(made(tmp_path, QUICK)))
    assert "is done" in refused(capsys, shelf, "resume", run.id)


def test_a_run_that_is_being_trained_is_not_trained_a_second_time(shelf: Path, capsys):
    run = entered(shelf, state="running")
    with held(run):
        assert "by another process" in refused(capsys, shelf, "resume", run.id)
    assert known(shelf, run).state == "running"


def test_the_network_and_the_metrics_are_taken_elsewhere(shelf: Path, tmp_path: Path, capsys):
    run = begun(shelf)
    network, table = tmp_path / "deep" / "net.safetensors", tmp_path / "steps.csv"
    told = printed(capsys, shelf, "export", run.id, "--checkpoint", network, "--metrics", table)
    assert told == {"run": run.id, "checkpoint": str(network), "metrics": str(table)}
    assert table.read_text() == run.metrics_path.read_text()
    there, here = load_checkpoint(network), load_checkpoint(run.latest_path)
    assert all(torch.equal(there.weights[name], here.weights[name]) for name in here.weights)


def test_a_line_that_is_half_written_is_not_taken_along(shelf: Path, tmp_path: Path, capsys):
    run = begun(shelf)
    before = run.metrics_path.read_text()
    with run.metrics_path.open("a") as file:
        file.write("6,0,1.")
    printed(capsys, shelf, "export", run.id, "--metrics", tmp_path / "steps.csv")
    assert (tmp_path / "steps.csv").read_text() == before


def test_a_run_is_taken_along_as_a_notebook_and_for_tensorboard(
    shelf: Path, tmp_path: Path, capsys
):
    run = begun(shelf)
    notebook, events = tmp_path / "run.ipynb", tmp_path / "board"
    told = printed(capsys, shelf, "export", run.id, "--notebook", notebook, "--tensorboard", events)
    assert json.loads(notebook.read_text())["nbformat"] == 4
    assert Path(told["tensorboard"]).is_relative_to(events)
    assert any(path.is_file() and "tfevents" in path.name for path in events.rglob("*"))


def test_what_there_is_not_can_not_be_taken_along(shelf: Path, tmp_path: Path, capsys):
    run = entered(shelf)
    assert "Say what to write" in refused(capsys, shelf, "export", run.id)
    out = tmp_path / "file"
    assert "not begun to train" in refused(capsys, shelf, "export", run.id, "--checkpoint", out)
    assert "no training step" in refused(capsys, shelf, "export", run.id, "--metrics", out)
    assert not out.exists()


def test_a_run_is_cancelled_wherever_it_is_trained(shelf: Path, capsys):
    waiting = entered(shelf)
    assert runs(shelf, "cancel", waiting.id) == 0
    assert known(shelf, waiting).state == "cancelled"
    assert "nothing to cancel" in refused(capsys, shelf, "cancel", waiting.id)
    training = entered(shelf, state="running")
    with held(training):
        assert runs(shelf, "cancel", training.id) == 0
        assert known(shelf, training).wish == "cancel"


def test_a_deleted_run_is_gone_and_can_be_brought_back(shelf: Path, capsys):
    run = entered(shelf)
    assert "runs restore" in printed(capsys, shelf, "delete", run.id[:5])["message"]
    assert printed(capsys, shelf, "list")["runs"] == [] and run.path.is_dir()
    assert "There is no run" in refused(capsys, shelf, "restore", "0" * 24)
    printed(capsys, shelf, "restore", run.id)
    assert [one["id"] for one in printed(capsys, shelf, "list")["runs"]] == [run.id]
