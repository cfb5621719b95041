"""``rnnviz train``: train a model from a recipe or from options, as a run among all others."""

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from rnnviz.cli import options
from rnnviz.cli.recipes import recipe_of
from rnnviz.cli.settings import add_recipe, add_settings, asked
from rnnviz.cli.training import add_runs_folder, check_writable, train_here, worker_of
from rnnviz.training.runs.folder import RunFolder
from rnnviz.training.runs.service import COMMAND_LINE, new_id

NAME = "train"
HELP = "train a model from a recipe, or from the options given"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_recipe(parser)
    parser.add_argument(
        "--out", type=Path, help="a copy of the newest checkpoint (default: NAME.safetensors)"
    )
    parser.add_argument("--name", help="what the run is called (default: CELL-ROUTE)")
    add_settings(parser)
    parser.add_argument("--threads", type=options.positive, help="processor threads to use")
    add_runs_folder(parser)
    options.add_data_folder(parser)
    options.add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Train with a progress bar; on Ctrl-C keep what was learned and say how to go on."""
    recipe = recipe_of(asked(arguments), arguments.recipe)
    out = arguments.out or Path(f"{recipe.name}.safetensors")
    check_writable(out)
    # What somebody calls a run is never a path, so it comes after the file.
    recipe = replace(recipe, name=arguments.name or recipe.name)
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    worker = worker_of(arguments)
    files = RunFolder(worker.runs / new_id())
    return train_here(
        worker,
        files,
        recipe,
        lambda: worker.train_new(files, recipe, COMMAND_LINE),
        arguments,
        out,
    )
