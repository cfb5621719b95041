"""A run's notebook repeats it: all its cells, one after another, in a process of its own."""

import ast
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from rnnviz.data.augment import Augmentation
from rnnviz.models import ModelConfig
from rnnviz.training.recipe import Recipe, parse_recipe
from rnnviz.training.runs.carry_out import carry_out
from rnnviz.training.runs.errors import RunError
from rnnviz.training.runs.folder import RunFolder
from rnnviz.training.runs.notebook import MOST_EPOCHS, epoch_ends, literal, notebook_of
from rnnviz.training.runs.service import new_id
from rnnviz.training.settings import Stage, TrainingSettings

ROOT = Path(__file__).parents[2]
RECIPE = Recipe(
    "quick",
    ModelConfig("rows", "gru", 8),
    TrainingSettings(
        stages=(Stage(2, 5e-3, batch=32),),
        datasets=("digits",),
        validation=60,
        pictures=200,
        augmentation=Augmentation(shift_px=1),
        moments=4,
    ),
)
NASTY = (
    "'''\"\"\"\\",
    "{recipe}{0}%s",
    "\nraise SystemExit('broke out')\n",
    "</script><img src=x onerror=alert(1)>",
    "[x](javascript:alert(1)) $x$ <b>",
    "\u2028\u202e\ud800\x1b[31m\x00",
    "ü · " + "long " * 60,
)
EXECUTE = """
import json, sys
cells = json.load(open(sys.argv[1], encoding="utf-8"))["cells"]
names = {"__name__": "__main__"}
for cell in cells:
    if cell["cell_type"] == "code":
        exec(compile("".join(cell["source"]), "cell", "exec"), names)
figure = names["figure"]
print("curves:", sum(len(curve.x) > 0 for curve in figure.data))
"""


def made(folder: Path, recipe: Recipe = RECIPE, steps: int | None = None) -> RunFolder:
    """Return a run that has taken so many steps, by default all."""
    run = RunFolder(folder / new_id())
    run.create(recipe)
    reports = carry_out(run, folder)
    for report in reports:
        if report.step == steps:
            reports.close()
    return run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return made(tmp_path_factory.mktemp("runs"))


def executed(notebook: bytes, folder: Path) -> subprocess.CompletedProcess[str]:
    path = folder / "run.ipynb"
    path.write_bytes(notebook)
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-c", EXECUTE, str(path)],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def cells_of(notebook: bytes, kind: str) -> list[str]:
    return [
        cell["source"]
        for cell in nbformat.reads(notebook.decode(), as_version=4).cells
        if cell["cell_type"] == kind
    ]


def assigned(notebook: bytes) -> dict[str, object]:
    """Return what the cell of settings assigns, which must be literals and nothing else."""
    found = {}
    for statement in ast.parse(cells_of(notebook, "code")[0]).body:
        assert isinstance(statement, ast.Assign)
        (target,) = statement.targets
        values = ast.literal_eval(statement.value)
        if isinstance(target, ast.Tuple):
            names = [ast.unparse(name) for name in target.elts]
            found |= dict(zip(names, values, strict=True))
        else:
            found[ast.unparse(target)] = values
    return found


def test_all_cells_run_and_find_the_same_figures(run: RunFolder, tmp_path: Path):
    result = executed(notebook_of(run), tmp_path)
    assert result.returncode == 0, result.stderr
    assert "All 12 steps gave the same figures, to the last digit." in result.stdout
    assert re.search(r"digits: [\d.]+% of \d+ test pictures right", result.stdout)
    assert "curves: 7" in result.stdout


def test_a_run_under_way_is_repeated_as_far_as_it_came(tmp_path: Path):
    run = made(tmp_path, steps=8)
    notebook = notebook_of(run)
    assert "as far as it had come" in cells_of(notebook, "markdown")[0]
    result = executed(notebook, tmp_path)
    assert result.returncode == 0, result.stderr
    assert "All 8 steps gave the same figures" in result.stdout


