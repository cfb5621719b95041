"""One file a data set.

Each offers NAME, LABEL, DESCRIPTION, SPLITS, CLASSES (the name of each class),
`available(folder)` and `load(split, folder, **options)`; that is all it takes to be found.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rnnviz.data.dataset import Dataset
from rnnviz.registry import discover, find

PACKAGE = "rnnviz.data.sets"


def load_dataset(name: str, split: str, folder: Path, **options: Any) -> Dataset:
    """Return one split of the data set called ``name``.

    Raises:
        ValueError: There is no such data set, or it has no such split.
        DataError: Its files are missing or damaged.
    """
    return find(PACKAGE, name, "data set").load(split, folder, **options)


def class_names(names: Sequence[object]) -> tuple[str, ...] | None:
    """Return the classes of the data sets that a network was trained on together.

    None where one of them isn't known here, there are none, or their classes differ, so that
    nobody can say what its answers are called.
    """
    known = discover(PACKAGE)
    found = {known[n].CLASSES if isinstance(n, str) and n in known else None for n in names}
    return found.pop() if len(found) == 1 else None
