"""``rnnviz list``: what there is to use."""

import argparse
import json
from typing import Any

from rnnviz.cli import options
from rnnviz.core.routes import PACKAGE as ROUTES
from rnnviz.data.folder import data_folder
from rnnviz.data.sets import PACKAGE as DATASETS
from rnnviz.models.cells import PACKAGE as CELLS
from rnnviz.models.clips.store import clip_names, read_clip_model
from rnnviz.models.model import parameter_count
from rnnviz.models.store import read_named, shipped_names
from rnnviz.registry import discover
from rnnviz.training.clips.recipe import clip_recipe_names
from rnnviz.training.recipe import recipe_names

NAME = "list"
HELP = "list the shipped models, recipes, routes, cells and data sets"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    options.add_data_folder(parser)
    options.add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print everything that has a name."""
    folder = data_folder(arguments.data)
    found = {
        "models": [describe_model(name) for name in shipped_names()],
        "clip_models": [describe_clip_model(name) for name in clip_names()],
        "recipes": recipe_names(),
        "clip_recipes": clip_recipe_names(),
        "routes": {name: file.DESCRIPTION for name, file in discover(ROUTES).items()},
        "cells": {name: file.CELL.DESCRIPTION for name, file in discover(CELLS).items()},
        "datasets": {
            name: {"description": file.DESCRIPTION, "available": file.available(folder)}
            for name, file in discover(DATASETS).items()
        },
    }
    print(json.dumps(found) if arguments.json else as_text(found))
    return 0


def describe_model(name: str) -> dict[str, Any]:
    """Return what a menu needs to know of a shipped model."""
    checkpoint = read_named(name)
    return {
        "name": name,
        "route": checkpoint.config.route,
        "cell": checkpoint.config.cell,
        "units": checkpoint.config.units,
        "parameters": parameter_count(checkpoint.model()),
        "metrics": checkpoint.metrics,
    }


def describe_clip_model(name: str) -> dict[str, Any]:
    """Return what a menu needs to know of a shipped clip model."""
    checkpoint = read_clip_model(name)
    config = checkpoint.config
    return {
        "name": name,
        "cell": config.cell,
        "units": config.units,
        "spatial": {
            "route": config.spatial.route,
            "cell": config.spatial.cell,
            "units": config.spatial.units,
        },
        "sight": config.sight,
        "frames": config.frames,
        "answers": config.answers,
        "classes": list(config.classes),
        "parameters": parameter_count(checkpoint.model()),
        "metrics": checkpoint.metrics,
    }


def as_text(found: dict[str, Any]) -> str:
    """Return the listing for a person."""
    lines = ["Models"]
    for model in found["models"]:
        lines.append(
            f"  {model['name']:<15} {model['cell']} on {model['route']}, {model['units']} units, "
            f"{model['parameters']:,} parameters; {figures_of(model['metrics'])}"
        )
    lines += ["", "Clip models"]
    for model in found["clip_models"]:
        spatial = model["spatial"]
        whole = {
            key: value
            for key, value in model["metrics"].items()
            if key.startswith("test/") and "@" not in key
        }
        lines.append(
            f"  {model['name']:<15} {model['cell']} on frames, {model['units']} units, "
            f"above {spatial['cell']} on {spatial['route']}, {spatial['units']} units, "
            f"{model['parameters']:,} parameters; {figures_of(whole)}"
        )
    for title in ("routes", "cells"):
        lines += ["", title.capitalize()]
        lines += [f"  {name:<15} {text}" for name, text in found[title].items()]
    lines += ["", "Data sets"]
    for name, data in found["datasets"].items():
        here = "" if data["available"] else " (not here yet)"
        lines.append(f"  {name:<15} {data['description']}{here}")
    for title in ("recipes", "clip_recipes"):
        lines += ["", title.replace("_", " ").capitalize(), "  " + ", ".join(found[title])]
    return "\n".join(lines)


def figures_of(metrics: dict[str, float]) -> str:
    """Return measured shares for a person."""
    return ", ".join(f"{key} {value:.2%}" for key, value in metrics.items())
