"""The page "Clips": watch networks read a clip, frame by frame."""

from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st

from rnnviz.data.clips.changes import change_clip
from rnnviz.data.stroke_text import encode
from rnnviz.ui import cache
from rnnviz.ui.clips import controls, explain, files, measure, room, teach
from rnnviz.ui.clips.choices import fields, following
from rnnviz.ui.clips.networks import ClipNetwork, is_own, networks
from rnnviz.ui.clips.subject import subject, written_digits
from rnnviz.ui.clips.visit import ROOM, Visit, listen, take_asked, visit
from rnnviz.ui.components.address import address
from rnnviz.ui.components.clip_room import clip_room
from rnnviz.ui.form import Form
from rnnviz.ui.layout import compact_page
from rnnviz.ui.messages import friendly, notify
from rnnviz.ui.visitor import remember

NAME = "clips"
LABEL = "Clips"
ICON = ":material/movie:"
DESCRIPTION = "Watch networks read clips: one network in space, one in time."
ORDER = 25

TEACH = "clips-teach"


def show() -> None:
    """Show the page from top to bottom."""
    compact_page()
    st.html(explain.STYLE)
    if networks():
        desk()
    else:
        explain.missing_models()
    with st.expander(
        "Teach it your own actions", icon=":material/school:", on_change="rerun", key=TEACH
    ) as place:
        if place.open:
            teach.show()
    remember()


@st.fragment
def desk() -> None:
    """Show all that answers to a choice, in a fragment that runs without the rest of the page."""
    known, state = networks(), visit()
    form = open_form(known)
    form.assign(take_asked(state))
    if change := listen(state):
        form.assign({"change": change})
    bar = st.container(key="clips-bar", horizontal=True, vertical_alignment="center")
    with bar:
        st.markdown("#### Watch a network read a clip, frame by frame", width="stretch")
    explain.line()
    messages = st.container()
    with friendly():
        controls.show(form, known, state)
        with messages:
            notify((*form.notices, *state.notices))
        network = known[form["network"]]
        found = subject(form.values, network, state)
        shown = change_clip(found.clip, form["change"], network.classes)
        if state.wants == room.key_of(form, network, shown):
            measure.measure_ahead(network, shown)
        with cache.turns().patient():
            sent = room.view(form, network, found, shown, state)
        clip_room(sent, key=ROOM)
        with bar:
            files.menu(network, shown, form["change"])
            address(query(form, state), key="clips-address")
        explain.show(network)


def open_form(known: Mapping[str, ClipNetwork]) -> Form:
    """Return the choices of this session, or those of the link that opened it."""
    parameters = st.query_params.to_dict()
    if is_own(parameters.get("network", "")) and parameters["network"] not in known:
        # The visit says why; that it is no option here would only confuse.
        del parameters["network"]
    return Form(
        "clips",
        fields(known, len(written_digits())),
        parameters,
        lambda name, values: following(known, name, values),
    )


def query(form: Form, state: Visit) -> str:
    """Return what stands after the question mark of the link that opens this view.

    A network, a file or a recording that only this session has can't travel in a link; whoever
    opens it is told.
    """
    parameters = form.parameters
    if form["source"] == "draw" and state.drawing is not None:
        parameters["drawing"] = encode(state.drawing)
    if state.position is not None:
        parameters["frame"] = f"{state.position.step}/{state.position.steps}"
    return urlencode(parameters, safe="/,")
