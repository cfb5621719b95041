"""Below the canvas: figures to study, files to take away."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from rnnviz import plots
from rnnviz.analysis.reading import Reading
from rnnviz.data.raster import rasterise
from rnnviz.data.strokes import Drawing
from rnnviz.ui import cache, downloads
from rnnviz.ui.cache import Reader
from rnnviz.ui.components.plotly_figure import plotly_figure
from rnnviz.ui.components.reading_room.payload import step_word
from rnnviz.ui.link import View
from rnnviz.ui.subject import Subject


def offer_files(view: View, subject: Subject, readers: Mapping[str, Reader]) -> None:
    """Offer the picture and every trace; a file is made when somebody asks for it."""
    left, right = st.columns(2)
    if isinstance(view.shown, Drawing):
        drawing = view.shown
        make = lambda: downloads.picture_png(rasterise(drawing), scale=2)  # noqa: E731
        offer(left, "Your drawing, PNG", "drawing.png", make)
    make_seen = lambda: downloads.picture_png(subject.picture.image)  # noqa: E731
    offer(right, "As they see it, PNG", "seen-28x28.png", make_seen)
    for name in view.readers:
        reader = readers[name]
        st.caption(f"{reader.label}: all states and gates of every step")
        left, right = st.columns(2)
        offer(left, "Trace, CSV", f"{name}-trace.csv", csv_maker(reader, subject))
        offer(right, "Trace, NPZ", f"{name}-trace.npz", npz_maker(reader, subject))
    st.caption("Each card has a button of its own for its figure as PNG.")


def offer(place: Any, label: str, file_name: str, make: Callable[[], bytes]) -> None:
    """Show a button that makes a file and hands it over."""
    place.download_button(
        label, make, file_name, key=f"draw-file-{file_name}", on_click="ignore", width="stretch"
    )


def csv_maker(reader: Reader, subject: Subject) -> Callable[[], bytes]:
    """Return what makes the CSV of a trace."""
    return lambda: downloads.trace_csv(cache.reading(reader, subject.picture).trace)


def npz_maker(reader: Reader, subject: Subject) -> Callable[[], bytes]:
    """Return what makes the NPZ of a reading."""
    config = reader.checkpoint.config.as_dict()
    picture = subject.picture
    return lambda: downloads.reading_npz(cache.reading(reader, picture), picture.image, config)


def show_figures(view: View, subject: Subject, readers: Mapping[str, Reader]) -> None:
    """Show one reader's figures large, each with a button that saves it as PNG."""
    st.caption("Point at a figure for its values; its camera saves it as PNG.")
    name = st.selectbox(
        "Network", view.readers, format_func=lambda n: readers[n].label, key="draw-study"
    )
    reading, classes = cache.reading(readers[name], subject.picture), readers[name].classes
    unit = view.pin.unit if view.pin is not None and view.pin.reader == name else 0
    for kind, figure in figures(reading, classes, unit).items():
        figure.update_layout(uirevision=name)
        plotly_figure(figure, f"draw-figure-{kind}", f"{name}-{kind}")


def figures(reading: Reading, classes: Sequence[str], unit: int) -> dict[str, Any]:
    """Return all figures of a reading by name, those of one unit last."""
    trace = reading.trace
    found = {"probabilities": plots.probability_bars(trace.probabilities, classes)}
    if len(reading.belief_depths):
        word = step_word(trace.route)
        found["beliefs"] = plots.belief_heatmap(
            reading.belief_depths, reading.beliefs, reading.settled, classes, word
        )
    found |= {f"state-{state}": plots.state_heatmap(trace, state) for state in trace.states}
    found |= {f"gate-{gate}": plots.gate_heatmap(trace, gate) for gate in trace.gates}
    found[f"unit-{unit}"] = plots.unit_curves(trace, unit)
    if trace.route.parents.shape[1] == 2:
        found[f"unit-{unit}-map"] = plots.unit_map(trace, unit)
    return found
