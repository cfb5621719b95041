"""Drawings: strokes with their times, and how a browser sends them."""

import json
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnviz.data.errors import DrawingError

MAX_STROKES = 200
MAX_POINTS = 4000
MAX_DURATION_MS = 600_000
MIN_WIDTH, MAX_WIDTH = 0.005, 0.25
DEFAULT_WIDTH = 0.08
"""Thickness of the pen, as a fraction of the canvas' side."""

NEW_START = "Clear the canvas and draw the digit anew."


@dataclass(frozen=True, eq=False)
class Drawing:
    """What somebody drew on a square canvas, as strokes of one pen."""

    strokes: tuple[np.ndarray, ...] = ()
    """Each of shape (point, 3), float64: x and y in [0, 1] of the canvas, y down, and the time
    in milliseconds since the drawing began, never running back."""
    width: float = DEFAULT_WIDTH
    """Thickness of the pen as a fraction of the canvas' side."""

    def __post_init__(self) -> None:
        check_number("The pen's width", self.width, MIN_WIDTH, MAX_WIDTH)
        if len(self.strokes) > MAX_STROKES:
            raise DrawingError(
                f"A drawing has at most {MAX_STROKES} strokes, this one has "
                f"{len(self.strokes)}. {NEW_START}"
            )
        strokes = tuple(frozen_stroke(stroke) for stroke in self.strokes)
        check_points(sum(map(len, strokes)))
        times = np.concatenate([np.zeros(1), *(stroke[:, 2] for stroke in strokes)])
        if (np.diff(times) < 0).any() or times[-1] > MAX_DURATION_MS:
            raise DrawingError(
                "The times of a drawing start at 0, never run back and end before "
                f"{MAX_DURATION_MS / 1000:.0f} s, but these reach from {times.min():.0f} ms to "
                f"{times.max():.0f} ms. {NEW_START}"
            )
        object.__setattr__(self, "strokes", strokes)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Drawing):
            return NotImplemented
        return (
            self.width == other.width
            and len(self.strokes) == len(other.strokes)
            and all(map(np.array_equal, self.strokes, other.strokes))
        )

    def __hash__(self) -> int:
        return hash((self.width, *(stroke.tobytes() for stroke in self.strokes)))

    @property
    def points(self) -> int:
        """How many points all strokes have together."""
        return sum(map(len, self.strokes))

    @property
    def duration_ms(self) -> float:
        """How long the drawing took, in milliseconds."""
        return float(self.strokes[-1][-1, 2]) if self.strokes else 0.0


def frozen_stroke(stroke: Any) -> np.ndarray:
    """Return a stroke as a read-only float64 array (point, 3), or raise DrawingError."""
    points = as_points(stroke)
    if not len(points) or points[:, :2].min() < 0 or points[:, :2].max() > 1:
        raise DrawingError(not_a_stroke("no point at all, or points beside the canvas"))
    points.setflags(write=False)
    return points


def as_points(stroke: Any) -> np.ndarray:
    """Return a stroke as a new array (point, 3) of finite float64, or raise DrawingError."""
    try:
        points = np.array(stroke)
    except (ValueError, TypeError, OverflowError) as error:
        raise DrawingError(not_a_stroke("something ragged")) from error
    if points.dtype.kind not in "iuf" or points.ndim != 2 or points.shape[1] != 3:
        raise DrawingError(not_a_stroke(f"{points.dtype} of shape {points.shape}"))
    if not np.isfinite(points).all():
        raise DrawingError(not_a_stroke("numbers that are not finite"))
    return points.astype(np.float64)


def not_a_stroke(came: str) -> str:
    """Return the message for something that is not a stroke."""
    return (
        "A stroke is a list of points [x, y, t], x and y from 0 to 1, t in milliseconds, "
        f"but came as {came}. {NEW_START}"
    )


def check_points(count: int) -> None:
    """Raise DrawingError where a drawing has too many points."""
    if count > MAX_POINTS:
        raise DrawingError(
            f"A drawing has at most {MAX_POINTS} points, this one has {count}. {NEW_START}"
        )


def check_number(what: str, value: Any, low: float, high: float) -> None:
    """Raise DrawingError unless the value is a number from low to high."""
    is_number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not is_number or not low <= value <= high:
        raise DrawingError(f"{what} must be a number from {low} to {high}, but is {value!r}.")


def to_json(drawing: Drawing) -> dict[str, Any]:
    """Return the drawing in plain lists: {"width": ..., "strokes": [[[x, y, t], ...], ...]}."""
    return {"width": drawing.width, "strokes": [stroke.tolist() for stroke in drawing.strokes]}


def from_json(value: Any, width: float = DEFAULT_WIDTH) -> Drawing:
    """Return the drawing a browser sent.

    Args:
        value: What `to_json` gives, or its list of strokes alone, or either as
            JSON text. Times may start anywhere.
        width: The pen's width where the value has none.

    Raises:
        DrawingError: It is anything else, or goes beyond a drawing's limits.

    Points beside the canvas are brought to its edge, and a clock that runs
    back is held, since pointers do leave canvases and clocks do get set.
    """
    if isinstance(value, str | bytes):
        value = parse_json(value)
    if isinstance(value, dict):
        width = value.get("width", width)
        value = value.get("strokes", ())
    check_number("The pen's width", width, -math.inf, math.inf)
    if not isinstance(value, list | tuple) or len(value) > MAX_STROKES:
        raise DrawingError(f"A drawing is a list of at most {MAX_STROKES} strokes. {NEW_START}")
    strokes = [stroke for stroke in value if not (isinstance(stroke, list) and not stroke)]
    check_points(sum(len(stroke) for stroke in strokes if isinstance(stroke, list | tuple)))
    return on_canvas([as_points(stroke) for stroke in strokes], width)


def parse_json(text: str | bytes) -> Any:
    """Return what JSON text means, or raise DrawingError."""
    if len(text) > 100 * MAX_POINTS:
        raise DrawingError(f"This drawing is longer than any can be. {NEW_START}")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DrawingError(f"This drawing is not JSON ({error}). {NEW_START}") from error


def on_canvas(strokes: list[np.ndarray], width: float) -> Drawing:
    """Return strokes as a drawing: clipped to the canvas, times from 0 and never back."""
    if not strokes:
        return Drawing((), float(np.clip(width, MIN_WIDTH, MAX_WIDTH)))
    points = np.concatenate(strokes)
    points[:, :2] = np.clip(points[:, :2], 0, 1)
    points[:, 2] = np.clip(np.maximum.accumulate(points[:, 2] - points[0, 2]), 0, MAX_DURATION_MS)
    ends = np.cumsum([len(stroke) for stroke in strokes])[:-1]
    return Drawing(tuple(np.split(points, ends)), float(np.clip(width, MIN_WIDTH, MAX_WIDTH)))
