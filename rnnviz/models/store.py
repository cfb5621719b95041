"""The shipped checkpoints, and how a name finds one."""

import os
from pathlib import Path

from rnnviz.models.checkpoint import Checkpoint, CheckpointError, load_checkpoint
from rnnviz.models.model import Model

SUFFIX = ".safetensors"


def pretrained_folder() -> Path:
    """Return the folder of the shipped checkpoints, in a checkout or an installed package."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "pretrained"
    return inside if inside.is_dir() else package.parent / "pretrained"


def shipped_names() -> list[str]:
    """Return the names of the shipped checkpoints, sorted."""
    return sorted(path.stem for path in pretrained_folder().glob(f"*{SUFFIX}"))


def checkpoint_path(name: str | Path) -> Path:
    """Return the file that a shipped name or a path stands for.

    Raises:
        CheckpointError: If there is none; the message lists the shipped names.
    """
    if str(name) in shipped_names():
        return pretrained_folder() / f"{name}{SUFFIX}"
    # Unlike pathlib's, these two take any text: an unknown user's home is a name like another.
    path = os.path.expanduser(name)
    if not os.path.isfile(path):
        raise CheckpointError(
            f"There is no checkpoint '{name}'. Give the path of a {SUFFIX} file, or one of: "
            f"{', '.join(shipped_names()) or 'none is shipped here'}."
        )
    return Path(path)


def load(name: str | Path) -> Model:
    """Return a trained model: a name in ``pretrained/``, or the path of a checkpoint.

    Raises:
        CheckpointError: If there is no such checkpoint or it can't be used.
    """
    return read_named(name).model()


def read_named(name: str | Path) -> Checkpoint:
    """Return the checkpoint of a shipped name or a path; errors as for ``load``."""
    return load_checkpoint(checkpoint_path(name))
