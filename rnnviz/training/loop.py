"""The training loop: a run that can be stopped after any step, kept, and gone on with."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rnnviz.data.augment import augment
from rnnviz.models.model import Model
from rnnviz.training.data import Pictures, as_floats, pool
from rnnviz.training.optimiser import (
    make_optimiser,
    optimiser_tensors,
    place_schedule,
    restore_optimiser,
)
from rnnviz.training.settings import TrainingSettings
from rnnviz.training.step import one_step, score


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
        clipped_norm: The same after the clip.
        learning_rate: The learning rate of this step.
        seconds: Spent on the run so far.
        validation: Accuracy on the validation pictures, at the end of an epoch only.
        validation_loss: Their cross-entropy, in nats, at the end of an epoch only.
        model: The full-size model at the end of an epoch, weights as of now; else None.
    """

    step: int
    steps: int
    epoch: int
    epochs: int
    loss: float
    accuracy: float
    norm: float
    clipped_norm: float
    learning_rate: float
    seconds: float
    validation: float | None = None
    validation_loss: float | None = None
    model: Model | None = None


class Place(NamedTuple):
    """Where the next training step stands in a run."""

    stage: int
    """Which stage, from 0."""
    epoch: int
    """Which epoch of this stage, from 0."""
    batch: int
    """Which batch of this epoch, from 0."""
    epochs_before: int
    """Epochs of the whole run that are finished."""


