"""The way back through time: how the gradient comes from the last step to the first, animated.

The data travels once; playing, scrubbing and choosing among the states happens in the browser
alone, so nothing is sent back.
"""

from functools import cache
from pathlib import Path
from typing import Any

from streamlit.components.v2 import component

from rnnviz.ui.components.common import script, style
from rnnviz.ui.components.common.encoding import to_wire

FOLDER = Path(__file__).parent
MODULES = ("curves", "maps", "controls", "main")
"""Its own JavaScript modules in the order in which they are joined: each after what it imports."""


@cache
def renderer() -> Any:
    """Return the component's mounting command, registered once a process."""
    return component("rnnviz_backward", css=style(FOLDER), js=script(FOLDER, MODULES))


def backward(view: dict[str, Any], key: str) -> None:
    """Show how the gradient flows back through the networks of a view.

    Args:
        view: From ``payload.view``.
        key: The component's key in the session state; the same on every run.
    """
    renderer()(data=to_wire(view), key=key)
