"""``rnnviz train``: train a model from a recipe or from options, as a run among all others."""

import argparse
import os
from dataclasses import replace
from pathlib import Path

import torch

from rnnviz.cli import options
from rnnviz.cli.settings import add_recipe, add_settings, asked, recipe_of
from rnnviz.cli.training import add_runs_folder, train_here, worker_of
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


def check_writable(out: Path) -> None:
    """Raise an OSError if no checkpoint can be written there: sooner than after the training."""
    if out.is_dir():
        raise IsADirectoryError(f"{out} is a folder. Give --out the name of a file.")
    out.parent.mkdir(parents=True, exist_ok=True)
    if not os.access(out.parent, os.W_OK):
        raise PermissionError(f"Nothing can be written into {out.parent.absolute()}.")
