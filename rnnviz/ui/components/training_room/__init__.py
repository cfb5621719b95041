"""A run as it learns: how it stands, its curves, its flow and its answers, drawn in the browser.

It is given what it doesn't have yet, once a second; what one looks at (a zoom, a moment, how smooth
the curves are) is the browser's own and survives every update.

Trigger value, there for one run only:

- ``whole``: true where the browser has missed something and asks for all of it again.
"""

from functools import cache
from pathlib import Path
from typing import Any

from streamlit.components.v2 import component

from rnnviz.ui.components.common import script, style
from rnnviz.ui.components.common.encoding import to_wire

FOLDER = Path(__file__).parent
MODULES = ("store", "axis", "chart", "flow", "gates", "answers", "status", "main")
"""Its own JavaScript modules in the order in which they are joined: each after what it imports."""


@cache
def renderer() -> Any:
    """Return the component's mounting command, registered once a process."""
    return component("rnnviz_training_room", css=style(FOLDER), js=script(FOLDER, MODULES))


def training_room(view: dict[str, Any], key: str) -> None:
    """Show a run.

    Args:
        view: What is new: "run", "status", "about" and "whole", and what ``Watched.since`` returns.
        key: The component's key in the session state; the same on every run.
    """
    renderer()(data=to_wire(view), key=key, on_whole_change=lambda: None)
