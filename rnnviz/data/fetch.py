"""Download a file once, checked, so that it is there either whole or not at all."""

import hashlib
import http.client
import sys
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

from rnnviz import files
from rnnviz.data.errors import DataError

CHUNK_BYTES = 1 << 16
TIMEOUT_S = 20

BytesSoFar = Callable[[int, int], None]
"""Called with the bytes that have come and the bytes in all (0: not known)."""


def from_mirrors(addresses: Sequence[str], checksum: str, progress: BytesSoFar) -> bytes:
    """Return a file from the first address that has it.

    Args:
        addresses: Where to look, one after the other.
        checksum: The file's MD5 in hexadecimal digits.
        progress: Told how the download goes.

    Raises:
        DataError: No address gave it; the message says for each why.
    """
    faults = []
    for address in addresses:
        try:
            content = fetch(address, progress)
        except (OSError, ValueError, http.client.HTTPException) as error:
            faults.append(f"{address}: {error}")
            continue
        if hashlib.md5(content, usedforsecurity=False).hexdigest() == checksum:
            return content
        faults.append(f"{address}: the file is not the one it should be")
    raise DataError(f"no mirror gave it ({'; '.join(faults)})")


def fetch(address: str, progress: BytesSoFar) -> bytes:
    """Return what lies at a web address, telling `progress`.

    Raises:
        OSError: The address cannot be reached, or stops half way.
        http.client.HTTPException: What answers there is no web server.
    """
    with urllib.request.urlopen(address, timeout=TIMEOUT_S) as answer:
        total = int(answer.headers.get("Content-Length") or 0)
        content = bytearray()
        while chunk := answer.read(CHUNK_BYTES):
            content += chunk
            progress(len(content), total)
    return bytes(content)


def write_whole(path: Path, content: bytes) -> Path:
    """Write a file so that it is there either whole or not at all, and return its path.

    Raises:
        DataError: The folder cannot be written to.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write_whole(path, content)
    except OSError as error:
        raise DataError(f"the folder cannot be written to ({error})") from error
    return path


def print_progress(name: str, done: int, total: int) -> None:
    """Show a download on one line of the terminal's error stream."""
    share = f"{done / total:4.0%}" if total else f"{done / 1e6:.1f} MB"
    end = "\n" if done == total else ""
    print(f"\rDownloading {name}: {share}", end=end, file=sys.stderr, flush=True)
