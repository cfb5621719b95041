"""Section 1: how much of the gradient is left on its way back through time."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from rnnviz import plots
from rnnviz.analysis.variants import VARIANTS
from rnnviz.core.batch_flow import BatchFlow
from rnnviz.data.errors import InputError
from rnnviz.models.checkpoint import CheckpointError
from rnnviz.plots.looks import Look
from rnnviz.ui.components.backward import backward, payload
from rnnviz.ui.fields import Field, OneOf, SomeOf, Switch
from rnnviz.ui.laboratory import compute_flow, flow_words, trained
from rnnviz.ui.laboratory.compute_flow import SHIPPED, START, Measured, Source
from rnnviz.ui.laboratory.panel import DRAWING, Panel
from rnnviz.ui.laboratory.pictures import Batch
from rnnviz.ui.laboratory.reading_choice import batch_field, choose_way, pictures, way_fields
from rnnviz.ui.laboratory.ways import WAYS
from rnnviz.ui.messages import as_text, notify

NAME = "flow"
LABEL = "Flow through time"
ORDER = 10
QUESTION = "How much of the gradient reaches what was read first?"
LOOK = (
    "Reading runs to the right, the gradient comes back to the left. A line that falls towards "
    "the left **vanishes**: the network hardly learns from what it read there."
)

WEIGHTS = {
    START: "at the start",
    "early": "early in training",
    "midway": "midway",
    "end": "at the end",
    SHIPPED: "trained networks",
}
AUTO = "read"
"""The drawing counts as the digit that the first network of the page "Draw" reads in it."""


def fields() -> tuple[Field, ...]:
    """Return what can be chosen."""
    labels = {name: variant.label for name, variant in VARIANTS.items()}
    digits = tuple(str(digit) for digit in range(10))
    return (
        SomeOf(
            "networks",
            "Networks, 64 units each",
            tuple(VARIANTS),
            ("rnn", "irnn", "lstm-0", "lstm-3", "gru-0"),
            labels,
        ),
        *way_fields(),
        OneOf("weights", "Weights", tuple(WEIGHTS), START, WEIGHTS),
        trained.field(trained.chains),
        batch_field(),
        OneOf(
            "digit",
            "Which digit it is",
            (AUTO, *digits),
            AUTO,
            {AUTO: "as the first network reads it"},
        ),
        Switch(
            "float32",
            "What float32 makes of it",
            help="Networks are trained in 32 bits; below 10⁻⁴⁵ these hold nothing but 0.",
        ),
    )


def show(panel: Panel) -> None:
    """Show the section: choose, measure, watch, read the numbers, study."""
    choose(panel)
    batch = pictures(panel, None if panel["digit"] == AUTO else int(panel["digit"]))
    found = measured(panel, batch)
    if not found:
        return
    way = WAYS[panel["route"]]
    looks = trained.looks(each.source.name for each in found)
    backward(room(found, looks, way.word), key="lab-flow-backward")
    flows = {each.source.label: each.flow for each in found}
    exact = {each.source.label: each.exact for each in found if each.exact is not None}
    tell_underflow(panel, flows, exact, way.word)
    st.table(flow_words.summary(flows, way.word), border="horizontal", hide_index=True)
    st.caption(
        f"Measured on {batch.caption}, in {'float32' if exact else 'float64'}; the loss is the "
        f"cross-entropy. Medians over the pictures; the heat maps show the first of them, in "
        f"float64. A ReLU at 0 lets nothing through: on blank rows at the top every unit of such a "
        f"network may be shut."
    )
    if panel["weights"] == SHIPPED:
        st.caption(flow_words.accuracies(compute_flow.accuracies(found)))
        notify(trained.remarks(panel))
    named = {each.source.label: looks[each.source.name] for each in found}
    factors = plots.factor_curves(flows, looks=named)
    panel.figure(factors, "factor-h", flow_words.flow_table(flows))
    study(panel, found, flows, exact, named)


def choose(panel: Panel) -> None:
    """Draw the choices."""
    if panel["weights"] != SHIPPED:
        panel.control("networks")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choose_way(panel)
        panel.menu("Pictures", "image", lambda menu: choose_pictures(panel, menu))
        panel.control("weights", st.container(width=230))
        if panel["weights"] == SHIPPED:
            panel.menu("Networks", "network_node", lambda menu: panel.control(trained.NAME, menu))
        panel.control("float32")


def choose_pictures(panel: Panel, menu: Any) -> None:
    """Draw the choice of the pictures, and of what a drawing is meant to be."""
    panel.control("batch", menu)
    if panel["batch"] == DRAWING:
        panel.control("digit", menu)


def measured(panel: Panel, batch: Batch) -> list[Measured]:
    """Return what is measured of each chosen network; what can't be is said, each by itself."""
    try:
        chosen = sources(panel)
    except InputError as error:
        mend(panel, str(error))
        return []
    found: list[Measured] = []
    missing: list[str] = []
    for source in chosen:
        try:
            found.append(measure(source, batch, panel["float32"]))
        except InputError as error:
            st.warning(as_text(str(error)), icon=":material/info:")
        except CheckpointError:
            missing.append(source.label)
    if missing:
        mend(panel, f"No training along this route was kept of: {'; '.join(missing)}.")
    return found


