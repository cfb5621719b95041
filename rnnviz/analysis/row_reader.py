"""What a row reader does forward and back, and what PyTorch says when it can't."""

import copy

import numpy as np
import torch
from torch import Tensor, nn

from rnnviz.core.batch_flow import row_norms
from rnnviz.core.repairs import ReaderFlow
from rnnviz.models.row_reader import (
    CLASSES,
    SIDE,
    Faults,
    Reader,
    RowReader,
    as_pieces,
    fresh_reader,
)


def reader_flow(reader: Reader, pieces: Tensor, labels: Tensor) -> ReaderFlow:
    """Return the sizes of states and gradients of a batch, each picture's loss on its own.

    Args:
        reader: A row reader, trained or not; it isn't changed.
        pieces: What each step reads, (picture, step, feature).
        labels: Class of each picture, (picture,).

    Computed in float64, by autograd along the loop. A state from which no path leads to the
    answer has a gradient of exactly 0.
    """
    exact = copy.deepcopy(reader).double()
    read = pieces.double().requires_grad_(True)
    states = exact.states(read)
    losses = nn.functional.nll_loss(exact.answer_from(states), labels, reduction="none")
    weights = dict(exact.named_parameters())
    wanted = [read, *states[1:], *weights.values()]
    inputs, *found = torch.autograd.grad(
        losses.sum(), wanted, allow_unused=True, materialize_grads=True
    )
    steps = len(states) - 1
    of_states, of_weights = found[:steps], found[steps:]
    return ReaderFlow(
        sizes=stacked_norms(states[1:], len(pieces)),
        states=stacked_norms(of_states, len(pieces)),
        inputs=row_norms(inputs.numpy()),
        weights={
            name: float(gradient.norm()) / len(pieces)
            for name, gradient in zip(weights, of_weights, strict=True)
        },
        bend=bend(exact, pieces.double()),
    )


def stacked_norms(values: list[Tensor], pictures: int) -> np.ndarray:
    """Return the norms of one (picture, unit) a step, as (picture, step)."""
    if not values:
        return np.zeros((pictures, 0))
    return row_norms(torch.stack(values, 1).detach().numpy())


@torch.no_grad()
def bend(reader: Reader, pieces: Tensor) -> float:
    """Return how far a reader's sums are from those of a linear function, as a share.

    For a linear (strictly: affine) function, what it makes of two pictures laid over each other is
    f(a) + f(b) - f(0). This is the largest difference from that, over all pictures and their
    neighbours in the batch, divided by the largest sum. Here f is the sums before the softmax,
    in float64.
    """
    one, other = pieces, pieces.roll(1, 0)
    together, nothing = one + other, torch.zeros_like(one)
    values = [reader.sums_from(reader.states(part)) for part in (together, one, other, nothing)]
    gap = values[0] - values[1] - values[2] + values[3]
    largest = float(torch.stack(values).abs().max())
    return float(gap.abs().max()) / largest if largest else 0.0


def refusal(given: int, faults: Faults, units: int = 128) -> str:
    """Return what PyTorch says when a fresh reader is given ``given`` values a step, "" if nothing.

    The reader is run for real; the words are those of the installed version.
    """
    reader = RowReader(faults.rows * SIDE, units, faults, CLASSES)
    try:
        reader(torch.zeros(1, SIDE * SIDE // given, given))
    except RuntimeError as error:
        return str(error)
    return ""


def gained_reader(faults: Faults, gain: float, units: int = 64, seed: int = 0) -> RowReader:
    """Return an untrained reader whose recurrent weights are ``gain`` times orthogonal.

    Every singular value of such weights is ``gain``, so a linear reader multiplies a gradient by
    exactly that at every step.
    """
    generator = torch.Generator().manual_seed(seed)
    reader = fresh_reader(lambda: RowReader(faults.rows * SIDE, units, faults), generator).double()
    nn.init.orthogonal_(reader.from_state.weight, gain=gain, generator=generator)
    return reader


def gain_flow(faults: Faults, gain: float, images: np.ndarray, labels: np.ndarray) -> ReaderFlow:
    """Return the flow of an untrained reader with a recurrent gain over a batch of pictures."""
    pieces = as_pieces(torch.as_tensor(images), faults.rows)
    return reader_flow(gained_reader(faults, gain), pieces, torch.as_tensor(labels))
