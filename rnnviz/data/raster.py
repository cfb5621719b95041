"""The one rasteriser: strokes become pictures here, for page, data set and links alike."""

from collections.abc import Sequence

import numpy as np

from rnnviz.data.strokes import Drawing

DEFAULT_SIZE = 280
"""Side of the picture of a whole canvas, in pixels."""


def rasterise(drawing: Drawing, size: int = DEFAULT_SIZE) -> np.ndarray:
    """Return the drawing's canvas as a picture, bright ink on black.

    Args:
        drawing: Strokes in canvas units.
        size: Side of the picture in pixels.

    Returns:
        Floats in [0, 1], shape (size, size); all 0 where nothing is drawn.
    """
    lines = [stroke[:, :2] * size for stroke in drawing.strokes]
    return rasterise_lines(lines, drawing.width * size, size)


def rasterise_lines(lines: Sequence[np.ndarray], width: float, size: int) -> np.ndarray:
    """Return a picture of lines with round caps and joins, bright on black.

    Args:
        lines: Each of shape (point, 2), x to the right and y down, in pixels;
            pixel (row, column) reaches from (column, row) to one further.
            A line of one point is a dot.
        width: Thickness of the lines in pixels.
        size: Side of the picture in pixels.

    Returns:
        The share of each pixel that is covered, float32, shape (size, size).

    A pixel's distance to the nearest line decides: the share is that of a box
    one pixel wide, which is exact along a straight edge parallel to an axis.
    """
    if not lines:
        return np.zeros((size, size), np.float32)
    piece_length = max(width, 3.0)
    thinned = [thin(line, max(width / 16, 0.2)) for line in lines]
    start, along = cut(thinned, piece_length)
    distance = nearest_distance(start, along, piece_length, width / 2 + 0.5, size)
    covered = np.minimum(distance + 0.5, width / 2) - np.maximum(distance - 0.5, -width / 2)
    return np.clip(covered, 0, 1).astype(np.float32)


def thin(line: np.ndarray, spacing: float) -> np.ndarray:
    """Return a line without the points that lie closer together than `spacing`.

    The first and the last point stay. A hand that rests sends many points on
    one spot, which would cost time and change nothing.
    """
    if len(line) < 3:
        return line
    travelled = np.cumsum(np.hypot(*np.diff(line, axis=0).T)) // spacing
    keep = np.ones(len(line), bool)
    keep[1:-1] = travelled[:-1] != np.concatenate(([0], travelled[:-2]))
    return line[keep]


def cut(lines: Sequence[np.ndarray], longest: float) -> tuple[np.ndarray, np.ndarray]:
    """Return lines as straight pieces: their starts, and the vectors along them.

    Both have shape (piece, 2); no piece is longer than `longest`. Cutting a
    line with round caps changes nothing of the picture, and pieces of like
    length can be drawn all at once.
    """
    start = np.concatenate([line[:-1] if len(line) > 1 else line for line in lines])
    along = np.concatenate(
        [np.diff(line, axis=0) if len(line) > 1 else np.zeros((1, 2)) for line in lines]
    )
    count = np.maximum(np.ceil(np.hypot(*along.T) / longest).astype(int), 1)
    part = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    along = np.repeat(along / count[:, None], count, axis=0)
    return np.repeat(start, count, axis=0) + along * part[:, None], along


def nearest_distance(
    start: np.ndarray, along: np.ndarray, longest: float, reach: float, size: int
) -> np.ndarray:
    """Return each pixel's distance to the nearest piece, exact where it is below `reach`.

    Args:
        start: Where each piece starts, in pixels, shape (piece, 2).
        along: From there to its end, shape (piece, 2).
        longest: No piece is longer.
        reach: Up to which distance the result must be exact.
        size: Side of the picture in pixels.

    Returns:
        Distances in pixels, shape (size, size); infinite beyond the windows
        that are looked at around each piece.
    """
    window = int(np.ceil(longest + 2 * reach)) + 1
    corner = np.floor(np.minimum(start, start + along) - reach)
    corner = np.clip(corner, -window, size).astype(int)
    pixel = corner[:, :, None] + np.arange(window)
    offset = pixel + 0.5 - start[:, :, None]
    x, y = offset[:, 0, None, :], offset[:, 1, :, None]
    along_x, along_y = along[:, 0, None, None], along[:, 1, None, None]
    squared_length = np.maximum((along**2).sum(axis=1), 1e-12)[:, None, None]
    share = np.clip((x * along_x + y * along_y) / squared_length, 0, 1)
    squared = (x - share * along_x) ** 2 + (y - share * along_y) ** 2

    side = size + 2 * window
    column, row = pixel[:, 0, None, :] + window, pixel[:, 1, :, None] + window
    nearest = np.full(side * side, np.inf)
    np.minimum.at(nearest, (row * side + column).ravel(), squared.ravel())
    inside = nearest.reshape(side, side)[window : window + size, window : window + size]
    return np.sqrt(inside)