@pytest.mark.parametrize("digit", [-1, -2])
def test_a_single_digit_that_differs_is_noticed(run: RunFolder, tmp_path: Path, digit: int):
    """In a step in the middle of an epoch, which only the fingerprint covers, too."""
    lines = run.metrics_path.read_text().splitlines()
    step = 3 if digit == -1 else 6
    row = lines[step].split(",")
    last = row[2][-1]
    row[2] = row[2][:-1] + ("1" if last != "1" else "2")
    changed = RunFolder(tmp_path / run.id)
    changed.path.mkdir()
    for path in run.path.iterdir():
        if path.is_file():
            (changed.path / path.name).write_bytes(path.read_bytes())
    lines[step] = ",".join(row)
    changed.metrics_path.write_text("".join(f"{line}\n" for line in lines))
    result = executed(notebook_of(changed), tmp_path)
    assert result.returncode != 0
    assert "The figures differ" in result.stderr
    assert ("step 6, loss: recorded" in result.stdout) == (digit == -2)


@pytest.mark.parametrize("name", NASTY)
def test_a_name_stays_a_name(run: RunFolder, name: str, tmp_path: Path):
    nasty = renamed(run, tmp_path, name)
    notebook = notebook_of(nasty)
    values = assigned(notebook)
    recipe = parse_recipe(values["RECIPE"])  # type: ignore[arg-type]
    assert recipe == replace(RECIPE, name=name, note=name)
    assert all(one.isprintable() or one == "\n" for one in notebook.decode())
    plain = notebook_of(run)
    # Not a word of it in what Jupyter renders, nor in any other code.
    assert cells_of(notebook, "markdown") == cells_of(plain, "markdown")
    assert cells_of(notebook, "code")[1:] == cells_of(plain, "code")[1:]


def renamed(run: RunFolder, folder: Path, name: str) -> RunFolder:
    """Return a copy of a run whose name and note are another text."""
    found = RunFolder(folder / run.id)
    found.path.mkdir()
    for path in run.path.iterdir():
        if path.is_file():
            (found.path / path.name).write_bytes(path.read_bytes())
    content = json.loads((run.path / "recipe.json").read_text())
    content["recipe"] |= {"name": name, "note": name}
    (found.path / "recipe.json").write_text(json.dumps(content))
    return found


def test_the_nastiest_name_runs(tmp_path: Path):
    run = made(tmp_path, replace(RECIPE, name="".join(NASTY), note="".join(NASTY)), steps=2)
    result = executed(notebook_of(run), tmp_path)
    assert result.returncode == 0, result.stderr
    assert "broke out" not in result.stderr
    assert "\x1b[31m" not in result.stdout and "\u202e" not in result.stdout


def test_the_notebook_is_valid_and_the_same_each_time(run: RunFolder):
    notebook = notebook_of(run)
    nbformat.validate(nbformat.reads(notebook.decode(), as_version=4))
    assert notebook == notebook_of(run)
    assert json.loads(notebook)["nbformat"] == 4


def test_nothing_in_it_says_where_it_was_made(run: RunFolder):
    text = notebook_of(run).decode()
    for secret in (str(run.path.parent), str(ROOT), os.path.expanduser("~"), run.id):
        assert secret not in text


def test_the_recorded_figures_are_those_of_the_ends_of_epochs(run: RunFolder):
    recorded = assigned(notebook_of(run))["RECORDED"]
    lines = run.metrics_path.read_text().splitlines()[1:]
    assert recorded == [lines[index].rsplit(",", 1)[0] for index in (5, 11)]


def test_of_a_long_run_some_epochs_ride_along_the_last_among_them():
    lines = [f"{step},{step},1.0,0.5,1.0,1.0,0.1,0.5,1.0" for step in range(1, 1001)]
    lines.append("1001,1000,1.0,0.5,1.0,1.0,0.1,,")
    kept = epoch_ends(lines)
    assert len(kept) == MOST_EPOCHS + 1
    assert kept[0] == lines[0] and kept[-2:] == lines[-2:]
    assert epoch_ends(lines[-1:]) == lines[-1:]


def test_what_can_not_be_repeated_says_so(tmp_path: Path):
    run = RunFolder(tmp_path / new_id())
    run.create(RECIPE)
    with pytest.raises(RunError, match="not taken a training step"):
        notebook_of(run)
    with pytest.raises(RunError, match="can't be written down"):
        literal({"rate": float("inf")})
    with pytest.raises(RunError, match="can't be written down"):
        literal({"rate": float("nan")})
