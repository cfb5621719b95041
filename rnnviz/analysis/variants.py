"""The untrained networks that are compared, and the same network with one thing turned."""

import copy
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch

from rnnviz.models.cells import start
from rnnviz.models.config import ModelConfig
from rnnviz.models.model import Model


@dataclass(frozen=True)
class Variant:
    """A cell with one way of starting it."""

    name: str
    """How links and files call it."""
    label: str
    """What a menu shows."""
    cell: str
    """Registry name of the cell."""
    cell_options: Mapping[str, float] = field(default_factory=dict)
    """Options of the cell; a gain of 0 is PyTorch's default start."""


VARIANTS = {
    variant.name: variant
    for variant in (
        Variant("rnn", "tanh RNN", "rnn", {"gain": 0.0}),
        Variant("rnn-relu", "ReLU RNN", "rnn_relu", {"gain": 0.0}),
        Variant("irnn", "ReLU, identity start", "irnn"),
        *(
            Variant(f"lstm-{bias}", f"LSTM, forget bias {bias}", "lstm", options)
            for bias in (0, 1, 3, 5)
            for options in [{"gain": 0.0, "forget_bias": float(bias)}]
        ),
        *(
            Variant(f"gru-{bias}", f"GRU, update bias {bias}", "gru", options)
            for bias in (0, 1)
            for options in [{"gain": 0.0, "update_bias": float(bias)}]
        ),
    )
}
"""By name, in the order in which menus show them. All have one parent."""


def find_variant(name: str) -> Variant:
    """Return the variant called ``name``; ValueError lists those there are."""
    if name not in VARIANTS:
        raise ValueError(f"There is no variant '{name}'. Choose one of: {', '.join(VARIANTS)}.")
    return VARIANTS[name]


def variant_config(
    name: str,
    route: str = "rows",
    route_options: Mapping[str, int] | None = None,
    length: int | None = None,
    units: int = 64,
) -> ModelConfig:
    """Return what a variant on a route is made of; arguments and errors as ``variant_model``."""
    variant = find_variant(name)
    return ModelConfig(
        route,
        variant.cell,
        units,
        route_options=dict(route_options or {}),
        cell_options=dict(variant.cell_options),
        length=length,
    )


def variant_model(
    name: str,
    route: str = "rows",
    route_options: Mapping[str, int] | None = None,
    length: int | None = None,
    units: int = 64,
    seed: int = 0,
    gain: float | None = None,
) -> Model:
    """Return a variant at its start, the same for the same arguments.

    Args:
        name: A name in ``VARIANTS``.
        route: Registry name of a route whose steps form a chain.
        route_options: Options of the route, such as {"patch": 2}.
        length: How many steps are read, those in the middle of the route; None for all.
        units: Hidden units.
        seed: Of the random weights.
        gain: A factor on the recurrent weights, see ``with_gain``.

    Raises:
        ValueError: If there is no such variant or route, or they don't fit each other or
            the length.
    """
    model = fresh_model(variant_config(name, route, route_options, length, units), seed)
    return model if gain is None else with_gain(model, gain)


def fresh_model(config: ModelConfig, seed: int) -> Model:
    """Return a model at its start, its weights drawn from ``seed`` alone.

    The global generator of random numbers decides nothing, so that two sessions at once get the
    same weights as one.
    """
    model = Model(config)
    generator = torch.Generator().manual_seed(seed)
    for cell in model.cells:
        cell.start(generator)
    bound = 1.0 / math.sqrt(model.readout.in_features)
    for weight in model.readout.parameters():
        start.uniform(weight, bound, generator)
    return model.requires_grad_(False).eval()


@torch.no_grad()
def with_gain(model: Model, gain: float) -> Model:
    """Return a copy of the model whose recurrent weights are ``gain`` times as large.

    Raises:
        ValueError: If the gain is negative or no finite number.
    """
    if not 0 <= gain < math.inf:
        raise ValueError(f"A recurrent gain is 0 or more, and finite; got {gain}. Try 1.")
    scaled = copy.deepcopy(model)
    for cell in scaled.cells:
        cell.weight_h.mul_(gain)
    return scaled


@torch.no_grad()
def with_keep_bias(model: Model, bias: float) -> Model:
    """Return a copy of the model in which the gates that keep have this bias in every unit.

    They are those that the cell names in ``KEEPS``: an LSTM's forget gate, a GRU's update gate.

    Raises:
        ValueError: If the cell has no such gate, or the bias is no finite number.
    """
    if not math.isfinite(bias):
        raise ValueError(f"A bias is a finite number, got {bias}. Try 1.")
    changed = copy.deepcopy(model)
    for cell in changed.cells:
        for gate in keeping_gates(model):
            cell.bias[cell.block(gate)] = bias
    return changed


def keeping_gates(model: Model) -> tuple[str, ...]:
    """Return the gates of a model that keep its memory; ValueError if it has none."""
    cell = model.cells[0]
    if not cell.KEEPS:
        raise ValueError(
            f"{cell.LABEL} has no gate that keeps its state. Choose a cell with gates, such as "
            f"lstm or gru."
        )
    return cell.KEEPS
