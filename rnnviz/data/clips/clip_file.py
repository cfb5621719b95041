"""A set of clips in one file: safetensors, the names as JSON in its header. Never a pickle."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from safetensors import SafetensorError

from rnnviz.data.clips.clipset import ClipSet
from rnnviz.data.dataset import SIDE
from rnnviz.data.errors import ClipError
from rnnviz.files import write_whole

FORMAT = 1
SUFFIX = ".safetensors"
MOST_BYTES = 128 << 20
"""Larger files aren't read: 2,000 clips of 64 frames have 100 MB."""
MOST_HEADER_BYTES = 1 << 20
MOST_CLIPS, MOST_FRAMES, MOST_CLASSES = 2000, 64, 64
MOST_LETTERS = 200
"""Longer names of classes and clips are cut."""


def save_clips(clips: ClipSet, path: Path) -> None:
    """Write a set of clips as one file, whole or not at all."""
    write_whole(path, clips_bytes(clips))


def clips_bytes(clips: ClipSet) -> bytes:
    """Return the file of a set of clips; labels of single frames and groups aren't kept."""
    header = {
        "format": FORMAT,
        "name": clips.name,
        "split": clips.split,
        "classes": list(clips.classes),
        "source": clips.source,
        "names": None if clips.names is None else list(clips.names),
    }
    arrays = {"frames": clips.frames, "lengths": clips.lengths, "labels": clips.labels}
    contiguous = {name: np.ascontiguousarray(values) for name, values in arrays.items()}
    return safetensors.numpy.save(contiguous, metadata={"rnnviz.clips": json.dumps(header)})


def load_clip_file(path: Path) -> ClipSet:
    """Return the clips in a file.

    Raises:
        ClipError: If it can't be read or isn't such a file.
    """
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise too_large(path.name, size)
        data = path.read_bytes()
    except OSError as error:
        raise ClipError(
            f"'{path}' can't be read ({error.strerror}). Check the path and its permissions."
        ) from error
    return parse_clips(data, path.name)


def parse_clips(data: bytes, name: str) -> ClipSet:
    """Return the clips in the bytes of a file, treating them as hostile.

    Args:
        data: The whole file.
        name: What to call it in messages.

    Raises:
        ClipError: If it isn't a file of clips of ours, or its parts don't fit together.
    """
    if len(data) > MOST_BYTES:
        raise too_large(name, len(data))
    header = parse_header(data, name)
    try:
        arrays = safetensors.numpy.load(data)
    except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise damaged(name, str(error)) from error
    frames, lengths, labels = (arrays.get(part) for part in ("frames", "lengths", "labels"))
    if frames is None or lengths is None or labels is None:
        raise damaged(name, "it holds no clips")
    if frames.ndim != 4 or not (len(frames) <= MOST_CLIPS and 1 <= frames.shape[1] <= MOST_FRAMES):
        raise damaged(
            name,
            f"it should hold at most {MOST_CLIPS} clips of 1 to {MOST_FRAMES} frames of "
            f"{SIDE} x {SIDE} pixels, not an array of {frames.shape}",
        )
    classes = names_in(header.get("classes"), MOST_CLASSES)
    names = names_in(header.get("names"), MOST_CLIPS)
    if classes is None or len(set(classes)) < len(classes) or not all(classes):
        raise damaged(name, "its classes have no names of their own")
    try:
        return ClipSet(
            name=str(header.get("name"))[:MOST_LETTERS],
            split=str(header.get("split"))[:MOST_LETTERS],
            frames=frames,
            lengths=lengths,
            labels=labels,
            classes=classes,
            source=str(header.get("source"))[:MOST_LETTERS],
            names=names if names is not None and len(names) == len(frames) else None,
        )
    except ValueError as error:
        raise damaged(name, str(error)) from error


def parse_header(data: bytes, name: str) -> dict[str, Any]:
    """Return our part of a file's header; ClipError says what the file is instead."""
    length = int.from_bytes(data[:8], "little")
    if len(data) < 9 or not 2 <= length <= min(MOST_HEADER_BYTES, len(data) - 8):
        raise ClipError(
            f"'{name}' isn't a file of clips, or it is cut short. Choose the {SUFFIX} file that "
            f"was saved here."
        )
    try:
        metadata = json.loads(data[8 : 8 + length]).get("__metadata__") or {}
        header = json.loads(metadata.get("rnnviz.clips") or "null")
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise damaged(name, "its header is not JSON") from error
    if not isinstance(header, dict):
        raise ClipError(
            f"'{name}' holds tensors, but no clips of this app. Choose the {SUFFIX} file that was "
            f"saved here with the clips."
        )
    if header.get("format") != FORMAT:
        raise ClipError(
            f"'{name}' has format {header.get('format')!r}, this version reads {FORMAT}. Update "
            f"rnnviz, or save the clips again."
        )
    return header


def names_in(value: Any, most: int) -> tuple[str, ...] | None:
    """Return a list of names out of a header, each cut to a length; None if it is no such list."""
    if not isinstance(value, list) or len(value) > most:
        return None
    if not all(isinstance(one, str) for one in value):
        return None
    return tuple(one[:MOST_LETTERS] for one in value)


def too_large(name: str, size: int) -> ClipError:
    """Return the error of a file over the limit."""
    return ClipError(
        f"'{name}' has {size / 2**20:.0f} MB; files of clips have up to {MOST_BYTES // 2**20} MB. "
        f"Check that it is the right file."
    )


def damaged(name: str, why: str) -> ClipError:
    """Return the error of a file that is damaged, or not what it says."""
    return ClipError(f"'{name}' is damaged: {why.rstrip('.')}. Save or download it again.")
