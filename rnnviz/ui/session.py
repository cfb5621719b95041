"""What one visitor sees and has done so far, in Streamlit's session state."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from rnnviz.data.errors import InputError
from rnnviz.data.strokes import Drawing
from rnnviz.ui.cache import FIRST, Reader
from rnnviz.ui.inbox import Inbox, keep_to, take
from rnnviz.ui.library import RunName, Shelf
from rnnviz.ui.link import MOST_NAMED, MOST_READERS, Shown, View, read_link, read_shown, split
from rnnviz.ui.subject import Subject, subject_of
from rnnviz.ui.visitor import who

ROOM = "draw-room"
"""Key of the browser component of the page "Draw"."""
GONE = "A network that read here is gone. Choose others."

VIEW, INBOX, SUBJECT, NONCE = "draw.view", "draw.inbox", "draw.subject", "draw.nonce"
NOTICES, OWN, LINKED, ANSWER = "draw.notices", "draw.own", "draw.linked", "draw.answer"
OPENED, CHANGES = "library.opened", "draw.changes"


def shelf() -> Shelf:
    """Return all networks that this session can read with."""
    return Shelf(own_readers(), st.session_state.get(OPENED, ()), who())


def open_networks(parameters: Mapping[str, str]) -> tuple[str, ...]:
    """Let menus show the runs' networks that a link names, and return these names."""
    named = split(parameters.get("models", ""))
    found = tuple(name for name in named if RunName.parse(name) is not None)
    known = dict.fromkeys((*found, *st.session_state.get(OPENED, ())))
    st.session_state[OPENED] = tuple(known)[:MOST_NAMED]
    return found


def open_view(readers: Shelf) -> None:
    """Begin with the view that the address describes, once a session."""
    if VIEW in st.session_state:
        return
    open_networks(st.query_params.to_dict())
    view, notices = read_link(st.query_params.to_dict(), readers, readers.why)
    view = replace(view, readers=view.readers or default_readers(readers))
    st.session_state[VIEW] = keep_to(view, view.readers)
    st.session_state[INBOX] = Inbox()
    st.session_state[NOTICES] = notices
    st.session_state[NONCE] = 1


def open_shown(readers: Collection[str], parameters: Mapping[str, str]) -> None:
    """Begin with the picture that another page's address carries, once a session.

    What is wrong with it is among the ``notices``.
    """
    if VIEW in st.session_state:
        return
    notices: list[str] = []
    shown = read_shown(parameters, notices)
    st.session_state[VIEW] = View(readers=default_readers(readers), shown=shown)
    st.session_state[INBOX] = Inbox()
    st.session_state[NOTICES] = tuple(notices)
    st.session_state[NONCE] = 1


def default_readers(readers: Collection[str]) -> tuple[str, ...]:
    """Return the readers that stand side by side at first: those of the default that exist."""
    wanted = [name for name in FIRST if name in readers]
    return tuple((wanted or list(readers))[:MOST_READERS])


def listen() -> None:
    """Take what the browser has sent since the last run into the view."""
    sent = st.session_state.get(ROOM)
    if not isinstance(sent, Mapping):
        return
    before = st.session_state[VIEW]
    try:
        after, inbox = take(before, st.session_state[INBOX], sent)
    except InputError as error:
        say(str(error))
        return
    st.session_state[VIEW], st.session_state[INBOX] = keep_to(after, after.readers), inbox
    if after.shown is not before.shown:
        st.session_state[NOTICES] = ()


def tidy(readers: Shelf) -> None:
    """Let go of networks that are gone, and of a pinned unit that its network doesn't have."""
    there = tuple(name for name in view().readers if name in readers)
    if there != view().readers:
        gone = [name for name in view().readers if name not in there]
        say(*dict.fromkeys(readers.why(name) or GONE for name in gone))
        st.session_state[CHANGES] = changes() + 1
        read_with(there or default_readers(readers))
    pin = view().pin
    if pin is None:
        return
    config = readers[pin.reader].checkpoint.config
    if pin.unit >= config.layers * config.units:
        st.session_state[VIEW] = replace(view(), pin=None)


def pasted() -> Mapping[str, Any] | None:
    """Return what was pasted or dropped on the canvas in this run, None for nothing."""
    sent = st.session_state.get(ROOM)
    paste = sent.get("paste") if isinstance(sent, Mapping) else None
    return paste if isinstance(paste, Mapping) else None


def view() -> View:
    """Return what is shown."""
    return st.session_state[VIEW]


def inbox() -> Inbox:
    """Return what has been taken from the browser."""
    return st.session_state[INBOX]


def strokes() -> Drawing | None:
    """Return what stands on the canvas, None where it shows a picture instead."""
    shown = view().shown
    return shown if isinstance(shown, Drawing) else None


def linked_view() -> View:
    """Return what a link can carry: all that is shown but models that only this session has.

    While a stroke is under way it stays as it was: browsers take only some changes of their
    address in a short time.
    """
    if inbox().final or LINKED not in st.session_state:
        shipped = tuple(name for name in view().readers if name not in own_readers())
        st.session_state[LINKED] = keep_to(replace(view(), readers=shipped), shipped)
    return st.session_state[LINKED]


def nonce() -> int:
    """Return a number that changes whenever the canvas has to show something else."""
    return st.session_state[NONCE]


def show_instead(shown: Shown) -> None:
    """Show another input, chosen beside the canvas."""
    st.session_state[VIEW] = replace(view(), shown=shown, position=None)
    st.session_state[NONCE] += 1
    st.session_state[NOTICES] = ()


def read_with(readers: tuple[str, ...]) -> None:
    """Let other networks read."""
    st.session_state[VIEW] = keep_to(replace(view(), readers=readers), readers)


def subject() -> Subject:
    """Return what is read, and remember it for when the next input can't be."""
    found = subject_of(view().shown, st.session_state.get(SUBJECT), inbox().final)
    st.session_state[SUBJECT] = found
    return found


@dataclass(frozen=True)
class Answer:
    """What stands on the page."""

    subject: Subject
    """The picture that was read."""
    shown: bytes
    """What the browser component was given to show."""


def keep_answer(answer: Answer) -> None:
    """Remember what stands on the page."""
    st.session_state[ANSWER] = answer


def last_answer() -> Answer | None:
    """Return what stands on the page, None before anything does."""
    return st.session_state.get(ANSWER)


def say(*messages: str) -> None:
    """Keep messages on the page until there is something else to read."""
    st.session_state[NOTICES] = messages


def notices() -> tuple[str, ...]:
    """Return the messages to show."""
    return st.session_state[NOTICES]


def own_readers() -> dict[str, Reader]:
    """Return the models that only this session has, by name: what couldn't be kept for good."""
    return st.session_state.get(OWN, {})


def bring(reader: Reader) -> None:
    """Keep a model for this session alone, and let it read."""
    st.session_state[OWN] = own_readers() | {reader.name: reader}
    let_read(reader.name)


def let_read(name: str) -> None:
    """Let one more network read, in the last one's place if all are taken."""
    others = [other for other in view().readers if other != name]
    st.session_state[CHANGES] = changes() + 1
    read_with((*others[: MOST_READERS - 1], name))


def changes() -> int:
    """Return how often the networks that read were changed by anything but their menu.

    A menu that the browser still has from before such a change must not undo it.
    """
    return st.session_state.get(CHANGES, 0)
