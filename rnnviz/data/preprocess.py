"""From any drawing, photo or scan to what a network reads, as MNIST was made."""

from dataclasses import dataclass

import numpy as np

from rnnviz.data import frame
from rnnviz.data.dataset import SIDE
from rnnviz.data.errors import EmptyPictureError
from rnnviz.data.ink import find_ink
from rnnviz.data.raster import rasterise_lines
from rnnviz.data.strokes import Drawing

SMALLEST_DRAWING = 0.02
"""A drawing that reaches over less of the canvas than this is a dot."""

PEN_INFLUENCE = 0.5
"""How much of the pen's own thickness reaches the network: 0 for nothing, 1 for all of it."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """A picture as the network sees it, and what was done to get there."""

    image: np.ndarray
    """float32 in [0, 1], bright ink on black, shape (28, 28)."""
    inverted: bool
    """Whether the ink was darker than its background."""
    box: tuple[float, float, float, float]
    """Where the digit was found: left, top, right, bottom as fractions of the picture's sides."""


def prepare(picture: np.ndarray) -> Prepared:
    """Return a drawing, photo or scan as the network sees it.

    Args:
        picture: Shape (height, width) or (height, width, channel), see
            `rnnviz.data.ink.to_grey`.

    Raises:
        EmptyPictureError: There is nothing on it.
        PictureError: It is not a picture.

    As MNIST was made (LeCun et al. 1998): bright ink on black, cropped, its
    longest side brought to 20 pixels, its centre of mass to the middle. A
    picture of MNIST itself comes back nearly as it is.
    """
    ink = find_ink(picture)
    height, width = ink.strength.shape
    left, top, right, bottom = frame.bounding_box(ink.strength > ink.edge)
    digit = within_thickness(ink.strength[top:bottom, left:right])
    fitted = frame.fit(digit)
    # A line thinner than a pixel turns grey on the way down, but MNIST's ink is always full.
    full = float(np.percentile(fitted[fitted >= fitted.max() / 2], 90))
    image = frame.place(np.minimum(fitted / full, 1))
    box = (left / width, top / height, right / width, bottom / height)
    return Prepared(image, ink.inverted, box)


def within_thickness(digit: np.ndarray) -> np.ndarray:
    """Return a cropped digit with lines no thinner and no thicker than MNIST's.

    Most are as they should be and come back as they are. Small pictures do
    too: they have no pixels to spare for a change.
    """
    scale = frame.DIGIT_SIDE / max(digit.shape)
    if scale > 0.5:
        return digit
    thickness = frame.thickness(digit) * scale
    wanted = float(np.clip(thickness, frame.THINNEST, frame.THICKEST))
    pixels = round((wanted - thickness) / 2 / scale)
    if pixels > 0:
        return grow(np.pad(digit, pixels), pixels)
    # Where a line is of one thickness, as much can be taken off; half leaves what is thinner.
    return 1 - grow(1 - digit, -pixels // 2) if pixels < -1 else digit


def grow(picture: np.ndarray, pixels: int) -> np.ndarray:
    """Return a picture whose bright parts reach so many pixels further, to all sides."""
    for step in range(pixels):
        wide = np.pad(picture, 1, mode="edge")
        sides = [wide[1:-1, :-2], wide[1:-1, 2:], wide[:-2, 1:-1], wide[2:, 1:-1]]
        corners = [wide[:-2, :-2], wide[:-2, 2:], wide[2:, :-2], wide[2:, 2:]]
        # Squares and diamonds in turn make an octagon, which is nearly round.
        picture = np.maximum.reduce([picture, *sides, *(corners if step % 2 else [])])
    return picture


def prepare_drawing(drawing: Drawing) -> Prepared:
    """Return a drawing as the network sees it.

    Raises:
        EmptyPictureError: Nothing is drawn, or only a dot.

    The strokes themselves are scaled and drawn anew, at the size at which
    they are read. Shrinking a picture of the canvas instead would make a digit
    that was drawn small fat, and one drawn large thin: the pen has one width,
    but MNIST's strokes are about 2.6 pixels thick however large the digit
    was. See `pen_thickness` for what is left of the pen's width.
    """
    placed = place_strokes(drawing)
    image = rasterise_lines(placed.lines, placed.thickness, SIDE)
    return Prepared(image, inverted=False, box=placed.box)


@dataclass(frozen=True, eq=False)
class Placed:
    """Strokes where they stand in the network's picture."""

    lines: list[np.ndarray]
    """x and y of each stroke's points, in the picture's pixels, each of shape (point, 2)."""
    thickness: float
    """How thick they are drawn there, in pixels."""
    box: tuple[float, float, float, float]
    """Where they were on the canvas: left, top, right, bottom as fractions of its sides."""


def place_strokes(drawing: Drawing) -> Placed:
    """Return the strokes of a drawing as they are drawn for a network; errors as above."""
    if not drawing.strokes:
        raise EmptyPictureError("The canvas is empty. Draw a digit on it.")
    points = np.concatenate(drawing.strokes)[:, :2]
    low, high = points.min(axis=0), points.max(axis=0)
    extent = float((high - low).max())
    if extent < SMALLEST_DRAWING:
        raise EmptyPictureError("There is only a dot on the canvas. Draw a whole digit, larger.")
    thickness = pen_thickness(drawing.width, extent)
    scale = (frame.DIGIT_SIDE - thickness) / extent
    lines = [(stroke[:, :2] - (low + high) / 2) * scale for stroke in drawing.strokes]
    half = ((high - low) * scale + thickness) / 2
    middle = np.full(2, frame.CENTRE)
    # The centre of mass is known only once the ink is there: so draw, look, and draw again.
    # Moving the strokes, not the pixels, keeps the edges as sharp as they were.
    first = rasterise_lines([line + middle for line in lines], thickness, SIDE)
    shift = middle - frame.centre_of_mass(first)
    middle = np.clip(middle + shift, half, SIDE - half)
    margin = drawing.width / 2
    left, top, right, bottom = np.clip([*(low - margin), *(high + margin)], 0, 1).tolist()
    return Placed([line + middle for line in lines], thickness, (left, top, right, bottom))


def pen_thickness(width: float, extent: float) -> float:
    """Return how thick to draw a pen's line in the network's picture, in pixels.

    Args:
        width: The pen's width, as a fraction of the canvas' side.
        extent: The longest side of the drawing, likewise.

    The geometric mean of what the pen's width would become when the drawing is
    scaled to 20 pixels, and of MNIST's usual thickness, kept to the
    range that MNIST has. So a wide pen still looks wide, but a small drawing
    does not become a blot, nor a large one a hair.
    """
    natural = frame.DIGIT_SIDE * width / (extent + width)
    blended = frame.THICKNESS * (natural / frame.THICKNESS) ** PEN_INFLUENCE
    return float(np.clip(blended, frame.THINNEST, frame.THICKEST))
