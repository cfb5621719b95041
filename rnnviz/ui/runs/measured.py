"""Figures and answers of runs, read from their files once and shared by all visitors."""

import csv

import numpy as np
import streamlit as st

from rnnviz.core.confusion import Answers
from rnnviz.data.sets import class_names
from rnnviz.training.runs.carry_out import read_answers
from rnnviz.training.runs.errors import RunError
from rnnviz.training.runs.files import whole_lines
from rnnviz.training.runs.metrics import COLUMNS
from rnnviz.training.runs.run import Run
from rnnviz.ui.service import service

VALIDATION = COLUMNS.index("validation")
TEST = "/test/accuracy"
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