def sources(panel: Panel) -> list[Source]:
    """Return the networks that are chosen; InputError if they don't fit the route."""
    way, length, weights = panel["route"], panel["length"], panel["weights"]
    if weights != SHIPPED:
        return compute_flow.sources(panel["networks"], way, length, weights)
    return compute_flow.trained_sources(trained.readers(panel), way, length)


def measure(source: Source, batch: Batch, float32: bool) -> Measured:
    """Return what is measured of one network, saying so where it takes a while."""
    if source.length < compute_flow.LONG:
        return compute_flow.measure(source, batch, float32)
    with st.spinner(f"{source.label}: back through {source.length} steps…"):
        return compute_flow.measure(source, batch, float32)


def mend(panel: Panel, problem: str) -> None:
    """Say what doesn't fit, with the buttons that mend it."""
    st.warning(as_text(problem), icon=":material/info:")
    way = WAYS[panel["route"]]
    with st.container(horizontal=True):
        if panel["length"] != way.steps:
            panel.button(f"Read all {way.steps} steps", {"length": way.steps}, type="primary")
        if panel["length"] > way.steps:
            values = {"route": "pixels"}
            panel.button(f"Read {panel['length']} single pixels", values)
        if panel["weights"] != START:
            panel.button("Look at the start of training", {"weights": START})


def room(found: list[Measured], looks: Mapping[str, Look], word: str) -> payload.Payload:
    """Return what the animation shows."""
    networks = [
        payload.network(name, each.source.label, each.flow, each.picture, each.exact, looks[name])
        for each in found
        for name in [each.source.name]
    ]
    return payload.view(networks, word)


def tell_underflow(
    panel: Panel, flows: dict[str, BatchFlow], exact: dict[str, BatchFlow], word: str
) -> None:
    """Say what float32 has lost, if that is asked."""
    if not panel["float32"]:
        return
    lost = flow_words.underflows(flows, exact, word) + flow_words.stuck(flows, exact, word)
    if lost:
        st.warning("  \n".join(lost), icon=":material/exposure_zero:")
    else:
        spared = flow_words.spared(panel["length"], panel["weights"] == START)
        st.success(spared, icon=":material/check:")


def study(
    panel: Panel,
    found: list[Measured],
    flows: dict[str, BatchFlow],
    exact: dict[str, BatchFlow],
    looks: Mapping[str, Look],
) -> None:
    """Show, on demand, the figures large, with their numbers."""
    place = st.expander(
        "Figures to study and to save", icon=":material/insights:", on_change="rerun"
    )
    if not place.open:
        return
    table = flow_words.flow_table(flows)
    states = list(dict.fromkeys(state for flow in flows.values() for state in flow.norms))
    with place:
        for state in states:
            curves = plots.flow_curves(flows, state, exact or None, looks)
            panel.figure(curves, f"left-{state}", table)
            if state != "h":
                factors = plots.factor_curves(flows, state, looks)
                panel.figure(factors, f"factor-{state}", table)
        for each in found:
            for state in each.picture.states:
                heatmap = plots.gradient_heatmap(each.picture, state)
                heatmap.update_layout(title_text=f"{each.source.label}: ∂L/∂{state}")
                table = flow_words.heatmap_table(each.picture, state)
                panel.figure(heatmap, f"map-{each.source.name}-{state}", table)
