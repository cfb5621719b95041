"""Runs side by side: their curves in one figure, and what differs between them."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from rnnviz import plots
from rnnviz.core.curves import Curve, smoothed
from rnnviz.training.runs.run import Run
from rnnviz.ui.figure import show_figure
from rnnviz.ui.form import Form
from rnnviz.ui.library import called
from rnnviz.ui.runs import desk
from rnnviz.ui.runs.measured import best_validation, test_accuracy
from rnnviz.ui.runs.settings import NOTHING, differences
from rnnviz.ui.runs.tables import html_table
from rnnviz.ui.service import metrics_reader
from rnnviz.ui.studio.plan import time_words
from rnnviz.ui.studio.words import as_percent

TITLES = {
    "loss": ("Loss on each training batch", "loss (nats)"),
    "accuracy": ("Right in each training batch", "share right"),
    "validation": ("Right on the validation pictures", "share right"),
    "validation_loss": ("Loss on the validation pictures", "loss (nats)"),
    "norm": ("Size of the gradient, before the clip", "total norm of the gradient"),
}
LOGARITHMIC = ("loss", "validation_loss", "norm")
SELDOM = ("validation", "validation_loss")
"""Measured after each epoch only: too few values to smooth."""
AXES = {"step": "training step", "seconds": "seconds of training"}


def choose(form: Form) -> None:
    """Draw what can be chosen for the figure."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="runs-choices"):
        form.control("curve", st.container(width=280))
        form.control("axis")
        if form["curve"] not in SELDOM:
            form.control("smooth", st.container(width=260))


def compare(runs: Sequence[Run], form: Form) -> None:
    """Show the curves of runs and what differs between them.

    Args:
        runs: Those that are selected.
        form: What is chosen for the figure.
    """
    show_curves(runs, form)
    show_differences(runs)


def show_curves(runs: Sequence[Run], form: Form) -> None:
    """Show the chosen curve of all runs in one figure."""
    curve, axis = form["curve"], form["axis"]
    raw = [found for run in runs if (found := curve_of(run, curve, axis)) is not None]
    if not raw:
        st.info(
            "Nothing was measured of these runs yet. Networks that were brought along have no "
            "curves: they were trained elsewhere.",
            icon=":material/info:",
        )
        return
    weight = 0.0 if curve in SELDOM else form["smooth"]
    drawn = [Curve(one.name, one.colour, one.x, smoothed(one.y, weight)) for one in raw]
    title, y = TITLES[curve]
    behind = raw if weight else []
    figure = plots.run_curves(drawn, behind, title, AXES[axis], y, curve in LOGARITHMIC)
    revision = f"{curve} {axis}"
    show_figure(figure, "runs", curve, revision, curve_table(raw, drawn, AXES[axis], y))


def curve_of(run: Run, curve: str, axis: str) -> Curve | None:
    """Return a column of a run's metrics over another one, None if there is nothing."""
    if run.brought:
        return None
    metrics = metrics_reader(run.id).read()
    there = np.isfinite(metrics[curve]) if curve in SELDOM else slice(None)
    x, y = metrics[axis][there], metrics[curve][there]
    return Curve(called(run), desk.selected()[run.id], x, y) if len(x) else None


def curve_table(
    raw: Sequence[Curve], drawn: Sequence[Curve], x: str, y: str
) -> Mapping[str, np.ndarray]:
    """Return all curves as one table, a row for each point of each run."""
    return {
        "run": np.concatenate([np.repeat(one.name, len(one.x)) for one in raw]),
        x: np.concatenate([one.x for one in raw]),
        y: np.concatenate([one.y for one in raw]),
        f"{y}, smoothed": np.concatenate([one.y for one in drawn]),
    }


def show_differences(runs: Sequence[Run]) -> None:
    """Show the settings in which runs differ, and how each ended."""
    rows = [[name, *values] for name, values in differences(runs).items()]
    if not rows and len(runs) > 1:
        rows = [["Settings", *["all the same"] * len(runs)]]
    rows += [[name, *values] for name, values in final_figures(runs).items()]
    colours = [desk.selected()[run.id] for run in runs]
    st.html(html_table(["", *(run.name for run in runs)], rows, colours))


def final_figures(runs: Sequence[Run]) -> dict[str, list[str]]:
    """Return how runs ended: for each figure a text for every run."""
    return {
        "Training loss": [number(run.figures.get("loss")) for run in runs],
        "Training accuracy": [share(run.figures.get("accuracy")) for run in runs],
        "Best validation": [share(best_validation(run)) for run in runs],
        "Test accuracy": [share(test_accuracy(run)) for run in runs],
        "Time": [time_words(run.seconds) if run.seconds else NOTHING for run in runs],
    }


def number(value: float | None) -> str:
    """Return a number as it is read, a dash for none."""
    return NOTHING if value is None else f"{value:.4g}"


def share(value: float | None) -> str:
    """Return a share as it is read, a dash for none."""
    return NOTHING if value is None else as_percent(value)
