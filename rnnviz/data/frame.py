"""The frame of an MNIST picture: how large the digit is in it, where, and how thick."""

import numpy as np
from PIL import Image

from rnnviz.data.dataset import SIDE

DIGIT_SIDE = 20
"""The longest side of the digit, in pixels (LeCun et al. 1998)."""

CENTRE = SIDE / 2 + 0.5
"""Where the centre of mass lies, in pixels from the edge, on both axes.

That is the middle of pixel 14, not of the picture: measured over the 60,000
training digits it is 14.50 down and 14.51 across, always within half a pixel.
"""

THICKNESS = 2.6
"""How thick MNIST's strokes are, in pixels: the mean of `thickness` over the training digits."""

THINNEST, THICKEST = 1.5, 4.5
"""Between these lie 98 % of MNIST's digits, in pixels."""


def centre_of_mass(picture: np.ndarray) -> tuple[float, float]:
    """Return the ink's centre (x, y) in pixels from the left and upper edges.

    A picture without ink has it in its middle.
    """
    height, width = picture.shape
    ink = float(picture.sum())
    if ink <= 0:
        return width / 2, height / 2
    x = float(picture.sum(axis=0) @ (np.arange(width) + 0.5)) / ink
    y = float(picture.sum(axis=1) @ (np.arange(height) + 0.5)) / ink
    return x, y


def thickness(picture: np.ndarray) -> float:
    """Return how thick the lines of a picture are, in its pixels.

    A line of length l and thickness w covers l*w and has an outline of about
    2*l. The outline is the picture's total variation over both axes; pi/4
    takes off what it counts too much, on average over all directions.
    """
    padded = np.pad(picture, 1)
    variation = sum(float(np.abs(np.diff(padded, axis=axis)).sum()) for axis in (0, 1))
    return 2 * float(picture.sum()) / (variation * np.pi / 4) if variation else 0.0


def place(digit: np.ndarray) -> np.ndarray:
    """Return a picture (28, 28) with a digit's centre of mass where MNIST has it.

    Args:
        digit: At most 28 pixels on each side, shape (height, width).

    The digit moves by whole pixels, so none of its values change, and it stays
    within the picture even where its mass lies far to one side.
    """
    x, y = centre_of_mass(digit)
    height, width = digit.shape
    left = min(max(round(CENTRE - x), 0), SIDE - width)
    top = min(max(round(CENTRE - y), 0), SIDE - height)
    picture = np.zeros((SIDE, SIDE), np.float32)
    picture[top : top + height, left : left + width] = digit
    return picture


def fit(digit: np.ndarray) -> np.ndarray:
    """Return a closely cropped digit with its longest side brought to 20 pixels.

    Shrinking averages over areas and growing interpolates, so neither leaves
    stairs; a digit of the right size comes back as it is.
    """
    height, width = digit.shape
    scale = DIGIT_SIDE / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    if size == (width, height):
        return digit.astype(np.float32)
    way = Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC
    resized = Image.fromarray(digit.astype(np.float32)).resize(size, way)
    return np.clip(np.asarray(resized), 0, 1)


def bounding_box(mask: np.ndarray) -> tuple[int, int, int, int]:
    """Return the smallest (left, top, right, bottom) around all that is true, ends exclusive.

    Raises:
        ValueError: Nothing is true.
    """
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    if not len(columns):
        raise ValueError("There is nothing to put a box around.")
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
