"""From what is chosen to the recipe of a run, and back. Pure data."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rnnviz.data.augment import CHANGES, Augmentation
from rnnviz.data.sets import PACKAGE as DATASETS
from rnnviz.models.cells import cell_class
from rnnviz.models.config import ModelConfig
from rnnviz.registry import find
from rnnviz.training.moments import MOMENTS
from rnnviz.training.recipe import Recipe
from rnnviz.training.settings import Stage, TrainingSettings
from rnnviz.ui.studio.fields import IDENTITY, NO_CLIP, ORTHOGONAL, TORCH
from rnnviz.ui.studio.fit import own_options, parents, route_options

ROUTE_FIELDS = {"patch": "patch", "corners": "corners", "seed": "order"}
"""The options of routes, and the fields that hold them."""


def recipe_of(values: Mapping[str, Any], name: str = "") -> Recipe:
    """Return the recipe of the run that is chosen.

    Args:
        values: A value for every field.
        name: What the run is called; by default what it trains, in a few words.

    Raises:
        ValueError: If there can't be such a run.
    """
    model = model_of(values)
    return Recipe(name or name_of(model, values["data"]), model, training_of(values))


def model_of(values: Mapping[str, Any]) -> ModelConfig:
    """Return the network that is chosen; ValueError if there can't be such a one."""
    route = values["route"]
    return ModelConfig(
        route=route,
        cell=values["cell"],
        units=values["units"],
        classes=len(find(DATASETS, values["data"], "data set").CLASSES),
        readout=values["readout"],
        route_options={one: int(values[ROUTE_FIELDS[one]]) for one in route_options(route)},
        cell_options=cell_options(values),
        layers=values["layers"],
        directions=int(values["directions"]) if parents(route) == 1 else 1,
    )


def cell_options(values: Mapping[str, Any]) -> dict[str, float]:
    """Return the options of the chosen cell; ValueError if its start comes to nothing."""
    cell, start, gain = values["cell"], values["start"], float(values["gain"])
    if start != TORCH and gain == 0:
        raise ValueError(
            "A gain of 0 leaves nothing of the recurrent weights. Choose a gain above 0, such as "
            "1, or let them start as PyTorch does."
        )
    options = {name: float(values[name]) for name in own_options(cell)}
    options["gain"] = 0.0 if start == TORCH else gain
    if "identity" in cell_class(cell).OPTIONS:
        options["identity"] = float(start == IDENTITY)
    return options


def training_of(values: Mapping[str, Any]) -> TrainingSettings:
    """Return how the network is trained."""
    changes = Augmentation(**{one: values[field] for field, one in CHANGES.items()})
    clipped = values["clip"] != NO_CLIP
    return TrainingSettings(
        stages=(Stage(values["epochs"], values["rate"], batch=values["batch"]),),
        datasets=(values["data"],),
        seed=values["seed"],
        weight_decay=values["decay"],
        clip=values["threshold"] if clipped else 0.0,
        clip_by=values["clip"] if clipped else "norm",
        augmentation=None if changes == Augmentation(shift_px=0) else changes,
        optimiser=values["optimiser"],
        schedule=values["schedule"],
        pictures=values["pictures"],
        moments=MOMENTS,
    )


def name_of(model: ModelConfig, data: str) -> str:
    """Return what a run is called unless somebody says otherwise: "LSTM · patches 2×2 · MNIST"."""
    patch = model.route_options.get("patch", 1)
    tiles = f" {patch}×{patch}" if patch > 1 else ""
    ways = " both ways" if model.directions == 2 else ""
    layers = f" · {model.layers} layers" if model.layers > 1 else ""
    label = find(DATASETS, data, "data set").LABEL
    return f"{cell_class(model.cell).LABEL} · {model.route}{tiles}{ways}{layers} · {label}"


def values_of(recipe: Recipe) -> dict[str, Any]:
    """Return the choices that mean a recipe, as far as the form has fields for it."""
    model, training = recipe.model, recipe.training
    stage = training.stages[-1]
    changes = training.augmentation or Augmentation(shift_px=0)
    options = dict(cell_class(model.cell).OPTIONS) | model.cell_options
    routed = dict(route_options(model.route)) | model.route_options
    values: dict[str, Any] = {
        "route": model.route,
        "cell": model.cell,
        "units": model.units,
        "layers": model.layers,
        "directions": str(model.directions),
        "readout": model.readout,
        "data": training.datasets[0],
        "epochs": sum(one.epochs for one in training.stages),
        "rate": stage.learning_rate,
        "batch": stage.batch,
        "pictures": training.pictures,
        "optimiser": training.optimiser,
        "schedule": training.schedule,
        "decay": training.weight_decay,
        "clip": training.clip_by if training.clip else NO_CLIP,
        "seed": training.seed,
    }
    if training.clip:
        values["threshold"] = training.clip
    values |= {field: getattr(changes, one) for field, one in CHANGES.items()}
    for name, field in ROUTE_FIELDS.items():
        if name in routed:
            values[field] = routed[name] if field == "order" else str(routed[name])
    return values | start_values(model.cell, options)


def start_values(cell: str, options: Mapping[str, float]) -> dict[str, Any]:
    """Return the choices that mean these options of a cell."""
    identity = options.get("identity", 1.0) == 1
    if not identity and options["gain"] == 0:
        start = {"start": TORCH}
    else:
        start = {"start": IDENTITY if identity else ORTHOGONAL, "gain": options["gain"]}
    return start | {name: options[name] for name in own_options(cell)}


def left_out(recipe: Recipe, values: Mapping[str, Any]) -> bool:
    """Return whether a recipe says something that the choices made of it don't."""
    found = recipe_of(values)
    whole = dict(cell_class(recipe.model.cell).OPTIONS) | recipe.model.cell_options
    routed = dict(route_options(recipe.model.route)) | recipe.model.route_options
    wanted = replace(recipe.model, cell_options=whole, route_options=routed)
    same = replace(recipe.training, moments=MOMENTS)
    if not same.clip:
        same = replace(same, clip_by="norm")
    return (found.model, found.training) != (wanted, same)
