"""What a training can be asked for on the command line; ``recipes`` makes a recipe of it.

``train`` takes one value of each setting, ``sweep`` several. A setting that consists of parts, such
as the biases of gates, is given as ``--gate-bias forget=1`` and stands as "gate_bias.forget" among
the values that were asked for.
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rnnviz.cli import options
from rnnviz.models.config import MOST_LAYERS, READOUTS
from rnnviz.training.recipe import recipe_names
from rnnviz.training.settings import CLIPS, OPTIMISERS, SCHEDULES

STARTS = ("default", "orthogonal", "identity")
"""How recurrent weights can start: as PyTorch's, or at so much of an orthogonal or the identity."""
OFF = "off"

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


def above_zero(text: str) -> float:
    """Return a number above 0, for argparse."""
    if not (value := number(text)):
        raise argparse.ArgumentTypeError(f"expected a number above 0, got {text!r}")
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
        Setting("learning_rate", above_zero, "peak, of the last stage (default: 0.002)"),
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
