"""Twins: copies of one model that learn from the same batches, each with a clip of its own."""

import copy
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from rnnviz.core.batch_flow import row_norms
from rnnviz.core.twins import FlowCheck
from rnnviz.models.model import Model
from rnnviz.models.unroll import Unrolled, unroll

Clip = Callable[[Iterable[nn.Parameter]], object]
Optimise = Callable[[Iterable[nn.Parameter]], torch.optim.Optimizer]


def no_clip(parameters: Iterable[nn.Parameter]) -> None:
    """Leave the gradient as it is."""


def clip_by_norm(threshold: float) -> Clip:
    """Return a clip that scales the whole gradient down to a norm of ``threshold``."""
    return lambda parameters: nn.utils.clip_grad_norm_(parameters, threshold)


def clip_by_value(threshold: float) -> Clip:
    """Return a clip that cuts each entry of the gradient at plus and minus ``threshold``."""
    return lambda parameters: nn.utils.clip_grad_value_(parameters, threshold)


@dataclass(eq=False)
class Twin:
    """A copy of a model on its way, with its own optimiser and clip."""

    name: str
    """What tells it from the others."""
    model: Model
    """Its weights so far."""
    optimiser: torch.optim.Optimizer
    """What changes them."""
    clip: Clip
    """What happens to the gradient before that."""
    stopped: int | None = None
    """The training step at which its loss or gradient was no finite number."""
    cause: str = ""
    """Which of the two."""
    hardest: float = math.inf
    """The smallest factor of its clip at which the flow through time was measured."""


@dataclass(frozen=True)
class Step:
    """What one training step of one twin measured; the norms are NaN if it could not be taken."""

    loss: float
    """Cross-entropy of the batch before the step, in nats."""
    accuracy: float
    """Share of the batch that was right before the step."""
    before: float = math.nan
    """Total norm of the parameter gradient before the clip."""
    after: float = math.nan
    """Total norm of the parameter gradient after the clip."""
    cosine: float = math.nan
    """Cosine of the angle between the two."""
    clipped: bool = False
    """Whether the clip changed anything."""


def make_twins(model: Model, clips: dict[str, Clip], optimise: Optimise) -> list[Twin]:
    """Return a copy of the model for each clip, all with the same weights."""
    copies = {name: copy.deepcopy(model) for name in clips}
    return [
        Twin(name, copies[name], optimise(copies[name].parameters()), clip)
        for name, clip in clips.items()
    ]


def pull(twin: Twin, images: Tensor, labels: Tensor, number: int) -> Step:
    """Measure the gradient of a batch, clip it, and leave it in the twin's weights.

    If the loss or the gradient is no finite number the twin is marked as stopped at training step
    ``number``.
    """
    twin.optimiser.zero_grad(set_to_none=True)
    logits = twin.model(images)
    loss = nn.functional.cross_entropy(logits, labels)
    loss.backward()
    before = flat_gradient(twin.model)
    value, right = float(loss.detach()), float((logits.argmax(1) == labels).double().mean())
    if not (math.isfinite(value) and before.isfinite().all()):
        twin.stopped = number
        twin.cause = "gradient" if math.isfinite(value) else "loss"
        return Step(value, right)
    twin.clip(twin.model.parameters())
    after = flat_gradient(twin.model)
    return Step(
        loss=value,
        accuracy=right,
        before=float(before.norm()),
        after=float(after.norm()),
        cosine=cosine(before, after),
        clipped=not torch.equal(before, after),
    )


def flat_gradient(model: Model) -> Tensor:
    """Return the gradient of all weights one after another, float64, shape (weight,)."""
    weights = model.parameters()
    parts = [torch.zeros_like(w) if w.grad is None else w.grad for w in weights]
    return torch.cat([part.flatten() for part in parts]).double()


def flat_weights(model: Model) -> Tensor:
    """Return all weights one after another, float64, shape (weight,)."""
    return torch.cat([weight.detach().flatten() for weight in model.parameters()]).double()


def cosine(before: Tensor, after: Tensor) -> float:
    """Return the cosine of the angle between two gradients; 1 where one of them is zero."""
    size = float(before.norm() * after.norm())
    return float(before @ after) / size if size > 0 else 1.0


def flow_around_the_clip(twin: Twin, images: Tensor, labels: Tensor, number: int) -> FlowCheck:
    """Return dL/dh_t of a batch before and after its parameter gradient is clipped.

    Measured in float64 on a copy of the twin: a backward pass, the clip of what it left in the
    weights, and a second backward pass at the same weights through the same batch.
    """
    exact = copy.deepcopy(twin.model).double()
    exact.zero_grad(set_to_none=True)
    before = hidden_gradient(exact, images, labels, exact.parameters())
    size_before = float(flat_gradient(exact).norm())
    twin.clip(exact.parameters())
    size_after = float(flat_gradient(exact).norm())
    after = hidden_gradient(exact, images, labels, ())
    return FlowCheck(
        run=twin.name,
        step=number,
        parameters=(size_before, size_after),
        before=median_norms(before),
        after=median_norms(after),
        difference=float((before - after).abs().max()),
        entries=before.numel(),
    )


def hidden_gradient(
    model: Model, images: Tensor, labels: Tensor, weights: Iterable[nn.Parameter]
) -> Tensor:
    """Return dL/dh_t by torch's own backward pass, (batch, step, unit); L is each picture's loss.

    The gradient of the batch's mean loss with respect to ``weights`` is left in them, as a
    training step would have it.
    """
    unrolled: Unrolled = unroll(model, images)
    hidden = [level.states["h"] for level in unrolled.levels]
    loss = nn.functional.cross_entropy(unrolled.logits, labels)
    wanted = list(weights)
    found = torch.autograd.grad(loss, [*hidden, *wanted])
    for weight, gradient in zip(wanted, found[len(hidden) :], strict=True):
        weight.grad = gradient
    # The mean over the batch divides each picture's gradient by the number of pictures.
    return torch.cat(found[: len(hidden)], dim=1) * len(images)


def median_norms(gradient: Tensor) -> np.ndarray:
    """Return the median over the batch of |dL/dh_t|, shape (step,), of (batch, step, unit)."""
    return np.median(row_norms(gradient.numpy()), axis=0)
