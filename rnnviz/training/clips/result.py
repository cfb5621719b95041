"""What a training of clips leaves: a checkpoint with its figures, its provenance and its probes."""

import dataclasses
import datetime
import platform
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from rnnviz.data.clips import load_clips
from rnnviz.data.clips.clipset import ClipSet
from rnnviz.data.clips.moving_digits import NAME as MOVING
from rnnviz.data.clips.moving_digits import source_name
from rnnviz.models.clips.checkpoint import ClipCheckpoint
from rnnviz.models.clips.model import ClipModel
from rnnviz.models.clips.probes import FrameProbes
from rnnviz.models.probes import fit_probes
from rnnviz.training.clips.loop import ClipReport, fresh_model, train_clips
from rnnviz.training.clips.measure import SPOILT, headline, measure_test
from rnnviz.training.clips.recipe import ClipRecipe
from rnnviz.training.clips.source import ClipBatch, as_batch, make_source
from rnnviz.version import VERSION

TEST_CLIPS = 4000
"""Test clips of a set that is made without end."""
SPOILT_CLIPS = 300
"""Test clips on which the robustness is measured."""
CLUTTER = 4
"""Most scraps of other digits that lie about where the robustness to them is measured."""
PROBE_CLIPS, PROBE_TEST_CLIPS = 4000, 1000
"""Clips to which the probes are fitted, and on which they are measured."""


def run_clip_recipe(
    recipe: ClipRecipe, folder: Path, report: Callable[[ClipReport], None]
) -> ClipCheckpoint:
    """Train a clip model by its recipe, measure it, and return its checkpoint.

    Args:
        recipe: What to train, and how.
        folder: The data folder.
        report: Called after every training step.

    Raises:
        DataError: If the data can't be read.
        FloatingPointError: If the training diverges.
    """
    model = fresh_model(recipe)
    source = make_source(recipe, folder)
    last = None
    for last in train_clips(model, recipe.training, source):
        report(last)
    model.requires_grad_(False).eval()
    metrics = measure_test(model, test_clips(recipe, folder, TEST_CLIPS))
    metrics |= measure_robustness(model, recipe, folder)
    probes = None
    if recipe.model.answers == "end":
        test = as_batch(test_clips(recipe, folder, PROBE_TEST_CLIPS))
        probes = fit_frame_probes(model, source.batch(PROBE_CLIPS), test)
    return ClipCheckpoint(
        name=recipe.name,
        config=recipe.model,
        weights={name: value.detach().clone() for name, value in model.state_dict().items()},
        probes=probes,
        training=recipe.as_dict(),
        metrics=metrics,
        provenance=clip_provenance(recipe, folder, last.seconds if last else 0.0),
    )


def test_clips(
    recipe: ClipRecipe,
    folder: Path,
    count: int,
    speed: float = 1.0,
    start: int = 0,
    clutter: int | None = None,
) -> ClipSet:
    """Return test clips for a recipe, of digits or writers that it never saw.

    Args:
        recipe: Whose test clips.
        folder: The data folder.
        count: How many at most.
        speed: How fast everything happens in them, 1 as in training.
        start: Another number gives other clips of a set that is made without end.
        clutter: Of moving digits: most scraps that lie about, as in training if None.
    """
    (name,) = recipe.training.datasets
    if name == MOVING:
        scene = recipe.source.scene_of().at(speed)
        scene = scene if clutter is None else replace(scene, clutter=clutter)
        return load_clips(
            name, "test", folder, task=recipe.source.task, scene=scene, count=count, seed=start
        )
    # Written faster, it is on fewer frames.
    frames = max(round(recipe.model.frames / speed), 2)
    return load_clips(name, "test", folder, frames=frames, count=count)


def measure_robustness(model: ClipModel, recipe: ClipRecipe, folder: Path) -> dict[str, float]:
    """Return how right a model is where clips are other than those that it learned from.

    "robust/none" are the same clips unspoilt, to compare with.
    """
    plain = test_clips(recipe, folder, SPOILT_CLIPS)
    found = {"robust/none": headline(model, plain)}
    for name, speed in (("slow", 0.5), ("fast", 2.0)):
        changed = test_clips(recipe, folder, SPOILT_CLIPS, speed)
        found[f"robust/{name}"] = headline(model, changed)
    if recipe.training.datasets == (MOVING,):
        changed = test_clips(recipe, folder, SPOILT_CLIPS, clutter=CLUTTER)
        found["robust/clutter"] = headline(model, changed)
    for name, spoil in SPOILT.items():
        found[f"robust/{name}"] = headline(model, replace(plain, frames=spoil(plain.frames)))
    return found


@torch.no_grad()
def top_states(model: ClipModel, batch: ClipBatch, at_once: int = 100) -> torch.Tensor:
    """Return h of the top temporal layer after every frame, (clip, frame, unit)."""
    parts = batch.clips.split(at_once)
    return torch.cat([model.scan(model.encode(model.see(part)))[-1]["h"] for part in parts])


def fit_frame_probes(model: ClipModel, training: ClipBatch, test: ClipBatch) -> FrameProbes:
    """Return probes fitted to some clips and measured on others, all of the model's own length."""
    weight, bias = fit_probes(
        top_states(model, training), training.targets, len(model.config.classes)
    )
    probes = FrameProbes(weight, bias, torch.zeros(len(weight)))
    answers = probes.logits(top_states(model, test)).argmax(2)
    right = (answers == test.targets[:, None]).float().mean(0)
    return dataclasses.replace(probes, accuracy=right)


def digits_of(recipe: ClipRecipe, folder: Path) -> str:
    """Return the data set whose digits move, empty where none do."""
    return source_name(folder) if recipe.training.datasets == (MOVING,) else ""


def clip_provenance(recipe: ClipRecipe, folder: Path, seconds: float) -> dict[str, Any]:
    """Return where a checkpoint comes from."""
    return {
        "recipe": recipe.name,
        "note": recipe.note,
        "datasets": list(recipe.training.datasets),
        "task": recipe.source.task,
        "digits": digits_of(recipe, folder),
        "seed": recipe.training.seed,
        "date": datetime.date.today().isoformat(),
        "duration_s": round(seconds, 1),
        "rnnviz": VERSION,
        "torch": torch.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "threads": torch.get_num_threads(),
    }
