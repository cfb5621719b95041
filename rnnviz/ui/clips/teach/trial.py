"""Trying a taught network on a new clip: its answer, and what it believed on the way."""

from dataclasses import dataclass
from typing import NoReturn

import numpy as np
import streamlit as st

from rnnviz.analysis.clips.reading import ClipReading, read_clip
from rnnviz.core.clip import Clip
from rnnviz.data.errors import ClipError
from rnnviz.data.video import Video, prepare_clip, read_video
from rnnviz.training.runs.brought import digest_of
from rnnviz.ui.clips import networks
from rnnviz.ui.clips.teach import strips, words
from rnnviz.ui.clips.teach.desks import Outcome
from rnnviz.ui.clips.teach.gather import ENDINGS
from rnnviz.ui.clips.visit import open_recording
from rnnviz.ui.components.webcam import webcam
from rnnviz.ui.laboratory.live import clock_time
from rnnviz.ui.messages import as_text

TRIAL = "teach.trial"
TAKEN, WRONG = "teach.trial-file", "teach.trial-wrong"
"""The file that was tried last, and why it couldn't be."""
CAMERA, FILE = "With the camera", "With a file"
SECONDS = 2.0


@dataclass(frozen=True, eq=False)
class Trial:
    """A new clip that a taught network has read."""

    outcome: Outcome
    """Whose network it was."""
    video: Video
    """What was recorded or uploaded."""
    clip: Clip
    """As the network got it."""
    reading: ClipReading
    """What it made of it."""


def show_trial(outcome: Outcome) -> None:
    """Show what takes a new clip, and what the network says to it."""
    st.markdown("##### 4. Try it live")
    way = st.segmented_control(
        "A new clip", [CAMERA, FILE], default=CAMERA, key="teach-try-way", required=True
    )
    video = uploaded() if way == FILE else recorded()
    if video is not None:
        st.session_state[TRIAL] = tried(outcome, video)
    trial = st.session_state.get(TRIAL)
    if trial is None or trial.outcome is not outcome:
        st.caption("Show it one of your actions, or something quite different, and see.")
        return
    show_answer(trial)


def recorded() -> Video | None:
    """Show the camera; return what it has just recorded."""
    recording = webcam("teach-try", SECONDS)
    return None if recording is None else recording.video()


def uploaded() -> Video | None:
    """Show a field for a file; return the clip in one that has just come."""
    file = st.file_uploader("A clip that it hasn't seen", ENDINGS, key="teach-try-file")
    if file is None or file.file_id == st.session_state.get(TAKEN):
        if file is not None and (wrong := st.session_state.get(WRONG)):
            st.warning(as_text(wrong), icon=":material/info:")
        return None
    st.session_state[TAKEN], st.session_state[WRONG] = file.file_id, ""
    try:
        with st.spinner("Decoding the clip…"):
            return read_video(file.getvalue(), file.name)
    except ClipError as error:
        st.session_state[WRONG] = f"{file.name}: {error}"
        st.warning(as_text(st.session_state[WRONG]), icon=":material/info:")
        return None


def tried(outcome: Outcome, video: Video) -> Trial:
    """Return what a network makes of a clip."""
    clip = prepare_clip(video, outcome.checkpoint.config.frames)
    reading = read_clip(outcome.checkpoint.model(), outcome.checkpoint.probes, clip.frames)
    return Trial(outcome, video, clip, reading)


def show_answer(trial: Trial) -> None:
    """Show an answer, and the belief after every frame."""
    reading, classes = trial.reading, trial.outcome.taught.classes
    said = words.answered(classes, reading.probabilities, reading.settled)
    st.markdown(f"**{as_text(said)}**")
    frames = np.rint(trial.clip.frames * 255).astype(np.uint8)
    st.html(strips.beliefs(frames, reading.beliefs, classes, reading.answer))
    st.caption(
        "Above, the frames as the network got them; below each, how much it believed in every "
        "action after having seen it. It can only choose among your actions, so it answers one of "
        "them to anything."
    )
    if st.button(
        "Open in the clip room",
        key="teach-open",
        icon=":material/movie:",
        help="At the top of this page: frame by frame, with what mattered.",
    ):
        open_in_room(trial)


def open_in_room(trial: Trial) -> NoReturn:
    """Show a clip in the clip room of the page, read by the network that was taught."""
    outcome = trial.outcome
    called = f"taught at {clock_time(outcome.ended_at)}"
    name = networks.keep(outcome.checkpoint, digest_of(outcome.data), called)
    open_recording(trial.video, name)
    st.rerun()
