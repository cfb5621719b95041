"""Finding the ink in a picture: which pixels somebody wrote, and how strongly."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from rnnviz.data.errors import EmptyPictureError, PictureError

WORKING_SIDE = 400
"""Larger pictures are shrunk to this longest side, in pixels; ink is found as well there."""
COARSE_SIDE = 96
"""Light is looked at in a picture shrunk to this, as it changes slowly."""
GRAIN = 64
"""Spots of ink are told apart on a grid of so many cells a side."""

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""How bright red, green and blue look (ITU-R BT.601)."""

EVEN_BORDER = 0.03
"""Where the border of a picture varies by less than this, its background is of one colour."""
LEAST_CONTRAST = 0.06
"""Ink that differs from its background by less cannot be told from it."""
LEAST_CLARITY = 5.0
"""Ink must stand out from the noise by so many standard deviations."""
SPECK = 0.05
"""A spot with a smaller share than this of the largest spot's ink is dirt."""

NOTHING_THERE = "Write one digit, large and dark, on plain paper, and take the picture from near."


@dataclass(frozen=True, eq=False)
class Ink:
    """The ink of a picture."""

    strength: np.ndarray
    """0 for the background to 1 for full ink, float32, shape (height, width)."""
    inverted: bool
    """Whether the ink was darker than its background."""
    edge: float
    """The strength from which on a pixel belongs to the digit."""


def find_ink(picture: np.ndarray) -> Ink:
    """Return the ink of a picture, at most WORKING_SIDE pixels on a side.

    Args:
        picture: See `to_grey`.

    Raises:
        EmptyPictureError: There is none, or it cannot be told from the background.
        PictureError: It is not a picture.

    A clean picture has a border of one colour; that is its background. A photo
    has shadows, so its background is looked for around every pixel anew.
    """
    grey = resize_down(to_grey(picture), WORKING_SIDE)
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    low, middle, high = np.percentile(border, (5, 50, 95))
    if high - low < EVEN_BORDER:
        return ink_on_even(grey, float(middle))
    return ink_on_even(grey, larger_part(grey)) if is_small(grey) else ink_in_light(grey)


def ink_on_even(grey: np.ndarray, background: float) -> Ink:
    """Return the ink of a clean picture on a background of one brightness."""
    difference = grey - background
    inverted = bool(difference.sum() < 0)
    strength = without_specks(normalise(-difference if inverted else difference), 0.1)
    return Ink(strength, inverted, 0.02 if is_small(grey) else 0.1)


def ink_in_light(grey: np.ndarray) -> Ink:
    """Return the ink of a photo, on which light and noise make the background uneven."""
    inverted = not is_ink_bright(grey)
    calm = box_mean(grey, 3)
    raised = darkness(calm) if inverted else brightness(calm)
    strength = without_margins(without_specks(normalise(raised), 0.3))
    return Ink(strength, inverted, 0.3)


def larger_part(grey: np.ndarray) -> float:
    """Return the brightness of what most of a picture consists of, parted into dark and bright."""
    bright = grey > otsu_threshold(grey)
    return float(np.median(grey[bright if bright.mean() > 0.5 else ~bright]))


def to_grey(picture: np.ndarray) -> np.ndarray:
    """Return a picture's brightness as float32 in [0, 1], shape (height, width).

    Args:
        picture: Shape (height, width), or with 1 to 4 channels at the end:
            grey, grey and alpha, RGB, RGB and alpha. Whole numbers reach up to
            the largest of their type, floats from 0 to 1.

    Raises:
        PictureError: It is anything else.

    What is transparent shows white paper behind it, or a black board where
    the ink would vanish on the paper.
    """
    channels = picture.shape[2] if picture.ndim == 3 else 1
    if picture.ndim not in (2, 3) or not 1 <= channels <= 4 or picture.size == 0:
        raise PictureError(
            "A picture has the shape (height, width) or (height, width, channel) with 1 to 4 "
            f"channels, but this has {picture.shape}."
        )
    values = picture.astype(np.float32).reshape(*picture.shape[:2], channels)
    if picture.dtype.kind in "iu":
        values = values / np.iinfo(picture.dtype).max
    if not np.isfinite(values).all():
        raise PictureError("The picture holds numbers that are not finite. Choose another one.")
    values = np.clip(values, 0, 1)
    grey = values[:, :, :3] @ LUMA if channels >= 3 else values[:, :, 0]
    if channels in (1, 3):
        return grey
    alpha = values[:, :, -1]
    on_paper = grey * alpha + 1 - alpha
    return on_paper if np.ptp(on_paper) >= LEAST_CONTRAST else grey * alpha


