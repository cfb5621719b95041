"""How networks read clips, kept between runs: plain data that all visitors share."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch

from rnnviz.analysis.clips import ClipReading, clip_flow, frame_trace, importance, read_clip
from rnnviz.analysis.clips.within import hidden_within
from rnnviz.core.clip import Clip
from rnnviz.core.clip_trace import Importance
from rnnviz.core.gradient_flow import GradientFlow
from rnnviz.data.clips.changes import CHANGES, change_clip
from rnnviz.ui.clips.networks import ClipNetwork
from rnnviz.ui.components.common.encoding import digest
from rnnviz.ui.turns import Turns

MOST_WITHIN = 250_000
"""States of the network in space that travel for all frames at once; with more of them, those of
one frame do."""
HEAVY = 24
"""Gradients and occlusions that are kept; they take longest to measure."""
LIGHT = 64
"""Readings that are kept."""


@dataclass(frozen=True, eq=False)
class Within:
    """What the network in space held while it read some frames."""

    frames: tuple[int, ...]
    """Which frames, ascending."""
    hidden: np.ndarray
    """h at every step within each of them, (frame, step, unit)."""


@dataclass(frozen=True, eq=False)
class ChangedAnswer:
    """What a network answers to a clip that was changed."""

    change: str
    """Which of ``CHANGES`` it is."""
    answer: int
    """Its answer after the last frame."""
    probability: float
    """How sure it is of it."""
    truth: int | None
    """What is true of the changed clip, where that is known."""
    frame_answers: np.ndarray
    """Its answer after every frame, (frame,)."""
    frame_truth: np.ndarray | None
    """What is true at every frame, -1 for nothing, (frame,); None where nobody knows."""

    @property
    def frames_right(self) -> float | None:
        """The share of its frames' answers that are right, None where nobody knows."""
        if self.frame_truth is None or not (self.frame_truth >= 0).any():
            return None
        known = self.frame_truth >= 0
        return float((self.frame_answers == self.frame_truth)[known].mean())


def clip_key(network: ClipNetwork, clip: Clip) -> str:
    """Return what tells the reading of a clip by a network from all others."""
    return f"{network.identity}-{digest(clip.frames.astype(np.float32), clip.times_s)}"


def reading(network: ClipNetwork, clip: Clip) -> ClipReading:
    """Return how a network reads a clip."""
    return _reading(network, clip, clip_key(network, clip))


@st.cache_resource(show_spinner=False, max_entries=LIGHT)
def _reading(_network: ClipNetwork, _clip: Clip, key: str) -> ClipReading:
    # A clip is too little work to share out, and every run has a thread of its own.
    torch.set_num_threads(1)
    return read_clip(_network.model, _network.checkpoint.probes, _clip.frames)


def within(network: ClipNetwork, clip: Clip, frame: int) -> Within:
    """Return the states within all frames where they are few, otherwise within one.

    Args:
        network: Who reads.
        clip: What is read.
        frame: The frame that is looked at.
    """
    spatial = network.model.spatial
    states = len(clip) * spatial.route.steps * spatial.config.units * spatial.config.layers
    key = clip_key(network, clip)
    if states <= MOST_WITHIN:
        return _within_all(network, clip, key)
    return _within_one(network, clip, key, min(frame, len(clip) - 1))


@st.cache_resource(show_spinner=False, max_entries=HEAVY)
def _within_all(_network: ClipNetwork, _clip: Clip, key: str) -> Within:
    torch.set_num_threads(1)
    return Within(tuple(range(len(_clip))), hidden_within(_network.model, _clip.frames))


@st.cache_resource(show_spinner=False, max_entries=HEAVY)
def _within_one(_network: ClipNetwork, _clip: Clip, key: str, frame: int) -> Within:
    torch.set_num_threads(1)
    seen = frame_trace(_network.model, _clip.frames, frame)
    return Within((frame,), seen.states["h"][None])


@st.cache_resource(show_spinner=False)
def queue() -> Turns:
    """Return the queue for what takes long to measure.

    Apart from that for answers, so that nobody's answer waits for somebody's gradients.
    """
    return Turns()


def measure_ahead(network: ClipNetwork, clip: Clip) -> None:
    """Measure what takes long, in a queue of its own; afterwards it is known at once."""
    target = reading(network, clip).answer
    with queue().patient():
        mattered(network, clip, target)
        flow(network, clip, target)


def mattered(network: ClipNetwork, clip: Clip, target: int) -> Importance:
    """Return which frames and pixels the logit of a class rests on."""
    return _mattered(network, clip, clip_key(network, clip), target)


@st.cache_resource(show_spinner=False, max_entries=HEAVY)
def _mattered(_network: ClipNetwork, _clip: Clip, key: str, target: int) -> Importance:
    torch.set_num_threads(1)
    return importance(_network.model, _clip.frames, target)


def flow(network: ClipNetwork, clip: Clip, target: int) -> GradientFlow:
    """Return dL/dstate after every frame, L being the last answer's cross-entropy of a class."""
    return _flow(network, clip, clip_key(network, clip), target)


@st.cache_resource(show_spinner=False, max_entries=HEAVY)
def _flow(_network: ClipNetwork, _clip: Clip, key: str, target: int) -> GradientFlow:
    torch.set_num_threads(1)
    return clip_flow(_network.model, _clip.frames, target).temporal


def changed_answers(network: ClipNetwork, clip: Clip) -> Sequence[ChangedAnswer]:
    """Return what a network answers to a clip as it is, and after every change."""
    told = "" if clip.frame_labels is None else digest(clip.frame_labels)
    return _changed(network, clip, f"{clip_key(network, clip)}-{clip.label}-{told}")


@st.cache_resource(show_spinner=False, max_entries=LIGHT)
def _changed(_network: ClipNetwork, _clip: Clip, key: str) -> Sequence[ChangedAnswer]:
    torch.set_num_threads(1)
    clips = {name: change_clip(_clip, name, _network.classes) for name in CHANGES}
    stacked = torch.from_numpy(np.stack([clip.frames for clip in clips.values()]))
    with torch.no_grad():
        shares = torch.softmax(_network.model.frame_logits(stacked), dim=2).numpy()
    return [
        ChangedAnswer(
            change=name,
            answer=int(found[-1].argmax()),
            probability=float(found[-1].max()),
            truth=clip.label,
            frame_answers=found.argmax(1),
            frame_truth=clip.frame_labels,
        )
        for (name, clip), found in zip(clips.items(), shares, strict=True)
    ]
