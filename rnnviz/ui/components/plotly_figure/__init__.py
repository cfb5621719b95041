"""A figure of Plotly that is changed in place: a zoom, a turned landscape and hidden curves stay.

``st.plotly_chart`` gives every figure with new data a new identity, so that the browser builds it
anew and forgets what the reader did with it (Streamlit's issue 8782). This component keeps one
figure and hands new data to ``Plotly.react``, which keeps the reader's view as long as the figure's
``uirevision`` stays the same.

Trigger value, there for one run only:

- ``clicked``: ``{"x", "y"}``, the place in a heat map that was clicked, in the units of its axes;
  typed by a stranger as far as Python is concerned.
"""

import math
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
from streamlit.components.v2 import component

from rnnviz.ui.components.common import script
from rnnviz.ui.components.plotly_figure.library import served_library

FOLDER = Path(__file__).parent
MODULES = ("library", "look", "main")
"""Its own JavaScript modules in the order in which they are joined: each after what it imports."""


@cache
def renderer() -> Any:
    """Return the component's mounting command, registered once a process."""
    css = (FOLDER / "style.css").read_text(encoding="utf-8")
    # Plotly writes its style sheet into the page, where nothing in a shadow root would see it.
    return component(
        "rnnviz_plotly_figure", css=css, js=script(FOLDER, MODULES), isolate_styles=False
    )


def plotly_figure(
    figure: go.Figure,
    key: str,
    file_name: str,
    on_click: Callable[[], None] | None = None,
    is_still: bool = False,
) -> None:
    """Show a figure with buttons that save it as PNG and fill the screen with it.

    Args:
        figure: The figure. Its title names it for those who can't see it.
        key: The component's key in the session state; the same on every run.
        file_name: What the PNG is called, without its ending.
        on_click: Called after a click into a heat map; ``clicked_place`` says where it was.
        is_still: It is a picture to look at, without buttons, zoom and values.
    """
    view = {
        "spec": figure.to_json(),
        "library": served_library(),
        "name": file_name,
        "asks": on_click is not None,
        "still": is_still,
    }
    renderer()(data=view, key=key, on_clicked_change=on_click or ignore)


def clicked_place(sent: Any) -> tuple[float, float] | None:
    """Return the place (x, y) that a browser says was clicked, None if it makes no sense.

    Args:
        sent: The component's value in the session state.
    """
    place = getattr(sent, "clicked", None)
    if not isinstance(place, dict):
        return None
    try:
        x, y = float(place["x"]), float(place["y"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return (x, y) if math.isfinite(x) and math.isfinite(y) else None


def ignore() -> None:
    """Do nothing: a callback only makes Streamlit return the value of that name."""
