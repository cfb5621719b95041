"""Plotly's library as the app's own server gives it to browsers."""

import atexit
import gzip
import shutil
import tempfile
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import plotly
from plotly.offline import get_plotlyjs_version
from streamlit.components.v1 import declare_component

PACKAGE = Path(plotly.__file__).parent / "package_data"
"""Where the plotly package keeps the library that it writes its figures for."""
FILE = "plotly.min.js"
LEVEL = 6
"""How hard it is packed: 1.47 MB of 4.8; the highest level takes longer and saves 0.2 % more."""

_lock = Lock()


def served_library() -> dict[str, Any]:
    """Return where browsers find the library.

    Returns:
        "path", the address below the app's own, and "packed", whether the same with ".gz" at its
        end is there too.
    """
    with _lock:
        return declared_library()


@cache
def declared_library() -> dict[str, Any]:
    """Let Streamlit serve the library, once a process.

    Left alone the server would pack it anew for every browser that asks, 0.15 s of a core each: so
    it is packed once, as a file that the server leaves as it is.
    """
    folder = packed_folder()
    # Only for its address: a component's folder is what Streamlit serves files from.
    declared = declare_component("plotly_js", path=folder or PACKAGE)
    path = f"component/{declared.name}/{FILE}?version={get_plotlyjs_version()}"
    return {"path": path, "packed": folder is not None}


def packed_folder() -> Path | None:
    """Return a folder with the library, plain and packed, or None if none can be written."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="rnnviz-plotly-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        plain = (PACKAGE / FILE).read_bytes()
        (folder / FILE).write_bytes(plain)
        (folder / f"{FILE}.gz").write_bytes(gzip.compress(plain, LEVEL, mtime=0))
    except OSError:
        return None
    return folder
