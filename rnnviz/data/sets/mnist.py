"""MNIST, from the data folder or downloaded into it once."""

import gzip
import hashlib
import http.client
import math
import sys
import urllib.request
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from rnnviz.data.dataset import DIGITS, SIDE, Dataset, check_split
from rnnviz.data.errors import DataError

NAME = "mnist"
LABEL = "MNIST"
DESCRIPTION = "70,000 handwritten digits of 28x28 pixels, scanned from forms"
SPLITS = ("train", "test")

SOURCE = (
    "Y. LeCun, C. Cortes and C. J. C. Burges, The MNIST database of handwritten digits; "
    "CC BY-SA 3.0"
)
FILES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
CHUNK_BYTES = 1 << 16
TIMEOUT_S = 20

Progress = Callable[[str, int, int], None]
"""Called with a file's name, the bytes that have come and the bytes in all (0: not known)."""


def available(folder: Path) -> bool:
    """Return whether all four files lie in the data folder."""
    return all(find_file(folder, name) for names in FILES.values() for name in names)


def load(split: str, folder: Path, progress: Progress | None = None) -> Dataset:
    """Return one split of MNIST, downloading it first where it is not there.

    Args:
        split: 'train' (60,000) or 'test' (10,000).
        folder: The data folder; the files are in `MNIST/raw`, as torchvision
            lays them out, as they are or compressed by gzip.
        progress: Told how a download goes; by default a line on the terminal.

    Raises:
        DataError: The files are damaged, or missing and not to be had.
    """
    check_split(NAME, split, SPLITS)
    for name in FILES[split]:
        if not find_file(folder, name):
            download(folder, name, progress or print_progress)
    images, labels = (read_idx(require_file(folder, name)) for name in FILES[split])
    if images.shape[1:] != (SIDE, SIDE) or labels.shape != images.shape[:1] or labels.max() > 9:
        raise DataError(
            f"The MNIST files of the split '{split}' in {raw_folder(folder)} do not belong "
            f"together: images of shape {images.shape}, labels of shape {labels.shape}. "
            "Delete them, so that they are downloaded anew."
        )
    return Dataset(NAME, split, images, labels.astype(np.int64), DIGITS, SOURCE)


def raw_folder(folder: Path) -> Path:
    """Return where MNIST lies in a data folder."""
    return folder / "MNIST" / "raw"


def find_file(folder: Path, name: str) -> Path | None:
    """Return the path of one of the four files, plain or compressed, or None."""
    candidates = (raw_folder(folder) / name, raw_folder(folder) / f"{name}.gz")
    return next((path for path in candidates if path.is_file()), None)


def require_file(folder: Path, name: str) -> Path:
    """Return the path of one of the four files; raise DataError where it is not there."""
    path = find_file(folder, name)
    if path is None:
        raise DataError(how_to_get(folder, f"the file {name} is not there"))
    return path


def read_idx(path: Path) -> np.ndarray:
    """Return the uint8 array in an IDX file, plain or compressed by gzip.

    Raises:
        DataError: It is not such a file, or not all of it.

    The format is LeCun's: two zero bytes, the type (8 for uint8), the number
    of axes, each axis' length as a big-endian 32-bit number, the values.
    """
    try:
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(damaged(path, f"cannot be read ({error})")) from error
    if len(content) < 4 or content[:3] != b"\0\0\x08" or content[3] not in (1, 3):
        raise DataError(damaged(path, "is not an IDX file of bytes"))
    axes = content[3]
    shape = tuple(int.from_bytes(content[4 + 4 * a : 8 + 4 * a], "big") for a in range(axes))
    header = 4 + 4 * axes
    if len(content) != header + math.prod(shape) or 0 in shape:
        raise DataError(
            damaged(path, f"should hold {math.prod(shape)} values but holds {len(content)} bytes")
        )
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)


def damaged(path: Path, fault: str) -> str:
    """Return the message for a file that is not what it should be."""
    return f"{path} {fault}. Delete it, so that it is downloaded anew."


def how_to_get(folder: Path, fault: str) -> str:
    """Return the message for files that are not there and did not come."""
    names = ", ".join(name for names in FILES.values() for name in names)
    return (
        f"MNIST is not to be had: {fault}. Put the four files {names} (or the same with .gz) "
        f"into {raw_folder(folder)}, point --data or RNNVIZ_DATA at a folder that has them, "
        "or use --dataset digits, which needs no download."
    )


def download(folder: Path, name: str, progress: Progress) -> None:
    """Bring one of the four files into the data folder.

    Raises:
        DataError: No mirror gave it, or the folder cannot be written to.
    """
    # Imported here because it takes a second that no other data set should pay for.
    from torchvision.datasets import MNIST

    checksum = dict(MNIST.resources)[f"{name}.gz"]
    faults = []
    for mirror in MNIST.mirrors:
        try:
            packed = fetch(f"{mirror}{name}.gz", lambda done, total: progress(name, done, total))
        except (OSError, ValueError, http.client.HTTPException) as error:
            faults.append(f"{mirror}: {error}")
            continue
        if hashlib.md5(packed, usedforsecurity=False).hexdigest() != checksum:
            faults.append(f"{mirror}: the file is not the one it should be")
            continue
        return write_whole(raw_folder(folder) / name, gzip.decompress(packed), folder)
    raise DataError(how_to_get(folder, f"no mirror gave {name}.gz ({'; '.join(faults)})"))


def fetch(address: str, progress: Callable[[int, int], None]) -> bytes:
    """Return what lies at a web address, telling `progress` (bytes so far, bytes in all).

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


def write_whole(path: Path, content: bytes, folder: Path) -> None:
    """Write a file so that it is there either whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.part")
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        raise DataError(how_to_get(folder, f"the folder cannot be written to ({error})")) from error


def print_progress(name: str, done: int, total: int) -> None:
    """Show a download on one line of the terminal's error stream."""
    share = f"{done / total:4.0%}" if total else f"{done / 1e6:.1f} MB"
    end = "\n" if done == total else ""
    print(f"\rDownloading {name}: {share}", end=end, file=sys.stderr, flush=True)
