"""A run as a Jupyter notebook that repeats it and holds the result against what was recorded."""

import ast
import hashlib
import pprint
from typing import Any

import nbformat
import numpy as np
from nbformat import v4

from rnnviz.core.routes import PACKAGE as ROUTES
from rnnviz.data.sets import PACKAGE as DATASETS
from rnnviz.files import whole_lines
from rnnviz.models.cells import cell_class
from rnnviz.models.checkpoint import Checkpoint, CheckpointError, load_checkpoint
from rnnviz.registry import find
from rnnviz.training.recipe import Recipe
from rnnviz.training.runs.errors import RunError
from rnnviz.training.runs.folder import RunFolder
from rnnviz.training.runs.metrics import COLUMNS
from rnnviz.version import VERSION

MEASURED = COLUMNS[: COLUMNS.index("seconds")]
"""The columns of the metrics that repeat: all but how long it took."""
MOST_EPOCHS = 100
"""Epochs whose figures ride along; of a longer run evenly spaced ones do."""
WIDTH = 96
"""Characters of a line of code."""

ABOUT = """\
# A training run of rnnviz, repeated

{what}. This notebook trains it again from its own settings, draws its curves, and holds the figures
of each of its {steps:,} training steps against those that were recorded{stopped}.

It needs rnnviz {version}, installed from its repository with `pip install .`, and the same pictures
in its data folder, which the environment variable `RNNVIZ_DATA` names. The figures are the same to
the last digit with the same versions, the same number of threads and the same kind of processor;
with others they differ a little, and from step to step more.
"""

SETTINGS = """\
# What is trained, and how. Change it to make a run of your own; the comparison at the end then
# says how far that goes.
{recipe}

# What it was trained with, and how many of its steps were recorded.
{trained}

# The figures at the ends of epochs and after the last step, and of all steps together a SHA-256.
{columns}
{recorded}
{fingerprint}

# The share of test pictures that it answered right when it was done, by data set.
{tested}
"""

PREPARE = """\
import torch

from rnnviz.data.folder import data_folder
from rnnviz.models import Model
from rnnviz.training.data import load_pictures
from rnnviz.training.loop import total_steps
from rnnviz.training.recipe import parse_recipe

torch.set_num_threads(THREADS)
recipe = parse_recipe(RECIPE)
training, validation = load_pictures(recipe.training, data_folder())
torch.manual_seed(recipe.training.seed)
model = Model(recipe.model)
print(f"{recipe.name!r}: {sum(weight.numel() for weight in model.parameters()):,} weights, "
      f"{len(training):,} pictures to learn from and {len(validation):,} to watch it")
if torch.__version__ != TORCH:
    print(f"It was trained with torch {TORCH}; this is {torch.__version__}.")
"""

TRAIN = """\
from itertools import islice

from tqdm import tqdm

from rnnviz.training.loop import train

reports = list(tqdm(islice(train(model, recipe.training, training, validation), STEPS),
                    total=min(STEPS, total_steps(recipe.training, len(training)))))
"""

CURVES = """\
import plotly.graph_objects as go
from plotly.subplots import make_subplots

steps = [report.step for report in reports]
ends = [report for report in reports if report.validation is not None]
figure = make_subplots(rows=2, cols=2, shared_xaxes=True, subplot_titles=(
    "cross-entropy, nats", "share of right answers", "norm of the gradient", "learning rate"))


def draw(place, name, x, y, colour, dash="solid"):
    # A single point makes no line.
    figure.add_trace(go.Scatter(x=x, y=y, name=name, mode="lines" if len(x) > 2 else "markers",
                                line={"color": colour, "dash": dash}), *place)


measured_at = [report.step for report in ends]
draw((1, 1), "loss of the batch", steps, [report.loss for report in reports], "#56b4e9")
draw((1, 1), "validation loss", measured_at, [report.validation_loss for report in ends], "#d55e00")
draw((1, 2), "accuracy in the batch", steps, [report.accuracy for report in reports], "#56b4e9")
draw((1, 2), "validation accuracy", measured_at, [report.validation for report in ends], "#d55e00")
draw((2, 1), "norm before the clip", steps, [report.norm for report in reports], "#009e73")
draw((2, 1), "norm after the clip", steps, [report.clipped_norm for report in reports], "#cc79a7",
     "dash")
draw((2, 2), "learning rate", steps, [report.learning_rate for report in reports], "#e69f00")
figure.update_xaxes(title_text="training step", row=2)
figure.update_yaxes(type="log", exponentformat="power", row=2, col=1)
figure.update_layout(height=620, template="plotly_white", legend={"orientation": "h", "y": -0.12})
figure
"""

