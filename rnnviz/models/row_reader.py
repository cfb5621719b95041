"""The exhibit of the bug laboratory: a small row reader, with one switch for each of its faults."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, nn

SIDE = 28
CLASSES = 10


@dataclass(frozen=True)
class Faults:
    """Which faults a row reader has."""

    whole: bool = False
    """It is built for all 784 pixels a step, though a row has 28."""
    straight: bool = False
    """Nothing bends the sum that becomes the new state."""
    late: bool = False
    """The answer is read from the state before the step, not from the one after it."""

    @property
    def rows(self) -> int:
        """How many rows of the picture one step of such a reader takes."""
        return SIDE if self.whole else 1


class Reader(nn.Module, ABC):
    """A network whose last answer counts.

    ``reader(pieces)`` maps what each step reads, (batch, step, feature), to log-probabilities
    (batch, class).
    """

    faults: Faults
    answer: nn.Linear

    @abstractmethod
    def states(self, pieces: Tensor) -> list[Tensor]:
        """Return the state before the first step and the one after every step, each (batch, unit).

        Raises:
            RuntimeError: PyTorch's own, if a step doesn't have as many values as the reader takes.
        """

    def sums_from(self, states: list[Tensor]) -> Tensor:
        """Return what the softmax is taken of after the last step, (batch, class)."""
        return self.answer(states[-2] if self.faults.late else states[-1])

    def answer_from(self, states: list[Tensor]) -> Tensor:
        """Return the log-probabilities after the last step, (batch, class)."""
        return torch.log_softmax(self.sums_from(states), dim=-1)

    def forward(self, pieces: Tensor) -> Tensor:
        """Return the log-probabilities after the last step, (batch, class)."""
        return self.answer_from(self.states(pieces))


R = TypeVar("R", bound=Reader)


class RowReader(Reader):
    """A plain recurrent network. All weights start as PyTorch's linear layers do.

    Weights:
        from_input: (unit, feature) with a bias
        from_state: (unit, unit)
        answer: (class, unit) with a bias
    """

    def __init__(self, features: int, units: int, faults: Faults, classes: int = CLASSES) -> None:
        """Make a reader of ``features`` values a step.

        Args:
            features: Values that a step reads.
            units: Hidden units.
            faults: What is wrong with it.
            classes: Number of classes.
        """
        super().__init__()
        self.faults = faults
        self.from_input = nn.Linear(features, units)
        self.from_state = nn.Linear(units, units, bias=False)
        self.answer = nn.Linear(units, classes)

    def start(self, batch: int) -> Tensor:
        """Return the state before the first step: zeros, (batch, unit)."""
        return self.answer.weight.new_zeros(batch, self.from_state.out_features)

    def step(self, piece: Tensor, before: Tensor) -> Tensor:
        """Return the state after a step, (batch, unit), from (batch, feature) and (batch, unit)."""
        summed = self.from_input(piece) + self.from_state(before)
        return summed if self.faults.straight else torch.tanh(summed)

    def states(self, pieces: Tensor) -> list[Tensor]:
        """Return h_0 and the state after every step; see ``Reader``."""
        states = [self.start(len(pieces))]
        for piece in pieces.unbind(1):
            states.append(self.step(piece, states[-1]))
        return states


class LinearReader(Reader):
    """No recurrence at all: one linear layer from the pixels to the answer, to compare with."""

    def __init__(self, features: int, classes: int = CLASSES) -> None:
        """Make a layer for ``features`` values, read at once."""
        super().__init__()
        self.faults = Faults(whole=True, straight=True)
        self.answer = nn.Linear(features, classes)

    def states(self, pieces: Tensor) -> list[Tensor]:
        """Return the picture itself, in place of a state, (batch, feature); there are no steps."""
        return [pieces.flatten(1)]


def fresh_reader(make: Callable[[], R], generator: torch.Generator) -> R:
    """Return a reader at its start, its weights drawn from ``generator`` alone.

    Each layer starts as PyTorch's linear layers do, and with the same numbers as after
    ``torch.manual_seed``. The global generator is neither read nor moved, so that two threads at
    once get the same weights as one.
    """
    with torch.device("meta"):
        reader = make()
    reader = reader.to_empty(device="cpu")
    for layer in reader.modules():
        if isinstance(layer, nn.Linear):
            start_linear(layer, generator)
    return reader


@torch.no_grad()
def start_linear(layer: nn.Linear, generator: torch.Generator) -> None:
    """Fill a linear layer as PyTorch does: all uniform within 1 / sqrt(feature)."""
    nn.init.kaiming_uniform_(layer.weight, a=math.sqrt(5), generator=generator)
    if layer.bias is not None:
        bound = 1 / math.sqrt(layer.in_features)
        nn.init.uniform_(layer.bias, -bound, bound, generator=generator)


def as_pieces(images: Tensor, rows: int) -> Tensor:
    """Return pictures (batch, height, width) as steps of some rows each, (batch, step, feature).

    Raises:
        ValueError: If the height can't be divided so.
    """
    batch, height, width = images.shape
    if rows < 1 or height % rows:
        raise ValueError(
            f"A picture of {height} rows can't be read {rows} at a time. Choose one of: "
            f"{', '.join(str(count) for count in range(1, height + 1) if height % count == 0)}."
        )
    return images.reshape(batch, height // rows, rows * width)
