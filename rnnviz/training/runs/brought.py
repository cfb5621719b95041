"""Networks that people bring along: a checkpoint becomes an entry of the ledger like a run.

Such an entry is done from the start and has no training: where a run's recipe holds its settings
under "training", this one's holds None, and under "upload" the SHA-256 of the file. All else, its
name, its tags, its link and its owner, is as with a run.
"""

import hashlib
from pathlib import PurePosixPath
from typing import Any

from rnnviz.data.dataset import SIDE
from rnnviz.models.checkpoint import Checkpoint, CheckpointError, parse_checkpoint

SHAPE = (1, SIDE, SIDE)
"""What this app's pictures are."""
CLASSES = 10
"""How many classes each of its data sets has."""
MOST_FIGURES = 8
"""Measured accuracies of a file that are taken over into the ledger."""
NAMELESS = "a network without a name"


def parse_brought(data: bytes, file_name: str) -> Checkpoint:
    """Return the checkpoint in an uploaded file, treating it as hostile.

    Raises:
        CheckpointError: If it can't be used, or reads pictures of another size than 28×28 or into
            other than 10 classes.
    """
    checkpoint = parse_checkpoint(data, file_name)
    check_pictures(checkpoint, file_name)
    return checkpoint


def check_pictures(checkpoint: Checkpoint, name: str) -> None:
    """Raise a CheckpointError unless a network reads pictures and answers as this app shows them.

    Args:
        checkpoint: The network.
        name: What to call it in the message.
    """
    if checkpoint.config.shape != SHAPE or checkpoint.config.classes != CLASSES:
        raise CheckpointError(
            f"'{name}' reads pictures of {checkpoint.config.shape[1:]} into "
            f"{checkpoint.config.classes} classes, but this app shows pictures of 28x28 pixels in "
            f"10 classes. Choose a checkpoint for these, such as one for digits."
        )


def digest_of(data: bytes) -> str:
    """Return what tells a file from every other one."""
    return hashlib.sha256(data).hexdigest()


def brought_recipe(checkpoint: Checkpoint, file_name: str, digest: str) -> dict[str, Any]:
    """Return what stands in the place of a run's recipe for an uploaded checkpoint."""
    return {
        "name": plain_name(file_name),
        "model": checkpoint.config.as_dict(),
        "training": None,
        "note": "",
        "upload": digest,
    }


def plain_name(file_name: str) -> str:
    """Return the name of a file without its folders and its ending, as one line of text."""
    stem = PurePosixPath(file_name.replace("\\", "/")).name.removesuffix(".safetensors")
    return "".join(letter for letter in stem if letter.isprintable()).strip() or NAMELESS


def brought_figures(checkpoint: Checkpoint) -> dict[str, float]:
    """Return the accuracies that a file says were measured, such as "mnist/test/accuracy"."""
    measured = {
        name: value
        for name, value in checkpoint.metrics.items()
        if name.endswith("/accuracy") and len(name) <= 80
    }
    return dict(list(measured.items())[:MOST_FIGURES])
