"""What is sent to the browser: JSON with arrays as plain bytes behind it; what tells them apart.

A message is four bytes, the length of the JSON (little-endian), the JSON, and the bytes of all
arrays. Where the JSON has an array it says where its bytes begin. Base64 in the JSON would be a
third longer, and Python, which looks at each of its letters, would take longer to write it than a
small network to read a picture.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

EXACT_UP_TO = 60_000
"""Float arrays with more values than this travel in half precision."""
HALF_LIMIT = 60_000.0
"""Half precision ends at 65,504; what reaches beyond this stays in single precision."""


Kind = Literal["f16", "f32", "u16", "u8"]
STORED: dict[Kind, str] = {"f16": "<f2", "f32": "<f4", "u16": "<u2", "u8": "u1"}


@dataclass(frozen=True)
class Packed:
    """An array on its way to the browser."""

    kind: Kind
    """How its values are stored."""
    shape: tuple[int, ...]
    """Its shape."""
    data: bytes
    """Its values, little-endian, the last index fastest."""
    low: float = 0.0
    """What level 0 of a "u8" means."""
    high: float = 1.0
    """What level 255 means."""


def to_wire(view: dict[str, Any]) -> bytes:
    """Return a message: plain data that may hold arrays, ``Packed``, at any depth.

    A dict Streamlit would write twice on every run, once to send it and once to compare it; bytes
    it sends as they are.

    Raises:
        TypeError: If something in it is neither plain nor packed.
        ValueError: If a number outside of arrays isn't finite: JSON has no word for it.
    """
    arrays: list[bytes] = []
    begin = 0

    def place(value: object) -> dict[str, Any]:
        nonlocal begin
        if not isinstance(value, Packed):
            raise TypeError(f"{type(value).__name__} can't be sent to the browser.")
        arrays.append(value.data)
        told = {"array": value.kind, "shape": value.shape, "at": begin, "bytes": len(value.data)}
        begin += len(value.data)
        return told | ({"low": value.low, "high": value.high} if value.kind == "u8" else {})

    head = json.dumps(view, separators=(",", ":"), default=place, allow_nan=False).encode("ascii")
    return b"".join([len(head).to_bytes(4, "little"), head, *arrays])


def from_wire(sent: bytes) -> dict[str, Any]:
    """Return what a message says, as the browser finds it: for tests and checks."""
    head_end = 4 + int.from_bytes(sent[:4], "little")

    def find(found: dict[str, Any]) -> Any:
        if "array" not in found:
            return found
        begin = head_end + found["at"]
        data = sent[begin : begin + found["bytes"]]
        limits = (found.get("low", 0.0), found.get("high", 1.0))
        return Packed(found["array"], tuple(found["shape"]), data, *limits)

    return json.loads(sent[4:head_end], object_hook=find)


def encode_floats(values: np.ndarray) -> Packed:
    """Return an array as float32, or as float16 where there are very many values.

    Half precision keeps three decimals of a state in [-1, 1], more than a colour can show, and
    halves what 784 steps of 128 units weigh. Anything not finite becomes 0.
    """
    finite = np.asarray(values, np.float32)
    if not np.isfinite(finite).all():
        finite = np.nan_to_num(finite, nan=0.0, posinf=0.0, neginf=0.0)
    half = finite.size > EXACT_UP_TO and float(np.abs(finite).max(initial=0.0)) < HALF_LIMIT
    return pack(finite, "f16" if half else "f32")


def encode_counts(values: np.ndarray) -> Packed:
    """Return whole numbers from 0 to 65,535 in two bytes each."""
    return pack(np.asarray(values), "u16")


def encode_levels(values: np.ndarray, low: float, high: float) -> Packed:
    """Return values from ``low`` to ``high`` on 256 levels: what colours need, in one byte each.

    What lies beyond is at its end.
    """
    share = (np.asarray(values, np.float64) - low) / (high - low)
    levels = np.rint(np.clip(np.nan_to_num(share), 0.0, 1.0) * 255)
    return pack(levels, "u8", low, high)


def pack(array: np.ndarray, kind: Kind, low: float = 0.0, high: float = 1.0) -> Packed:
    """Return an array, its values stored in another type."""
    return Packed(kind, array.shape, array.astype(STORED[kind]).tobytes(), low, high)


def decode(packed: Packed) -> np.ndarray:
    """Return the array that was packed: what the browser does, for tests and checks."""
    flat = np.frombuffer(packed.data, STORED[packed.kind])
    if packed.kind == "u8":
        flat = packed.low + flat / np.float32(255) * (packed.high - packed.low)
    return flat.reshape(packed.shape)


def digest(*arrays: np.ndarray) -> str:
    """Return a short text that differs whenever the arrays do."""
    found = hashlib.blake2b(digest_size=12)
    for array in arrays:
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()
