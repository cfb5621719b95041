"""One training step of a network on a batch, and how right a network is on many pictures."""

import math
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from rnnviz.models.model import Model
from rnnviz.training.data import Pictures, as_floats, pool
from rnnviz.training.optimiser import clip_gradient
from rnnviz.training.settings import TrainingSettings


class Step(NamedTuple):
    """What one training step came upon."""

    loss: float
    """Cross-entropy of the batch before the step, in nats."""
    accuracy: float
    """Share of the batch that was right before the step."""
    norm: float
    """Total norm of the parameter gradient before the clip."""
    clipped_norm: float
    """The same after the clip."""


def one_step(
    model: Model,
    optimiser: torch.optim.Optimizer,
    settings: TrainingSettings,
    images: Tensor,
    labels: Tensor,
) -> Step:
    """Take one training step on a batch.

    Raises:
        FloatingPointError: If the loss or its gradient isn't finite; no step is taken then.
    """
    hidden = model.scan(images)["h"]
    logits = model.readout(model.summary(hidden))
    loss = torch.nn.functional.cross_entropy(
        logits, labels, label_smoothing=settings.label_smoothing
    )
    total = loss
    if settings.replicate:
        total = loss + settings.replicate * replicated_loss(model, settings, hidden, labels)
    norm, clipped_norm = take_step(model, optimiser, settings, total)
    right = float((logits.argmax(1) == labels).float().mean())
    return Step(float(loss.detach()), right, norm, clipped_norm)


def take_step(
    model: nn.Module, optimiser: torch.optim.Optimizer, settings: TrainingSettings, loss: Tensor
) -> tuple[float, float]:
    """Take one training step down a loss; return its gradient's total norm before and after a clip.

    Raises:
        FloatingPointError: If the loss or its gradient isn't finite; no step is taken then.
    """
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    norm, clipped_norm = clip_gradient(model, settings)
    value = float(loss.detach())
    if not (math.isfinite(value) and math.isfinite(norm)):
        raise FloatingPointError(
            f"The loss or its gradient overflowed (loss {value}, norm {norm}). " + advice(settings)
        )
    optimiser.step()
    return norm, clipped_norm


def advice(settings: TrainingSettings) -> str:
    """Return what to change of settings with which a training overflowed."""
    if not settings.clip:
        return (
            "It had no clip. Clip the gradient, such as by norm at 1, or lower the learning rate."
        )
    what = "norm" if settings.clip_by == "norm" else "value"
    return f"Lower the learning rate, or clip at a smaller {what} than {settings.clip:g}."


def replicated_loss(
    model: Model, settings: TrainingSettings, hidden: Tensor, labels: Tensor
) -> Tensor:
    """Return the readout's mean loss at some 16 earlier depths, weighted up towards the end."""
    depths = model.route.depths
    start = int(settings.replicate_from * depths)
    chosen = np.arange(depths - 1, start, -max((depths - start) // 16, 1))[1:]
    read = model.summaries(hidden, chosen.tolist())
    losses = torch.nn.functional.cross_entropy(
        model.readout(read).flatten(0, 1),
        labels.repeat_interleave(len(chosen)),
        reduction="none",
    )
    weight = torch.from_numpy((chosen + 1) / depths).to(losses)
    return (losses.view(-1, len(chosen)) * weight).mean()


@torch.no_grad()
def score(
    model: Model, pictures: Pictures, batch: int = 250, block: tuple[int, int] = (1, 1)
) -> tuple[float, float]:
    """Return the share of the pictures that the model answers right, and its cross-entropy."""
    right, loss = 0, 0.0
    for images, labels in zip(
        pictures.images.split(batch), pictures.labels.split(batch), strict=True
    ):
        logits = model(pool(as_floats(images), block))
        right += int((logits.argmax(1) == labels).sum())
        loss += float(torch.nn.functional.cross_entropy(logits, labels, reduction="sum"))
    count = max(len(pictures), 1)
    return right / count, loss / count


def accuracy(
    model: Model, pictures: Pictures, batch: int = 250, block: tuple[int, int] = (1, 1)
) -> float:
    """Return the share of the pictures that the model answers right."""
    return score(model, pictures, batch, block)[0]
