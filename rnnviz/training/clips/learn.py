"""One training on one's own clips, some of them left out."""

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from rnnviz.models.clips.model import ClipModel, at_end
from rnnviz.training.clips.loop import early_loss
from rnnviz.training.clips.material import Material, fold_scale, scale_of
from rnnviz.training.clips.own_settings import OwnSettings
from rnnviz.training.clips.source import ClipBatch
from rnnviz.training.optimiser import clip_gradient, make_optimiser

EVERY = 10
"""Training steps between two reports."""


def learn(
    model: ClipModel, material: Material, learned: Tensor, settings: OwnSettings, part: int
) -> Iterator[tuple[int, float, float]]:
    """Teach a model some clips; yield the steps taken, the loss and the accuracy of a batch.

    Args:
        model: Is changed.
        material: All clips, each in many variants.
        learned: Which of them are learned, (clip,).
        settings: How.
        part: Which of the trainings this is: each has its own order.

    Raises:
        FloatingPointError: If the loss is no longer a finite number.
    """
    training = settings.training()
    (stage,) = training.stages
    optimiser, schedule = make_optimiser(model, training, stage, settings.steps)
    chance = torch.Generator().manual_seed(settings.seed * 1000 + part)
    scale = scale_of(material, learned) if material.encoded else None
    for step in range(1, settings.steps + 1):
        chosen = draw(learned, stage.batch, chance)
        variant = torch.randint(len(material.read), (len(chosen),), generator=chance)
        read = material.read[variant, chosen]
        if scale is not None:
            read = (read - scale.mean) / scale.deviation
        batch = ClipBatch(read, material.lengths[chosen], material.labels[chosen])
        optimiser.zero_grad(set_to_none=True)
        logits = frame_logits(model, batch, material.encoded)
        last = at_end(logits, batch.lengths)
        loss = torch.nn.functional.cross_entropy(last, batch.targets)
        loss = loss + training.replicate * early_loss(logits, batch)
        loss.backward()
        norm, _ = clip_gradient(model, training)
        value = float(loss.detach())
        if not (math.isfinite(value) and math.isfinite(norm)):
            raise FloatingPointError("The loss overflowed. Choose a smaller learning rate.")
        optimiser.step()
        schedule.step()
        if step % EVERY == 0 or step == settings.steps:
            yield step, value, float((last.argmax(1) == batch.targets).float().mean())
    if scale is not None:
        fold_scale(model, scale)


def draw(learned: Tensor, count: int, chance: torch.Generator) -> Tensor:
    """Return which clips make a batch: all of them as often as can be, in a new order."""
    rounds = -(-count // len(learned))
    order = [learned[torch.randperm(len(learned), generator=chance)] for _ in range(rounds)]
    return torch.cat(order)[:count]


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
