"""The clip room: a clip and the network that reads it, played by one clock in the browser.

What it sends back, all of it typed by a stranger as far as Python is concerned, so check it; state
values, which stay until they change (read them from ``st.session_state[key]`` before mounting, so
that the answer comes back in the same trip):

- ``strokes``: as the reading room's, but sent only when the pen has lifted: a clip of half a stroke
  is another clip.
- ``step``: ``{"frame", "of"}`` where the clock was paused or scrubbed to, sent 400 ms after it came
  to rest; ``frame`` counts from 0.
- ``change``: ``{"name", "serial"}``, what somebody asked to do to the clip.
- ``wants``: the ``key`` of the reading for which the browser asks for what takes long to measure,
  sent once it has been shown for a moment.
"""

from functools import cache
from pathlib import Path
from typing import Any

from streamlit.components.v2 import component

from rnnviz.ui.components.common import script, style

FOLDER = Path(__file__).parent
MODULES = (
    "columns",
    "tag",
    "pictures",
    "stage",
    "answer",
    "film",
    "events",
    "belief",
    "states",
    "gradient",
    "mattered",
    "inside",
    "changes",
    "received",
    "main",
)
"""Its own JavaScript modules in the order in which they are joined: each after what it imports."""
STYLES = ("pad", "transport", "bars")
"""The shared style sheets of what stands in it."""
STATES = ("strokes", "step", "change", "wants")


@cache
def renderer() -> Any:
    """Return the component's mounting command, registered once a process."""
    widths = (FOLDER / "widths.css").read_text(encoding="utf-8")
    css = f"{style(FOLDER, *STYLES)}\n{widths}"
    return component("rnnviz_clip_room", css=css, js=script(FOLDER, MODULES))


def clip_room(sent: bytes, key: str) -> Any:
    """Show the clip room and return what the browser has sent: ``result.step`` and so on.

    Args:
        sent: What it shows: a ``payload.view`` after ``encoding.to_wire``.
        key: The component's key in the session state; the same on every run.
    """
    return renderer()(data=sent, key=key, **{f"on_{name}_change": ignore for name in STATES})


def ignore() -> None:
    """Do nothing: a callback only makes Streamlit return the value of that name."""
