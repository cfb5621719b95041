"""Checkpoints: one safetensors file holding a model, its probes and where it came from.

The tensors are ``weights.*`` and ``probes.*``; the header carries the rest as JSON under the key
``rnnviz``. Nothing is ever unpickled.
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
from rnnviz.models.cells import cell_class
from rnnviz.models.config import ModelConfig
from rnnviz.models.model import Model
from rnnviz.models.probes import Probes

FORMAT = 1
"""Version of the header's JSON."""
MOST_BYTES = 64 * 2**20
"""Largest checkpoint that is read."""
MOST_HEADER_BYTES = 2**20
"""Largest header that is parsed."""
MOST_UNITS = 512
"""Most units of a sweep, all of its layers together: what a trace holds of each step."""
MOST_SIDE = 64
MOST_CLASSES = 100


class CheckpointError(ValueError):
    """A checkpoint that can't be used; the message says why and what to do."""


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A trained model as plain data."""

    name: str
    """How menus and the command line call it."""
    config: ModelConfig
    """What the model is made of."""
    weights: dict[str, Tensor]
    """``Model.state_dict()``, float32."""
    probes: Probes | None = None
    """What it knew along the way, if probes were fitted."""
    training: dict[str, Any] = field(default_factory=dict)
    """The settings of the run that trained it."""
    metrics: dict[str, float] = field(default_factory=dict)
    """Measured figures, such as "mnist/test/accuracy", as fractions from 0 to 1."""
    provenance: dict[str, Any] = field(default_factory=dict)
    """Data sets, seed, versions, date, duration."""

    def model(self) -> Model:
        """Return a fresh model with these weights, in evaluation mode."""
        model = blank_model(self.config)
        weights = {name: value.clone() for name, value in self.weights.items()}
        model.load_state_dict(weights, assign=True)
        return model.requires_grad_(False).eval()


def blank_model(config: ModelConfig) -> Model:
    """Return a model whose weights have shapes, but no values.

    Starting weights that are replaced at once would cost a decomposition for every matrix; with
    all shipped models that are seconds before the first page.
    """
    # Cells are imported when they are first asked for; what their modules make then is not to be
    # blank as well.
    cell_class(config.cell)
    with torch.device("meta"):
        return Model(config)


def save_checkpoint(checkpoint: Checkpoint, path: Path) -> None:
    """Write a checkpoint; the file appears whole or not at all."""
    tensors = {f"weights.{name}": value for name, value in checkpoint.weights.items()}
    if checkpoint.probes is not None:
        tensors |= {f"probes.{name}": value for name, value in vars(checkpoint.probes).items()}
    header = {
        "format": FORMAT,
        "name": checkpoint.name,
        "config": checkpoint.config.as_dict(),
        "training": checkpoint.training,
        "metrics": checkpoint.metrics,
        "provenance": checkpoint.provenance,
    }
    contiguous = {name: value.detach().contiguous() for name, value in tensors.items()}
    data = safetensors.torch.save(contiguous, metadata={"rnnviz": json.dumps(header)})
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, data)


def load_checkpoint(path: Path) -> Checkpoint:
    """Return the checkpoint in a file.

    Raises:
        CheckpointError: If the file can't be read or isn't a checkpoint that fits together.
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
    return parse_checkpoint(data, path.stem)


def parse_checkpoint(data: bytes, name: str) -> Checkpoint:
    """Return the checkpoint in the bytes of a safetensors file, treating them as hostile.

    Args:
        data: The whole file.
        name: What to call it in messages, and if its header gives no name.

    Raises:
        CheckpointError: If it isn't a checkpoint of ours, or its parts don't fit together.
    """
    header = parse_header(data, name)
    config = parse_config(header.get("config"), name)
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
    check_weights(weights, blank_model(config), name)
    return Checkpoint(
        name=str(header.get("name") or name)[:80],
        config=config,
        weights={key: value.float() for key, value in weights.items()},
        probes=parse_probes(tensors, config, name),
        training=dictionary(header, "training"),
        metrics={
            str(key): float(value)
            for key, value in dictionary(header, "metrics").items()
            if isinstance(value, int | float) and 0 <= value <= 1
        },
        provenance=dictionary(header, "provenance"),
    )


def too_large(name: str, size: int) -> str:
    """Return the message for a file over the limit."""
    return (
        f"'{name}' has {size / 2**20:.0f} MB; checkpoints of up to {MOST_BYTES // 2**20} MB are "
        f"read. Models of this app are below 2 MB: check that it is the right file."
    )


