"""What a training can be asked for on the command line, and the recipe that it makes.

``train`` takes one value of each setting, ``sweep`` several. A setting that consists of parts, such
as the biases of gates, is given as ``--gate-bias forget=1`` and stands as "gate_bias.forget" among
the values that were asked for.
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import torch

from rnnviz.cli import options
from rnnviz.core.routes import PACKAGE as ROUTES
from rnnviz.data.augment import Augmentation
from rnnviz.data.sets import PACKAGE as DATASETS
from rnnviz.models.cells import cell_class
from rnnviz.models.checkpoint import blank_model
from rnnviz.models.model import MOST_LAYERS, READOUTS, ModelConfig
from rnnviz.registry import find
from rnnviz.training.loop import shrunk
from rnnviz.training.recipe import Recipe, load_recipe, recipe_names
from rnnviz.training.settings import CLIPS, OPTIMISERS, SCHEDULES, Stage, TrainingSettings

STARTS = ("default", "orthogonal", "identity")
"""How recurrent weights can start: as PyTorch's, or at so much of an orthogonal or the identity."""
CHANGES = {
    "shift": "shift_px",
    "turn": "rotation_deg",
    "scale": "scale",
    "shear": "shear",
    "thickness": "thickness",
}
"""The parts of ``--augment``, and the attributes of an ``Augmentation``."""
OFF = "off"
MOMENTS = 60
"""How often a run that the options describe is looked at from the inside, at most."""
DEFAULT = Stage(epochs=10, learning_rate=2e-3, batch=64)

Values = Mapping[str, Any]
"""What is asked for by name; what isn't is left as it is."""
Parse = Callable[[str], Any]


@dataclass(frozen=True)
class Setting:
    """One thing that can be asked for."""

    name: str
    """Its name among the values; the option has dashes for underscores."""
    parse: Parse
    """Reads one value, raising an argparse.ArgumentTypeError for what can't be one."""
    help: str
    """What ``--help`` says."""
    of_model: bool = False
    """Whether it says what is trained, and on what: a recipe has that of its own."""
    parts: bool = False
    """Whether it is given as NAME=VALUE, once for each part."""

    @property
    def flag(self) -> str:
        """The option."""
        return "--" + self.name.replace("_", "-")


def number(text: str) -> float:
    """Return a number of at least 0, for argparse."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number of at least 0, got {text!r}")
    return value


def any_number(text: str) -> float:
    """Return a finite number, for argparse."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not abs(value) < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number, got {text!r}")
    return value


def whole(text: str) -> int:
    """Return a whole number of at least 0, for argparse."""
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 0, got {text!r}")
    return int(text)


def one_of(names: list[str] | tuple[str, ...]) -> Parse:
    """Return what reads one of these names."""

    def parse(text: str) -> str:
        if text not in names:
            raise argparse.ArgumentTypeError(
                f"there is no {text!r}; choose one of: {', '.join(names)}"
            )
        return text

    return parse


def settings() -> tuple[Setting, ...]:
    """Return all that can be asked for."""
    routes, cells, sets = options.route_names(), options.cell_names(), options.dataset_names()
    return (
        Setting("route", one_of(routes), f"{', '.join(routes)} (default: rows)", True),
        Setting("cell", one_of(cells), f"{', '.join(cells)} (default: lstm)", True),
        Setting("units", options.positive, "hidden units of each sweep (default: 64)", True),
        Setting("layers", options.positive, f"1 to {MOST_LAYERS} (default: 1)", True),
        Setting("directions", options.positive, "2 reads a chain backwards as well", True),
        Setting("readout", one_of(READOUTS), f"{', '.join(READOUTS)} (default: last)", True),
        Setting(
            "route_option", whole, "of the route: patch=2, corners=4, seed=1", True, parts=True
        ),
        Setting(
            "start",
            one_of(STARTS),
            "of the recurrent weights: default (PyTorch's), orthogonal or identity",
            True,
        ),
        Setting("gain", any_number, "factor on an orthogonal start or an identity", True),
        Setting("gate_bias", any_number, "at the start: forget=1, update=1", True, parts=True),
        Setting(
            "cell_option", any_number, "other options of the cell: memory=28", True, parts=True
        ),
        Setting("dataset", one_of(sets), f"{', '.join(sets)} (default: digits)", True),
        Setting("epochs", options.positive, "of the last stage (default: 10)"),
        Setting("learning_rate", any_number, "peak, of the last stage (default: 0.002)"),
        Setting("batch", options.positive, "pictures a step, of the last stage (default: 64)"),
        Setting("optimiser", one_of(tuple(OPTIMISERS)), f"{', '.join(OPTIMISERS)}"),
        Setting("schedule", one_of(tuple(SCHEDULES)), f"{', '.join(SCHEDULES)}"),
        Setting("warm_up", number, "share of the steps in which a one-cycle schedule rises"),
        Setting("weight_decay", number, "pull towards 0 (default: 0.01)"),
        Setting("clip", number, "largest gradient norm, 0 for no clipping (default: 1)"),
        Setting("clip_by", one_of(tuple(CLIPS)), "what the clip limits: norm or value"),
        Setting("label_smoothing", number, "share of the target spread over all classes"),
        Setting("pictures", whole, "training pictures of each data set, 0 for all"),
        Setting("validation", whole, "pictures kept from training to watch it"),
        Setting("moments", whole, "looks at the run from the inside, at most"),
        Setting(
            "augment",
            any_number,
            f"changes of the pictures: {OFF}, or shift=2, turn=5, scale=0.1, shear=0.1, "
            "thickness=0.3",
            parts=True,
        ),
        Setting("seed", whole, "of the weights, the pictures' order and their changes"),
    )


def add_recipe(parser: argparse.ArgumentParser) -> None:
    """Declare the recipe that the settings change."""
    parser.add_argument(
        "recipe",
        nargs="?",
        help=f"a recipe's name ({', '.join(recipe_names())}) or a .toml file; "
        "leave it out to train from the options",
    )


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Declare an option for each setting, to be given once."""
    # No defaults here: what a recipe says is told apart from what somebody asks for.
    for setting in settings():
        if setting.parts:
            parse = part(setting)
            parser.add_argument(
                setting.flag, type=parse, action="append", metavar="NAME=VALUE", help=setting.help
            )
        else:
            parser.add_argument(setting.flag, type=setting.parse, help=setting.help)


def part(setting: Setting, parse: Parse | None = None) -> Parse:
    """Return what reads NAME=VALUE as a pair of "setting.name" and the value.

    Args:
        setting: Of which it is a part.
        parse: Reads the value, the setting's own ``parse`` unless given.
    """

    def read(text: str) -> tuple[str, Any]:
        if setting.name == "augment" and text == OFF:
            return setting.name, OFF
        name, equals, value = text.partition("=")
        if not (equals and name):
            raise argparse.ArgumentTypeError(f"expected NAME=VALUE, got {text!r}")
        return f"{setting.name}.{name}", (parse or setting.parse)(value)

    return read


def asked(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what was asked for by name."""
    values: dict[str, Any] = {}
    for setting in settings():
        given = getattr(arguments, setting.name)
        if given is not None:
            values |= dict(given) if setting.parts else {setting.name: given}
    return values


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
