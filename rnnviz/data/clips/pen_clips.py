"""Pen clips: the pen digits as they were being written."""

from pathlib import Path

import numpy as np

from rnnviz.data.clips.clipset import ClipSet
from rnnviz.data.dataset import SIDE, check_split
from rnnviz.data.errors import DataError, EmptyPictureError
from rnnviz.data.sets import pendigits
from rnnviz.data.writing import writing_clip

NAME = "pen-clips"
LABEL = "Pen clips"
DESCRIPTION = "7,494 digits by 30 writers as they were being written on a tablet"
SPLITS = pendigits.SPLITS
CLASSES = pendigits.CLASSES
ORDER = 20

available = pendigits.available


def load(
    split: str, folder: Path, frames: int = 20, count: int | None = None, file: Path | None = None
) -> ClipSet:
    """Return one split of the pen digits as clips.

    Args:
        split: 'train' (24 writers) or 'test' (6 others).
        folder: The data folder.
        frames: Into how many frames the writing time of each is cut.
        count: How many digits, spread evenly over the split; all if None.
        file: Another file of the same form; all of it is the test split.

    Raises:
        DataError: The file is missing or damaged, or has no such split.
    """
    check_split(NAME, split, SPLITS)
    digits = pendigits.read_split(split, folder, file)
    if count is not None and count < len(digits):
        chosen = np.linspace(0, len(digits) - 1, count).round().astype(int)
        digits = [digits[index] for index in chosen]
    pictures = np.zeros((len(digits), frames, SIDE, SIDE), np.uint8)
    for row, digit in enumerate(digits):
        try:
            pictures[row] = np.rint(writing_clip(digit.drawing, frames).frames * 255)
        except EmptyPictureError as error:
            raise DataError(
                f"Digit number {row + 1} of the pen digits' {split} split is only a dot, which "
                f"nobody can read. Take it out of the file."
            ) from error
    return ClipSet(
        name=NAME,
        split=split,
        frames=pictures,
        lengths=np.full(len(digits), frames, np.int64),
        labels=np.array([digit.label for digit in digits], np.int64),
        classes=CLASSES,
        source=pendigits.SOURCE,
        groups=np.array([digit.writer for digit in digits], np.int64),
    )