def resize_down(grey: np.ndarray, longest: int) -> np.ndarray:
    """Return a picture with its longest side brought down to `longest`, by averaging."""
    height, width = grey.shape
    scale = longest / max(height, width)
    if scale >= 1:
        return grey
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BOX))


def is_small(grey: np.ndarray) -> bool:
    """Return whether a picture is so small that every pixel of an edge counts."""
    return max(grey.shape) <= GRAIN


def is_ink_bright(grey: np.ndarray) -> bool:
    """Return whether the ink is brighter than its background, in uneven light too.

    Ink is the lesser part of any half of a picture, so the median over such
    a half is background. What differs from it then reaches far to one side
    only: the ink's. Shadows change the median along with them.
    """
    coarse = resize_down(grey, COARSE_SIDE // 2)
    window = max(3, max(coarse.shape) // 2 | 1)
    around = np.lib.stride_tricks.sliding_window_view(
        np.pad(coarse, window // 2, mode="edge"), (window, window)
    )
    return bool(((coarse - np.median(around, axis=(2, 3))) ** 3).sum() > 0)


def darkness(grey: np.ndarray) -> np.ndarray:
    """Return how much darker each pixel is than the paper around it, 0 to 1.

    Light multiplies, so the quotient, not the difference, tells what share of
    it the ink swallows.
    """
    return 1 - grey / np.maximum(fill_strokes(grey), 0.05)


def brightness(grey: np.ndarray) -> np.ndarray:
    """Return how much brighter each pixel is than the board around it, 0 to 1.

    A dark board has too little light of its own to divide by, so this is the
    difference.
    """
    return grey - (1 - fill_strokes(1 - grey))


def fill_strokes(grey: np.ndarray) -> np.ndarray:
    """Return a picture with its dark strokes filled by what is around them.

    This is the grey closing: the largest value nearby, then the smallest of
    those nearby. It fills what is narrower than a quarter of the picture, the
    strokes, and keeps what is wider, shadows and their edges.
    """
    coarse = resize_down(grey, COARSE_SIDE)
    window = max(3, max(coarse.shape) // 4 | 1)
    # Without a margin, light that fades towards an edge would be filled there too.
    wide = np.pad(coarse, window, mode="edge")
    filled = -box_max(-box_max(wide, window), window)
    inside = box_mean(filled, 3)[window:-window, window:-window]
    smooth = Image.fromarray(inside.astype(np.float32))
    return np.asarray(smooth.resize(grey.shape[::-1], Image.Resampling.BILINEAR))


def box_max(picture: np.ndarray, window: int) -> np.ndarray:
    """Return each pixel's maximum over a square of odd side around it."""
    down = windows(picture, window, axis=0).max(axis=-1)
    return windows(down, window, axis=1).max(axis=-1)


def box_mean(picture: np.ndarray, window: int) -> np.ndarray:
    """Return each pixel's mean over a square of odd side around it."""
    down = windows(picture, window, axis=0).mean(axis=-1)
    return windows(down, window, axis=1).mean(axis=-1)


def windows(picture: np.ndarray, window: int, axis: int) -> np.ndarray:
    """Return the neighbours of each pixel along an axis, shape (height, width, window).

    Beyond an edge the pixels of the edge go on.
    """
    margin = [(0, 0), (0, 0)]
    margin[axis] = (window // 2, window // 2)
    padded = np.pad(picture, margin, mode="edge")
    return np.lib.stride_tricks.sliding_window_view(padded, window, axis=axis)


def normalise(raised: np.ndarray) -> np.ndarray:
    """Return the ink's strength: 0 up to the noise of the background, 1 for full ink.

    Args:
        raised: By how much each pixel differs from its background, towards the ink.

    Raises:
        EmptyPictureError: Nothing stands out.
    """
    threshold = otsu_threshold(raised)
    rest, ink = raised[raised <= threshold], raised[raised > threshold]
    background = float(np.median(rest if rest.size else raised))
    # 1.4826 makes the median deviation that of a normal distribution.
    noise = 1.4826 * float(np.median(np.abs(rest - background))) if rest.size else 0.0
    full = float(np.percentile(ink, 90)) if ink.size else background
    contrast = full - background
    if contrast < LEAST_CONTRAST:
        raise EmptyPictureError(f"There is nothing on this picture. {NOTHING_THERE}")
    if contrast < LEAST_CLARITY * noise:
        raise EmptyPictureError(f"Nothing stands out from this picture's noise. {NOTHING_THERE}")
    floor = background + min(3 * noise, contrast / 2)
    return np.clip((raised - floor) / (full - floor), 0, 1).astype(np.float32)


def otsu_threshold(values: np.ndarray) -> float:
    """Return the value that best parts all values in two (Otsu 1979)."""
    counts, edges = np.histogram(values, bins=128)
    middles = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)[:-1]
    above = counts.sum() - below
    sums = np.cumsum(counts * middles)
    means_apart = sums[:-1] / np.maximum(below, 1) - (sums[-1] - sums[:-1]) / np.maximum(above, 1)
    return float(edges[1:-1][np.argmax(below * above * means_apart**2)])


def without_specks(strength: np.ndarray, edge: float) -> np.ndarray:
    """Return the ink without spots that are tiny beside the largest one."""
    labels = label_spots(strength > edge)
    weights = np.bincount(labels.ravel(), strength.ravel())
    weights[0] = 0
    return np.where((weights >= SPECK * weights.max())[labels], strength, 0)


def without_margins(strength: np.ndarray) -> np.ndarray:
    """Return the ink without what reaches in from the edge but not to the middle.

    On a photo that is the rim of the paper or the table beside it. Where
    nothing else is there, it stays.
    """
    labels = label_spots(strength > 0.3)
    height, width = strength.shape
    middle = labels[height // 4 : height - height // 4, width // 4 : width - width // 4]
    border = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    margin = np.setdiff1d(border, middle)
    kept = np.where(np.isin(labels, margin[margin > 0]), 0, strength)
    return kept if kept.max() > 0.5 else strength


def label_spots(mask: np.ndarray) -> np.ndarray:
    """Return the number of the spot each pixel lies in, 0 for none; shape as the mask.

    A spot is what hangs together, corners included. On a large picture the
    cells of a grid are joined, not the pixels: fast, and a gap of a pixel does
    not part a stroke.
    """
    height, width = mask.shape
    cell = -(-max(height, width) // GRAIN)
    rows, columns = -(-height // cell), -(-width // cell)
    padded = np.zeros((rows * cell, columns * cell), bool)
    padded[:height, :width] = mask
    cells = padded.reshape(rows, cell, columns, cell).any(axis=(1, 3))
    labels = np.where(cells, np.arange(1, cells.size + 1).reshape(cells.shape), 0)
    # Every cell takes the largest number around it until none changes any more.
    while True:
        spread = np.where(cells, box_max(labels, 3), 0)
        if np.array_equal(spread, labels):
            break
        labels = spread
    full = np.repeat(np.repeat(labels, cell, axis=0), cell, axis=1)[:height, :width]
    return np.where(mask, full, 0)
