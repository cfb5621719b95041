"""``rnnviz sweep``: train every combination of settings and seeds, and compare them."""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from rnnviz.cli import options, png
from rnnviz.cli.chromium import find_chromium
from rnnviz.cli.recipes import recipe_of
from rnnviz.cli.settings import OFF, Parse, Setting, add_recipe, part, settings
from rnnviz.cli.sweep_tables import show
from rnnviz.cli.terminal import SHOWN, plain
from rnnviz.cli.training import add_runs_folder, check_writable, same_folders
from rnnviz.core.sweep import Group
from rnnviz.data.folder import data_folder
from rnnviz.training.recipe import Recipe
from rnnviz.training.runs import sweep
from rnnviz.training.runs.limits import runs_folder
from rnnviz.training.runs.run import ENDED, Run
from rnnviz.training.runs.service import Service

NAME = "sweep"
HELP = "train every combination of several settings and seeds, and compare them"
MOST_RUNS = 1000
"""Runs of one sweep."""
SPAN = ".."
"""Between the first and the last of a span of whole numbers."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_recipe(parser)
    parser.epilog = (
        "Every setting takes several values: --cell rnn,lstm --seed 0..4. What was begun is gone "
        "on with by the same command."
    )
    for setting in settings():
        if setting.parts:
            read = part(setting, many(setting.parse))
            extra: dict[str, Any] = {"action": "append", "metavar": "NAME=VALUES"}
        else:
            read, extra = many(setting.parse), {"metavar": "VALUES"}
        parser.add_argument(setting.flag, type=read, help=setting.help, **extra)
    parser.add_argument("--name", help="what the sweep is called (default: made of its settings)")
    parser.add_argument(
        "--resume",
        nargs="?",
        const="",
        metavar="NAME",
        help="go on with a sweep as it was begun (default: the latest)",
    )
    parser.add_argument(
        "--jobs", type=options.positive, default=1, help="runs that train at once (default: 1)"
    )
    parser.add_argument(
        "--csv", type=Path, metavar="FILE", help="write the table, a line a setting"
    )
    parser.add_argument("--png", type=Path, metavar="FILE", help="draw every run's accuracy")
    add_runs_folder(parser)
    options.add_data_folder(parser)
    options.add_json(parser)


def many(parse: Parse) -> Callable[[str], list[Any]]:
    """Return what reads values with commas between them, and spans like 0..4, for argparse."""

    def read(text: str) -> list[Any]:
        found: list[Any] = []
        for one in text.split(","):
            found += (
                [parse(number) for number in span(one)] if SPAN in one else [parse(one.strip())]
            )
        return list(dict.fromkeys(found))

    return read


def span(text: str) -> list[str]:
    """Return the whole numbers of a span, both ends among them: "0..2" gives 0, 1 and 2."""
    ends = [end.strip() for end in text.split(SPAN)]
    if len(ends) != 2 or not all(end.isascii() and end.isdigit() for end in ends):
        raise argparse.ArgumentTypeError(f"expected whole numbers as in 0..4, got {text!r}")
    first, last = map(int, ends)
    if not 0 <= last - first < MOST_RUNS:
        raise argparse.ArgumentTypeError(
            f"a span goes up, by up to {MOST_RUNS} numbers, got {text!r}"
        )
    return [str(number) for number in range(first, last + 1)]


def run(arguments: argparse.Namespace) -> int:
    """Train what is missing of a sweep, then show how its settings compare."""
    check_outputs(arguments)
    axes = axes_of(arguments)
    folder = runs_folder(arguments.runs)
    recipes = [] if arguments.resume is not None else asked_recipes(axes, arguments)
    # What the runs' folders say of their threads is to be what their workers do.
    torch.set_num_threads(1)
    service = Service(
        data_folder(arguments.data), folder, sweep.limits_of(arguments.jobs), command_line=True
    )
    try:
        tag = tag_of(arguments, service, axes, recipes)
        sweep.enter(service.ledger, folder, recipes, tag)
        if not train(service, tag):
            say_left(tag.removeprefix(sweep.SIGN), arguments)
            return 130
    finally:
        service.close()
    runs = sweep.runs_of(service.ledger, tag)
    groups = sweep.groups_of(runs, folder)
    show(tag.removeprefix(sweep.SIGN), groups, arguments)
    return say_failed(runs, groups)


def check_outputs(arguments: argparse.Namespace) -> None:
    """Raise an OSError if a file that is asked for can't be made: sooner than after hours."""
    for path in (arguments.csv, arguments.png):
        if path is not None:
            check_writable(path)
    if arguments.png is not None and find_chromium() is None:
        raise FileNotFoundError(png.MISSING)


def axes_of(arguments: argparse.Namespace) -> dict[str, list[Any]]:
    """Return the values of every setting that is asked for, the seed last."""
    axes: dict[str, list[Any]] = {}
    for setting in settings():
        axes |= given(setting, getattr(arguments, setting.name))
    return axes


