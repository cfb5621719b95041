"""Clipping: twins from one start on the same batches that differ in their clip alone."""

from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from rnnviz import plots
from rnnviz.analysis.variants import VARIANTS
from rnnviz.core.twins import FlowCheck, Twins
from rnnviz.plots.twins import plain
from rnnviz.training.experiments import clipping, shipped
from rnnviz.ui.fields import Field, Number, OneOf, Whole
from rnnviz.ui.laboratory import clipping_words as words
from rnnviz.ui.laboratory import live
from rnnviz.ui.laboratory.panel import Panel
from rnnviz.ui.messages import as_text

NAME = "clipping"
LABEL = "Clipping"
ORDER = 40
QUESTION = "What does clipping do to a training, and what not?"
LOOK = (
    "Three runs, one start, the same batches: see which of them still learn at the end, how τ cuts "
    "the norm of their gradient, and that the flow through time stays the same."
)

DEFAULT = clipping.PRESETS["saves"]
CASES = {
    "Clipping saves the run": "saves",
    "Clipping hurts the run": "hurts",
    "Adam hardly notices": "adam",
}
"""The runs that come finished with the app, by what their buttons say."""
MANTISSAS = ("1", "2", "5")
RATES = tuple(plain(float(f"{m}e{e}")) for e in range(-4, 2) for m in MANTISSAS)
NORMS = tuple(plain(float(f"{m}e{e}")) for e in range(-3, 4) for m in MANTISSAS)
VALUES = tuple(plain(float(f"{m}e{e}")) for e in range(-5, 2) for m in MANTISSAS)
WAYS = {
    "rows": ("rows", 4, "rows, 28 steps"),
    "patches7": ("patches", 7, "7×7 patches, 16 steps"),
    "patches4": ("patches", 4, "4×4 patches, 49 steps"),
    "patches2": ("patches", 2, "2×2 patches, 196 steps"),
}
"""Route, side of the patches, and what a menu shows."""
LENGTHS = ("all", "7", "14", "21", "28", "49", "98", "196")
SIZES = ("16", "32", "64", "128")
OPTIMISERS = {"sgd": "SGD", "adam": "Adam"}
RUNS = {"norm": "by norm", "value": "by value"}
LOG_HEIGHT = 300
GROUPS = (
    ("network", "gain", "way", "length", "units"),
    ("optimiser", "rate", "batch", "steps", "dataset", "seed"),
)


def fields() -> tuple[Field, ...]:
    """Return all that can be chosen."""
    networks = {name: variant.label for name, variant in VARIANTS.items()}
    factor = "Factor on the recurrent weights at the start."
    return (
        OneOf("norm", "τ by norm", NORMS, plain(DEFAULT.tau_norm), help=BY_NORM),
        OneOf("value", "τ by value", VALUES, plain(DEFAULT.tau_value), help=BY_VALUE),
        OneOf("network", "Network", tuple(VARIANTS), DEFAULT.variant, networks),
        Number("gain", "Recurrent gain", 0.1, 20.0, DEFAULT.gain, 0.05, factor),
        OneOf("way", "Reads", tuple(WAYS), "rows", {name: way[2] for name, way in WAYS.items()}),
        OneOf("length", "Of these, the middle", LENGTHS, "all"),
        OneOf("units", "Hidden units", SIZES, str(DEFAULT.units)),
        OneOf("optimiser", "Optimiser", tuple(OPTIMISERS), DEFAULT.optimiser, OPTIMISERS),
        OneOf("rate", "Learning rate", RATES, plain(DEFAULT.learning_rate)),
        OneOf("batch", "Pictures a step", SIZES, str(DEFAULT.batch)),
        Whole("steps", "Training steps", 50, 2000, DEFAULT.steps, 50),
        OneOf("dataset", "Digits", clipping.DATASETS, DEFAULT.dataset, {"digits": "digits 8×8"}),
        Whole("seed", "Seed", 0, 20, DEFAULT.seed),
        OneOf("log", "Run", tuple(RUNS), "norm", RUNS),
    )


