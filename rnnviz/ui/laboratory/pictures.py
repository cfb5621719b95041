"""The real digits that a section measures with."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from rnnviz.ui import cache

PREFERRED = ("mnist", "digits")
"""The data sets in whose pictures gradients are measured, the first that is here."""
SPLIT = "test"


@dataclass(frozen=True, eq=False)
class Batch:
    """Labelled real digits."""

    identity: str
    """Tells it from every other batch."""
    images: np.ndarray
    """(picture, 28, 28), float32 in [0, 1]."""
    labels: np.ndarray
    """(picture,), int64."""
    caption: str
    """What they are, in a few words."""


def dataset_name() -> str:
    """Return the data set that digits are taken from."""
    here = cache.available_datasets()
    return next(name for name in PREFERRED if name in here)


@st.cache_resource(show_spinner=False, max_entries=8)
def digits(count: int) -> Batch:
    """Return the first ``count`` digits of a test split."""
    name = dataset_name()
    data = cache.dataset(name, SPLIT).take(count)
    images = data.images.astype(np.float32) / 255
    caption = f"the first {len(images)} test digits of {cache.DATASET_NAMES[name]}"
    return Batch(f"{name}-{count}", images, data.labels.astype(np.int64), caption)