def parse_header(data: bytes, name: str) -> dict[str, Any]:
    """Return our part of a safetensors header; CheckpointError says what the file is instead."""
    if len(data) > MOST_BYTES:
        raise CheckpointError(too_large(name, len(data)))
    # A safetensors file may begin with the same bytes, those of its header's length; its header
    # follows, which is JSON.
    if data[8:9] != b"{" and data.startswith((b"PK", b"\x80")):
        raise CheckpointError(
            f"'{name}' is a pickle (a .pt or .pth file). Loading one can run any program hidden in "
            f"it, so it is never opened. Save the weights as .safetensors: see "
            f"rnnviz.save_checkpoint."
        )
    length = int.from_bytes(data[:8], "little")
    if len(data) < 9 or not 2 <= length <= min(MOST_HEADER_BYTES, len(data) - 8):
        raise CheckpointError(
            f"'{name}' is not a safetensors file, or it is cut short. Choose the .safetensors file "
            f"that 'rnnviz train' wrote."
        )
    try:
        metadata = json.loads(data[8 : 8 + length]).get("__metadata__") or {}
        header = json.loads(metadata.get("rnnviz") or "null")
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise CheckpointError(f"The header of '{name}' can't be read: it is not JSON.") from error
    if not isinstance(header, dict) or "config" not in header:
        raise CheckpointError(
            f"'{name}' holds tensors, but not which model they belong to. Its header needs the key "
            f"'rnnviz': write it with rnnviz.save_checkpoint."
        )
    if header.get("format") != FORMAT:
        raise CheckpointError(
            f"'{name}' has format {header.get('format')!r}, this version reads {FORMAT}. "
            f"Update rnnviz, or export it again."
        )
    return header


def parse_config(config: Any, name: str) -> ModelConfig:
    """Return a checked config within the sizes that this app serves."""
    try:
        parsed = ModelConfig(**config)
        check_served(parsed)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise CheckpointError(
            f"'{name}' describes a model that can't be built: {str(error).rstrip('.')}. "
            f"Export it again."
        ) from error
    return parsed


def check_served(config: ModelConfig) -> None:
    """Raise a ValueError unless a model can be built and is of a size that this app serves."""
    sides = config.shape[1:]
    if len(config.shape) != 3 or not all(1 <= int(side) <= MOST_SIDE for side in sides):
        raise ValueError(f"pictures of {config.shape} are outside 1 to {MOST_SIDE} a side")
    if config.shape[0] != 1:
        raise ValueError(f"one picture is read, not {config.shape[0]} frames")
    units = config.layers * config.units
    if not 1 <= units <= MOST_UNITS or config.classes > MOST_CLASSES:
        raise ValueError(
            f"{units} units in all layers and {config.classes} classes are outside 1 to "
            f"{MOST_UNITS} and 2 to {MOST_CLASSES}"
        )
    blank_model(config)


def check_weights(weights: dict[str, Tensor], model: Model, name: str) -> None:
    """Raise a CheckpointError unless the weights are complete, of the right shape and finite."""
    expected = {key: tuple(value.shape) for key, value in model.state_dict().items()}
    missing = sorted(set(expected) - set(weights))
    surplus = sorted(set(weights) - set(expected))
    if missing or surplus:
        wrong = [f"without {key}" for key in missing] + [
            f"with an unknown {key}" for key in surplus
        ]
        raise CheckpointError(
            f"'{name}' came {wrong[0]}. Its tensors don't belong to its "
            f"{model.config.cell} on {model.config.route}: export it again."
        )
    for key, shape in expected.items():
        if tuple(weights[key].shape) != shape:
            raise CheckpointError(
                f"In '{name}', {key} should be of shape {shape}, got "
                f"{tuple(weights[key].shape)}. Check the number of units in its config."
            )
        check_numbers(weights[key], key, name)


def check_numbers(tensor: Tensor, key: str, name: str) -> None:
    """Raise a CheckpointError unless a tensor holds finite floating-point numbers."""
    if not tensor.is_floating_point():
        raise CheckpointError(f"In '{name}', {key} should hold floats, got {tensor.dtype}.")
    if not torch.isfinite(tensor.float()).all():
        raise CheckpointError(
            f"In '{name}', {key} holds NaN or infinite numbers: the training has diverged. "
            f"Load an earlier checkpoint, or train with clipping."
        )


def parse_probes(tensors: dict[str, Tensor], config: ModelConfig, name: str) -> Probes | None:
    """Return the probes among the tensors, None if there are none."""
    parts = {key: tensors.get(f"probes.{key}") for key in Probes.__dataclass_fields__}
    if all(value is None for value in parts.values()):
        return None
    model = blank_model(config)
    depths = parts["depths"]
    count = -1 if depths is None else depths.numel()
    width = model.readout.in_features
    shapes = {
        "depths": (count,),
        "weight": (count, config.classes, width),
        "bias": (count, config.classes),
        "accuracy": (count,),
    }
    found = {key: None if part is None else tuple(part.shape) for key, part in parts.items()}
    if depths is None or found != shapes:
        raise CheckpointError(f"The probes of '{name}' don't fit together. Fit them again.")
    ascending = depths.dtype == torch.int64 and bool((depths.diff() > 0).all())
    if count < 1 or not ascending or depths[0] < 0 or depths[-1] >= model.route.depths:
        raise CheckpointError(f"The probes of '{name}' don't stand on its route. Fit them again.")
    values = {key: part for key, part in parts.items() if part is not None}
    for key in ("weight", "bias", "accuracy"):
        check_numbers(values[key], f"probes.{key}", name)
        values[key] = values[key].float()
    return Probes(**values)


def dictionary(header: dict[str, Any], key: str) -> dict[str, Any]:
    """Return a part of the header that should be a dictionary, empty if it is anything else."""
    value = header.get(key)
    return value if isinstance(value, dict) else {}
