"""The networks that read clips: those that are shipped, and those that this session has."""

import gc
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st
import torch

from rnnviz.data.clips.motions import MOTIONS
from rnnviz.data.clips.moving_digits import TASKS
from rnnviz.data.clips.pen_clips import NAME as PEN
from rnnviz.data.dataset import DIGITS, SIDE
from rnnviz.models.cells import cell_class
from rnnviz.models.checkpoint import CheckpointError
from rnnviz.models.clips.checkpoint import ClipCheckpoint, parse_clip_checkpoint
from rnnviz.models.clips.model import ClipModel
from rnnviz.models.clips.store import clip_names, read_clip_model
from rnnviz.models.model import parameter_count
from rnnviz.training.runs.brought import digest_of, plain_name
from rnnviz.ui.cache import config_label

OWN = "clips.own"
OWN_PREFIX = "own-"
"""How the names of networks begin that only a session has."""
MOST_OWN = 4
"""Networks of one's own that a session keeps; the oldest goes first."""
LONGEST_NAME = 40
"""Letters of an own network's name that menus show."""
SHOWN = {
    "frames": "is shown each frame",
    "changes": "is shown how each frame differs from the one before",
    "both": "is shown each frame and, beside it, how it differs from the one before",
}


@dataclass(frozen=True, eq=False)
class ClipNetwork:
    """A network that is ready to read clips."""

    name: str
    """How links and the browser call it."""
    identity: str
    """Tells it from every other network, also from others of the same name."""
    checkpoint: ClipCheckpoint
    """Where it comes from."""
    model: ClipModel
    """The network, in evaluation mode."""
    called: str = ""
    """What its owner calls it; empty for a shipped one."""

    @property
    def classes(self) -> tuple[str, ...]:
        """What it can answer."""
        return self.checkpoint.config.classes

    @property
    def every_frame(self) -> bool:
        """Whether it answers at every frame."""
        return self.checkpoint.config.answers == "frames"

    @property
    def frames(self) -> int:
        """To how many frames a clip is brought for it."""
        return self.checkpoint.config.frames

    @property
    def material(self) -> str:
        """What it learned from: "moving", "pen", or "own" clips."""
        if not self.called and self.checkpoint.provenance.get("datasets") == [PEN]:
            return "pen"
        return "moving" if self.classes in (MOTIONS, DIGITS) and not self.called else "own"

    @property
    def task(self) -> str:
        """Which of the tasks of moving digits it answers; "motion" if none."""
        learned = self.checkpoint.provenance.get("task")
        return learned if learned in TASKS else "motion"

    @property
    def question(self) -> str:
        """What it is asked."""
        if self.every_frame:
            return "What happens when?"
        if self.classes == MOTIONS:
            return "Which motion is it?"
        if self.classes == DIGITS:
            pen = self.material == "pen"
            return "Which digit is being written?" if pen else "Which digit is it?"
        return f"{', '.join(self.classes[:3])}{', …' if len(self.classes) > 3 else '?'}"

    @property
    def label(self) -> str:
        """What menus show: its question, and its name."""
        return f"{self.question} ({self.called or self.name})"

    @property
    def description(self) -> str:
        """What it is made of, in two sentences."""
        config = self.checkpoint.config
        temporal, count = cell_class(config.cell).LABEL, parameter_count(self.model)
        layers = f"{config.layers} layers of " if config.layers > 1 else ""
        return (
            f"In space: {config_label(config.spatial)}, {config.spatial.units} units, "
            f"{SHOWN[config.sight]}. "
            f"In time: {temporal}, {layers}{config.units} units, one step a frame. "
            f"{count:,} weights."
        )


@st.cache_resource(show_spinner=False)
def shipped() -> dict[str, ClipNetwork]:
    """Return the shipped networks that can be used, by name."""
    torch.set_num_threads(1)
    found = {}
    for name in clip_names():
        # A damaged file must not take the sound ones with it; the command line names it.
        try:
            found[name] = network_of(read_clip_model(name), name, name)
        except CheckpointError:
            continue
    gc.collect()
    gc.freeze()
    return found


def networks() -> Mapping[str, ClipNetwork]:
    """Return all networks that this session can read with, by name."""
    return shipped() | own()


def own() -> dict[str, ClipNetwork]:
    """Return the networks that only this session has."""
    return st.session_state.get(OWN, {})


def is_own(name: str) -> bool:
    """Return whether a name is that of a network that only some session has."""
    return name.startswith(OWN_PREFIX)


def bring(data: bytes, file_name: str) -> str:
    """Keep an uploaded checkpoint for this session, and return what links would call it.

    Raises:
        CheckpointError: If it can't be used, or reads frames of another size than 28×28.
    """
    return keep(parse_clip_checkpoint(data, file_name), digest_of(data), plain_name(file_name))


def keep(checkpoint: ClipCheckpoint, identity: str, called: str) -> str:
    """Keep a network for this session, and return its name.

    Args:
        checkpoint: The network.
        identity: Tells it from every other one, such as the digest of its file.
        called: What its owner calls it.

    Raises:
        CheckpointError: If it reads frames of another size than this page shows.
    """
    if checkpoint.config.frame_shape != (SIDE, SIDE):
        height, width = checkpoint.config.frame_shape
        raise CheckpointError(
            f"'{called}' reads frames of {height}×{width} pixels, but this page shows "
            f"{SIDE}×{SIDE}. Choose a network for these."
        )
    name = f"{OWN_PREFIX}{identity[:8]}"
    short = called if len(called) <= LONGEST_NAME else called[: LONGEST_NAME - 1] + "…"
    others = {key: value for key, value in own().items() if key != name}
    kept = dict(list(others.items())[-(MOST_OWN - 1) :])
    st.session_state[OWN] = kept | {name: network_of(checkpoint, name, identity, short)}
    return name


def network_of(
    checkpoint: ClipCheckpoint, name: str, identity: str, called: str = ""
) -> ClipNetwork:
    """Return a checkpoint's network, ready to read."""
    return ClipNetwork(name, identity, checkpoint, checkpoint.model(), called)
