"""The pictures of a run: one tensor of all of them, no work a picture."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnnviz.data.errors import InputError
from rnnviz.data.sets import load_dataset
from rnnviz.training.settings import TrainingSettings


@dataclass(frozen=True)
class Pictures:
    """Labelled pictures as tensors.

    Attributes:
        images: (picture, 28, 28), uint8.
        labels: (picture,), int64.
    """

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.labels)


def load_pictures(settings: TrainingSettings, folder: Path) -> tuple[Pictures, Pictures]:
    """Return the training and the validation pictures of a run.

    The last ``settings.validation`` training pictures of the first data set are kept apart;
    the test splits stay untouched.
    """
    images: list[np.ndarray] = []
    labels: list[np.ndarray] = []
    kept: Pictures | None = None
    for name in settings.datasets:
        for options in drawing_options(name, settings):
            data = load_dataset(name, "train", folder, **options)
            end = len(data)
            if kept is None:
                end -= min(settings.validation, len(data) // 5)
                kept = as_pictures(data.images[end:], data.labels[end:])
            end = min(end, settings.pictures or end)
            images.append(data.images[:end])
            labels.append(data.labels[:end])
    assert kept is not None
    return as_pictures(np.concatenate(images), np.concatenate(labels)), kept


def drawing_options(name: str, settings: TrainingSettings) -> list[dict[str, Any]]:
    """Return the options with which a data set is loaded, once for each."""
    if name != "pendigits" or settings.pen_widths is None:
        return [{}]
    return [
        {"stroke_width": settings.pen_widths, "seed": settings.seed + variant}
        for variant in range(settings.pen_variants)
    ]


def as_pictures(images: np.ndarray, labels: np.ndarray) -> Pictures:
    """Return arrays as tensors of their own."""
    return Pictures(torch.tensor(images), torch.tensor(labels))


def as_floats(images: Tensor) -> Tensor:
    """Return uint8 pictures as floats in [0, 1]."""
    return images.float() / 255


def endless_batches(pictures: Pictures, batch: int, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Return whole batches without end: floats in [0, 1], (picture, height, width), and labels.

    Every picture comes once before any comes again, then all in a new order; what doesn't fill a
    batch is left out that time. The order depends on the seed and the number of pictures alone.

    Raises:
        InputError: At once, if there aren't pictures enough for one batch.
    """
    if len(pictures) < batch:
        raise InputError(
            f"A batch of {batch} pictures can't be filled from {len(pictures)}. Choose a smaller "
            f"batch, or a larger data set."
        )
    return shuffled_batches(pictures, batch, torch.Generator().manual_seed(seed))


def shuffled_batches(
    pictures: Pictures, batch: int, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield whole batches without end, in an order drawn anew each time round."""
    whole = len(pictures) // batch * batch
    while True:
        order = torch.randperm(len(pictures), generator=generator)
        for chosen in order[:whole].split(batch):
            yield as_floats(pictures.images[chosen]), pictures.labels[chosen]


def pool(images: Tensor, block: tuple[int, int]) -> Tensor:
    """Return pictures (batch, height, width) with each block (height, width) averaged."""
    return torch.nn.functional.avg_pool2d(images, block) if block != (1, 1) else images
