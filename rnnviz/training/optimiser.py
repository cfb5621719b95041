"""What turns gradients into steps: the optimiser, the learning rate's way, the clip."""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, OneCycleLR

from rnnviz.training.settings import Stage, TrainingSettings

MOMENTUM = 0.9
OPTIMISERS: dict[str, Callable[..., Optimizer]] = {
    "adamw": torch.optim.AdamW,
    "adam": torch.optim.Adam,
    "rmsprop": torch.optim.RMSprop,
    "momentum": lambda groups, lr: torch.optim.SGD(groups, lr, momentum=MOMENTUM),
    "sgd": torch.optim.SGD,
}
SHARES: dict[str, Callable[[float], float]] = {
    "constant": lambda done: 1.0,
    "cosine": lambda done: 0.5 * (1.0 + math.cos(math.pi * done)),
    "step": lambda done: 1.0 if done < 0.5 else 0.1,
}
"""Which share of its peak the learning rate has, by the share of the stage's steps that is done."""


def make_optimiser(
    model: nn.Module, settings: TrainingSettings, stage: Stage, count: int
) -> tuple[Optimizer, LRScheduler]:
    """Return the optimiser and the schedule of one stage; only matrices decay.

    Args:
        model: What is trained.
        settings: Name the optimiser and the schedule.
        stage: Gives the peak of the learning rate and the number of epochs.
        count: Training steps an epoch.
    """
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    matrices = [weight for weight in trained if weight.dim() > 1]
    vectors = [weight for weight in trained if weight.dim() == 1]
    groups = [
        {"params": matrices, "weight_decay": settings.weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    optimiser = OPTIMISERS[settings.optimiser](groups, lr=stage.learning_rate)
    return optimiser, make_schedule(optimiser, settings, stage, count * stage.epochs)


def make_schedule(
    optimiser: Optimizer, settings: TrainingSettings, stage: Stage, steps: int
) -> LRScheduler:
    """Return what sets the learning rate after each of a stage's steps."""
    if settings.schedule == "one-cycle":
        # torch divides by the length of the rise, which is 0 where the first step is its top.
        top_is_first = settings.warm_up * steps == 1
        return OneCycleLR(
            optimiser,
            max_lr=stage.learning_rate,
            total_steps=steps,
            pct_start=settings.warm_up * (1 - 1e-9) if top_is_first else settings.warm_up,
            cycle_momentum=False,
        )
    share = SHARES[settings.schedule]
    return LambdaLR(optimiser, lambda step: share(step / steps))


def place_schedule(schedule: LRScheduler, steps: int) -> None:
    """Set a fresh schedule, and its optimiser's learning rate, to where it is after some steps.

    All of ours compute the learning rate from the number of the step alone.
    """
    if steps > 0:
        schedule.last_epoch = steps - 1
        # Else torch warns that the schedule went on before the optimiser did.
        schedule.optimizer._opt_called = True  # type: ignore[attr-defined]
        schedule.step()


def clip_gradient(model: nn.Module, settings: TrainingSettings) -> tuple[float, float]:
    """Clip the gradient that the parameters carry; return its total norm before and after."""
    weights = [weight for weight in model.parameters() if weight.grad is not None]
    by_norm = settings.clip_by == "norm"
    limit = settings.clip if settings.clip and by_norm else math.inf
    before = float(torch.nn.utils.clip_grad_norm_(weights, limit))
    if settings.clip and not by_norm:
        torch.nn.utils.clip_grad_value_(weights, settings.clip)
    changed = settings.clip and (not by_norm or before > settings.clip)
    return before, total_norm(weights) if changed else before


def total_norm(weights: list[torch.nn.Parameter]) -> float:
    """Return the Euclidean norm of all gradients together."""
    gradients: list[Tensor] = [weight.grad for weight in weights if weight.grad is not None]
    return float(torch.nn.utils.get_total_norm(gradients))


def optimiser_tensors(optimiser: Optimizer) -> dict[str, Tensor]:
    """Return what the optimiser remembers, as "number of the weight.name"."""
    found = {}
    for index, weight in enumerate(ordered_weights(optimiser)):
        for name, value in optimiser.state.get(weight, {}).items():
            if isinstance(value, Tensor):
                found[f"{index}.{name}"] = value
    return found


def restore_optimiser(optimiser: Optimizer, tensors: dict[str, Tensor]) -> None:
    """Let a fresh optimiser remember what ``optimiser_tensors`` returned."""
    weights = ordered_weights(optimiser)
    for key, value in tensors.items():
        index, _, name = key.partition(".")
        optimiser.state[weights[int(index)]][name] = value.clone()


def ordered_weights(optimiser: Optimizer) -> list[Tensor]:
    """Return the weights that an optimiser changes, group after group."""
    return [weight for group in optimiser.param_groups for weight in group["params"]]