def given(setting: Setting, values: Any) -> dict[str, list[Any]]:
    """Return the values of one setting, or of each of its parts."""
    if values is None:
        return {}
    if not setting.parts:
        return {setting.name: values}
    return {name: [one] if one == OFF else one for name, one in values}


def asked_recipes(axes: dict[str, list[Any]], arguments: argparse.Namespace) -> list[Recipe]:
    """Return a recipe for each combination; the impossible ones are named and left out.

    Raises:
        ValueError: If none is possible, or there are too many.
    """
    count = 1
    for values in axes.values():
        count *= len(values)
    if count > MOST_RUNS:
        raise ValueError(
            f"These are {count:,} combinations, and a sweep has up to {MOST_RUNS:,}. Leave some "
            f"values out."
        )
    possible: dict[str, tuple[dict[str, Any], Recipe]] = {}
    refused: dict[str, dict[str, None]] = {}
    for combination in product(*axes.values()):
        values = dict(zip(axes, combination, strict=True))
        try:
            recipe = recipe_of(values, arguments.recipe)
        except ValueError as error:
            several = [name for name in axes if len(axes[name]) > 1 and name != "seed"]
            refused.setdefault(str(error), {})[in_words(values, several or list(axes))] = None
            continue
        possible.setdefault(sweep.identity(recipe.as_dict()), (values, recipe))
    for reason, names in refused.items():
        print(f"Left out: {'; '.join(names)}. {reason}", file=sys.stderr)
    if not possible:
        raise ValueError("None of these combinations can be trained.")
    return named([*possible.values()])


def named(possible: Sequence[tuple[dict[str, Any], Recipe]]) -> list[Recipe]:
    """Return recipes that are called by what differs between the values that made them."""
    first = possible[0][0]
    varied = [name for name in first if any(one[name] != first[name] for one, _ in possible)]
    return [
        replace(recipe, name=in_words(values, varied)) if varied else recipe
        for values, recipe in possible
    ]


def in_words(values: dict[str, Any], names: Sequence[str]) -> str:
    """Return some values of a combination in words: "cell lstm, seed 2"."""
    return ", ".join(
        f"{name.split('.')[-1].replace('_', ' ')} {sweep.in_words(values[name])}" for name in names
    )


def tag_of(
    arguments: argparse.Namespace,
    service: Service,
    axes: dict[str, list[Any]],
    recipes: Sequence[Recipe],
) -> str:
    """Return the tag of the sweep that is begun or gone on with.

    Raises:
        ValueError: If there is no such sweep, or it isn't clear which is meant.
    """
    if arguments.resume is None:
        return sweep.tag_of(arguments.name or sweep.name_of(recipes))
    if axes or arguments.recipe or arguments.name:
        raise ValueError(
            "--resume goes on with a sweep as it was begun. Leave out the settings, or leave out "
            "--resume: the same command goes on as well."
        )
    tag = sweep.tag_of(arguments.resume) if arguments.resume else sweep.latest_tag(service.ledger)
    if not sweep.runs_of(service.ledger, tag):
        raise ValueError(f"There is no sweep '{plain(arguments.resume)}' in {service.folder}.")
    return tag


def train(service: Service, tag: str) -> bool:
    """Train what is missing, with a bar; False if Ctrl-C stopped it, left so that it can go on."""
    name = plain(tag.removeprefix(sweep.SIGN))
    try:
        with tqdm(desc=f"sweep {name}", unit="run", file=sys.stderr) as bar:
            for runs in sweep.work_off(service, tag):
                ended = sum(one.state in ENDED for one in runs)
                bar.total = len(runs)
                bar.set_postfix_str(under_way(runs), refresh=False)
                bar.update(ended - bar.n)
    except KeyboardInterrupt:
        sweep.leave(service, tag)
        return False
    return True


def under_way(runs: Sequence[Run]) -> str:
    """Return what trains now, and how far it is."""
    training = [one for one in runs if one.state == "running"]
    return "; ".join(f"{plain(one.name)}: {100 * one.progress:.0f} %" for one in training)


def say_left(name: str, arguments: argparse.Namespace) -> None:
    """Say how to go on with a sweep that was stopped."""
    print(
        f"Stopped; all that was trained is kept. Go on with the same command, or with: "
        f"rnnviz sweep --resume {name}{same_folders(arguments)}",
        file=sys.stderr,
    )


def say_failed(runs: Sequence[Run], groups: Sequence[Group]) -> int:
    """Name the runs that could not be trained to an end; return the exit status."""
    lost = [
        trial
        for group in groups
        for trial in group.trials
        if trial.state != "done" and not trial.diverged
    ]
    messages = {one.id: one.message for one in runs}
    for trial in lost:
        print(
            f"Run {trial.run[:SHOWN]} is {trial.state}. {messages[trial.run]}".rstrip(),
            file=sys.stderr,
        )
    return 1 if lost else 0
