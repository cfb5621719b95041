"""The page "Draw": draw a digit and watch networks read it."""

from collections.abc import Callable

import streamlit as st

from rnnviz.models.cells import cell_class
from rnnviz.ui import cache, choices, explain, session, study
from rnnviz.ui.cache import Reader, turns
from rnnviz.ui.components.address import address
from rnnviz.ui.components.common.encoding import to_wire
from rnnviz.ui.components.reading_room import payload, reading_room
from rnnviz.ui.layout import compact_page
from rnnviz.ui.library import Shelf
from rnnviz.ui.link import query_of
from rnnviz.ui.messages import friendly, notify
from rnnviz.ui.subject import Subject
from rnnviz.ui.visitor import remember

NAME = "draw"
LABEL = "Draw"
ICON = ":material/draw:"
DESCRIPTION = "Draw a digit and watch networks read it, step by step."
ORDER = 10


def show() -> None:
    """Show the page from top to bottom."""
    compact_page()
    if cache.shipped():
        desk()
        explain.page()
    else:
        explain.missing_models()
    remember()


@st.fragment
def desk() -> None:
    """Show all that answers to a stroke.

    A fragment runs without the rest of the page, which spares the server and, above all, the
    browser the work of putting up again what didn't change.
    """
    readers = session.shelf()
    session.open_view(readers)
    if paste := session.pasted():
        choices.take_paste(paste)
    session.listen()
    session.tidy(readers)

    heading = st.container()
    with friendly():
        subject = answer(readers)
        with heading:
            show_choices(subject, readers)
        show_study(subject, readers)


def answer(readers: Shelf) -> Subject:
    """Show what the networks make of the picture, and return it.

    While many draw at once, strokes that are still under way do without an answer of their own:
    what stays on the page is the last one, and the next message asks anew.
    """
    last = session.last_answer()
    if last is None or session.inbox().final:
        with turns().patient():
            return new_answer(readers)
    with turns().impatient() as granted:
        if granted:
            return new_answer(readers)
    reading_room(last.shown, key=session.ROOM)
    return last.subject


def new_answer(readers: Shelf) -> Subject:
    """Work out what the networks make of the picture, show it, and return the picture."""
    subject = session.subject()
    shown = room_view(subject, readers)
    reading_room(shown, key=session.ROOM)
    session.keep_answer(session.Answer(subject, shown))
    return subject


def show_choices(subject: Subject, readers: Shelf) -> None:
    """Show the heading and, beside it, what can be chosen."""
    with st.container(key="draw-bar", horizontal=True, vertical_alignment="center"):
        st.markdown("#### Draw a digit and watch networks read it", width="stretch")
        menu("Networks", "network_node", lambda: choices.choose_readers(readers))
        menu("Picture", "image", choices.choose_picture)
        menu("Files", "download", lambda: study.offer_files(session.view(), subject, readers))
        address(query_of(session.linked_view()), key="draw-address")
    notify(session.notices())


def menu(label: str, icon: str, fill: Callable[[], None]) -> None:
    """Show a button that opens a menu, which is filled only while it is open."""
    place = st.popover(
        label, icon=f":material/{icon}:", on_change="rerun", key=f"draw-menu-{label.lower()}"
    )
    if place.open:
        with place, friendly():
            fill()


def show_study(subject: Subject, readers: Shelf) -> None:
    """Show, on demand, the figures of one network large."""
    place = st.expander(
        "Figures to study and to save", icon=":material/insights:", on_change="rerun"
    )
    if place.open:
        with place, friendly():
            study.show_figures(session.view(), subject, readers)


def room_view(subject: Subject, readers: Shelf) -> bytes:
    """Return what the browser component shows."""
    view = session.view()
    canvas = payload.canvas(
        session.strokes(),
        subject.picture.image,
        session.inbox().pen_width,
        session.nonce(),
        subject.source,
        subject.caption,
        subject.message,
    )
    cards = []
    for name in view.readers:
        with friendly():
            cards.append(card(readers[name], subject))
    pinned = (view.pin.reader, view.pin.unit) if view.pin is not None else None
    position = view.position.fraction if view.position is not None else None
    return to_wire(payload.view(canvas, cards, pinned, position))


def card(reader: Reader, subject: Subject) -> payload.Payload:
    """Return what the card of one reader shows."""
    view = session.view()
    pin = view.pin if view.pin is not None and view.pin.reader == reader.name else None
    whole = pin is not None or reader.name in view.gates
    read = cache.reading if whole else cache.first_glance
    return payload.reader(
        reader.name,
        reader.label,
        read(reader, subject.picture),
        cell_class(reader.checkpoint.config.cell),
        cache.detail(reader, subject.picture, pin.unit) if pin else None,
        reader.name in view.gates,
        reader.accuracy,
        reader.classes,
    )
