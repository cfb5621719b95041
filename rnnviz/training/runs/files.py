"""Files that are whole or not there at all, whatever happens while they are written."""

import os
from collections.abc import Iterator
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there as it was or as it is to be, never half."""
    part = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            # Else a power cut might leave the new name on an empty file.
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def whole_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a text file but the last if it isn't finished; none without a file."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return
    yield from text[: text.rfind("\n") + 1].splitlines()
