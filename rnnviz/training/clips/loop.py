"""The training loop of clip models: one step after another, each told about."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from rnnviz.models.clips.model import ClipModel, at_end, own_frames
from rnnviz.models.store import load
from rnnviz.training.clips.recipe import ClipRecipe, ClipSource
from rnnviz.training.clips.source import ClipBatch, Source
from rnnviz.training.optimiser import make_optimiser
from rnnviz.training.settings import TrainingSettings
from rnnviz.training.step import take_step

EPOCH = 12_800
"""Clips of an epoch where they are made without end and nobody says how many."""


@dataclass(frozen=True)
class ClipReport:
    """The state of a run after one training step.

    Attributes:
        step: Training steps done.
        steps: Training steps of the whole run.
        loss: Cross-entropy of this step's batch, in nats.
        accuracy: Share of its answers that were right before the step.
        norm: Total norm of the parameter gradient before the clip.
        clipped_norm: The same after the clip.
        learning_rate: The learning rate of this step.
        seconds: Spent on the run so far.
    """

    step: int
    steps: int
    loss: float
    accuracy: float
    norm: float
    clipped_norm: float
    learning_rate: float
    seconds: float


def fresh_model(recipe: ClipRecipe) -> ClipModel:
    """Return the recipe's model at its start, its weights drawn by its seed."""
    torch.manual_seed(recipe.training.seed)
    model = ClipModel(recipe.model)
    begin(model, recipe.source)
    return model


def begin(model: ClipModel, source: ClipSource) -> None:
    """Give the spatial network the weights that the source names, and freeze them if it says so.

    Raises:
        ValueError: If that picture model reads or is built otherwise.
    """
    if source.start:
        start = load(source.start)
        known, own = start.config, model.spatial.config
        if any(
            getattr(known, part) != getattr(own, part)
            for part in ("route", "cell", "units", "shape", "route_options", "layers", "directions")
        ):
            raise ValueError(
                f"The spatial network can't start as '{source.start}' does: that one reads "
                f"{known.route} of {known.shape} with {known.units} units of '{known.cell}'. "
                f"Ask for the same, or for no start."
            )
        weights = {
            name: value
            for name, value in start.state_dict().items()
            if not name.startswith("readout.")
        }
        model.spatial.load_state_dict(weights)
    model.spatial.requires_grad_(not source.frozen)


def steps_of(settings: TrainingSettings) -> int:
    """Return how many training steps a run has."""
    (stage,) = settings.stages
    return stage.epochs * max((settings.pictures or EPOCH) // stage.batch, 1)


def train_clips(
    model: ClipModel, settings: TrainingSettings, source: Source
) -> Iterator[ClipReport]:
    """Train a clip model from beginning to end, yielding a report after every step.

    Raises:
        FloatingPointError: If the loss is no longer a finite number.
    """
    (stage,) = settings.stages
    steps = steps_of(settings)
    optimiser, schedule = make_optimiser(model, settings, stage, steps // stage.epochs)
    start = time.monotonic()
    for step in range(1, steps + 1):
        batch = source.batch(stage.batch)
        learning_rate = optimiser.param_groups[0]["lr"]
        logits = model.frame_logits(batch.clips, batch.lengths)
        loss, right = judge(model, logits, batch, settings)
        norm, clipped_norm = take_step(model, optimiser, settings, loss)
        schedule.step()
        yield ClipReport(
            step=step,
            steps=steps,
            loss=float(loss.detach()),
            accuracy=right,
            norm=norm,
            clipped_norm=clipped_norm,
            learning_rate=learning_rate,
            seconds=time.monotonic() - start,
        )


def judge(
    model: ClipModel, logits: Tensor, batch: ClipBatch, settings: TrainingSettings
) -> tuple[Tensor, float]:
    """Return the loss of a batch, and the share of its answers that are right.

    Args:
        model: Whose answers they are.
        logits: The readout after every frame, (clip, frame, class).
        batch: The clips.
        settings: Say how much the answers before the last frame count (Lipton et al. 2016).
    """
    if model.config.answers == "frames":
        assert batch.frame_targets is not None
        return judge_frames(logits, batch.frame_targets, settings.label_smoothing)
    last = at_end(logits, batch.lengths)
    loss = torch.nn.functional.cross_entropy(
        last, batch.targets, label_smoothing=settings.label_smoothing
    )
    if settings.replicate:
        loss = loss + settings.replicate * early_loss(logits, batch)
    return loss, float((last.argmax(1) == batch.targets).float().mean())


def judge_frames(
    logits: Tensor, targets: Tensor, label_smoothing: float = 0.0
) -> tuple[Tensor, float]:
    """Return loss and accuracy over all frames that have a target, (clip, frame)."""
    loss = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1), targets.flatten(), ignore_index=-1, label_smoothing=label_smoothing
    )
    counted = targets >= 0
    right = (logits.argmax(2) == targets)[counted]
    return loss, float(right.float().mean())


def early_loss(logits: Tensor, batch: ClipBatch) -> Tensor:
    """Return the mean loss of the answers after every frame, weighted up towards the end."""
    clips, frames, classes = logits.shape
    losses = torch.nn.functional.cross_entropy(
        logits.reshape(-1, classes), batch.targets.repeat_interleave(frames), reduction="none"
    ).view(clips, frames)
    lengths = torch.full((clips,), frames) if batch.lengths is None else batch.lengths
    weight = own_frames(lengths, frames) * torch.arange(1, frames + 1) / lengths[:, None]
    return (losses * weight).sum() / weight.sum()
