"""Figures and answers of runs, read from their files once and shared by all visitors."""

import streamlit as st

from rnnviz.core.confusion import Answers
from rnnviz.training.runs.carry_out import read_answers
from rnnviz.training.runs.errors import RunError
from rnnviz.training.runs.files import whole_lines
from rnnviz.training.runs.metrics import COLUMNS
from rnnviz.training.runs.run import Run
from rnnviz.ui.service import service

VALIDATION = COLUMNS.index("validation")
TEST = "/test/accuracy"


def best_validation(run: Run) -> float | None:
    """Return the best share of validation pictures that a run got right, None before the first."""
    if run.brought or not run.epoch:
        return None
    return _best_validation(run.id, run.epoch, run.state)


@st.cache_data(show_spinner=False, max_entries=2000)
def _best_validation(run: str, epoch: int, state: str) -> float | None:
    # The file grows with every step, but only the end of an epoch changes what is asked for.
    lines = list(whole_lines(service().files(run).metrics_path))[1:]
    found = [line.split(",", VALIDATION + 1)[VALIDATION] for line in lines]
    return max((float(value) for value in found if value), default=None)


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
    except (ValueError, KeyError) as error:
        if isinstance(error, RunError):
            raise
        raise RunError("The answers of this run are damaged, so they can't be shown.") from error
    found = {}
    for name in dict.fromkeys(columns["dataset"].tolist()):
        here = columns["dataset"] == name
        parts = (columns[part][here] for part in ("index", "label", "answer", "probability"))
        found[name] = Answers(*parts)
    return found
