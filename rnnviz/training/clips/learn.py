"""One training on one's own clips, some of them left out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from rnnviz.models.clips.model import ClipModel, at_end
from rnnviz.training.clips.loop import early_loss
from rnnviz.training.clips.material import Material, encode, fold_scale, scale_of
from rnnviz.training.clips.own_settings import OwnSettings
from rnnviz.training.clips.source import ClipBatch
from rnnviz.training.optimiser import make_optimiser
from rnnviz.training.step import take_step

EVERY = 10
"""Training steps between two reports."""
TUNING_SHARE = 0.02
"""The share of the learning rate at which a spatial network goes on from where it began."""


@dataclass(frozen=True, eq=False)
class Pass:
    """A part of a training: some steps with the same material."""

    material: Material
    """What is learned from; the spatial network learns too unless it has read it already."""
    steps: int
    """Training steps."""
    learning_rate: float
    """Its peak."""


def passes_of(raw: Material, settings: OwnSettings, model: ClipModel) -> list[Pass]:
    """Return the passes of each training.

    Args:
        raw: All clips, each in many variants.
        settings: How.
        model: Its spatial network, as it is at the start, reads what is learned ahead.
    """
    rate = settings.learning_rate
    if not settings.start:
        return [Pass(raw, settings.steps, rate)]
    first = Pass(encode(raw, model), settings.steps, rate)
    if settings.frozen:
        return [first]
    return [first, Pass(raw, settings.tuning, TUNING_SHARE * rate)]


def learn(
    model: ClipModel, passes: Sequence[Pass], learned: Tensor, settings: OwnSettings, part: int
) -> Iterator[tuple[int, float, float]]:
    """Teach a model some clips; yield the steps taken, the loss and the accuracy of a batch.

    Args:
        model: Is changed.
        passes: What it learns from, one after another.
        learned: Which of the clips are learned, (clip,).
        settings: How.
        part: Which of the trainings this is: each has its own order.

    Raises:
        FloatingPointError: If the loss is no longer a finite number.
    """
    chance = torch.Generator().manual_seed(settings.seed * 1000 + part)
    before = 0
    for one in passes:
        for step, loss, accuracy in go_through(model, one, learned, settings, chance):
            if step % EVERY == 0 or step == one.steps:
                yield before + step, loss, accuracy
        before += one.steps


def go_through(
    model: ClipModel, one: Pass, learned: Tensor, settings: OwnSettings, chance: torch.Generator
) -> Iterator[tuple[int, float, float]]:
    """Teach a model by one pass; yield the number, the loss and the accuracy of each step."""
    material, training = one.material, settings.training(one.learning_rate)
    (stage,) = training.stages
    model.spatial.requires_grad_(not material.encoded)
    optimiser, schedule = make_optimiser(model, training, stage, one.steps)
    scale = scale_of(material, learned) if material.encoded else None
    for step in range(1, one.steps + 1):
        batch = draw(material, learned, stage.batch, chance)
        if scale is not None:
            batch = replace(batch, clips=(batch.clips - scale.mean) / scale.deviation)
        logits = frame_logits(model, batch, material.encoded)
        last = at_end(logits, batch.lengths)
        loss = torch.nn.functional.cross_entropy(last, batch.targets)
        loss = loss + training.replicate * early_loss(logits, batch)
        try:
            take_step(model, optimiser, training, loss)
        except FloatingPointError as error:
            # The advice for settings names a clip, which nobody sets here.
            raise FloatingPointError(
                "The loss overflowed. Choose a smaller learning rate."
            ) from error
        schedule.step()
        yield step, float(loss.detach()), float((last.argmax(1) == batch.targets).float().mean())
    if scale is not None:
        fold_scale(model, scale)


def draw(material: Material, learned: Tensor, count: int, chance: torch.Generator) -> ClipBatch:
    """Return a batch: all clips as often as can be, in a new order, each in some variant."""
    rounds = -(-count // len(learned))
    order = [learned[torch.randperm(len(learned), generator=chance)] for _ in range(rounds)]
    chosen = torch.cat(order)[:count]
    variant = torch.randint(len(material.read), (count,), generator=chance)
    read = material.read[variant, chosen]
    return ClipBatch(read, material.lengths[chosen], material.labels[chosen])


def frame_logits(model: ClipModel, batch: ClipBatch, encoded: bool) -> Tensor:
    """Return the readout after every frame, (clip, frame, class)."""
    if not encoded:
        return model.frame_logits(batch.clips, batch.lengths)
    return model.readout(model.scan(batch.clips)[-1]["h"])


@torch.no_grad()
def answer(model: ClipModel, material: Material, clips: Tensor) -> np.ndarray:
    """Return the probability of each class for some clips as they are, (clip, class)."""
    batch = ClipBatch(material.read[0, clips], material.lengths[clips], material.labels[clips])
    logits = at_end(frame_logits(model, batch, material.encoded), batch.lengths)
    return torch.softmax(logits.double(), 1).numpy()