class Training:
    """A run under way: everything that its next step depends on.

    The same settings, pictures, thread count and library versions give the same weights, whether
    the run is interrupted (``state``) and gone on with (``restore``) or not.
    """

    def __init__(
        self, model: Model, settings: TrainingSettings, training: Pictures, validation: Pictures
    ) -> None:
        """Stand before the first step.

        A copy takes the steps (see ``shrunk``); at the end of every epoch ``model`` gets its
        weights. Between stages of different sizes the cells are refined (see ``Cell.refine``).

        Raises:
            ValueError: If there are too few pictures for one batch.
        """
        self.model, self.settings = model, settings
        self.training, self.validation = training, validation
        self.counts = batches_an_epoch(settings, len(training))
        self.steps = total_steps(settings, len(training))
        self.epochs = sum(stage.epochs for stage in settings.stages)
        self.step = 0
        self._seconds, self._since = 0.0, time.monotonic()
        self.generator = torch.Generator().manual_seed(settings.seed)
        self._before_epoch = self.generator.get_state()
        self._order: Tensor | None = None
        self.reader = self._read_as_in(0)
        self._open_stage(0)

    @property
    def over(self) -> bool:
        """Whether all steps are done."""
        return self.step >= self.steps

    @property
    def seconds(self) -> float:
        """How long the run has taken so far, without the time that it was interrupted."""
        return self._seconds + time.monotonic() - self._since

    @property
    def place(self) -> Place:
        """Where the next step stands; after the last step, where the last one stood."""
        left, epochs = min(self.step, self.steps - 1), 0
        for index, (stage, count) in enumerate(zip(self.settings.stages, self.counts, strict=True)):
            if left < count * stage.epochs:
                return Place(index, left // count, left % count, epochs + left // count)
            left -= count * stage.epochs
            epochs += stage.epochs
        raise AssertionError("a run has as many steps as its stages")

    @property
    def block(self) -> tuple[int, int]:
        """(height, width) of the blocks whose mean makes one pixel of what ``reader`` reads."""
        return self.settings.stages[self._stage].block

    def advance(self) -> Report:
        """Take one training step and return how the run stands after it.

        Raises:
            FloatingPointError: If the loss is no longer a finite number; ``model`` then holds the
                weights of the last whole epoch.
        """
        place = self.place
        if place.batch == 0:
            if place.stage and place.epoch == 0:
                self._open_stage(place.stage)
            self._before_epoch = self.generator.get_state()
            self._order = None
        images, labels = self._next_batch(place)
        learning_rate = self.optimiser.param_groups[0]["lr"]
        taken = one_step(self.reader, self.optimiser, self.settings, images, labels)
        self.schedule.step()
        self.step += 1
        last = place.batch + 1 == self.counts[place.stage]
        report = Report(
            step=self.step,
            steps=self.steps,
            epoch=place.epochs_before + last,
            epochs=self.epochs,
            loss=taken.loss,
            accuracy=taken.accuracy,
            norm=taken.norm,
            clipped_norm=taken.clipped_norm,
            learning_rate=learning_rate,
            seconds=self.seconds,
        )
        if not last:
            return report
        self.model.load_state_dict(self.reader.state_dict())
        right, loss = score(self.reader, self.validation, block=self.block)
        return replace(
            report,
            validation=right,
            validation_loss=loss,
            seconds=self.seconds,
            model=self.model,
        )

    def state(self) -> dict[str, Tensor]:
        """Return, as tensors, all that ``restore`` needs to go on from here."""
        tensors = {f"model.{name}": value for name, value in self.model.state_dict().items()}
        tensors |= {f"reader.{name}": value for name, value in self.reader.state_dict().items()}
        remembered = optimiser_tensors(self.optimiser)
        tensors |= {f"optimiser.{name}": value for name, value in remembered.items()}
        tensors["generator"] = self.generator.get_state()
        tensors["before_epoch"] = self._before_epoch
        tensors["step"] = torch.tensor(self.step)
        tensors["seconds"] = torch.tensor(self.seconds, dtype=torch.float64)
        return {name: value.detach().clone() for name, value in tensors.items()}

    def restore(self, state: dict[str, Tensor]) -> None:
        """Go on from a state of a run with the same settings and pictures.

        Raises:
            ValueError: If the state belongs to another run.
        """
        try:
            self.step = int(state["step"])
            # Where the step is the first of a stage, that stage is opened when it is taken.
            at = self._stage_of_last_step()
            self.model.load_state_dict(part(state, "model."))
            self.reader = self._read_as_in(at)
            self.reader.load_state_dict(part(state, "reader."))
            self._prepare(at)
            restore_optimiser(self.optimiser, part(state, "optimiser."))
            place_schedule(self.schedule, self.step - self._steps_before(at))
            self.generator.set_state(state["generator"])
            self._before_epoch, self._order = state["before_epoch"], None
        except (KeyError, RuntimeError, IndexError) as error:
            raise ValueError(
                f"The kept state doesn't belong to this run ({error}). Begin the run anew."
            ) from error
        self._seconds, self._since = float(state["seconds"]), time.monotonic()

    def _stage_of_last_step(self) -> int:
        """Return the stage of the step that was taken last, 0 before the first."""
        ends = np.cumsum(
            [n * stage.epochs for n, stage in zip(self.counts, self.settings.stages, strict=True)]
        )
        return int(np.searchsorted(ends, max(self.step, 1)))

    def _steps_before(self, stage: int) -> int:
        """Return how many steps the stages before one take."""
        pairs = zip(self.counts[:stage], self.settings.stages[:stage], strict=True)
        return sum(count * one.epochs for count, one in pairs)

    def _read_as_in(self, stage: int) -> Model:
        """Return a copy of the model that reads pictures as a stage shows them."""
        return shrunk(self.model, self.settings.stages[stage].block)

    def _open_stage(self, stage: int) -> None:
        """Go on with the same weights on the pictures of a stage."""
        earlier = self.reader.route.steps
        self.reader = self._read_as_in(stage)
        if stage:
            for cell in self.reader.cells:
                cell.refine(self.reader.route.steps / earlier)
        self._prepare(stage)

    def _prepare(self, stage: int) -> None:
        """Make the optimiser and the schedule of a stage."""
        self._stage = stage
        self.optimiser, self.schedule = make_optimiser(
            self.reader, self.settings, self.settings.stages[stage], self.counts[stage]
        )

    def _next_batch(self, place: Place) -> tuple[Tensor, Tensor]:
        """Return the pictures of the next step, changed and shrunk as asked, and their labels."""
        if self._order is None:
            self._order = self._draw_order(resumed=place.batch > 0)
        stage = self.settings.stages[place.stage]
        chosen = self._order[place.batch * stage.batch : (place.batch + 1) * stage.batch]
        images = as_floats(self.training.images[chosen])
        if self.settings.augmentation is not None:
            images = augment(images, self.settings.augmentation, self.generator)
        return pool(images, stage.block), self.training.labels[chosen]

    def _draw_order(self, resumed: bool) -> Tensor:
        """Return the order of the pictures in this epoch.

        In the middle of an epoch it is drawn as at its beginning, and chance goes on from now.
        """
        if not resumed:
            return torch.randperm(len(self.training), generator=self.generator)
        again = torch.Generator()
        again.set_state(self._before_epoch)
        return torch.randperm(len(self.training), generator=again)


def train(
    model: Model, settings: TrainingSettings, training: Pictures, validation: Pictures
) -> Iterator[Report]:
    """Train ``model`` from beginning to end, yielding a report after every training step.

    Raises:
        ValueError: If there are too few pictures for one batch.
        FloatingPointError: If the loss is no longer a finite number; the model then holds the
            weights of the last whole epoch.
    """
    run = Training(model, settings, training, validation)
    while not run.over:
        yield run.advance()


def batches_an_epoch(settings: TrainingSettings, pictures: int) -> list[int]:
    """Return how many batches an epoch of each stage has.

    Raises:
        ValueError: If there are too few pictures for one batch.
    """
    counts = [pictures // stage.batch for stage in settings.stages]
    if 0 in counts:
        raise ValueError(
            f"A batch of {max(stage.batch for stage in settings.stages)} pictures can't be filled "
            f"from {pictures}. Train on a larger data set, or with a smaller batch."
        )
    return counts


def total_steps(settings: TrainingSettings, pictures: int) -> int:
    """Return the training steps of a whole run; errors as ``batches_an_epoch``."""
    counts = batches_an_epoch(settings, pictures)
    return sum(n * stage.epochs for n, stage in zip(counts, settings.stages, strict=True))


def part(state: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Return the tensors whose names begin so, without that beginning."""
    return {
        name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)
    }


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
