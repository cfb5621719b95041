"""Data sets in files such as MNIST comes in, from the data folder or downloaded once."""

import gzip
import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnnviz.data import fetch
from rnnviz.data.dataset import SIDE, Dataset, check_split
from rnnviz.data.errors import DataError

SPLITS = ("train", "test")
FILES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}

Progress = Callable[[str, int, int], None]
"""Called with a file's name, the bytes that have come and the bytes in all (0: not known)."""


@dataclass(frozen=True)
class Collection:
    """One data set of two splits of pictures and labels, each a file in the IDX format."""

    name: str
    """The data set's name, as in menus and on the command line."""
    title: str
    """What messages call it."""
    torchvision: str
    """Its class in torchvision, which knows mirrors and checksums; also its folder."""
    classes: tuple[str, ...]
    """The name of each class."""
    source: str
    """Whom to cite, and the licence."""

    def folder(self, folder: Path) -> Path:
        """Return where its files lie in a data folder, as torchvision lays them out."""
        return folder / self.torchvision / "raw"

    def find_file(self, folder: Path, name: str) -> Path | None:
        """Return the path of one of the four files, plain or compressed, or None."""
        place = self.folder(folder)
        return next((p for p in (place / name, place / f"{name}.gz") if p.is_file()), None)

    def available(self, folder: Path) -> bool:
        """Return whether all four files lie in the data folder."""
        return all(self.find_file(folder, name) for names in FILES.values() for name in names)

    def load(self, split: str, folder: Path, progress: Progress | None = None) -> Dataset:
        """Return one split, downloading it first where it is not there.

        Args:
            split: 'train' (60,000 pictures) or 'test' (10,000).
            folder: The data folder; the files may be as they are or compressed by gzip.
            progress: Told how a download goes; by default a line on the terminal.

        Raises:
            ValueError: There is no such split.
            DataError: The files are damaged, or missing and not to be had.
        """
        check_split(self.name, split, SPLITS)
        images, labels = (
            read_idx(self.require_file(folder, name, progress or fetch.print_progress))
            for name in FILES[split]
        )
        if (
            images.shape[1:] != (SIDE, SIDE)
            or labels.shape != images.shape[:1]
            or labels.max() >= len(self.classes)
        ):
            raise DataError(
                f"The {self.title} files of the split '{split}' in {self.folder(folder)} do not "
                f"belong together: images of shape {images.shape}, labels of shape {labels.shape} "
                f"up to {labels.max()}. Delete them, so that they are downloaded anew."
            )
        labels = labels.astype(np.int64)
        return Dataset(self.name, split, images, labels, self.classes, self.source)

    def require_file(self, folder: Path, name: str, progress: Progress) -> Path:
        """Return the path of one of the four files, which is downloaded if it isn't there.

        Raises:
            DataError: It is not to be had; the message says what to do.
        """
        found = self.find_file(folder, name)
        if found is not None:
            return found
        try:
            return self.download(self.folder(folder) / name, progress)
        except DataError as error:
            names = ", ".join(name for names in FILES.values() for name in names)
            raise DataError(
                f"{self.title} is not to be had: {error}. Put the four files {names} (or the same "
                f"with .gz) into {self.folder(folder)}, point --data or RNNVIZ_DATA at a folder "
                "that has them, or use --dataset digits, which needs no download."
            ) from error

    def download(self, path: Path, progress: Progress) -> Path:
        """Bring a file to its place from the first mirror that has it; DataError if none does."""
        # Imported here because it takes a second that no other data set should pay for.
        from torchvision import datasets

        remote = getattr(datasets, self.torchvision)
        packed_name = f"{path.name}.gz"
        packed = fetch.from_mirrors(
            [f"{mirror}{packed_name}" for mirror in remote.mirrors],
            dict(remote.resources)[packed_name],
            lambda done, total: progress(path.name, done, total),
        )
        return fetch.write_whole(path, gzip.decompress(packed))


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
