"""A whole run: train, keep a checkpoint each epoch, fit the probes, measure."""

import datetime
import platform
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from rnnviz.data.sets import load_dataset
from rnnviz.models.checkpoint import Checkpoint, save_checkpoint
from rnnviz.models.model import Model
from rnnviz.models.probes import Probes, fit_probes, probe_depths, probe_features
from rnnviz.training.data import Pictures, as_floats, as_pictures, load_pictures
from rnnviz.training.loop import Report, accuracy, train
from rnnviz.training.recipe import Recipe
from rnnviz.version import VERSION

PROBE_PICTURES = 8000
"""Training pictures to which the probes are fitted."""
PROBE_TEST_PICTURES = 2000
"""Test pictures on which the probes are measured."""


def run_recipe(recipe: Recipe, folder: Path, out: Path) -> Iterator[Report]:
    """Train what a recipe describes, yielding a report a step, and leave a checkpoint in ``out``.

    After every epoch ``out`` holds the weights so far, so a run that is stopped leaves the last
    whole epoch; at the end it holds the probes and the measured accuracies as well.

    Args:
        recipe: The model and the settings.
        folder: The data folder.
        out: The checkpoint's file.
    """
    training, validation = load_pictures(recipe.training, folder)
    torch.manual_seed(recipe.training.seed)
    model = Model(recipe.model)
    seconds = 0.0
    for report in train(model, recipe.training, training, validation):
        seconds = report.seconds
        if report.model is not None:
            figures = {"validation/accuracy": report.validation or 0.0}
            save_checkpoint(as_checkpoint(recipe, model, figures, seconds), out)
        yield report
    finished = as_checkpoint(recipe, model, measure(model, recipe, folder), seconds)
    save_checkpoint(replace(finished, probes=probe(model, training, recipe, folder)), out)


def as_checkpoint(
    recipe: Recipe, model: Model, metrics: dict[str, float], seconds: float
) -> Checkpoint:
    """Return the model as a checkpoint with its provenance."""
    return Checkpoint(
        name=recipe.name,
        config=recipe.model,
        weights={name: value.detach().clone() for name, value in model.state_dict().items()},
        training=recipe.training.as_dict(),
        metrics=metrics,
        provenance=provenance(recipe, seconds),
    )


def provenance(recipe: Recipe, seconds: float) -> dict[str, Any]:
    """Return where a checkpoint comes from."""
    return {
        "recipe": recipe.name,
        "note": recipe.note,
        "datasets": list(recipe.training.datasets),
        "seed": recipe.training.seed,
        "date": datetime.date.today().isoformat(),
        "duration_s": round(seconds, 1),
        "rnnviz": VERSION,
        "torch": torch.__version__,
        "python": platform.python_version(),
    }


def measure(model: Model, recipe: Recipe, folder: Path) -> dict[str, float]:
    """Return the accuracy on the test split of each data set the model was trained on."""
    figures = {}
    for name in recipe.training.datasets:
        data = load_dataset(name, "test", folder)
        figures[f"{name}/test/accuracy"] = accuracy(model, as_pictures(data.images, data.labels))
    return figures


def probe(model: Model, training: Pictures, recipe: Recipe, folder: Path) -> Probes:
    """Return probes fitted to training pictures and measured on test pictures."""
    depths = probe_depths(model.route.depths)
    order = torch.Generator().manual_seed(recipe.training.seed)
    chosen = torch.randperm(len(training), generator=order)[:PROBE_PICTURES]
    features = probe_features(model, as_floats(training.images[chosen]), depths)
    weight, bias = fit_probes(features, training.labels[chosen], model.config.classes)
    data = load_dataset(recipe.training.datasets[0], "test", folder).take(PROBE_TEST_PICTURES)
    test = as_pictures(data.images, data.labels)
    seen = probe_features(model, as_floats(test.images), depths)
    answers = (torch.einsum("bpf,pcf->bpc", seen, weight) + bias).argmax(-1)
    right = (answers == test.labels[:, None]).float().mean(0)
    return Probes(torch.tensor(depths), weight, bias, right)
