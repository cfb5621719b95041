"""scikit-learn's digits, brought to MNIST's size and manner: needs no download."""

from pathlib import Path

import numpy as np
from PIL import Image

from rnnviz.data import frame
from rnnviz.data.dataset import DIGITS, Dataset, check_split

NAME = "digits"
LABEL = "Digits 8×8"
DESCRIPTION = "1,797 handwritten digits of 8x8 pixels, enlarged; comes with the app"
SPLITS = ("train", "test")
CLASSES = DIGITS

SOURCE = (
    "E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, "
    "UCI Machine Learning Repository, 1998, by way of scikit-learn; CC BY 4.0"
)
TEST_SHARE = 0.2
SPLIT_SEED = 0
BRIGHTEST = 16
"""The values count the dark ones among 16 scanned pixels."""
ENLARGEMENT = 10
INK_LOW, INK_HIGH = 0.35, 0.8
"""Enlarged smoothly, edges are blurred; what lies between these becomes the edge."""


def available(folder: Path) -> bool:
    """Return True: scikit-learn brings these digits along."""
    return True


def load(split: str, folder: Path | None = None) -> Dataset:
    """Return one split of the digits; 20 % of each digit are for testing, always the same.

    Args:
        split: 'train' (1,437) or 'test' (360).
        folder: Not needed, as nothing is read from the data folder.
    """
    # Imported here because it takes a second that no other data set should pay for.
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    check_split(NAME, split, SPLITS)
    pictures, labels = load_digits(return_X_y=True)
    train, test = train_test_split(
        np.arange(len(labels)), test_size=TEST_SHARE, stratify=labels, random_state=SPLIT_SEED
    )
    chosen = np.sort(train if split == "train" else test)
    images = np.stack([enlarge(row.reshape(8, 8)) for row in pictures[chosen]])
    return Dataset(NAME, split, images, np.asarray(labels, np.int64)[chosen], CLASSES, SOURCE)


def enlarge(picture: np.ndarray) -> np.ndarray:
    """Return a digit of (8, 8) values 0..16 as MNIST would have it, uint8 (28, 28)."""
    # The pad gives the strokes at the edge of the picture an outer edge of their own.
    padded = np.pad(picture / BRIGHTEST, 1).astype(np.float32)
    side = len(padded) * ENLARGEMENT
    smooth = np.asarray(Image.fromarray(padded).resize((side, side), Image.Resampling.BICUBIC))
    ink = np.clip((smooth - INK_LOW) / (INK_HIGH - INK_LOW), 0, 1)
    left, top, right, bottom = frame.bounding_box(ink > 0.5)
    placed = frame.place(frame.fit(ink[top:bottom, left:right]))
    return np.rint(placed * 255).astype(np.uint8)
