"""``rnnviz train``: train a model from a recipe or from options."""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from rnnviz.cli import options
from rnnviz.data.folder import data_folder
from rnnviz.models.checkpoint import load_checkpoint
from rnnviz.models.model import ModelConfig
from rnnviz.training.loop import Report
from rnnviz.training.recipe import Recipe, load_recipe, recipe_names
from rnnviz.training.run import run_recipe
from rnnviz.training.settings import Stage, TrainingSettings

NAME = "train"
HELP = "train a model from a recipe, or from the options given"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "recipe",
        nargs="?",
        help=f"a recipe's name ({', '.join(recipe_names())}) or a .toml file; "
        "leave it out to train from the options",
    )
    parser.add_argument("--out", type=Path, help="the checkpoint (default: NAME.safetensors)")
    # No defaults here: what a recipe says is told apart from what somebody asks for.
    parser.add_argument("--route", choices=options.route_names(), help="default: rows")
    parser.add_argument("--cell", choices=options.cell_names(), help="default: lstm")
    parser.add_argument("--units", type=options.positive, help="default: 64")
    parser.add_argument("--dataset", choices=options.dataset_names(), help="default: digits")
    parser.add_argument("--epochs", type=options.positive, help="of the last stage (default: 10)")
    parser.add_argument("--learning-rate", type=float, help="peak, of the last stage")
    parser.add_argument("--clip", type=float, help="largest gradient norm, 0 for no clipping")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--threads", type=options.positive, help="processor threads to use")
    options.add_data_folder(parser)
    options.add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Train with a progress bar; on Ctrl-C keep the last whole epoch and say where it is."""
    recipe = asked_recipe(arguments)
    out = arguments.out or Path(f"{recipe.name}.safetensors")
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    last: Report | None = None
    kept = 0
    try:
        with tqdm(desc=recipe.name, unit="step", file=sys.stderr) as bar:
            for report in run_recipe(recipe, data_folder(arguments.data), out):
                last, kept = report, max(kept, report.epoch if report.model else 0)
                show(bar, report)
    except KeyboardInterrupt:
        where = f"The last whole epoch, number {kept}, is in {out}." if kept else "Nothing to keep."
        print(f"Stopped. {where}", file=sys.stderr)
        return 130
    except FloatingPointError:
        if kept:
            print(f"The last whole epoch, number {kept}, is in {out}.", file=sys.stderr)
        raise
    print_result(recipe, out, last, arguments.json)
    return 0


def asked_recipe(arguments: argparse.Namespace) -> Recipe:
    """Return the recipe with what the options change about it."""
    if arguments.recipe:
        refuse_other_model(arguments)
        recipe = load_recipe(arguments.recipe)
    else:
        recipe = recipe_of_options(arguments)
    changes: dict[str, Any] = {
        name: getattr(arguments, name)
        for name in ("clip", "seed")
        if getattr(arguments, name) is not None
    }
    asked = {"epochs": arguments.epochs, "learning_rate": arguments.learning_rate}
    stage = {name: value for name, value in asked.items() if value is not None}
    *earlier, final = recipe.training.stages
    changes["stages"] = (*earlier, replace(final, **stage))
    return replace(recipe, training=replace(recipe.training, **changes))


def refuse_other_model(arguments: argparse.Namespace) -> None:
    """Raise a ValueError if another model or data set is asked for than the recipe's own."""
    for name in ("route", "cell", "units", "dataset"):
        if getattr(arguments, name) is not None:
            raise ValueError(
                f"The recipe '{arguments.recipe}' says which {name} it takes. Leave out --{name}, "
                f"or leave out the recipe to train from the options alone."
            )


def recipe_of_options(arguments: argparse.Namespace) -> Recipe:
    """Return a recipe made from the options alone."""
    route, cell = arguments.route or "rows", arguments.cell or "lstm"
    return Recipe(
        name=f"{cell}-{route}",
        model=ModelConfig(route, cell, arguments.units or 64),
        training=TrainingSettings(
            stages=(Stage(epochs=10, learning_rate=2e-3, batch=64),),
            datasets=(arguments.dataset or "digits",),
        ),
    )


def show(bar: tqdm, report: Report) -> None:
    """Move the progress bar to a report."""
    bar.total = report.steps
    bar.update(report.step - bar.n)
    if report.validation is not None:
        bar.set_postfix_str(f"epoch {report.epoch}/{report.epochs}, val {report.validation:.2%}")


def print_result(recipe: Recipe, out: Path, last: Report | None, as_json: bool) -> None:
    """Print where the checkpoint is and what it reaches."""
    metrics = load_checkpoint(out).metrics
    if as_json:
        seconds = last.seconds if last else 0.0
        result = {"name": recipe.name, "path": str(out), "metrics": metrics, "duration_s": seconds}
        print(json.dumps(result))
        return
    figures = ", ".join(f"{name} {value:.2%}" for name, value in metrics.items())
    print(f"{out}: {figures}")
