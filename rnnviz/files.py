"""Files that are whole or not there at all, whatever happens while they are written."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there as it was or as it is to be, never half."""
    writer = f"{os.getpid()}-{threading.get_ident()}"
    part = path.with_name(f".{path.name}.{writer}.partial")
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
    """Yield the lines of a text file but the last if it isn't finished; none without a file.

    What isn't text in it, as a power cut may leave, is replaced by marks.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return
    yield from text[: text.rfind("\n") + 1].splitlines()
