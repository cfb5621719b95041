"""Keeps the address in the browser at what the page shows, and copies it on request.

The address is replaced in the browser instead of being set through ``st.query_params``: that would
add a step to the browser's history for every stroke, and pressing Back would go through them all.
"""

import time
from functools import cache
from pathlib import Path
from typing import Any

from streamlit.components.v2 import component

FOLDER = Path(__file__).parent


@cache
def renderer() -> Any:
    """Return the component's mounting command, registered once a process."""
    files = [(FOLDER / name).read_text(encoding="utf-8") for name in ("address.css", "address.js")]
    return component("rnnviz_address", css=files[0], js=files[1])


def address(query: str, key: str) -> None:
    """Show the button "Copy link", and set the query of the browser's address.

    Args:
        query: What stands after the question mark, already encoded.
        key: The component's key in the session state; the same on every run.
    """
    told = time.time_ns() // 1000
    renderer()(data={"query": query, "told": told}, key=key, width="content")
