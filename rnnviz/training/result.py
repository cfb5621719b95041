"""What a training leaves: a checkpoint with its provenance, and the probes."""

import datetime
import platform
from pathlib import Path
from typing import Any

import torch

from rnnviz.data.sets import load_dataset
from rnnviz.models.checkpoint import Checkpoint
from rnnviz.models.model import Model
from rnnviz.models.probes import Probes, fit_probes, probe_depths, probe_features
from rnnviz.training.data import Pictures, as_floats, as_pictures
from rnnviz.training.recipe import Recipe
from rnnviz.version import VERSION

PROBE_PICTURES = 8000
"""Training pictures to which the probes are fitted."""
PROBE_TEST_PICTURES = 2000
"""Test pictures on which the probes are measured."""


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
        "threads": torch.get_num_threads(),
    }


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
