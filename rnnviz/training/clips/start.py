"""How the spatial network of one's own clip model begins: as a shipped one, or from nothing."""

from dataclasses import dataclass, replace

from torch import Tensor

from rnnviz.data.dataset import SIDE
from rnnviz.data.errors import InputError
from rnnviz.models.cells import cell_class
from rnnviz.models.clips.config import SIGHTS, Sight
from rnnviz.models.clips.store import clip_names, read_clip_model
from rnnviz.models.config import ModelConfig
from rnnviz.models.store import load, shipped_names

FRESH_UNITS = 48
"""Hidden units of a spatial network that begins from nothing."""


@dataclass(frozen=True, eq=False)
class Start:
    """A spatial network before it has seen any clip of one's own."""

    config: ModelConfig
    """What it is made of."""
    weights: dict[str, Tensor] | None
    """Its weights, as ``Encoder.state_dict`` names them; None to draw them anew."""


def start_of(name: str, sight: Sight) -> Start:
    """Return how a spatial network begins.

    Args:
        name: A shipped clip model, the file of one, a shipped picture model, or "" for fresh
            weights.
        sight: What it is shown of each frame.

    Raises:
        InputError: If that network was shown something else; the message says what.
        CheckpointError: If there is no such network.
    """
    if not name:
        width = 2 * SIDE if sight == "both" else SIDE
        config = ModelConfig("rows", "gru", FRESH_UNITS, shape=(1, SIDE, width))
        return Start(config, None)
    if name in shipped_names() and name not in clip_names():
        return picture_start(name, sight)
    checkpoint = read_clip_model(name)
    weights = {
        key.removeprefix("spatial."): value
        for key, value in checkpoint.weights.items()
        if key.startswith("spatial.")
    }
    config = checkpoint.config
    if config.frame_shape != (SIDE, SIDE):
        raise InputError(
            f"'{name}' reads frames of {config.frame_shape[0]} x {config.frame_shape[1]} pixels, "
            f"but clips have {SIDE} x {SIDE} here. Start from another network, or from none."
        )
    if config.sight == sight:
        return Start(config.spatial, weights)
    if config.sight == "both" and config.spatial.route == "rows":
        return half(config.spatial, weights, sight)
    raise other_sight(name, config.sight, sight)


def picture_start(name: str, sight: Sight) -> Start:
    """Return the network in space of a picture model, which reads frames or changes as pictures."""
    model = load(name)
    if model.config.shape != (1, SIDE, SIDE):
        raise other_sight(name, "frames", sight)
    weights = {
        key: value for key, value in model.state_dict().items() if not key.startswith("readout.")
    }
    if sight != "both":
        return Start(model.config, weights)
    if model.config.route != "rows" or model.config.layers > 1 or model.config.directions > 1:
        raise other_sight(name, "frames", sight)
    return twice(model.config, weights)


def twice(config: ModelConfig, weights: dict[str, Tensor]) -> Start:
    """Return two copies of a network as one: one reads the rows of frames, one those of changes.

    Frame and change stand side by side, so all its matrices are made of blocks, the two copies on
    the diagonal and zeros beside them. Its first units are those that read frames.
    """
    gates = len(cell_class(config.cell).BLOCKS)
    doubled = {key: beside_itself(value, config.units, gates) for key, value in weights.items()}
    shape = (1, SIDE, 2 * SIDE)
    return Start(replace(config, units=2 * config.units, shape=shape), doubled)


def beside_itself(weight: Tensor, units: int, gates: int) -> Tensor:
    """Return the weight of two like cells that don't hear each other, as one cell's.

    Args:
        weight: A bias (gate * unit,) or (unit,), or a matrix (..., gate * unit, column).
        units: Of one cell.
        gates: How many blocks of rows such a matrix has.
    """
    if weight.dim() == 1:
        return weight.unflatten(0, (-1, units)).repeat(1, 2).flatten()
    *lead, _, columns = weight.shape
    found = weight.new_zeros(*lead, gates, 2 * units, 2 * columns)
    blocks = weight.unflatten(-2, (gates, units))
    found[..., :units, :columns] = blocks
    found[..., units:, columns:] = blocks
    return found.flatten(-3, -2)


def half(config: ModelConfig, weights: dict[str, Tensor], sight: Sight) -> Start:
    """Return a network that reads rows of frames and changes side by side, shown one of them.

    Each row's frame comes first, so the weights of its first half read frames and those of the
    second changes. What is left out stands for zeros: a black frame, or one in which nothing moves.
    """
    columns = slice(0, SIDE) if sight == "frames" else slice(SIDE, 2 * SIDE)
    kept = {
        key: value[:, columns].contiguous()
        if key.startswith("sweeps.") and key.endswith("weight_x")
        else value
        for key, value in weights.items()
    }
    return Start(replace(config, shape=(1, SIDE, SIDE)), kept)


def other_sight(name: str, was: Sight, asked: Sight) -> InputError:
    """Return the error of a start that was shown something else than what is asked for."""
    return InputError(
        f"'{name}' was shown {SIGHTS[was]}, so a network that is shown {SIGHTS[asked]} can't "
        f"start as it does. Choose the input '{was}', another start, or none."
    )