BY_NORM = "The whole gradient is scaled down until its norm is τ at most; its direction stays."
BY_VALUE = "Every entry of the gradient is cut at −τ and τ; its direction changes."


def show(panel: Panel) -> None:
    """Show the section from top to bottom."""
    choose(panel)
    try:
        settings = asked(panel)
    except ValueError as error:
        st.warning(as_text(str(error)), icon=":material/info:")
        return
    live.experiment(panel, clipping.NAME, settings, lambda found: draw(panel, found))
    with st.expander("What clipping does not do", icon=":material/block:", expanded=True):
        st.markdown(words.NOT)


def choose(panel: Panel) -> None:
    """Draw the finished runs, the thresholds, and the settings of one's own."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="lab-clipping-cases"):
        for label, preset in CASES.items():
            panel.button(label, chosen(clipping.PRESETS[preset]))
        for name in ("norm", "value"):
            panel.control(name, st.container(width=130))
        panel.menu("Own settings", "tune", lambda menu: choose_own(panel, menu))


def choose_own(panel: Panel, menu: Any) -> None:
    """Draw the settings of runs of one's own."""
    for place, names in zip(menu.columns(2), GROUPS, strict=True):
        for name in names:
            panel.control(name, place)


def chosen(settings: clipping.Settings) -> dict[str, Any]:
    """Return the choices that mean these settings."""
    wanted = (settings.route, settings.patch)
    return {
        "norm": plain(settings.tau_norm),
        "value": plain(settings.tau_value),
        "network": settings.variant,
        "gain": settings.gain,
        "way": next(name for name, way in WAYS.items() if way[:2] == wanted),
        "length": str(settings.length) if settings.length else "all",
        "units": str(settings.units),
        "optimiser": settings.optimiser,
        "rate": plain(settings.learning_rate),
        "batch": str(settings.batch),
        "steps": settings.steps,
        "dataset": settings.dataset,
        "seed": settings.seed,
    }


def asked(panel: Panel) -> clipping.Settings:
    """Return the settings that are chosen; ValueError if there can't be such a run."""
    route, patch, _ = WAYS[panel["way"]]
    return clipping.Settings(
        dataset=panel["dataset"],
        variant=panel["network"],
        route=route,
        patch=patch,
        length=0 if panel["length"] == "all" else int(panel["length"]),
        units=int(panel["units"]),
        gain=panel["gain"],
        optimiser=panel["optimiser"],
        learning_rate=float(panel["rate"]),
        batch=int(panel["batch"]),
        steps=panel["steps"],
        tau_norm=float(panel["norm"]),
        tau_value=float(panel["value"]),
        seed=panel["seed"],
    )


def draw(panel: Panel, twins: Twins) -> None:
    """Show twin runs, or what there is of them."""
    if twins.overflows_at_once:
        st.warning(words.AT_ONCE, icon=":material/info:")
        return
    st.markdown(f"##### {words.verdict(twins)}")
    panel.facts({words.NAMES[name]: words.end_of(run) for name, run in twins.runs.items()})
    table = twins.table()
    left, right = st.columns(2, gap="medium")
    panel.figure(plots.twin_losses(twins), "loss", table, left)
    panel.figure(plots.twin_accuracies(twins), "accuracy", held_out_table(twins), right)
    st.markdown("#### The gradient of all weights, before and after the clip")
    for name, place in zip(twins.runs, st.columns(3, gap="medium"), strict=True):
        panel.figure(plots.clip_norms(twins, name), f"norm-{name}", run_table(twins, name), place)
    suggest(panel, twins)
    show_log(panel, twins)
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("#### Two ways from one start")
        st.markdown(words.travelled(twins))
        panel.figure(plots.twin_distances(twins), "distance", table)
    check = twins.hardest_check()
    if check is not None:
        with right:
            show_flow(panel, check)


