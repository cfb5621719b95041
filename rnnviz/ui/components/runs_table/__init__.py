"""The table of runs: sorted, filtered and selected in the browser, fed from Python as runs go on.

What it sends back, all of it typed by a stranger as far as Python is concerned, so check it. Both
are state values with a ``serial`` that grows with every message:

- ``selected``: ``{"ids": [run, ...], "serial"}``, the runs that are ticked, in the order in which
  they were.
- ``opened``: ``{"id": run, "serial"}``, the run whose name was clicked; "" closes it.
"""

from functools import cache
from pathlib import Path
from typing import Any

from streamlit.components.v2 import component

from rnnviz.ui.components.common import script, style

FOLDER = Path(__file__).parent
MODULES = ("cells", "main")
"""Its own JavaScript modules in the order in which they are joined: each after what it imports."""
STATES = ("selected", "opened")


@cache
def renderer() -> Any:
    """Return the component's mounting command, registered once a process."""
    return component("rnnviz_runs_table", css=style(FOLDER), js=script(FOLDER, MODULES))


def runs_table(view: dict[str, Any], key: str) -> None:
    """Show the table.

    Args:
        view: "rows" (see ``rnnviz.ui.runs.rows``), "selected" and "opened" as they stand.
        key: The component's key in the session state; the same on every run.
    """
    renderer()(data=view, key=key, **{f"on_{name}_change": ignore for name in STATES})


def ignore() -> None:
    """Do nothing: a callback only makes Streamlit return the value of that name."""
