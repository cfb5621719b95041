"""A figure with its buttons: one that saves it as PNG, and one with the numbers behind it."""

from collections.abc import Callable, Mapping
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from rnnviz.ui.components.plotly_figure import plotly_figure
from rnnviz.ui.laboratory.tables import table_csv


def show_figure(
    figure: go.Figure,
    place: str,
    name: str,
    revision: str,
    table: Mapping[str, Any] | None = None,
    target: Any = None,
    on_click: Callable[[], None] | None = None,
) -> None:
    """Show a figure with buttons that save it as PNG and, given a table, as CSV.

    Args:
        figure: The figure.
        place: Begins the keys of its widgets: "lab-flow".
        name: Tells it from the other figures there.
        revision: Stays the same as long as the reader's zoom is to be kept.
        table: The columns behind it, all of one length, by their names with units.
        target: Where to show it, on the page if None.
        on_click: Called after a click into a heat map; ``clicked_place`` of the value at
            ``figure_key(place, name)`` says where.
    """
    box = (st if target is None else target).container(gap="small")
    file_name = f"{place.removeprefix('lab-')}-{name}"
    figure.update_layout(uirevision=f"{name} {revision}")
    if any(hasattr(trace, "scene") for trace in figure.data):
        # A landscape stays turned as it was.
        figure.update_scenes(uirevision=name)
    with box:
        plotly_figure(figure, figure_key(place, name), file_name, on_click)
    if table is not None:
        box.download_button(
            "CSV",
            lambda: table_csv(table),
            f"{file_name}.csv",
            icon=":material/download:",
            key=f"{place}-csv-{name}",
            on_click="ignore",
            type="tertiary",
            help="The numbers behind this figure. The camera beside it saves it as PNG.",
        )


def figure_key(place: str, name: str) -> str:
    """Return the key of a figure in the session state."""
    return f"{place}-figure-{name}"
