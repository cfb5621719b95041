"""The clip that is read: generated, drawn, uploaded, recorded, or an example of a test set."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import streamlit as st

from rnnviz.core.clip import Clip
from rnnviz.data.clips.moving_digits import task_of
from rnnviz.data.clips.staged import staged_clip
from rnnviz.data.dataset import DIGITS, Dataset
from rnnviz.data.errors import InputError
from rnnviz.data.folder import data_folder
from rnnviz.data.sets import digits, mnist, pendigits
from rnnviz.data.stroke_text import decode
from rnnviz.data.video import Polarity, Video, prepare_clip
from rnnviz.data.writing import writing_clip
from rnnviz.ui import cache
from rnnviz.ui.clips.choices import ANY, motions_of
from rnnviz.ui.clips.networks import ClipNetwork
from rnnviz.ui.clips.visit import Subject, Visit

KEPT = "Below, the clip before is still being read."
OPENING = (
    "1C2LS4H3CysLAwMDMzMrOy8nMwCUkpaZipGdhZqKhpyDDx8IpKK9r6uns6WlpbcgiJKOi5-AWlpVVVjSPR"
    "ZCdgUdEQ8_GwcHGTE1BjI2VmZOZRURBw8LGz8PNwUhLio-ZU1RafiebqK6yvKqkoqg0LzsDAyNxgBuZAwA"
)
"""The strokes of a digit that is being written before anybody has drawn, as in a link."""
OPENING_CAPTION = "A 5 as one of the test writers wrote it. Draw a digit of your own."
OPENING_LABEL = 5


def subject(values: Mapping[str, Any], network: ClipNetwork, state: Visit) -> Subject:
    """Return the clip that was chosen, or the one before where that can't be read.

    Args:
        values: What is chosen on the page.
        network: Who reads it.
        state: What the visitor has drawn and brought; remembers the clip.
    """
    try:
        found = Subject(clip_of(values, network, state) or last_clip(values, network, state))
    except InputError as error:
        return Subject(last_clip(values, network, state), f"{error} {KEPT}")
    state.last = found
    return found


def last_clip(values: Mapping[str, Any], network: ClipNetwork, state: Visit) -> Clip:
    """Return the last clip that could be read, or a generated one before there was any."""
    return state.last.clip if state.last is not None else generated(values, network)


def clip_of(values: Mapping[str, Any], network: ClipNetwork, state: Visit) -> Clip | None:
    """Return the clip that was chosen, None where nothing has been brought yet.

    Raises:
        InputError: If it can't be read.
    """
    match values["source"]:
        case "draw":
            return drawn(state, network)
        case "upload":
            return brought(state.upload, values, network, "file")
        case "record":
            return brought(state.recording, values, network, "webcam")
        case "example":
            return example(values["number"], network)
        case _:
            return generated(values, network)


def generated(values: Mapping[str, Any], network: ClipNetwork) -> Clip:
    """Return the moving digit that was ordered."""
    scene = replace(
        task_of(network.task).scene.at(values["speed"]),
        frames=network.frames,
        noise=values["noise"],
        clutter=values["clutter"],
        bounce=values["bounce"],
        contrast=(1.0, 1.0),
        background=0.0,
        parts=(1, 1),
    )
    motions = motions_of(values)[: max(network.frames // 4, 1)]
    digit = None if values["digit"] == ANY else int(values["digit"])
    return staged_clip(moving_digits(), digit, motions, scene, values["seed"], network.classes)


def moving_digits() -> Dataset:
    """Return the digits that move: those of a test split, which no network has seen."""
    name = mnist.NAME if mnist.available(data_folder()) else digits.NAME
    return cache.dataset(name, "test")


def drawn(state: Visit, network: ClipNetwork) -> Clip:
    """Return the drawing as it was being written; EmptyPictureError if it is only a dot."""
    if state.drawing is not None:
        return writing_clip(state.drawing, network.frames)
    clip = writing_clip(opening_drawing(), network.frames)
    return replace(clip, caption=OPENING_CAPTION, label=digit_label(OPENING_LABEL, network))


@lru_cache(maxsize=1)
def opening_drawing() -> Any:
    """Return what is being written before anybody has drawn."""
    return decode(OPENING)


def digit_label(digit: int, network: ClipNetwork) -> int | None:
    """Return the digit as the true answer of a network that is asked for digits."""
    return digit if network.classes == DIGITS else None


def brought(
    video: Video | None, values: Mapping[str, Any], network: ClipNetwork, source: str
) -> Clip | None:
    """Return a video as the network gets it, None where there is none yet."""
    if video is None:
        return None
    bright = values["polarity"] == "bright"
    if values["polarity"] == "auto":
        # A network of one's own has learned from clips as they are.
        bright = network.material != "own"
    polarity: Polarity = "bright on dark" if bright else "as is"
    clip = prepare_clip(video, network.frames, polarity=polarity, source=source)
    return replace(clip, caption=" ".join(filter(None, (clip.caption, video.note))))


def example(number: int, network: ClipNetwork) -> Clip:
    """Return a digit of the test writers as it was being written.

    Raises:
        InputError: If there is none, or no such number.
    """
    written = written_digits()
    if number >= len(written):
        raise InputError(
            f"There are {len(written)} written digits here, so there is no number {number}. "
            f"Choose a smaller one."
            if written
            else "The pen strokes aren't here: put 'pendigits-orig.tra' into the folder "
            "'pendigits' of the data folder, or generate or draw a clip."
        )
    one = written[number]
    return replace(
        writing_clip(one.drawing, network.frames),
        source="dataset",
        caption=f"Number {number} of the test writers' digits: a {one.label}, written by writer "
        f"{one.writer}.",
        label=digit_label(one.label, network),
    )


def written_digits() -> list[Any]:
    """Return the digits of the test writers, none where the file isn't here."""
    return _written() if pendigits.available(data_folder()) else []


@st.cache_resource(show_spinner="Opening the pen strokes…")
def _written() -> list[Any]:
    return pendigits.read_split("test", data_folder())
