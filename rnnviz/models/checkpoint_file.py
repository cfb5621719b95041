"""What checkpoints of pictures and of clips share: their parts, their file and what must fit.

The tensors are ``weights.*`` and ``probes.*``; the header carries the rest as JSON under the key
``rnnviz``. Nothing is ever unpickled.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from rnnviz.files import write_whole
from rnnviz.models.clips.config import ClipConfig
from rnnviz.models.config import ModelConfig

FORMAT = 1
"""Version of the header's JSON."""
MOST_BYTES = 64 * 2**20
"""Largest checkpoint that is read."""
MOST_HEADER_BYTES = 2**20
"""Largest header that is parsed."""

Config = TypeVar("Config", bound=ModelConfig | ClipConfig)
Fitted = TypeVar("Fitted")
Network = TypeVar("Network", bound=nn.Module)


class CheckpointError(ValueError):
    """A checkpoint that can't be used; the message says why and what to do."""


@dataclass(frozen=True, eq=False)
class StoredModel(Generic[Config, Fitted]):
    """A trained model as plain data, whatever it reads."""

    name: str
    """How menus and the command line call it."""
    config: Config
    """What the model is made of."""
    weights: dict[str, Tensor]
    """Its ``state_dict()``, float32."""
    probes: Fitted | None = None
    """What it knew along the way, if probes were fitted."""
    training: dict[str, Any] = field(default_factory=dict)
    """The settings of the run that trained it."""
    metrics: dict[str, float] = field(default_factory=dict)
    """Measured figures, such as "mnist/test/accuracy", as fractions from 0 to 1."""
    provenance: dict[str, Any] = field(default_factory=dict)
    """Data sets, seed, versions, date, duration."""


def filled(blank: Network, weights: dict[str, Tensor]) -> Network:
    """Return a blank model after giving it copies of weights, in evaluation mode."""
    blank.load_state_dict({name: value.clone() for name, value in weights.items()}, assign=True)
    return blank.requires_grad_(False).eval()


def file_bytes(stored: StoredModel, **marks: str) -> bytes:
    """Return the file of a checkpoint, its header with some marks of its kind."""
    tensors = {f"weights.{name}": value for name, value in stored.weights.items()}
    if stored.probes is not None:
        tensors |= {f"probes.{name}": value for name, value in vars(stored.probes).items()}
    header = {
        "format": FORMAT,
        **marks,
        "name": stored.name,
        "config": stored.config.as_dict(),
        "training": stored.training,
        "metrics": stored.metrics,
        "provenance": stored.provenance,
    }
    contiguous = {name: value.detach().contiguous() for name, value in tensors.items()}
    return safetensors.torch.save(contiguous, metadata={"rnnviz": json.dumps(header)})


def write_file(path: Path, data: bytes) -> None:
    """Write a file, and the folders around it; it appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, data)


def read_file(path: Path) -> bytes:
    """Return the bytes of a checkpoint; CheckpointError if it is too large or can't be read."""
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise too_large(path.name, size)
        return path.read_bytes()
    except OSError as error:
        raise CheckpointError(
            f"'{path}' can't be read ({error.strerror}). Check the path and its permissions."
        ) from error


def too_large(name: str, size: int) -> CheckpointError:
    """Return the error of a file over the limit."""
    return CheckpointError(
        f"'{name}' has {size / 2**20:.0f} MB; checkpoints of up to {MOST_BYTES // 2**20} MB are "
        f"read. Models of this app are below 2 MB: check that it is the right file."
    )


def parse_header(data: bytes, name: str) -> dict[str, Any]:
    """Return our part of a safetensors header; CheckpointError says what the file is instead."""
    if len(data) > MOST_BYTES:
        raise too_large(name, len(data))
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


def parse_config(
    header: dict[str, Any],
    make: Callable[..., Config],
    check: Callable[[Config], None],
    name: str,
) -> Config:
    """Return the config in a header, checked.

    Args:
        header: As ``parse_header`` returns it.
        make: Makes the config of its parts.
        check: Raises a ValueError unless this app serves such a model.
        name: What to call the file in messages.
    """
    try:
        config = make(**header["config"])
        check(config)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise CheckpointError(
            f"'{name}' describes a model that can't be built: {str(error).rstrip('.')}. "
            f"Export it again."
        ) from error
    return config


def parse_tensors(data: bytes, name: str) -> dict[str, Tensor]:
    """Return all tensors in a file; CheckpointError if it is damaged."""
    try:
        return safetensors.torch.load(data)
    except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise CheckpointError(
            f"'{name}' is damaged: {error}. Export or download it again."
        ) from error


def parse_weights(
    tensors: dict[str, Tensor], blank: nn.Module, described: str, name: str
) -> dict[str, Tensor]:
    """Return the weights among the tensors, float32: complete, of the right shape and finite.

    Args:
        tensors: As ``parse_tensors`` returns them.
        blank: The model to which they belong, of shapes alone.
        described: What it is in a few words.
        name: What to call the file in messages.
    """
    weights = beginning(tensors, "weights.")
    expected = {key: tuple(value.shape) for key, value in blank.state_dict().items()}
    wrong = [f"without {key}" for key in sorted(set(expected) - set(weights))]
    wrong += [f"with an unknown {key}" for key in sorted(set(weights) - set(expected))]
    if wrong:
        raise CheckpointError(
            f"'{name}' came {wrong[0]}. Its tensors don't belong to its {described}: export it "
            f"again."
        )
    for key, shape in expected.items():
        if tuple(weights[key].shape) != shape:
            raise CheckpointError(
                f"In '{name}', {key} should be of shape {shape}, got "
                f"{tuple(weights[key].shape)}. Check the number of units in its config."
            )
        weights[key] = finite(weights[key], key, name)
    return weights


def beginning(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Return the tensors whose names begin with a prefix, under the rest of their names."""
    return {
        key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)
    }


def finite(tensor: Tensor, key: str, name: str) -> Tensor:
    """Return a tensor as float32; CheckpointError unless it holds finite floating-point numbers."""
    if not tensor.is_floating_point():
        raise CheckpointError(f"In '{name}', {key} should hold floats, got {tensor.dtype}.")
    if not torch.isfinite(tensor.float()).all():
        raise CheckpointError(
            f"In '{name}', {key} holds NaN or infinite numbers: the training has diverged. "
            f"Load an earlier checkpoint, or train with clipping."
        )
    return tensor.float()


def parse_probes(
    tensors: dict[str, Tensor], shapes: dict[str, tuple[int, ...]], name: str
) -> dict[str, Tensor] | None:
    """Return the parts of the probes among the tensors, None if there are none.

    Raises:
        CheckpointError: If they aren't all there, each of its shape.
    """
    parts = {key: part for key, part in beginning(tensors, "probes.").items() if key in shapes}
    if not parts:
        return None
    if {key: tuple(part.shape) for key, part in parts.items()} != shapes:
        raise CheckpointError(f"The probes of '{name}' don't fit together. Fit them again.")
    return parts


def told(header: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the parts of a stored model that its header tells and nothing else depends on."""
    return {
        "name": str(header.get("name") or name)[:80],
        "training": dictionary(header, "training"),
        "metrics": {
            str(key): float(value)
            for key, value in dictionary(header, "metrics").items()
            if isinstance(value, int | float) and 0 <= value <= 1
        },
        "provenance": dictionary(header, "provenance"),
    }


def dictionary(header: dict[str, Any], key: str) -> dict[str, Any]:
    """Return a part of the header that should be a dictionary, empty if it is anything else."""
    value = header.get(key)
    return value if isinstance(value, dict) else {}
