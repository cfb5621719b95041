"""The reading room: canvas, readers, clock, unit and formulas in one browser component.

What it sends back, all of it typed by a stranger as far as Python is concerned, so check it:

State values, which stay until they change (read them from ``st.session_state[key]`` before
mounting, so that the answer comes back in the same trip):

- ``strokes``: ``{"strokes": [[[x, y, t_ms], ...], ...], "width", "final", "serial", "action"}``.
  While one draws at most once in 200 ms with ``final`` false; exactly when the pointer lifts, and
  after ``undo``, ``redo``, ``clear`` and ``width`` (named in ``action``, otherwise "draw"), with
  ``final`` true. ``serial`` grows with every message, over reloads of the page too.
- ``pin``: ``{"reader": name, "unit": number}`` or None, plus ``serial``.
- ``step``: ``{"fraction", "step", "of"}`` where the clock was paused or scrubbed to, sent 400 ms
  after it came to rest; ``step`` counts from 0 in the steps of the leading reader: the one with
  the pinned unit, otherwise the first. A reading that runs to its end by itself sends nothing,
  unless another place was sent before.
- ``gates``: list of the names of the readers that want their gates.

Trigger values, there for one run only:

- ``paste``: ``{"kind": "image", "data": base64 of a PNG or JPEG, "name", "serial"}`` from the
  clipboard or dropped on the canvas, at most 1024 pixels a side, or
  ``{"kind": "problem", "message"}``.
"""

from functools import cache
from pathlib import Path
from typing import Any

from streamlit.components.v2 import component

from rnnviz.ui.components.common import script, style

FOLDER = Path(__file__).parent
MODULES = (
    "picture",
    "beliefs",
    "curves",
    "formula",
    "unit",
    "signpost",
    "card",
    "paste",
    "main",
)
"""Its own JavaScript modules in the order in which they are joined: each after what it imports."""
STYLES = ("pad", "transport", "bars")
"""The shared style sheets of what stands in it."""

STATES = ("strokes", "pin", "step", "gates")
TRIGGERS = ("paste",)


@cache
def renderer() -> Any:
    """Return the component's mounting command, registered once a process."""
    return component("rnnviz_reading_room", css=style(FOLDER, *STYLES), js=script(FOLDER, MODULES))


def reading_room(sent: bytes, key: str) -> Any:
    """Show the reading room and return what the browser has sent: ``result.strokes`` and so on.

    Args:
        sent: What it shows: a ``payload.view`` after ``encoding.to_wire``.
        key: The component's key in the session state; the same on every run.
    """
    callbacks = {f"on_{name}_change": ignore for name in (*STATES, *TRIGGERS)}
    return renderer()(data=sent, key=key, **callbacks)


def ignore() -> None:
    """Do nothing: a callback only makes Streamlit return the value of that name."""