def suggest(panel: Panel, twins: Twins) -> None:
    """Say which τ the measured norms propose, and offer to train with it at once."""
    found = twins.suggestion()
    if found is None:
        return
    st.markdown("#### Which τ?")
    st.markdown(words.proposal(found, twins.runs[found.run].updates))
    st.caption(words.trial(time_taken(asked(panel))))
    tried = {"about half": found.low, "about the mean": found.mean, "about ten times": found.high}
    with st.container(horizontal=True, key="lab-clipping-suggestion"):
        for what, threshold in tried.items():
            option = words.nearest(threshold, NORMS)
            st.button(
                f"Train with τ = {option} ({what})",
                key=f"lab-clipping-train-{what}",
                icon=":material/play_arrow:",
                disabled=option == panel["norm"],
                on_click=train_with,
                args=(panel, option),
            )


def time_taken(settings: clipping.Settings) -> str:
    """Return how long such runs take, measured on some that differ in τ alone where there are any.

    No τ makes a training step longer, or shorter.
    """
    for known in clipping.PRESETS.values():
        alike = replace(settings, tau_norm=known.tau_norm, tau_value=known.tau_value)
        record = shipped(clipping.NAME, known) if alike == known else None
        if record is not None:
            return f"about {live.duration(record.provenance['duration_s'])} on a like machine"
    return f"by a rough estimate {live.duration(settings.duration_s)}"


def train_with(panel: Panel, threshold: str) -> None:
    """Choose a τ by norm, and start the runs with it unless there are some already."""
    panel.assign({"norm": threshold})
    settings = asked(panel)
    if not live.is_there(clipping.NAME, settings):
        live.start(clipping.NAME, settings)


def show_log(panel: Panel, twins: Twins) -> None:
    """Show every clipped step of a run as a table."""
    place = st.expander(
        "Log of the clipped steps",
        icon=":material/list:",
        on_change="rerun",
        key="lab-clipping-log",
    )
    if not place.open:
        return
    with place:
        run = twins.runs[panel.control("log")]
        log = run.clip_log()
        st.caption(
            f"{len(log['factor'])} of {run.updates} steps were clipped "
            f"({plots.run_label(run)}). The factor is the norm after by the norm before."
        )
        st.dataframe(log, hide_index=True, height=LOG_HEIGHT, column_config=LOG_COLUMNS)


LOG_COLUMNS = {
    "training step": st.column_config.NumberColumn("training step"),
    "norm before": st.column_config.NumberColumn("norm before", format="%.4g"),
    "norm after": st.column_config.NumberColumn("norm after", format="%.4g"),
    "factor": st.column_config.NumberColumn("factor", format="%.3g"),
    "cosine": st.column_config.NumberColumn("cosine of the turn", format="%.4f"),
}


def show_flow(panel: Panel, check: FlowCheck) -> None:
    """Show the flow through time around the hardest clip so far."""
    st.markdown("#### The flow through time: the same with and without")
    st.markdown(words.statement(check))
    table = {
        "step": np.arange(1, len(check.before) + 1),
        "|dL/dh| before the clip": check.before,
        "|dL/dh| after it": check.after,
    }
    panel.figure(plots.flow_around_clip(check), "flow", table)


def held_out_table(twins: Twins) -> dict[str, np.ndarray]:
    """Return every measured accuracy, a row for each run and check."""
    runs = list(twins.runs.values())
    return {
        "run": np.concatenate([np.full(len(run.checked), run.name) for run in runs]),
        "training step": np.concatenate([run.checked for run in runs]),
        "held-out accuracy": np.concatenate([run.held_out for run in runs]),
    }


def run_table(twins: Twins, name: str) -> dict[str, np.ndarray]:
    """Return one run as columns."""
    table = twins.table()
    return {column: values[table["run"] == name] for column, values in table.items()}
