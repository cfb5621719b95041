"""The bug laboratory: find what is wrong with a row reader, then see what each fault costs."""

from collections.abc import Iterable
from functools import partial

import streamlit as st

from rnnviz import plots
from rnnviz.core.repairs import Repairs
from rnnviz.training.experiments import listing
from rnnviz.ui.fields import Field, Number, OneOf, SomeOf
from rnnviz.ui.laboratory import bug_words, compute_bugs, exhibit, live
from rnnviz.ui.laboratory.panel import Panel

NAME = "bugs"
LABEL = "Bug laboratory"
ORDER = 70
QUESTION = "What is wrong with this network?"
LOOK = (
    "It is meant to read a digit row by row, and there are **three faults** in it. Find them in "
    "the code; then see which of them the accuracy gives away, and which only the gradient."
)

FIND, ALL = "find", "repaired"
VIEWS = {
    FIND: "Find them",
    "whole": "Fault 1",
    "straight": "Fault 2",
    "late": "Fault 3",
    ALL: "Repaired",
}
DATA = {"default": "MNIST", "digits": "digits 8×8"}
PICTURES = 32
"""Test digits over which the gain's flow is measured."""
COSTS = {
    "whole": ("repaired-1", "listing", "linear", "repaired-28"),
    "straight": ("repaired-1", "straight-1"),
    "late": ("repaired-1", "late-1"),
    ALL: ("repaired-1", "straight-1", "late-1", "listing", "linear", "blind"),
}
"""The patients whose accuracy stands beside each other in a view."""


def fields() -> tuple[Field, ...]:
    """Return what can be chosen."""
    lines = tuple(str(number) for number in exhibit.suspects())
    return (
        OneOf("view", "Look at", tuple(VIEWS), FIND, VIEWS),
        SomeOf("lines", "Which lines are at fault?", lines, (), most=len(lines)),
        Number("gain", "Every singular value of the recurrent weights", 0.5, 1.5, 1.2, 0.05),
        OneOf("data", "Learned from", tuple(DATA), "default", DATA),
    )


def show(panel: Panel) -> None:
    """Show the section: the code on one side, what to do or what is wrong on the other."""
    st.html(exhibit.STYLE)
    view = panel.control("view")
    left, right = st.columns([3, 2], gap="medium")
    marked = exhibit.FAULTS if view == ALL else tuple({view} & set(exhibit.FAULTS))
    left.html(exhibit.markup(marked))
    if view == FIND:
        with left:
            guess(panel)
        with right:
            show_symptoms(panel)
    else:
        right.markdown(bug_words.EXPLAINED[view])
    if view == "whole":
        with right:
            show_refusal()
    if view == "straight":
        show_gain(panel)
    if view != FIND:
        show_costs(panel, view)
    with st.expander("One reads that a GRU has a forget gate and an input gate. Has it?"):
        answer_the_claim()


def guess(panel: Panel) -> None:
    """Let one say which lines are at fault, and answer."""
    panel.control("lines")
    if panel["lines"]:
        st.info(exhibit.verdict(int(line) for line in panel["lines"]), icon=":material/search:")
    panel.button("Show me the first fault", {"view": "whole"}, icon=":material/visibility:")


def show_refusal() -> None:
    """Show what happens to a row: the words of PyTorch itself."""
    st.markdown("**Fed a row**, it stops. This is what PyTorch says:")
    st.code(f"RuntimeError: {compute_bugs.refused()}", language=None, wrap_lines=True)
    st.markdown(bug_words.REFUSED)


def show_gain(panel: Panel) -> None:
    """Show what a gain does to a reader that nothing bends, and to one with a tanh."""
    st.markdown(bug_words.GAIN)
    gain = panel.control("gain", st.container(width=420))
    batch = panel.picture_batch(PICTURES)
    flows = compute_bugs.gain_flows(gain, batch, batch.identity)
    panel.facts(bug_words.gain_facts(gain, flows["straight"], flows[""]))
    places = st.columns(2)
    for place, part, name in (
        (places[0], "sizes", "state"),
        (places[1], "states", "gradient"),
    ):
        steps = flows["straight"].steps
        table = {"step": steps} | {
            f"{name}, {'nothing bends' if fault else 'tanh'}": flow.median(part)
            for fault, flow in flows.items()
        }
        panel.figure(plots.bend_curves(flows, part), f"gain-{name}", table, place)
    st.caption(f"Untrained readers with 64 units, {batch.caption}, medians, in float64.")


