"""What a recipe has otherwise than the form has it at first, in a few words each. Pure data."""

from collections.abc import Mapping
from typing import Any

from rnnviz.training.recipe import Recipe
from rnnviz.training.settings import SCHEDULES
from rnnviz.ui.studio.fields import (
    OPTION_LABELS,
    ORTHOGONAL,
    READOUT_LABELS,
    TORCH,
    change_fields,
    network_fields,
)
from rnnviz.ui.studio.fit import own_options, route_options, start_of
from rnnviz.ui.studio.recipes import values_of

DEFAULT_SCHEDULE, DEFAULT_DECAY = "one-cycle", 0.01


def departures(recipe: Recipe) -> list[str]:
    """Return what of a recipe isn't as in a form that nobody has touched.

    The route, the cell, the numbers of units, epochs and pictures, the optimiser and the clip are
    no part of it: they are always said.
    """
    return [*of_the_route(recipe), *of_the_start(recipe), *of_the_learning(recipe)]


def of_the_route(recipe: Recipe) -> list[str]:
    """Return what is otherwise in how a picture is read and answered."""
    values, usual = values_of(recipe), {one.name: one.default for one in network_fields()}
    told = []
    options = route_options(recipe.model.route)
    if "corners" in options and values["corners"] != usual["corners"]:
        told.append("from all four corners")
    if "seed" in options and values["order"] != usual["order"]:
        told.append(f"order {values['order']}")
    if values["readout"] != usual["readout"]:
        told.append(f"answers from {READOUT_LABELS[values['readout']]}")
    return told


def of_the_start(recipe: Recipe) -> list[str]:
    """Return what is otherwise in the weights that a run begins with."""
    cell = recipe.model.cell
    values, usual = values_of(recipe), start_of(cell)
    told = []
    if values["start"] == TORCH != usual["start"]:
        told.append("starts as in PyTorch")
    elif (values["start"], values.get("gain")) != (usual["start"], usual["gain"]):
        word = "orthogonal" if values["start"] == ORTHOGONAL else "as the identity"
        told.append(f"starts {word}, gain {values['gain']:g}")
    kept = remembers(values, cell)
    if kept:
        told.append(f"remembers {values['memory']:g} steps at first")
    for name, default in own_options(cell).items():
        known = name == "memory" or (name in MEMORY_DECIDES and kept)
        if not known and values[name] != default:
            label = OPTION_LABELS.get(name, name.replace("_", " "))
            told.append(f"{label[0].lower()}{label[1:]} {values[name]:g}")
    return told


MEMORY_DECIDES = ("forget_bias", "update_bias")
"""Biases that are of no account where a cell starts by remembering."""


def remembers(values: Mapping[str, Any], cell: str) -> bool:
    """Return whether a cell starts by remembering, so that its gates' biases follow from that."""
    return "memory" in own_options(cell) and values["memory"] > 0


def of_the_learning(recipe: Recipe) -> list[str]:
    """Return what is otherwise in how a run learns, and in the pictures that it learns from."""
    training, values = recipe.training, values_of(recipe)
    told = []
    if training.schedule != DEFAULT_SCHEDULE:
        told.append(f"learning rate {SCHEDULES[training.schedule]}")
    if training.weight_decay != DEFAULT_DECAY:
        told.append(f"weight decay {training.weight_decay:g}")
    for field in change_fields():
        if values[field.name] != field.default:
            words, _, unit = field.label.partition(", ")
            told.append(f"{words[0].lower()}{words[1:]} {values[field.name]:g} {unit}".strip())
    return told
