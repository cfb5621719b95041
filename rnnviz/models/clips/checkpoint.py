"""Checkpoints of clip models: one safetensors file each, as those of picture models.

The tensors are ``weights.*`` and ``probes.*``; the header carries the rest as JSON under the key
``rnnviz``, with "kind": "clip". Nothing is ever unpickled.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from rnnviz.files import write_whole
from rnnviz.models.checkpoint import (
    FORMAT,
    MOST_BYTES,
    MOST_CLASSES,
    MOST_UNITS,
    CheckpointError,
    check_numbers,
    check_served,
    dictionary,
    parse_header,
    too_large,
)
from rnnviz.models.clips.config import ClipConfig
from rnnviz.models.clips.model import ClipModel
from rnnviz.models.clips.probes import FrameProbes

KIND = "clip"
LONGEST_NAME = 40
"""Letters in the name of a class."""


@dataclass(frozen=True, eq=False)
class ClipCheckpoint:
    """A trained clip model as plain data."""

    name: str
    """How menus and the command line call it."""
    config: ClipConfig
    """What the model is made of."""
    weights: dict[str, Tensor]
    """``ClipModel.state_dict()``, float32."""
    probes: FrameProbes | None = None
    """What it knew after each frame, if probes were fitted."""
    training: dict[str, Any] = field(default_factory=dict)
    """The recipe of the run that trained it."""
    metrics: dict[str, float] = field(default_factory=dict)
    """Measured figures, such as "test/accuracy", as fractions from 0 to 1."""
    provenance: dict[str, Any] = field(default_factory=dict)
    """Data sets, seed, versions, date, duration."""

    def model(self) -> ClipModel:
        """Return a fresh model with these weights, in evaluation mode."""
        model = blank_clip_model(self.config)
        weights = {name: value.clone() for name, value in self.weights.items()}
        model.load_state_dict(weights, assign=True)
        return model.requires_grad_(False).eval()


def blank_clip_model(config: ClipConfig) -> ClipModel:
    """Return a clip model whose weights have shapes, but no values."""
    # Cells and routes are made when they are first asked for, and must not be blank themselves.
    check_served(config.spatial)
    with torch.device("meta"):
        return ClipModel(config)


def save_clip_checkpoint(checkpoint: ClipCheckpoint, path: Path) -> None:
    """Write a checkpoint; the file appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, clip_checkpoint_bytes(checkpoint))


def clip_checkpoint_bytes(checkpoint: ClipCheckpoint) -> bytes:
    """Return the file of a checkpoint."""
    tensors = {f"weights.{name}": value for name, value in checkpoint.weights.items()}
    if checkpoint.probes is not None:
        tensors |= {f"probes.{name}": value for name, value in vars(checkpoint.probes).items()}
    header = {
        "format": FORMAT,
        "kind": KIND,
        "name": checkpoint.name,
        "config": checkpoint.config.as_dict(),
        "training": checkpoint.training,
        "metrics": checkpoint.metrics,
        "provenance": checkpoint.provenance,
    }
    contiguous = {name: value.detach().contiguous() for name, value in tensors.items()}
    return safetensors.torch.save(contiguous, metadata={"rnnviz": json.dumps(header)})


def load_clip_checkpoint(path: Path) -> ClipCheckpoint:
    """Return the clip checkpoint in a file.

    Raises:
        CheckpointError: If the file can't be read or isn't one that fits together.
    """
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise CheckpointError(too_large(path.name, size))
        data = path.read_bytes()
    except OSError as error:
        raise CheckpointError(
            f"'{path}' can't be read ({error.strerror}). Check the path and its permissions."
        ) from error
    return parse_clip_checkpoint(data, path.stem)


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
    config = parse_clip_config(header.get("config"), name)
    try:
        tensors = safetensors.torch.load(data)
    except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise CheckpointError(
            f"'{name}' is damaged: {error}. Export or download it again."
        ) from error
    weights = {
        key.removeprefix("weights."): value
        for key, value in tensors.items()
        if key.startswith("weights.")
    }
    check_clip_weights(weights, config, name)
    return ClipCheckpoint(
        name=str(header.get("name") or name)[:80],
        config=config,
        weights={key: value.float() for key, value in weights.items()},
        probes=parse_frame_probes(tensors, config, name),
        training=dictionary(header, "training"),
        metrics={
            str(key): float(value)
            for key, value in dictionary(header, "metrics").items()
            if isinstance(value, int | float) and 0 <= value <= 1
        },
        provenance=dictionary(header, "provenance"),
    )


def parse_clip_config(config: Any, name: str) -> ClipConfig:
    """Return a checked config within the sizes that this app serves."""
    try:
        parsed = ClipConfig(**config)
        units = parsed.layers * parsed.units
        if not 1 <= units <= MOST_UNITS or len(parsed.classes) > MOST_CLASSES:
            raise ValueError(
                f"{units} temporal units and {len(parsed.classes)} classes are outside 1 to "
                f"{MOST_UNITS} and 2 to {MOST_CLASSES}"
            )
        if any(len(one) > LONGEST_NAME for one in parsed.classes):
            raise ValueError(f"a class has a name of more than {LONGEST_NAME} letters")
        blank_clip_model(parsed)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise CheckpointError(
            f"'{name}' describes a model that can't be built: {str(error).rstrip('.')}. "
            f"Export it again."
        ) from error
    return parsed


def check_clip_weights(weights: dict[str, Tensor], config: ClipConfig, name: str) -> None:
    """Raise a CheckpointError unless the weights are complete, of the right shape and finite."""
    expected = {key: tuple(v.shape) for key, v in blank_clip_model(config).state_dict().items()}
    different = sorted(set(expected) ^ set(weights))
    if different:
        raise CheckpointError(
            f"'{name}' and its description don't belong together: they differ in {different[0]}. "
            f"Export it again."
        )
    for key, shape in expected.items():
        if tuple(weights[key].shape) != shape:
            raise CheckpointError(
                f"In '{name}', {key} should be of shape {shape}, got "
                f"{tuple(weights[key].shape)}. Check the number of units in its config."
            )
        check_numbers(weights[key], key, name)


def parse_frame_probes(
    tensors: dict[str, Tensor], config: ClipConfig, name: str
) -> FrameProbes | None:
    """Return the probes among the tensors, None if there are none."""
    parts = {key: tensors.get(f"probes.{key}") for key in FrameProbes.__dataclass_fields__}
    if all(value is None for value in parts.values()):
        return None
    count, classes = config.frames, len(config.classes)
    shapes = {
        "weight": (count, classes, config.units),
        "bias": (count, classes),
        "accuracy": (count,),
    }
    if any(part is None or tuple(part.shape) != shapes[key] for key, part in parts.items()):
        raise CheckpointError(f"The probes of '{name}' don't fit together. Fit them again.")
    values = {key: part for key, part in parts.items() if part is not None}
    for key, value in values.items():
        check_numbers(value, f"probes.{key}", name)
    return FrameProbes(**{key: value.float() for key, value in values.items()})