def show_symptoms(panel: Panel) -> None:
    """Show how the network of the page behaves, which gives no fault away."""
    st.markdown("##### The symptoms, measured")
    settings = listing.PRESETS[panel["data"]]
    live.experiment(panel, listing.NAME, settings, partial(draw_symptoms, panel))


def show_costs(panel: Panel, view: str) -> None:
    """Show what a fault costs networks that were trained."""
    st.markdown("##### What it costs, measured on trained networks")
    panel.control("data")
    settings = listing.PRESETS[panel["data"]]
    live.experiment(panel, listing.NAME, settings, partial(draw_costs, panel, view))


def draw_symptoms(panel: Panel, repairs: Repairs) -> None:
    """Show how the exhibit behaves with all its faults."""
    panel.facts(bug_words.symptoms(repairs, bool(compute_bugs.refused())))
    names = {"blind": "this network", "repaired-1": "repaired"}
    panel.figure(plots.repair_courses(repairs, names), "learning", course_table(repairs, names))
    st.caption(bug_words.symptoms_caption(repairs))


def draw_costs(panel: Panel, view: str, repairs: Repairs) -> None:
    """Show what a fault costs: the facts, then the figures."""
    panel.facts(bug_words.FACTS[view](repairs))
    names = COSTS[view]
    left, right = st.columns(2)
    figure = plots.repair_accuracies(repairs, names)
    panel.figure(figure, f"accuracy-{view}", accuracy_table(repairs, names), left)
    if view == "late":
        late = plots.late_accuracies(repairs, listing.BLOCKS)
        panel.figure(late, "rows-a-step", late_table(repairs), right)
    elif view == "whole":
        right.markdown(bug_words.NO_RECURRENCE)
    else:
        draw_gradients(panel, repairs, ("repaired-1", "straight-1", "late-1"), right)
    if view == "late":
        draw_gradients(panel, repairs, ("repaired-1", "late-1"), st)
    st.caption(bug_words.measured_how(listing.PRESETS[panel["data"]]))


def draw_gradients(panel: Panel, repairs: Repairs, names: tuple[str, ...], place) -> None:
    """Show the gradient at every step of trained readers, as far as there are any."""
    known = [name for name in names if repairs.found(name)]
    if not known:
        place.caption("The gradients come as soon as the first of these networks is trained.")
        return
    flows = {name: repairs.median_flow(name) for name in known}
    table: dict[str, object] = {"step": list(range(1, len(flows[known[0]]) + 1))}
    table |= {f"|dL/dh_t|, {repairs.patient(name).label}": flows[name] for name in known}
    panel.figure(plots.repair_gradients(repairs, known), "gradients", table, place)


def course_table(repairs: Repairs, names: Iterable[str]) -> dict[str, list]:
    """Return a row for each report: who, from which seed, the training step, the accuracy."""
    rows = [
        (repairs.patient(name).label, seed, int(step), float(right))
        for name, seed in repairs.courses
        if name in names
        for step, right in repairs.courses[name, seed].T
    ]
    columns = ("network", "seed", "training step", "validation accuracy")
    return {column: [row[place] for row in rows] for place, column in enumerate(columns)}


def accuracy_table(repairs: Repairs, names: tuple[str, ...]) -> dict[str, list]:
    """Return a row for each finished run: who, from which seed, and the share that was right."""
    runs = [
        (name, seed) for name in names for seed in repairs.seeds if (name, seed) in repairs.after
    ]
    return {
        "network": [repairs.patient(name).label for name, _ in runs],
        "seed": [seed for _, seed in runs],
        "test accuracy": [repairs.after[run].test for run in runs],
    }


def late_table(repairs: Repairs) -> dict[str, list]:
    """Return a row for each number of rows a step: the medians, in time and a step late."""
    return {"rows a step": list(listing.BLOCKS)} | {
        f"median test accuracy, {kind}": [
            repairs.accuracy(f"{kind}-{rows}") for rows in listing.BLOCKS
        ]
        for kind in ("repaired", "late")
    }


def answer_the_claim() -> None:
    """Answer with the gates that the cells of this app declare."""
    st.markdown(bug_words.CLAIM)
    st.table(compute_bugs.gate_table(), border="horizontal", hide_index=True)
    left, right = st.columns(2)
    left.markdown(compute_bugs.equations("gru"))
    right.markdown(compute_bugs.equations("lstm"))
