"""Keeps in the browser by which name this server knows it again."""

from functools import cache
from pathlib import Path
from typing import Any

from streamlit.components.v2 import component

FOLDER = Path(__file__).parent


@cache
def renderer() -> Any:
    """Return the component's mounting command, registered once a process."""
    return component("rnnviz_visitor", js=(FOLDER / "visitor.js").read_text(encoding="utf-8"))


def keep(cookie: str, value: str, key: str) -> str:
    """Keep a value in a cookie of the browser for a year; nothing is shown.

    Args:
        cookie: Its name.
        value: 32 hexadecimal digits.
        key: The component's key in the session state; the same on every run.

    Returns:
        The value that the browser has kept already, from another tab, and goes on keeping; "" if
        there is none that differs. A stranger may send anything, so check it.
    """
    data = {"cookie": cookie, "value": value}
    sent = renderer()(data=data, key=key, height=0, on_known_change=lambda: None)
    return str(sent.get("known") or "")
