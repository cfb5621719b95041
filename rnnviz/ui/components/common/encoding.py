"""Arrays as text that the browser unpacks into typed arrays, and what tells them apart."""

import base64
import hashlib
from typing import Any

import numpy as np

EXACT_UP_TO = 60_000
"""Float arrays with more values than this travel in half precision."""
HALF_LIMIT = 60_000.0
"""Half precision ends at 65,504; what reaches beyond this stays in single precision."""


def encode_floats(values: np.ndarray) -> dict[str, Any]:
    """Return ``{"type", "shape", "data"}``: float32, or float16 where there are very many.

    Half precision keeps three decimals of a state in [-1, 1], more than a colour can show, and
    halves what 784 steps of 128 units weigh. Anything not finite becomes 0.
    """
    finite = np.asarray(values, np.float32)
    if not np.isfinite(finite).all():
        finite = np.nan_to_num(finite, nan=0.0, posinf=0.0, neginf=0.0)
    half = finite.size > EXACT_UP_TO and float(np.abs(finite).max(initial=0.0)) < HALF_LIMIT
    return pack(finite.astype("<f2" if half else "<f4"), "f16" if half else "f32")


def encode_counts(values: np.ndarray) -> dict[str, Any]:
    """Return whole numbers from 0 to 65,535 as ``{"type": "u16", "shape", "data"}``."""
    return pack(np.asarray(values).astype("<u2"), "u16")


def encode_levels(values: np.ndarray, low: float, high: float) -> dict[str, Any]:
    """Return values from ``low`` to ``high`` on 256 levels: what colours need, in one byte each.

    Returns:
        ``{"type": "u8", "shape", "data", "low", "high"}``; what lies beyond is at its end.
    """
    share = (np.asarray(values, np.float64) - low) / (high - low)
    levels = np.rint(np.clip(np.nan_to_num(share), 0.0, 1.0) * 255)
    return pack(levels.astype(np.uint8), "u8") | {"low": low, "high": high}


def pack(array: np.ndarray, kind: str) -> dict[str, Any]:
    """Return an array's little-endian bytes in base64, with its type and shape."""
    data = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")
    return {"type": kind, "shape": list(array.shape), "data": data}


def decode(packed: dict[str, Any]) -> np.ndarray:
    """Return the array that was packed: what the browser does, for tests and checks."""
    kinds = {"f16": "<f2", "f32": "<f4", "u16": "<u2", "u8": "u1"}
    flat = np.frombuffer(base64.b64decode(packed["data"]), kinds[packed["type"]])
    if packed["type"] == "u8":
        flat = packed["low"] + flat / np.float32(255) * (packed["high"] - packed["low"])
    return flat.reshape(packed["shape"])


def digest(*arrays: np.ndarray) -> str:
    """Return a short text that differs whenever the arrays do."""
    found = hashlib.blake2b(digest_size=12)
    for array in arrays:
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()
