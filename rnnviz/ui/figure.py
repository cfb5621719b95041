"""A figure with its buttons: one that saves it as PNG, and one with the numbers behind it."""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from rnnviz.ui.laboratory.tables import table_csv

MODE_BAR = {"bgcolor": "rgba(0,0,0,0)", "color": "#7d8a97", "activecolor": "#0072b2"}
"""The camera of a figure, without a box of its own."""


def show_figure(
    figure: go.Figure,
    place: str,
    name: str,
    revision: str,
    table: Mapping[str, Any] | None = None,
    target: Any = None,
    **options: Any,
) -> Any:
    """Show a figure with buttons that save it as PNG and, given a table, as CSV.

    Args:
        figure: The figure.
        place: Begins the keys of its widgets: "lab-flow".
        name: Tells it from the other figures there.
        revision: Stays the same as long as the reader's zoom is to be kept.
        table: The columns behind it, all of one length, by their names with units.
        target: Where to show it, on the page if None.
        options: More of ``st.plotly_chart``, such as ``on_select``.

    Returns:
        What ``st.plotly_chart`` returns.
    """
    box = (st if target is None else target).container(gap="small")
    file_name = f"{place.removeprefix('lab-')}-{name}"
    figure.update_layout(uirevision=f"{name} {revision}", modebar=MODE_BAR)
    # A landscape stays turned as it was.
    figure.update_scenes(uirevision=name)
    title = figure.to_dict()["layout"].get("title", {}).get("text", name)
    event = box.plotly_chart(
        figure,
        key=f"{place}-figure-{name}",
        config=chart_config(file_name),
        alt=title,
        **options,
    )
    if table is not None:
        box.download_button(
            "CSV",
            lambda: table_csv(table),
            f"{file_name}.csv",
            icon=":material/download:",
            key=f"{place}-csv-{name}",
            on_click="ignore",
            type="tertiary",
            help="The numbers behind this figure. The camera above it saves it as PNG.",
        )
    return event


def chart_config(file_name: str) -> dict[str, Any]:
    """Return Plotly's settings: one button that is always there, which saves the figure as PNG."""
    return {
        "displaylogo": False,
        "displayModeBar": True,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "png", "scale": 2, "filename": file_name},
    }
