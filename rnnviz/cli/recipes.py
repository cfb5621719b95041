"""The recipe of a training that was asked for on the command line."""

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import torch

from rnnviz.cli.settings import OFF, Values, settings
from rnnviz.core.routes import PACKAGE as ROUTES
from rnnviz.data.augment import CHANGES, Augmentation
from rnnviz.data.sets import PACKAGE as DATASETS
from rnnviz.models.cells import cell_class
from rnnviz.models.checkpoint import blank_model
from rnnviz.models.config import ModelConfig
from rnnviz.registry import find
from rnnviz.training.loop import shrunk
from rnnviz.training.moments import MOMENTS
from rnnviz.training.recipe import Recipe, load_recipe
from rnnviz.training.settings import Stage, TrainingSettings

DEFAULT = Stage(epochs=10, learning_rate=2e-3, batch=64)


def recipe_of(values: Values, recipe: str | Path | None = None) -> Recipe:
    """Return the recipe with what is asked for, or one made of what is asked for alone.

    Raises:
        ValueError: If something doesn't fit; the message says what to change.
    """
    base = of_options(values) if recipe is None else named(recipe, values)
    found = replace(base, training=changed(base.training, values))
    check(found)
    return found


def named(recipe: str | Path, values: Values) -> Recipe:
    """Return a recipe; ValueError if another model or data set is asked for than its own."""
    found = load_recipe(recipe)
    for setting in settings():
        for name in values:
            if setting.of_model and name.split(".")[0] == setting.name:
                raise ValueError(
                    f"The recipe '{recipe}' says which {setting.name.replace('_', ' ')} it takes. "
                    f"Leave out {setting.flag}, or leave out the recipe to train from the options "
                    f"alone."
                )
    return found


def of_options(values: Values) -> Recipe:
    """Return a recipe whose network is what is asked for."""
    route, cell = values.get("route", "rows"), values.get("cell", "lstm")
    dataset = values.get("dataset", "digits")
    direct = ("units", "layers", "directions", "readout")
    model = ModelConfig(
        **{
            "route": route,
            "cell": cell,
            "units": 64,
            "classes": len(find(DATASETS, dataset, "data set").CLASSES),
            "route_options": route_options(route, parts_of(values, "route_option")),
            "cell_options": cell_options(cell, values),
        }
        | {name: values[name] for name in direct if name in values}
    )
    training = TrainingSettings(stages=(DEFAULT,), datasets=(dataset,), moments=MOMENTS)
    return Recipe(f"{cell}-{route}", model, training)


def parts_of(values: Values, name: str) -> dict[str, Any]:
    """Return the parts of a setting that are asked for."""
    return {
        key.removeprefix(f"{name}."): value
        for key, value in values.items()
        if key.startswith(f"{name}.")
    }


def route_options(route: str, given: Mapping[str, int]) -> dict[str, int]:
    """Return the options of a route; ValueError for one that it doesn't have."""
    known = find(ROUTES, route, "route").OPTIONS
    for name in given:
        if name not in known:
            raise ValueError(
                f"Route '{route}' has no option '{name}'. Its options are: "
                f"{', '.join(known) or 'none'}."
            )
    return dict(given)


def cell_options(cell: str, values: Values) -> dict[str, float]:
    """Return the options of a cell that are asked for; ValueError if it can't start so."""
    known = cell_class(cell).OPTIONS
    biases = {f"{name}_bias": one for name, one in parts_of(values, "gate_bias").items()}
    for name in biases:
        if name not in known:
            gates = [one.removesuffix("_bias") for one in known if one.endswith("_bias")]
            raise ValueError(
                f"Cell '{cell}' has no gate '{name.removesuffix('_bias')}' whose bias can be "
                f"chosen. Such gates of its are: {', '.join(gates) or 'none'}."
            )
    found = parts_of(values, "cell_option") | biases
    for name in found:
        if name not in known:
            raise ValueError(
                f"Cell '{cell}' has no option '{name}'. Its options are: "
                f"{', '.join(known) or 'none'}."
            )
    return found | start_options(cell, values)


def start_options(cell: str, values: Values) -> dict[str, float]:
    """Return the options of a cell that say how its recurrent weights start."""
    kind, start, gain = cell_class(cell), values.get("start"), values.get("gain")
    if "identity" not in kind.OPTIONS and start not in (None, "identity"):
        raise ValueError(f"Cell '{cell}' always starts at the identity. Leave out --start.")
    if start == "default":
        if gain is not None:
            raise ValueError("PyTorch's default start has no gain. Leave out --gain, or --start.")
        if kind.PARENTS != 1:
            raise ValueError(
                f"PyTorch has no two-dimensional cells, and so no default start for '{cell}'. "
                f"Choose --start orthogonal or identity."
            )
        return {"gain": 0.0, "identity": 0.0}
    if gain is not None and gain <= 0:
        raise ValueError(
            f"A gain of {gain:g} leaves nothing of the recurrent weights. Choose one above 0, such "
            f"as 1, or --start default."
        )
    found = {} if gain is None else {"gain": gain}
    if start is not None and "identity" in kind.OPTIONS:
        found["identity"] = float(start == "identity")
    return found


def changed(training: TrainingSettings, values: Values) -> TrainingSettings:
    """Return how it is trained, with what is asked for."""
    own = {field.name for field in fields(TrainingSettings)}
    changes = {name: value for name, value in values.items() if name in own}
    asked_of_stage = {field.name for field in fields(Stage)} & set(values)
    *earlier, last = training.stages
    stage = replace(last, **{name: values[name] for name in asked_of_stage})
    changes["stages"] = (*earlier, stage)
    changes["augmentation"] = augmentation(training.augmentation, values)
    return replace(training, **changes)


def augmentation(before: Augmentation | None, values: Values) -> Augmentation | None:
    """Return how pictures are changed, None for not at all."""
    given = parts_of(values, "augment")
    if values.get("augment") == OFF:
        if given:
            raise ValueError(f"Leave out --augment {OFF} to change the pictures.")
        return None
    for name in given:
        if name not in CHANGES:
            raise ValueError(
                f"There is no change '{name}' of pictures. Choose of: {', '.join(CHANGES)}."
            )
    if not given:
        return before
    none = Augmentation(shift_px=0)
    asked_for = {CHANGES[name]: value for name, value in given.items()}
    if "shift_px" in asked_for and asked_for["shift_px"] == int(asked_for["shift_px"]):
        asked_for["shift_px"] = int(asked_for["shift_px"])
    found = replace(before or none, **asked_for)
    return None if found == none else found


def check(recipe: Recipe) -> None:
    """Raise a ValueError if the network can't be built or its stages can't be trained."""
    model = blank_model(recipe.model)
    for stage in recipe.training.stages:
        if stage.block != (1, 1):
            with torch.device("meta"):
                shrunk(model, stage.block)
        if 0 < recipe.training.pictures < stage.batch and len(recipe.training.datasets) == 1:
            raise ValueError(
                f"A step of {stage.batch} pictures can't be filled from "
                f"{recipe.training.pictures}. Choose a smaller --batch, or more --pictures."
            )
