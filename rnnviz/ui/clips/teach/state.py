"""What one session sees of its visitor's desk, and the messages that it is shown."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

import streamlit as st
from streamlit.errors import StreamlitAPIException

from rnnviz.data.errors import InputError
from rnnviz.training.jobs import BusyError
from rnnviz.ui.clips.teach.collection import Action, Collection
from rnnviz.ui.clips.teach.desks import Desk, Desks
from rnnviz.ui.messages import as_text
from rnnviz.ui.visitor import who

TOLD, BEFORE, CHOSEN, NONCE = "teach.told", "teach.before", "teach.chosen", "teach.nonce"


@st.cache_resource(show_spinner=False)
def desks() -> Desks:
    """Return the desks of all visitors of this server."""
    return Desks()


def desk() -> Desk:
    """Return this visitor's desk."""
    return desks().of(who())


def collection() -> Collection:
    """Return what this visitor has collected."""
    return desk().collection


def change(make: Callable[[Collection], Collection]) -> bool:
    """Change what was collected, or say why that can't be; return whether it was."""
    try:
        desks().change(who(), lambda desk: replace(desk, collection=make(desk.collection)))
    except InputError as error:
        say(str(error))
        return False
    return True


def change_back_possible(make: Callable[[Collection], Collection], what: str) -> None:
    """Change what was collected so that one can undo it; ``what`` says what was done."""
    before = collection()
    if change(make):
        st.session_state[BEFORE] = (what, before)


def undo() -> None:
    """Put the collection back as it was before the last removal."""
    if BEFORE in st.session_state:
        _, before = st.session_state.pop(BEFORE)
        change(lambda _: before)


def undoable() -> str:
    """Return what could be undone, "" for nothing."""
    return st.session_state.get(BEFORE, ("",))[0]


def forget_undo() -> None:
    """Let go of what could be undone: something else has been changed since."""
    st.session_state.pop(BEFORE, None)


def chosen() -> Action:
    """Return the action to which clips are being added."""
    there = collection()
    action = there.action(st.session_state.get(CHOSEN, -1))
    return there.actions[0] if action is None else action


def choose(key: int) -> None:
    """Add clips to another action from now on."""
    st.session_state[CHOSEN] = key


def nonce() -> int:
    """Return a number that changes whenever fields are to come up empty again."""
    return st.session_state.get(NONCE, 0)


def renew() -> None:
    """Let fields come up empty again."""
    st.session_state[NONCE] = nonce() + 1


def say(*messages: str) -> None:
    """Keep messages for the next time the section is drawn."""
    st.session_state[TOLD] = (*st.session_state.get(TOLD, ()), *messages)


def attempt(action: Callable[[], None]) -> None:
    """Do something, or say why it can't be done."""
    try:
        action()
    except (InputError, BusyError) as error:
        say(str(error))


def redraw() -> NoReturn:
    """Begin the section anew, and the page only where it is being drawn as a whole."""
    with contextlib.suppress(StreamlitAPIException):
        st.rerun(scope="fragment")
    st.rerun()


def show_messages() -> None:
    """Show what was kept, once."""
    for message in st.session_state.pop(TOLD, ()):
        st.warning(as_text(message), icon=":material/info:")
