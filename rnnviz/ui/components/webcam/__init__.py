"""Records short clips with the camera: asks, counts down, shows what was recorded.

The camera opens only when somebody presses the button, and closes with the end of a recording. The
browser draws its pictures to a small canvas, some 15 a second; there is no codec, and the picture
that was mirrored for looking at arrives the right way round.

Trigger value, there for one run only, and typed by a stranger as far as Python is concerned, so
``recording.parse_takes`` checks it:

- ``takes``: ``{"serial", "takes": [{"width", "height", "times_ms": [...], "length_ms", "data"}]}``,
  ``data`` being the grey bytes of all pictures in base64, picture by picture and row by row.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from rnnviz.data.errors import ClipError
from rnnviz.ui.components.common import script, style
from rnnviz.ui.components.webcam.recording import MOST_TAKES, Recording, parse_takes
from rnnviz.ui.messages import as_text

__all__ = ["Recording", "webcam", "webcam_takes"]

FOLDER = Path(__file__).parent
MODULES = ("camera", "take", "review", "main")
"""Its own JavaScript modules in the order in which they are joined: each after what it imports."""
LENGTHS_S = (1.0, 1.5, 2.0, 3.0, 4.0)
"""How long a recording can be; as in main.js."""


@cache
def renderer() -> Any:
    """Return the component's mounting command, registered once a process."""
    return component("rnnviz_webcam", css=style(FOLDER), js=script(FOLDER, MODULES))


def webcam(key: str, seconds: float = 2.0) -> Recording | None:
    """Show the webcam, and return a recording in the run in which it arrives.

    Args:
        key: The component's key in the session state; the same on every run.
        seconds: How long a recording is at first, one of ``LENGTHS_S``; one can choose another.

    Returns:
        The recording, once; None in every other run. If it came damaged, a message says so.
    """
    takes = webcam_takes(key, seconds, most=1)
    return takes[0] if takes else None


def webcam_takes(
    key: str, seconds: float = 2.0, most: int = MOST_TAKES, takes: int = 1
) -> tuple[Recording, ...]:
    """Show the webcam, and return what was recorded in one go in the run in which it arrives.

    Args:
        key: The component's key in the session state; the same on every run.
        seconds: How long a recording is at first, one of ``LENGTHS_S``.
        most: How many can be recorded one after another, 1 to 6.
        takes: How many are at first; one can choose another number.

    Returns:
        The recordings, once; none in every other run. If one came damaged, a message says so.

    Raises:
        ValueError: If the component can't do what is asked for.
    """
    if seconds not in LENGTHS_S or not 1 <= takes <= most <= MOST_TAKES:
        raise ValueError(
            f"The webcam records {LENGTHS_S} seconds and 1 to {MOST_TAKES} takes, "
            f"got {seconds!r} and {takes!r} of {most!r}."
        )
    data = {"seconds": seconds, "most": most, "takes": takes}
    sent = renderer()(data=data, key=key, on_takes_change=ignore).get("takes")
    if sent is None or not is_new(sent, f"{key}.serial"):
        return ()
    try:
        return parse_takes(sent)
    except ClipError as error:
        st.warning(as_text(str(error)), icon=":material/info:")
        return ()


def is_new(sent: Any, key: str) -> bool:
    """Return whether a message isn't the last one again, as after a run that was broken off."""
    serial = str(sent.get("serial"))[:40] if isinstance(sent, Mapping) else ""
    known = st.session_state.get(key)
    st.session_state[key] = serial
    return not serial or serial != known


def ignore() -> None:
    """Do nothing: a callback only makes Streamlit return the value of that name."""
