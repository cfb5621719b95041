"""Trying a taught network live: a new recording, its answer, and what it believed on the way."""

from dataclasses import dataclass
from typing import NoReturn

import numpy as np
import streamlit as st

from rnnviz.analysis.clips.reading import ClipReading, read_clip
from rnnviz.core.clip import Clip
from rnnviz.data.video import Video
from rnnviz.training.runs.brought import digest_of
from rnnviz.ui.clips import networks
from rnnviz.ui.clips.teach import strips, words
from rnnviz.ui.clips.teach.desks import Outcome
from rnnviz.ui.clips.visit import open_recording
from rnnviz.ui.components.webcam import Recording, webcam
from rnnviz.ui.laboratory.live import clock_time
from rnnviz.ui.messages import as_text

TRIAL = "teach.trial"
SECONDS = 2.0


@dataclass(frozen=True, eq=False)
class Trial:
    """A recording that a taught network has read."""

    outcome: Outcome
    """Whose network it was."""
    video: Video
    """What was recorded."""
    clip: Clip
    """As the network got it."""
    reading: ClipReading
    """What it made of it."""


def show_trial(outcome: Outcome) -> None:
    """Show the camera, and what the network says to what it records."""
    st.markdown("##### 4. Try it live")
    recording = webcam("teach-try", SECONDS)
    if recording is not None:
        st.session_state[TRIAL] = tried(outcome, recording)
    trial = st.session_state.get(TRIAL)
    if trial is None or trial.outcome is not outcome:
        st.caption("Record one of your actions, or something quite different, and see.")
        return
    show_answer(trial)


def tried(outcome: Outcome, recording: Recording) -> Trial:
    """Return what a network makes of a recording."""
    clip = recording.clip(outcome.checkpoint.config.frames)
    reading = read_clip(outcome.checkpoint.model(), outcome.checkpoint.probes, clip.frames)
    return Trial(outcome, recording.video(), clip, reading)


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
    """Show a recording in the clip room of the page, read by the network that was taught."""
    outcome = trial.outcome
    called = f"taught at {clock_time(outcome.ended_at)}"
    name = networks.keep(outcome.checkpoint, digest_of(outcome.data), called)
    open_recording(trial.video, name)
    st.rerun()
