"""Runs side by side: their curves in one figure, and what differs between them."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from rnnviz import plots
from rnnviz.core.curves import Curve, smoothed
from rnnviz.training.runs.run import Run
from rnnviz.ui.figure import show_figure
from rnnviz.ui.form import Form
from rnnviz.ui.runs import desk
from rnnviz.ui.runs.measured import best_validation, last_step, set_aside, test_accuracy, tested_on
from rnnviz.ui.runs.rows import data_name, names_apart
from rnnviz.ui.runs.settings import NOTHING, differences, settings
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
BROUGHT = "Training"
"""The line among the settings of a network that was brought along."""
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
    names = names_apart(runs)
    raw = [one for run in runs if (one := curve_of(run, names[run.id], curve, axis)) is not None]
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


def curve_of(run: Run, name: str, curve: str, axis: str) -> Curve | None:
    """Return a column of a run's metrics over another one, None if there is nothing."""
    if run.brought:
        return None
    metrics = metrics_reader(run.id).read()
    there = np.isfinite(metrics[curve]) if curve in SELDOM else slice(None)
    x, y = metrics[axis][there], metrics[curve][there]
    return Curve(name, desk.selected()[run.id], x, y) if len(x) else None


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
    """Show how runs ended and the settings in which they differ; the others only if asked for."""
    found = [settings(run, set_aside(run)) for run in runs]
    different = differences(found)
    rows = [[name, *values] for name, values in different.items()]
    if not rows and len(runs) > 1:
        rows = [["Settings", *["all the same"] * len(runs)]]
    rows += [[name, *values] for name, values in final_figures(runs).items()]
    colours = [desk.selected()[run.id] for run in runs]
    names = names_apart(runs)
    st.html(html_table(["", *(names[run.id] for run in runs)], rows, colours))
    alike = {name: text for one in found for name, text in one.items() if name not in different}
    alike.pop(BROUGHT, None)
    if alike:
        with st.expander(
            "Settings" if len(runs) == 1 else "The other settings, the same in all that have them"
        ):
            st.html(html_table(["", ""], list(map(list, alike.items())), ()))


def final_figures(runs: Sequence[Run]) -> dict[str, list[str]]:
    """Return how runs ended: for each figure a text for every run."""
    ends = [training_end(run) for run in runs]
    tests = dict.fromkeys(tested_on(run) for run in runs if tested_on(run))
    return {
        "Training loss, last steps": [number(loss) for loss, _ in ends],
        "Training accuracy, last steps": [share(right) for _, right in ends],
        "Best validation accuracy": [share(best_validation(run)) for run in runs],
        **{
            f"Test accuracy, {data_name(data)}": [
                share(test_accuracy(run) if tested_on(run) == data else None) for run in runs
            ]
            for data in tests
        },
        "Time": [time_words(run.seconds) if run.seconds else NOTHING for run in runs],
    }


def training_end(run: Run) -> tuple[float | None, float | None]:
    """Return a run's loss and its share right on the last training pictures that it read.

    Means over the last steps as the ledger keeps them; of a run that failed those of its last step,
    for a mean would hide what it failed of.
    """
    last = last_step(run) if run.state == "failed" else None
    return last[1:] if last else (run.figures.get("loss"), run.figures.get("accuracy"))


def number(value: float | None) -> str:
    """Return a number as it is read, a dash for none."""
    return NOTHING if value is None else f"{value:.4g}"


def share(value: float | None) -> str:
    """Return a share as it is read, a dash for none."""
    return NOTHING if value is None else as_percent(value)
