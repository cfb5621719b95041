"""Drawings as short text: how they travel in links."""

import base64
import binascii
import re
import zlib

import numpy as np

from rnnviz.data.errors import DrawingError
from rnnviz.data.strokes import MAX_POINTS, MAX_STROKES, MAX_WIDTH, MIN_WIDTH, Drawing

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

BAD_LINK = "Ask for the link again, or draw the digit on the canvas."


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