COMPARE = """\
import hashlib

from rnnviz.training.runs.metrics import as_text

lines = [",".join(as_text(getattr(report, column)) for column in COLUMNS) for report in reports]
repeated = dict(zip(steps, lines, strict=True))
differing = [line for line in RECORDED if repeated.get(int(line.split(",")[0])) != line]
for line in differing[:5]:
    again = repeated.get(int(line.split(",")[0]), "not trained this far").split(",")
    for column, before, now in zip(COLUMNS, line.split(","), again):
        if before != now:
            print(f"step {line.split(',')[0]}, {column}: recorded {before}, now {now}")
fingerprint = hashlib.sha256("".join(f"{line}\\n" for line in lines).encode()).hexdigest()
assert not differing and fingerprint == FINGERPRINT, (
    f"The figures differ: {len(differing)} of the {len(RECORDED)} that are listed. Either the "
    f"settings or the pictures are others, or torch ({TORCH} then, {torch.__version__} now), the "
    f"number of threads or the kind of processor.")
print(f"All {len(lines):,} steps gave the same figures, to the last digit.")
"""

TEST = """\
from rnnviz.data.sets import load_dataset
from rnnviz.training.data import as_pictures
from rnnviz.training.runs.carry_out import answer

for name, recorded in TESTED.items():
    data = load_dataset(name, "test", data_folder())
    answers, _ = answer(model, as_pictures(data.images, data.labels))
    share = float((answers == data.labels).mean())
    print(f"{name}: {share:.2%} of {len(data):,} test pictures right, recorded {recorded:.2%}")
    assert share == recorded
"""

PARTS = (
    ("## Its settings", SETTINGS),
    ("## The network and the pictures", PREPARE),
    ("## Train it again", TRAIN),
    ("## Its curves", CURVES),
    ("## Is it the same, to the last digit?", COMPARE),
)
FINISHED = (("## And on the test pictures?", TEST),)
"""Of a run that is done, after the others."""


def notebook_of(run: RunFolder) -> bytes:
    """Return a Jupyter notebook that repeats a run as far as it went, and checks its figures.

    Nothing that somebody typed stands in its text; in its code a name is a literal.

    Raises:
        RunError: If the run has no training, none yet, or settings that can't be written down.
    """
    recipe, lines = run.recipe(), measured_lines(run)
    if not lines:
        raise RunError(
            "This run has not taken a training step yet, so there is nothing to repeat. Export it "
            "once it trains."
        )
    network = latest(run)
    tested = network.metrics if run.model_path.is_file() else {}
    about = ABOUT.format(
        what=made_of(recipe),
        steps=len(lines),
        stopped="" if tested else ", as far as it had come",
        version=VERSION,
    )
    # The studio trains each run on one thread.
    trained = (network.provenance.get("torch"), network.provenance.get("threads", 1), len(lines))
    right = {name: tested.get(f"{name}/test/accuracy") for name in recipe.training.datasets}
    settings = SETTINGS.format(
        recipe=assignment("RECIPE", recipe.as_dict()),
        trained=assignment("TORCH, THREADS, STEPS", trained),
        columns=assignment("COLUMNS", MEASURED),
        recorded=assignment("RECORDED", epoch_ends(lines)),
        fingerprint=assignment("FINGERPRINT", fingerprint(lines)),
        tested=assignment("TESTED", right if tested else {}),
    )
    cells = [markdown(about)]
    for title, source in PARTS + (FINISHED if tested else ()):
        cells += [markdown(title), code(settings if source is SETTINGS else source)]
    return as_file(cells)


