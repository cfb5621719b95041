"""What one visitor has drawn, brought and looked at on the page "Clips", in the session state."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from rnnviz.core.clip import Clip
from rnnviz.data.clips.changes import CHANGES
from rnnviz.data.errors import DrawingError, InputError
from rnnviz.data.stroke_text import decode, quantise
from rnnviz.data.strokes import DEFAULT_WIDTH, Drawing, from_json
from rnnviz.data.video import Video
from rnnviz.ui.clips.networks import is_own
from rnnviz.ui.inbox import is_whole, serial_of
from rnnviz.ui.link import LAST_STEP, Position, read_position

ROOM = "clips-room"
"""Key of the browser component."""
VISIT = "clips.visit"


@dataclass(frozen=True, eq=False)
class Subject:
    """The clip that is read, and what is said about it."""

    clip: Clip
    """As it came, before any change."""
    message: str = ""
    """What was wrong with the input, and how to mend it; empty if nothing was."""


@dataclass
class Visit:
    """One visitor's state, changed in place: it lives in the session state."""

    drawing: Drawing | None = None
    """What stands on the pad."""
    pen_width: float = DEFAULT_WIDTH
    """Thickness of the pen as a fraction of the pad's side."""
    nonce: int = 1
    """Changes whenever the pad has to show other strokes than the browser has."""
    strokes: int = -1
    """Serial number of the last strokes taken."""
    position: Position | None = None
    """Where the clock came to rest, in frames; None lets it play."""
    step: Any = None
    """The last message of the clock, as it came."""
    change: int = -1
    """Serial number of the last change of the clip taken."""
    key: str = ""
    """The reading that stands on the page."""
    wants: str = ""
    """The reading whose gradients the browser has asked for."""
    upload: Video | None = None
    """The last file that could be read."""
    recording: Video | None = None
    """The last recording."""
    taken: str = ""
    """Which upload was decoded last, so that none is decoded twice."""
    wrong: str = ""
    """Why the last upload can't be read; empty if it can."""
    last: Subject | None = None
    """The last clip that could be read."""
    notices: tuple[str, ...] = ()
    """Messages to show."""
    asked: dict[str, str] = field(default_factory=dict)
    """What another section of the page has asked to be chosen."""


def visit() -> Visit:
    """Return this session's state; a link begins it."""
    if VISIT not in st.session_state:
        st.session_state[VISIT] = opened(st.query_params.to_dict())
    return st.session_state[VISIT]


def opened(parameters: Mapping[str, str]) -> Visit:
    """Return the state that a link describes; what is wrong with it is among the notices."""
    notices: list[str] = []
    drawing = None
    if text := parameters.get("drawing", ""):
        try:
            drawing = decode(text)
        except DrawingError as error:
            notices.append(str(error))
    position = read_position(parameters.get("frame", ""), notices)
    if parameters.get("source") in ("upload", "record"):
        notices.append(
            "The clip of this link was somebody's own, an upload or a recording, and that can't "
            "travel in a link. Upload or record one here."
        )
    if is_own(parameters.get("network", "")):
        notices.append(
            "The network of this link was somebody's own and can't travel in a link. Another one "
            "reads instead."
        )
    width = DEFAULT_WIDTH if drawing is None else drawing.width
    return Visit(drawing=drawing, pen_width=width, position=position, notices=tuple(notices))


def listen(state: Visit) -> str | None:
    """Take what the browser has sent since the last run; return a change of the clip, if any.

    Everything may have been typed by a stranger: what isn't as our component sends it is left out.
    """
    sent = st.session_state.get(ROOM)
    if not isinstance(sent, Mapping):
        return None
    take_strokes(state, sent.get("strokes"))
    take_step(state, sent.get("step"))
    if isinstance(wants := sent.get("wants"), str):
        state.wants = wants[:80]
    asked = sent.get("change")
    serial = serial_of(asked)
    if serial is None or serial == state.change or not isinstance(asked, Mapping):
        return None
    state.change = serial
    name = asked.get("name")
    return name if isinstance(name, str) and name in CHANGES else None


def take_strokes(state: Visit, sent: Any) -> None:
    """Take a drawing that is new."""
    serial = serial_of(sent)
    if serial is None or serial == state.strokes:
        return
    state.strokes = serial
    try:
        # As a link keeps it, so that whoever opens the link sees the very same numbers.
        drawing = quantise(from_json(sent, state.pen_width))
    except InputError as error:
        state.notices = (str(error),)
        return
    state.notices = ()
    state.pen_width = drawing.width
    state.drawing = drawing if drawing.strokes else None
    state.position = None


def take_step(state: Visit, sent: Any) -> None:
    """Take where the clock came to rest."""
    if sent == state.step or not isinstance(sent, Mapping):
        return
    state.step = sent
    frame, frames = sent.get("frame"), sent.get("of")
    if is_whole(frame) and is_whole(frames) and 0 <= frame < frames <= LAST_STEP:
        state.position = Position(frame + 1, frames)


def bring_recording(video: Video) -> None:
    """Show a recording where the page reads recordings."""
    state = visit()
    state.recording, state.position, state.notices = video, None, ()


def open_recording(video: Video, network: str) -> None:
    """Open a recording in the clip room, read by a network of this session.

    Meant for other sections of the page: what is open changes when the page runs the next time, so
    call ``st.rerun()`` after it, or use it in a callback outside of any fragment.

    Args:
        video: What was recorded.
        network: Its name, from ``networks.keep``.
    """
    bring_recording(video)
    visit().asked = {"network": network, "source": "record", "change": "none"}


def take_asked(state: Visit) -> dict[str, str]:
    """Return what another section has asked to be chosen, once."""
    asked, state.asked = state.asked, {}
    return asked
