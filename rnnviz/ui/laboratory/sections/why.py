"""Section 2: why gradients vanish and explode."""

from typing import Any

import streamlit as st

from rnnviz import plots
from rnnviz.analysis.variants import find_variant
from rnnviz.data.errors import InputError
from rnnviz.models.cells import cell_class
from rnnviz.ui.fields import Field, Number, OneOf
from rnnviz.ui.laboratory import compute_why, why_words
from rnnviz.ui.laboratory.compute_why import Subject
from rnnviz.ui.laboratory.panel import Panel
from rnnviz.ui.laboratory.pictures import Batch
from rnnviz.ui.laboratory.reading_choice import batch_field, choose_way, pictures, way_fields
from rnnviz.ui.laboratory.ways import WAYS
from rnnviz.ui.messages import as_text

NAME = "why"
LABEL = "Why"
ORDER = 20
QUESTION = "Why does the gradient vanish or explode?"
LOOK = (
    "Each step back multiplies the gradient by one more matrix. Turn the gain: below the level "
    "line at 1 the product shrinks with every step, above it grows."
)
CASES = {"Vanishing": 0.8, "As it starts": 1.0, "Near the edge": 1.8, "Exploding": 3.0}
"""Gains one click away."""


def fields() -> tuple[Field, ...]:
    """Return what can be chosen."""
    names = tuple(compute_why.VARIANTS)
    labels = {name: name_of(name) for name in names}
    low, high = compute_why.GAINS
    return (
        OneOf("cell", "Network, 64 units, at its start", names, "rnn", labels),
        *way_fields(),
        Number(
            "gain",
            "Recurrent gain: the factor on W",
            low,
            high,
            1.0,
            0.05,
            help="The start times this factor. Drag, or press the arrow keys.",
        ),
        Number("bias", "Bias of the gate that keeps", -3.0, 8.0, 1.0, 0.25),
        batch_field(),
    )


def name_of(name: str) -> str:
    """Return what a network is called; where the bias is a choice, without one."""
    variant = find_variant(compute_why.VARIANTS[name])
    cell = cell_class(variant.cell)
    return cell.LABEL if cell.KEEPS else variant.label


def show(panel: Panel) -> None:
    """Show the section: choose, what the bound says, the singular values, the gates."""
    choose(panel)
    subject = Subject(panel["cell"], panel["route"], panel["length"], panel["bias"])
    batch = pictures(panel)
    try:
        spectrum = compute_why.spectrum(subject, panel["gain"], batch)
    except InputError as error:
        mend(panel, str(error))
        return
    panel.facts(why_words.facts(spectrum))
    cell = find_variant(compute_why.VARIANTS[subject.name]).cell
    st.markdown(why_words.verdict(spectrum, cell))
    left, right = st.columns(2)
    table = why_words.spectrum_table(spectrum)
    panel.figure(plots.singular_values(spectrum, subject.look), "singular-values", table, left)
    film = st.container()
    show_steps(panel, subject, batch)
    st.caption(why_words.footnote(cell, batch.caption, len(batch.images)))
    # Many gains take long over many steps, so that they are measured after all that is quick.
    show_gains(panel, subject, batch, right)
    with film:
        show_film(panel, subject, batch)


def choose(panel: Panel) -> None:
    """Draw the choices."""
    panel.control("cell")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choose_way(panel)
        panel.menu("Pictures", "image", lambda menu: panel.control("batch", menu))
    with st.container(horizontal=True, vertical_alignment="center"):
        panel.control("gain", st.container(width=520))
        for label, gain in CASES.items():
            panel.button(label, {"gain": gain})


def mend(panel: Panel, problem: str) -> None:
    """Say what can't be, with the buttons that mend it."""
    st.warning(as_text(problem), icon=":material/info:")
    way = WAYS[panel["route"]]
    with st.container(horizontal=True):
        if panel["length"] > way.steps:
            panel.button(f"Read all {way.steps} steps", {"length": way.steps}, type="primary")
            panel.button(f"Read {panel['length']} single pixels", {"route": "pixels"})
        else:
            panel.button("Back to a gain of 1", {"gain": 1.0}, type="primary")


def show_gains(panel: Panel, subject: Subject, batch: Batch, place: Any) -> None:
    """Show the measured factor per step over the gain."""
    spectra = compute_why.sweep(subject, batch)
    curves = plots.gain_curves(spectra, panel["gain"], subject.look)
    panel.figure(curves, "gain", why_words.gain_table(spectra), place, marks=("gain",))


def show_film(panel: Panel, subject: Subject, batch: Batch) -> None:
    """Show, on demand, the singular values at every gain, in a figure that follows the hand."""
    place = st.expander(
        "Drag the gain and watch, from 0.1 to 4",
        icon=":material/swipe_right_alt:",
        on_change="rerun",
    )
    if not place.open:
        return
    with place:
        with st.spinner("Measuring at every gain…"):
            spectra = compute_why.film(subject, batch.identity, batch)
        film = plots.gain_film(spectra, panel["gain"], subject.look)
        panel.figure(film, "film", why_words.film_table(spectra))


def show_steps(panel: Panel, subject: Subject, batch: Batch) -> None:
    """Show what each single step keeps and, for a cell with gates, how long each unit does."""
    spectrum = compute_why.spectrum(subject, panel["gain"], batch)
    curve = plots.preservation_curve(spectrum, subject.look)
    ratios = spectrum.preservation
    table = {"step": list(range(1, len(ratios) + 1)), "kept by the step back": ratios}
    if subject.gate is None:
        panel.figure(curve, "preservation", table)
        return
    left, right = st.columns(2)
    panel.figure(curve, "preservation", table, left)
    with right:
        st.markdown(f"**The {subject.gate} gate decides how long a unit remembers**")
        panel.control("bias")
        lives = compute_why.memory(subject, panel["gain"], batch.identity, batch)
        panel.facts(why_words.memory_facts(lives, subject.length))
        bars = plots.half_life_bars(lives, subject.length, subject.look)
        panel.figure(bars, "half-lives", {"unit": list(range(len(lives))), "half-life": lives})
