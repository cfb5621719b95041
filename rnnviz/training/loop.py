"""The training loop as a generator of reports: who iterates decides how to show or stop it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from rnnviz.core.route import Route
from rnnviz.data.augment import augment
from rnnviz.models.model import Model
from rnnviz.training.data import Pictures, as_floats, pool
from rnnviz.training.settings import Stage, TrainingSettings


@dataclass(frozen=True)
class Report:
    """The state of a run after one training step.

    Attributes:
        step: Training steps done.
        steps: Training steps of the whole run.
        epoch: Epochs finished.
        epochs: Epochs of the whole run.
        loss: Cross-entropy of this step's batch, in nats.
        accuracy: Share of this step's batch that was right before the step.
        norm: Total norm of the parameter gradient before the clip.
        learning_rate: The learning rate of this step.
        seconds: Since the run started.
        validation: Accuracy on the validation pictures, at the end of an epoch only.
        model: The full-size model at the end of an epoch, weights as of now; else None.
    """

    step: int
    steps: int
    epoch: int
    epochs: int
    loss: float
    accuracy: float
    norm: float
    learning_rate: float
    seconds: float
    validation: float | None = None
    model: Model | None = None


def train(
    model: Model, settings: TrainingSettings, training: Pictures, validation: Pictures
) -> Iterator[Report]:
    """Train ``model``, yielding a report after every training step.

    A copy takes the steps (see ``shrunk``); at the end of every epoch ``model`` gets its weights.
    Between stages of different sizes the cells are refined (see ``Cell.refine``).
    The same settings, pictures, thread count and library versions give the same weights.

    Raises:
        ValueError: If there are too few pictures for one batch.
        FloatingPointError: If the loss is no longer a finite number; the model then holds the
            weights of the last whole epoch.
    """
    counts = [len(training) // stage.batch for stage in settings.stages]
    if 0 in counts:
        raise ValueError(
            f"A batch of {max(stage.batch for stage in settings.stages)} pictures can't be filled "
            f"from {len(training)}. Train on a larger data set, or with a smaller batch."
        )
    total = sum(n * stage.epochs for n, stage in zip(counts, settings.stages, strict=True))
    epochs = sum(stage.epochs for stage in settings.stages)
    generator = torch.Generator().manual_seed(settings.seed)
    started = time.monotonic()
    step = epoch = 0
    earlier: Route | None = None
    for stage, count in zip(settings.stages, counts, strict=True):
        reader = shrunk(model, stage.block)
        if earlier is not None:
            for cell in reader.cells:
                cell.refine(reader.route.steps / earlier.steps)
        earlier = reader.route
        optimiser, schedule = make_optimiser(reader, settings, stage, count)
        for _ in range(stage.epochs):
            epoch += 1
            order = torch.randperm(len(training), generator=generator)
            for index, chosen in enumerate(order[: count * stage.batch].split(stage.batch)):
                images = as_floats(training.images[chosen])
                if settings.augmentation is not None:
                    images = augment(images, settings.augmentation, generator)
                images = pool(images, stage.block)
                learning_rate = optimiser.param_groups[0]["lr"]
                loss, right, norm = one_step(
                    reader, optimiser, settings, images, training.labels[chosen]
                )
                schedule.step()
                step += 1
                report = Report(
                    step=step,
                    steps=total,
                    epoch=epoch - (index + 1 < count),
                    epochs=epochs,
                    loss=loss,
                    accuracy=right,
                    norm=norm,
                    learning_rate=learning_rate,
                    seconds=time.monotonic() - started,
                )
                if index + 1 == count:
                    model.load_state_dict(reader.state_dict())
                    score = accuracy(reader, validation, block=stage.block)
                    report = replace(report, validation=score, model=model)
                yield report


def shrunk(model: Model, block: tuple[int, int]) -> Model:
    """Return a copy of the model that reads pictures of which each block is one pixel.

    Raises:
        ValueError: If the route's steps depend on the side (rows, columns).
    """
    frames, height, width = model.config.shape
    config = replace(model.config, shape=(frames, height // block[0], width // block[1]))
    reader = Model(config)
    if reader.route.features != model.route.features:
        raise ValueError(
            f"Route '{config.route}' reads another number of values a step when the picture "
            f"shrinks, so its weights can't be carried on. Use shrink = 1."
        )
    reader.load_state_dict(model.state_dict())
    return reader


def make_optimiser(
    model: Model, settings: TrainingSettings, stage: Stage, count: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    """Return AdamW and a one-cycle schedule for one stage; only matrices decay."""
    matrices = [weight for weight in model.parameters() if weight.dim() > 1]
    vectors = [weight for weight in model.parameters() if weight.dim() == 1]
    groups = [
        {"params": matrices, "weight_decay": settings.weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, lr=stage.learning_rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser,
        max_lr=stage.learning_rate,
        total_steps=count * stage.epochs,
        pct_start=settings.warm_up,
        cycle_momentum=False,
    )
    return optimiser, schedule


def one_step(
    model: Model,
    optimiser: torch.optim.Optimizer,
    settings: TrainingSettings,
    images: Tensor,
    labels: Tensor,
) -> tuple[float, float, float]:
    """Take one training step; return its loss, accuracy and gradient norm before the clip."""
    optimiser.zero_grad(set_to_none=True)
    hidden = model.scan(images)["h"]
    logits = model.readout(model.summary(hidden))
    loss = torch.nn.functional.cross_entropy(
        logits, labels, label_smoothing=settings.label_smoothing
    )
    total = loss
    if settings.replicate:
        total = loss + settings.replicate * replicated_loss(model, settings, hidden, labels)
    total.backward()
    limit = settings.clip or float("inf")
    norm = float(torch.nn.utils.clip_grad_norm_(model.parameters(), limit))
    value = float(loss.detach())
    if not (torch.isfinite(total) and norm < float("inf")):
        raise FloatingPointError(
            f"The loss or its gradient overflowed (loss {value}, norm {norm}). "
            f"Lower the learning rate, or clip at a smaller norm than {settings.clip}."
        )
    optimiser.step()
    return value, float((logits.argmax(1) == labels).float().mean()), norm


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
def accuracy(
    model: Model, pictures: Pictures, batch: int = 250, block: tuple[int, int] = (1, 1)
) -> float:
    """Return the share of the pictures that the model answers right."""
    right = 0
    for images, labels in zip(
        pictures.images.split(batch), pictures.labels.split(batch), strict=True
    ):
        right += int((model(pool(as_floats(images), block)).argmax(1) == labels).sum())
    return right / max(len(pictures), 1)
