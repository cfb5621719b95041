"""Checkpoints of clip models: one safetensors file each, as those of picture models.

Their header says "kind": "clip".
"""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from rnnviz.models.checkpoint import MOST_CLASSES, MOST_UNITS, check_served
from rnnviz.models.checkpoint_file import (
    CheckpointError,
    StoredModel,
    file_bytes,
    filled,
    finite,
    parse_config,
    parse_header,
    parse_probes,
    parse_tensors,
    parse_weights,
    read_file,
    told,
    write_file,
)
from rnnviz.models.clips.config import ClipConfig
from rnnviz.models.clips.model import ClipModel
from rnnviz.models.clips.probes import FrameProbes

KIND = "clip"
LONGEST_NAME = 40
"""Letters in the name of a class."""


@dataclass(frozen=True, eq=False)
class ClipCheckpoint(StoredModel[ClipConfig, FrameProbes]):
    """A trained clip model as plain data."""

    def model(self) -> ClipModel:
        """Return a fresh model with these weights, in evaluation mode."""
        return filled(blank_clip_model(self.config), self.weights)


def blank_clip_model(config: ClipConfig) -> ClipModel:
    """Return a clip model whose weights have shapes, but no values."""
    # Cells and routes are made when they are first asked for, and must not be blank themselves.
    check_served(config.spatial)
    with torch.device("meta"):
        return ClipModel(config)


def save_clip_checkpoint(checkpoint: ClipCheckpoint, path: Path) -> None:
    """Write a checkpoint; the file appears whole or not at all."""
    write_file(path, clip_checkpoint_bytes(checkpoint))


def clip_checkpoint_bytes(checkpoint: ClipCheckpoint) -> bytes:
    """Return the file of a checkpoint."""
    return file_bytes(checkpoint, kind=KIND)


def load_clip_checkpoint(path: Path) -> ClipCheckpoint:
    """Return the clip checkpoint in a file.

    Raises:
        CheckpointError: If the file can't be read or isn't one that fits together.
    """
    return parse_clip_checkpoint(read_file(path), path.stem)


def parse_clip_checkpoint(data: bytes, name: str) -> ClipCheckpoint:
    """Return the clip checkpoint in the bytes of a safetensors file, treating them as hostile.

    Args:
        data: The whole file.
        name: What to call it in messages, and if its header gives no name.

    Raises:
        CheckpointError: If it isn't a clip checkpoint of ours, or its parts don't fit together.
    """
    header = parse_header(data, name)
    if header.get("kind") != KIND:
        raise CheckpointError(
            f"'{name}' is a model of pictures, not of clips. Open it on the page Draw, or choose a "
            f"file that 'rnnviz train-clips' wrote."
        )
    config = parse_config(header, ClipConfig, check_clips_served, name)
    tensors = parse_tensors(data, name)
    described = f"{config.cell} over {config.spatial.cell} on {config.spatial.route}"
    weights = parse_weights(tensors, blank_clip_model(config), described, name)
    probes = frame_probes_in(tensors, config, name)
    return ClipCheckpoint(config=config, weights=weights, probes=probes, **told(header, name))


def check_clips_served(config: ClipConfig) -> None:
    """Raise a ValueError unless a model can be built and is of a size that this app serves."""
    units = config.layers * config.units
    if not 1 <= units <= MOST_UNITS or len(config.classes) > MOST_CLASSES:
        raise ValueError(
            f"{units} temporal units and {len(config.classes)} classes are outside 1 to "
            f"{MOST_UNITS} and 2 to {MOST_CLASSES}"
        )
    if any(len(one) > LONGEST_NAME for one in config.classes):
        raise ValueError(f"a class has a name of more than {LONGEST_NAME} letters")
    blank_clip_model(config)


def frame_probes_in(
    tensors: dict[str, Tensor], config: ClipConfig, name: str
) -> FrameProbes | None:
    """Return the probes among the tensors, None if there are none."""
    count, classes = config.frames, len(config.classes)
    shapes = {
        "weight": (count, classes, config.units),
        "bias": (count, classes),
        "accuracy": (count,),
    }
    parts = parse_probes(tensors, shapes, name)
    if parts is None:
        return None
    return FrameProbes(**{key: finite(part, f"probes.{key}", name) for key, part in parts.items()})
