"""The data sets of clips, one file each.

Each offers NAME, LABEL, DESCRIPTION, SPLITS, ``available(folder)`` and
``load(split, folder, **options)``, as the data sets of pictures do, and returns a ``ClipSet``.
"""

from pathlib import Path
from typing import Any

from rnnviz.data.clips.clipset import ClipSet
from rnnviz.registry import find

PACKAGE = "rnnviz.data.clips"


def load_clips(name: str, split: str, folder: Path, **options: Any) -> ClipSet:
    """Return one split of the data set of clips called ``name``.

    Raises:
        ValueError: There is no such data set, or it has no such split.
        DataError: Its files are missing or damaged.
    """
    return find(PACKAGE, name, "data set of clips").load(split, folder, **options)
