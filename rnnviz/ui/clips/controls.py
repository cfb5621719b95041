"""What stands above the clip room: which network, which clip, and how the clip is made."""

import random
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from rnnviz.data.errors import InputError
from rnnviz.data.video import read_video
from rnnviz.models.checkpoint import CheckpointError
from rnnviz.ui.clips import networks as shelf
from rnnviz.ui.clips.choices import LAST_SEED, NONE
from rnnviz.ui.clips.networks import ClipNetwork
from rnnviz.ui.clips.subject import KEPT, written_digits
from rnnviz.ui.clips.visit import Visit, bring_recording, visit
from rnnviz.ui.components.webcam import webcam
from rnnviz.ui.form import Form
from rnnviz.ui.messages import as_text

WAITING = "Until there is one of yours, another clip is read below."
UPLOAD, MODEL = "clips-upload", "clips-model"


def show(form: Form, known: Mapping[str, ClipNetwork], state: Visit) -> None:
    """Show all controls; what was brought is taken into the state."""
    with st.container(key="clips-choices", horizontal=True, vertical_alignment="bottom"):
        form.control("network")
        form.control("source")
        form.menu("Your own network", "upload_file", lambda place: own_network(form, place))
    source = form["source"]
    settings: dict[str, Callable[[], None]] = {
        "generate": lambda: generator(form, known[form["network"]]),
        "upload": lambda: upload(form, state),
        "record": lambda: record(form, state),
        "example": lambda: examples(form),
    }
    if source in settings:
        with st.container(key=f"clips-settings-{source}"):
            settings[source]()


def generator(form: Form, network: ClipNetwork) -> None:
    """Show how a moving digit is ordered."""
    with st.container(key="clips-generator", horizontal=True, vertical_alignment="bottom"):
        form.control("digit")
        form.control("motion")
        if network.every_frame or form["then"] != NONE:
            form.control("then")
            if form["then"] != NONE:
                form.control("last")
        form.control("speed")
        form.menu("More", "tune", lambda place: disturbances(form, place))
        st.button(
            "Another one",
            icon=":material/casino:",
            key="clips-another",
            on_click=lambda: form.assign({"seed": random.randint(0, LAST_SEED)}),
        )


def disturbances(form: Form, place: Any) -> None:
    """Show what makes a clip harder to read."""
    for name in ("noise", "clutter", "bounce", "seed"):
        form.control(name, place)
    for wrong in form.wrong.values():
        st.warning(as_text(wrong), icon=":material/info:")


def upload(form: Form, state: Visit) -> None:
    """Let somebody upload a clip, and decode it in a process of its own."""
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    # Any file may come: what it is its contents say, and one that is refused is told why here.
    file = left.file_uploader(
        "A video or an animated GIF, up to 20 MB; of a long one the first minute is read",
        key=UPLOAD,
    )
    form.control("polarity", right)
    if file is not None and file.file_id != state.taken:
        state.taken = file.file_id
        try:
            with st.spinner("Decoding the clip…"):
                state.upload = read_video(file.getvalue(), file.name)
            state.wrong, state.notices = "", ()
        except InputError as error:
            state.wrong = f"{file.name}: {error} {KEPT}"
    if state.wrong:
        st.warning(as_text(state.wrong), icon=":material/info:")
    elif state.upload is None:
        st.caption(WAITING)


def record(form: Form, state: Visit) -> None:
    """Let somebody record a clip with the webcam."""
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    form.control("polarity", right)
    with left:
        taken = webcam("clips-webcam")
    if taken is not None:
        bring_recording(taken.video())
    if state.recording is None:
        st.caption(WAITING)


def examples(form: Form) -> None:
    """Let somebody choose a digit of the test writers."""
    count = len(written_digits())
    if not count:
        return
    with st.container(key="clips-examples", horizontal=True, vertical_alignment="bottom"):
        form.control("number")
        st.button(
            "One at random",
            icon=":material/casino:",
            key="clips-random",
            on_click=lambda: form.assign({"number": random.randrange(count)}),
        )
        st.caption(f"{count:,} digits by writers whom no network has seen, as they wrote them.")
    for wrong in form.wrong.values():
        st.warning(as_text(wrong), icon=":material/info:")


def own_network(form: Form, place: Any) -> None:
    """Let somebody bring a clip model of their own, for this session."""
    place.file_uploader(
        "A clip model (.safetensors, from `rnnviz train-clips`)",
        type=["safetensors", "pt", "pth", "pkl"],
        key=MODEL,
        on_change=network_arrived,
        args=(form,),
    )
    place.caption("It stays until you leave, and nobody else sees it.")


def network_arrived(form: Form) -> None:
    """Take an uploaded network over, or say why not."""
    file = st.session_state[MODEL]
    if file is None:
        return
    try:
        form.assign({"network": shelf.bring(file.getvalue(), file.name)})
        visit().notices = ()
    except CheckpointError as error:
        visit().notices = (str(error),)
