"""Drawings: strokes with their times, and how they travel in links and messages."""

import base64
import binascii
import json
import math
import re
import zlib
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

POSITION_STEPS = 1024
"""A link keeps positions to this fraction of the canvas' side: a third of a screen pixel."""
TIME_STEP_MS = 10
"""A link keeps times to this many milliseconds."""
VERSION = "1"
"""The first character of an encoded drawing; another format takes another one."""
MAX_TEXT = 40_000
"""No drawing within the limits above takes more characters than this."""
MAX_BYTES = 30_000
"""Nor more bytes than this once it is unpacked."""

NEW_START = "Clear the canvas and draw the digit anew."
BAD_LINK = "Ask for the link again, or draw the digit on the canvas."


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


def quantise(drawing: Drawing) -> Drawing:
    """Return the drawing as a link keeps it: positions and times on their grids."""
    grid = np.array([POSITION_STEPS, POSITION_STEPS, 1 / TIME_STEP_MS])
    strokes = tuple(np.rint(stroke * grid) / grid for stroke in drawing.strokes)
    width = round(drawing.width * POSITION_STEPS) / POSITION_STEPS
    return Drawing(strokes, min(max(width, MIN_WIDTH), MAX_WIDTH))


def encode(drawing: Drawing) -> str:
    """Return the drawing as short text of letters, digits, '-' and '_', fit for a link.

    `decode` gives back exactly `quantise(drawing)`. All numbers are whole:
    the width, the count of strokes, the points of each, then all x, all y and
    all t, each as the difference to the one before. Differences are small, so
    they take a byte each, and like stands beside like, so they pack well.
    """
    grid = np.array([POSITION_STEPS, POSITION_STEPS, 1 / TIME_STEP_MS])
    lengths = [len(stroke) for stroke in drawing.strokes]
    header = [round(drawing.width * POSITION_STEPS), len(lengths), *lengths]
    points = np.concatenate([np.zeros((1, 3)), *drawing.strokes])
    steps = np.diff(np.rint(points * grid).astype(int), axis=0)
    signed = [int(value) for value in steps[:, :2].T.ravel()]
    numbers = header + [zigzag(value) for value in signed] + steps[:, 2].tolist()
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(b"".join(map(to_varint, numbers))) + packer.flush()
    return VERSION + base64.urlsafe_b64encode(packed).decode().rstrip("=")


def decode(text: str) -> Drawing:
    """Return the drawing that `encode` made this text of.

    Raises:
        DrawingError: The text is anything else. Whatever it is, neither the
            time nor the memory spent on it grows beyond a drawing's limits.
    """
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise DrawingError(f"The drawing in this link is longer than any can be. {BAD_LINK}")
    if not text.startswith(VERSION):
        raise DrawingError(f"The drawing in this link is of an unknown kind. {BAD_LINK}")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        raise DrawingError(f"The drawing in this link holds characters of no drawing. {BAD_LINK}")
    numbers = Numbers(unpack(text[len(VERSION) :]))
    width = min(max(numbers.take(1)[0] / POSITION_STEPS, MIN_WIDTH), MAX_WIDTH)
    count = numbers.take(1)[0]
    if count > MAX_STROKES:
        raise DrawingError(f"The drawing in this link has too many strokes. {BAD_LINK}")
    lengths = numbers.take(count)
    total = sum(lengths)
    if total > MAX_POINTS:
        raise DrawingError(f"The drawing in this link has too many points. {BAD_LINK}")
    x, y = ([unzigzag(value) for value in numbers.take(total)] for _ in "xy")
    t = numbers.take(total)
    numbers.finish()
    scale = np.array([1 / POSITION_STEPS, 1 / POSITION_STEPS, TIME_STEP_MS])
    points = np.cumsum(np.array([x, y, t], np.int64).T, axis=0) * scale
    ends = np.cumsum(lengths, dtype=np.int64)
    strokes = tuple(points[end - n : end] for end, n in zip(ends, lengths, strict=True))
    return Drawing(strokes, width)


def unpack(text: str) -> bytes:
    """Return what is packed in the text after its version, or raise DrawingError."""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        content = unpacker.decompress(packed, MAX_BYTES)
    except (binascii.Error, zlib.error) as error:
        raise DrawingError(f"The drawing in this link is damaged. {BAD_LINK}") from error
    if not unpacker.eof or unpacker.unused_data:
        raise DrawingError(f"The drawing in this link is cut off or too long. {BAD_LINK}")
    return content


class Numbers:
    """The whole numbers in the bytes of a drawing, taken from the front."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.position = 0

    def take(self, count: int) -> list[int]:
        """Return the next `count` numbers, or raise DrawingError where there are fewer."""
        return [self._next() for _ in range(count)]

    def _next(self) -> int:
        # Three groups of seven bits hold every number a drawing can have.
        value = 0
        for shift in (0, 7, 14):
            if self.position >= len(self.content):
                raise DrawingError(f"The drawing in this link is cut off. {BAD_LINK}")
            byte = self.content[self.position]
            self.position += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise DrawingError(f"The drawing in this link holds too large a number. {BAD_LINK}")

    def finish(self) -> None:
        """Raise DrawingError where anything is left."""
        if self.position != len(self.content):
            raise DrawingError(f"The drawing in this link has a tail of no meaning. {BAD_LINK}")


def to_varint(value: int) -> bytes:
    """Return a number of 0 or more in groups of seven bits, the lowest first."""
    groups = bytearray()
    while value > 127:
        groups.append(value & 127 | 128)
        value >>= 7
    groups.append(value)
    return bytes(groups)


def zigzag(value: int) -> int:
    """Return whole numbers as 0, 1, 2, ... in the order 0, -1, 1, -2, 2, ..."""
    return 2 * value if value >= 0 else -2 * value - 1


def unzigzag(value: int) -> int:
    """Return the number that `zigzag` made this of."""
    return value // 2 if value % 2 == 0 else -(value + 1) // 2


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
