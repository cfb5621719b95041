"""The life of the process that decodes: its order, its limits, its answer."""

import importlib
import json
import os
import pkgutil
import sys
import time
import traceback
from io import BytesIO
from typing import Any

import av
import numpy as np
from av.error import FFmpegError
from av.error import MemoryError as FFmpegMemoryError

from .refusal import Refusal
from .stream import decode

PRIORITY = 5
"""How nice decoding is to what else the machine does (0 to 19)."""


def main() -> None:
    """Read an order and a file, answer, and leave."""
    started = time.monotonic()
    # Whatever a library prints must not get between the answer's bytes.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    order = json.loads(sys.stdin.buffer.readline())
    data = BytesIO(sys.stdin.buffer.read())
    import_all()
    confine(order)
    frames: list[np.ndarray] = []
    try:
        header, frames = decode(data, order, started + order["deadline_s"])
    except Refusal as refused:
        header = refused.answer
    except (MemoryError, FFmpegMemoryError):
        header = {"refusal": "memory"}
    except FFmpegError:
        header = {"refusal": "damaged"}
    except Exception:
        header = {"crash": traceback.format_exc()}
    answers.write(json.dumps(header).encode() + b"\n")
    for frame in frames:
        answers.write(frame.tobytes())
    answers.flush()
    # Libraries that a damaged file has confused must not spoil a good answer when they are put
    # away.
    os._exit(0)


def import_all() -> None:
    """Import what PyAV would import only when it is needed: by then no file can be opened."""
    for module in pkgutil.walk_packages(av.__path__, "av."):
        if module.name not in ("av.__main__", "av.datasets"):
            importlib.import_module(module.name)


def confine(order: dict[str, Any]) -> None:
    """Take from this process what it doesn't need, as far as the platform can."""
    if hasattr(os, "nice"):
        os.nice(PRIORITY)
    try:
        import resource
    except ImportError:  # on Windows the wall clock of the caller has to do
        return
    # The lowest number that is free: those below are in use and stay so.
    free = os.dup(0)
    os.close(free)
    for what, most in (
        (resource.RLIMIT_AS, order["memory_bytes"]),
        (resource.RLIMIT_CPU, order["cpu_s"]),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        # No other file and no connection can be opened from here on, whatever a clip asks for.
        (resource.RLIMIT_NOFILE, free),
    ):
        try:
            resource.setrlimit(what, (most, most))
        except (ValueError, OSError):  # a limit that this platform doesn't have
            continue
