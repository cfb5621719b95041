"""One file a data set.

Each offers NAME, LABEL, DESCRIPTION, SPLITS, `available(folder)` and
`load(split, folder, **options)`; that is all it takes to be found.
"""

from pathlib import Path
from typing import Any

from rnnviz.data.dataset import Dataset
from rnnviz.registry import find

PACKAGE = "rnnviz.data.sets"


def load_dataset(name: str, split: str, folder: Path, **options: Any) -> Dataset:
    """Return one split of the data set called ``name``.

    Raises:
        ValueError: There is no such data set, or it has no such split.
        DataError: Its files are missing or damaged.
    """
    return find(PACKAGE, name, "data set").load(split, folder, **options)
