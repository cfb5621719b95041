"""Checkpoints: one safetensors file holding a model, its probes and where it came from."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from rnnviz.models.cells import cell_class
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
from rnnviz.models.config import ModelConfig
from rnnviz.models.model import Model
from rnnviz.models.probes import Probes

MOST_UNITS = 512
"""Most units of a sweep, all of its layers together: what a trace holds of each step."""
MOST_SIDE = 64
MOST_CLASSES = 100


@dataclass(frozen=True, eq=False)
class Checkpoint(StoredModel[ModelConfig, Probes]):
    """A trained model as plain data."""

    def model(self) -> Model:
        """Return a fresh model with these weights, in evaluation mode."""
        return filled(blank_model(self.config), self.weights)


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
    write_file(path, file_bytes(checkpoint))


def load_checkpoint(path: Path) -> Checkpoint:
    """Return the checkpoint in a file.

    Raises:
        CheckpointError: If the file can't be read or isn't a checkpoint that fits together.
    """
    return parse_checkpoint(read_file(path), path.stem)


def parse_checkpoint(data: bytes, name: str) -> Checkpoint:
    """Return the checkpoint in the bytes of a safetensors file, treating them as hostile.

    Args:
        data: The whole file.
        name: What to call it in messages, and if its header gives no name.

    Raises:
        CheckpointError: If it isn't a checkpoint of ours, or its parts don't fit together.
    """
    header = parse_header(data, name)
    config = parse_config(header, ModelConfig, check_served, name)
    tensors = parse_tensors(data, name)
    weights = parse_weights(tensors, blank_model(config), f"{config.cell} on {config.route}", name)
    probes = probes_in(tensors, config, name)
    return Checkpoint(config=config, weights=weights, probes=probes, **told(header, name))


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


def probes_in(tensors: dict[str, Tensor], config: ModelConfig, name: str) -> Probes | None:
    """Return the probes among the tensors, None if there are none."""
    model = blank_model(config)
    depths = tensors.get("probes.depths")
    count = -1 if depths is None else depths.numel()
    shapes = {
        "depths": (count,),
        "weight": (count, config.classes, model.readout.in_features),
        "bias": (count, config.classes),
        "accuracy": (count,),
    }
    parts = parse_probes(tensors, shapes, name)
    if parts is None:
        return None
    depths = parts.pop("depths")
    ascending = depths.dtype == torch.int64 and bool((depths.diff() > 0).all())
    if count < 1 or not ascending or depths[0] < 0 or depths[-1] >= model.route.depths:
        raise CheckpointError(f"The probes of '{name}' don't stand on its route. Fit them again.")
    values = {key: finite(part, f"probes.{key}", name) for key, part in parts.items()}
    return Probes(depths, **values)
