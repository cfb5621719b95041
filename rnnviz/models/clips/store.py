"""The shipped clip models, and how a name finds one."""

import os
from pathlib import Path

from rnnviz.models.checkpoint import CheckpointError
from rnnviz.models.clips.checkpoint import ClipCheckpoint, load_clip_checkpoint
from rnnviz.models.clips.model import ClipModel
from rnnviz.models.store import SUFFIX, pretrained_folder

FIRST = ("clip-motion", "clip-digit", "clip-pen", "clip-events")
"""The order in menus; others follow by name."""


def clips_folder() -> Path:
    """Return the folder of the shipped clip models."""
    return pretrained_folder() / "clips"


def clip_names() -> list[str]:
    """Return the names of the shipped clip models, in the order of menus."""
    names = sorted(path.stem for path in clips_folder().glob(f"*{SUFFIX}"))
    return sorted(names, key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))


def read_clip_model(name: str | Path) -> ClipCheckpoint:
    """Return the clip checkpoint of a shipped name or a path.

    Raises:
        CheckpointError: If there is no such checkpoint or it can't be used.
    """
    if str(name) in clip_names():
        return load_clip_checkpoint(clips_folder() / f"{name}{SUFFIX}")
    # Unlike pathlib's, these two take any text: an unknown user's home is a name like another.
    path = os.path.expanduser(name)
    if not os.path.isfile(path):
        raise CheckpointError(
            f"There is no clip model '{name}'. Give the path of a {SUFFIX} file, or one of: "
            f"{', '.join(clip_names()) or 'none is shipped here'}."
        )
    return load_clip_checkpoint(Path(path))


def load_clip_model(name: str | Path) -> ClipModel:
    """Return a trained clip model: a shipped name, or the path of a checkpoint; errors as above."""
    return read_clip_model(name).model()