def as_file(cells: list[nbformat.NotebookNode]) -> bytes:
    """Return a notebook of some cells as its file holds it, checked against Jupyter's schema."""
    for number, cell in enumerate(cells):
        # Else it would be drawn anew each time, and the same run give another file.
        cell["id"] = f"cell-{number}"
    notebook = v4.new_notebook(
        cells=cells,
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
    )
    nbformat.validate(notebook)
    return nbformat.writes(notebook).encode()


def markdown(text: str) -> nbformat.NotebookNode:
    """Return a cell of text."""
    return v4.new_markdown_cell(text.rstrip())


def code(source: str) -> nbformat.NotebookNode:
    """Return a cell of code."""
    return v4.new_code_cell(source.rstrip())


def assignment(name: str, value: Any) -> str:
    """Return a statement that gives plain data a name; errors as of ``literal``."""
    begin = f"{name} = "
    return begin + literal(value, WIDTH - len(begin)).replace("\n", "\n" + " " * len(begin))


def literal(value: Any, width: int = WIDTH) -> str:
    """Return plain data as a Python literal, in which text can't be anything but text.

    Its lines end between values, never within a text.

    Raises:
        RunError: If there is no literal of it, as there is none of infinity.
    """
    written = pprint.pformat(value, width=width, sort_dicts=False)
    try:
        same = ast.literal_eval(written) == value
    except (ValueError, SyntaxError):
        same = False
    if not same:
        raise RunError("The settings of this run can't be written down, so it can't be repeated.")
    return written


def measured_lines(run: RunFolder) -> list[str]:
    """Return the lines of the metrics without their header and without the seconds."""
    return [line.rsplit(",", 1)[0] for line in list(whole_lines(run.metrics_path))[1:]]


def epoch_ends(lines: list[str]) -> list[str]:
    """Return the lines of the ends of epochs, at most ``MOST_EPOCHS``, and the last line."""
    place = COLUMNS.index("validation")
    ends = [line for line in lines if line.split(",")[place]]
    chosen = np.linspace(0, len(ends) - 1, min(len(ends), MOST_EPOCHS)).round().astype(int)
    kept = [ends[index] for index in chosen]
    return kept if lines[-1] in kept[-1:] else [*kept, lines[-1]]


def fingerprint(lines: list[str]) -> str:
    """Return what tells whether each of some lines is the same as before."""
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def latest(run: RunFolder) -> Checkpoint:
    """Return the network as it is now.

    Raises:
        RunError: If there is none, or it can't be read.
    """
    try:
        return load_checkpoint(run.network_path())
    except CheckpointError as error:
        raise RunError(f"The network of this run can't be read: {error}") from error


def made_of(recipe: Recipe) -> str:
    """Return in a few words what is trained, in the words of our own menus.

    Raises:
        RunError: If there is no such network any more.
    """
    model = recipe.model
    try:
        cell, route = cell_class(model.cell).LABEL, find(ROUTES, model.route, "route").LABEL
        data = [find(DATASETS, name, "data set").LABEL for name in recipe.training.datasets]
    except ValueError as error:
        raise RunError(str(error)) from error
    layers = f", {model.layers} layers" if model.layers > 1 else ""
    ways = ", both ways" if model.directions == 2 else ""
    read = f"{route[:1].lower()}{route[1:]}"
    return f"{cell} of {model.units} units{layers}{ways}; it reads {read} of {' and '.join(data)}"
