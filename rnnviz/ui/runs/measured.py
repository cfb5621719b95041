"""Figures and answers of runs, read from their files once and shared by all visitors."""

import csv

import numpy as np
import streamlit as st

from rnnviz.core.confusion import Answers
from rnnviz.data.errors import InputError
from rnnviz.data.sets import class_names
from rnnviz.files import whole_lines
from rnnviz.training.runs.carry_out import read_answers
from rnnviz.training.runs.errors import RunError
from rnnviz.training.runs.metrics import COLUMNS
from rnnviz.training.runs.run import Run
from rnnviz.ui import cache
from rnnviz.ui.service import service

VALIDATION = COLUMNS.index("validation")
TEST = "/test/accuracy"
LAST_BYTES = 4096
"""The end of a file of metrics that is read for its last line; a line takes some 150."""
DAMAGED = "The answers of this run are damaged, so they can't be shown."


def best_validation(run: Run) -> float | None:
    """Return the best share of validation pictures that a run got right, None before the first."""
    if run.brought or not run.epoch:
        return None
    return _best_validation(run.id, run.epoch, run.state)


@st.cache_data(show_spinner=False, max_entries=2000)
def _best_validation(run: str, epoch: int, state: str) -> float | None:
    # The file grows with every step, but only the end of an epoch changes what is asked for.
    try:
        lines = list(whole_lines(service().files(run).metrics_path))[1:]
        found = [line.split(",", VALIDATION + 1)[VALIDATION] for line in lines]
        return max((float(value) for value in found if value), default=None)
    except (OSError, ValueError, IndexError):
        # A file that was changed by hand must not take the table of all runs along.
        return None


def test_accuracy(run: Run) -> float | None:
    """Return the share of the first data set's test pictures that a run gets right, if measured."""
    return next((value for name, value in run.figures.items() if name.endswith(TEST)), None)


def tested_on(run: Run) -> str:
    """Return the name of the data set whose test pictures ``test_accuracy`` is of, "" for none."""
    return next((name.removesuffix(TEST) for name in run.figures if name.endswith(TEST)), "")


def last_step(run: Run) -> tuple[int, float, float] | None:
    """Return the last step in a run's metrics, its loss and its share right, None before the first.

    The ledger hears of a run from time to time, so that of one that ended before its end it may
    know an earlier step; and it knows means over some steps.
    """
    if run.brought:
        return None
    try:
        with service().files(run.id).metrics_path.open("rb") as file:
            file.seek(max(file.seek(0, 2) - LAST_BYTES, 0))
            lines = file.read().decode(errors="replace").split("\n")
        # What stands behind the last line's end is a line that is being written.
        step, _, loss, right = lines[-2].split(",")[:4]
        return int(step), float(loss), float(right)
    except (OSError, ValueError, IndexError):
        return None


def set_aside(run: Run) -> int | None:
    """Return how many training pictures are kept apart to watch a run, None if nobody can say."""
    if run.brought:
        return None
    training = run.recipe["training"]
    try:
        return min(training["validation"], cache.training_pictures(training["datasets"][0]) // 5)
    except (InputError, ValueError):
        return None


def answers(run: str) -> dict[str, Answers]:
    """Return a run's answers to all test pictures, by data set.

    Raises:
        RunError: If it hasn't been measured yet, or the file is damaged.
    """
    path = service().files(run).test_path
    try:
        version = path.stat().st_mtime_ns
    except OSError:
        version = 0
    return _answers(run, version)


@st.cache_resource(show_spinner=False, max_entries=12)
def _answers(run: str, version: int) -> dict[str, Answers]:
    try:
        columns = read_answers(service().files(run))
    except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
        if isinstance(error, RunError):
            raise
        raise RunError(DAMAGED) from error
    found = {}
    for name in dict.fromkeys(columns["dataset"].tolist()):
        here = columns["dataset"] == name
        parts = (columns[part][here] for part in ("index", "label", "answer", "probability"))
        found[name] = Answers(*parts)
        named = np.concatenate([found[name].labels, found[name].answers])
        if named.min() < 0 or named.max() >= len(class_names([name]) or range(10)):
            raise RunError(DAMAGED)
    return found
