"""What comes from beside the canvas: examples, files, photos, the clipboard, networks."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from rnnviz.data.errors import DataError, PictureError
from rnnviz.data.folder import data_folder
from rnnviz.data.preprocess import prepare
from rnnviz.data.stroke_text import quantise
from rnnviz.data.uploads import read_picture
from rnnviz.registry import find
from rnnviz.ui import cache
from rnnviz.ui.library import RunName
from rnnviz.ui.link import Picture, Reference, Shown
from rnnviz.ui.service import service
from rnnviz.ui.visitor import who

SPLIT = "test"
"""Examples are what no network has been trained on."""


def picture(data: bytes, name: str) -> Picture:
    """Return an image file as the networks see it.

    Raises:
        PictureError: If it isn't an image that can be read, or holds no digit.
    """
    try:
        return Picture.of(prepare(read_picture(data)).image)
    except PictureError as error:
        raise PictureError(f"{name}: {error}") from error


def pasted(paste: Mapping[str, Any]) -> Picture:
    """Return a picture that was pasted or dropped on the canvas; PictureError if it isn't one."""
    if paste.get("kind") == "problem":
        raise PictureError(str(paste.get("message") or "Nothing that was pasted is a picture."))
    try:
        data = base64.b64decode(str(paste.get("data", "")), validate=True)
    except binascii.Error as error:
        raise PictureError("What was pasted came damaged. Copy it again, then paste.") from error
    return picture(data, str(paste.get("name") or "The pasted picture"))


def network(data: bytes, file_name: str) -> str:
    """Keep an uploaded checkpoint among this visitor's, and return what links call it.

    Raises:
        CheckpointError: If it can't be used.
        RunError: If it can't be kept.
    """
    return str(RunName(service().bring(data, file_name, who()).id))


def example_count(name: str) -> int:
    """Return how many examples of a data set there are to choose from."""
    return len(labels(name))


def numbered_example(name: str, index: int) -> Shown:
    """Return one example of a data set by its number, as strokes where it has them."""
    drawings = strokes_of(name)
    return quantise(drawings[index].drawing) if drawings else Reference(name, SPLIT, index)


def random_example(name: str, label: int | None, chance: float) -> Shown:
    """Return an example of a data set, of one class or of any.

    Args:
        name: Name of the data set.
        label: The class' number, None for any.
        chance: Which of them, from 0 to 1.

    Raises:
        DataError: If it has no such example.
    """
    found = np.flatnonzero(labels(name) == label) if label is not None else labels(name) * 0
    if not len(found):
        wanted = find(cache.DATASETS, name, "data set").CLASSES[label]
        raise DataError(f"'{name}' has no {wanted}. Choose something else, or another data set.")
    at = min(int(chance * len(found)), len(found) - 1)
    return numbered_example(name, at if label is None else int(found[at]))


def labels(name: str) -> np.ndarray:
    """Return the class numbers of all examples of a data set, shape (n,)."""
    drawings = strokes_of(name)
    if drawings:
        return np.array([drawing.label for drawing in drawings])
    return cache.dataset(name, SPLIT).labels


def strokes_of(name: str) -> list[Any]:
    """Return the examples of a data set as drawings, empty for one that keeps pictures only."""
    read_split = getattr(find(cache.DATASETS, name, "data set"), "read_split", None)
    return _strokes(name) if read_split else []


@st.cache_resource(show_spinner="Opening the data set…", max_entries=2)
def _strokes(name: str) -> list[Any]:
    return find(cache.DATASETS, name, "data set").read_split(SPLIT, data_folder())
