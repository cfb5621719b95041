"""scikit-learn's digits, brought to MNIST's size and manner: needs no download."""

import base64
import importlib.util
from pathlib import Path

import numpy as np
from PIL import Image

from rnnviz.data import frame
from rnnviz.data.dataset import DIGITS, Dataset, check_split
from rnnviz.data.errors import DataError

NAME = "digits"
LABEL = "Digits 8×8"
DESCRIPTION = "1,797 handwritten digits of 8x8 pixels, enlarged; comes with the app"
SPLITS = ("train", "test")
CLASSES = DIGITS

SOURCE = (
    "E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, "
    "UCI Machine Learning Repository, 1998, by way of scikit-learn; CC BY 4.0"
)
IN_TEST = (
    "AAAEiDUkEEAABkEAk0IFABoACAEAJAAoBiwSABAAlAoAkBkSBCD4oAKBEKAACAqIIEQVJElCQKAKAAAAQATYAACB"
    "gCAASAXEABBACKAQAAVASAAwEAACDsQJAAIkhACDqAE8IKaYCgAAAAsIQAgEoBhIAgJAQcEAgARARoQ3aoECFgBE"
    "gABAQqCkGApQAIQLhWHGCBCACABMgMAgBAaOAAEIggCBADgIA8AIGQAAEA4BAIQQoCEAMygpBMBEwIBoDgECgwCC"
    "AIgipkAsJAQhCKhggJCBoAwCggJCEgE4pBUA"
)
"""A bit for each digit, in order, set for those that are kept for testing: 20 % of each class, as
scikit-learn's ``train_test_split(test_size=0.2, stratify=labels, random_state=0)`` draws them."""
FILE = "datasets/data/digits.csv.gz"
"""Where they lie in scikit-learn: 64 values and the class of each digit."""
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
    check_split(NAME, split, SPLITS)
    table = np.loadtxt(table_path(), delimiter=",")
    in_test = np.unpackbits(np.frombuffer(base64.b64decode(IN_TEST), np.uint8), count=len(table))
    chosen = table[in_test == (split == "test")]
    images = np.stack([enlarge(row.reshape(8, 8)) for row in chosen[:, :64]])
    return Dataset(NAME, split, images, chosen[:, 64].astype(np.int64), CLASSES, SOURCE)


def table_path() -> Path:
    """Return the file in which scikit-learn keeps its digits.

    The file is read without the library: importing that takes a second and 115 MB, in every
    process that trains.

    Raises:
        DataError: If scikit-learn isn't installed, or doesn't bring the file any more.
    """
    library = importlib.util.find_spec("sklearn")
    folders = (library.submodule_search_locations if library else None) or []
    for folder in folders:
        if (path := Path(folder) / FILE).is_file():
            return path
    raise DataError("scikit-learn's digits aren't installed. Install what requirements.txt lists.")


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
