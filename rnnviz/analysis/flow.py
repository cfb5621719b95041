"""How large the gradient is at every step, over a batch of pictures."""

import copy
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from rnnviz.analysis.adjoint import adjoint, check_finite, readout_gradient
from rnnviz.analysis.gradients import checked_class
from rnnviz.core.batch_flow import BatchFlow, row_norms
from rnnviz.models.model import Model
from rnnviz.models.record import record

Images = np.ndarray | Tensor | Sequence[np.ndarray]
Targets = np.ndarray | Tensor | Sequence[int]


def batch_flow(
    model: Model, images: Images, targets: Targets, dtype: torch.dtype = torch.float64
) -> BatchFlow:
    """Return |dL/dstate| at every step for each picture, L its cross-entropy against its target.

    Args:
        model: A model, trained or not; it isn't changed.
        images: (picture, 28, 28), or (picture, frame, height, width), values in [0, 1].
        targets: Class of each picture's loss, 0 to classes - 1, shape (picture,).
        dtype: In what everything is computed, forward and back. ``torch.float32`` shows what
            float32 makes of a long scan: below 1e-45 nothing is left.

    Raises:
        ValueError: If pictures or targets don't fit, or the states or the gradient overflow.
    """
    exact = copy.deepcopy(model).to(dtype).requires_grad_(False)
    pictures = as_pictures(images, exact)
    wanted = checked_classes(targets, len(pictures), model.config.classes)
    recording = record(exact, pictures)
    losses, arriving = readout_gradient(exact, recording, torch.from_numpy(wanted))
    found = adjoint(exact, recording, arriving)
    norms = {name: row_norms(state.numpy()) for name, state in found.states.items()}
    check_finite((torch.from_numpy(values) for values in norms.values()), dtype)
    return BatchFlow(exact.route, wanted, losses.double().numpy(), norms)


def as_pictures(images: Images, model: Model) -> Tensor:
    """Return a batch of the model's type, (picture, frame, height, width).

    Raises:
        ValueError: If they aren't one or more pictures of the model's shape with finite values.
    """
    shape = model.config.shape
    values = images.detach() if isinstance(images, Tensor) else np.asarray(images)
    batch = torch.as_tensor(values, dtype=model.dtype)
    fits = batch.shape[1:] in (shape, shape[1:] if shape[0] == 1 else shape)
    if not fits or len(batch) == 0:
        raise ValueError(
            f"Expected a batch of pictures of shape {shape[1:]} with values in [0, 1], "
            f"got {tuple(batch.shape)}. For one picture, give images[None]."
        )
    if not batch.isfinite().all():
        raise ValueError("A picture holds values that aren't finite numbers. Check its source.")
    return batch.reshape(-1, *shape)


def checked_classes(targets: Targets, count: int, classes: int) -> np.ndarray:
    """Return the target of each picture, int64; ValueError unless there is one class for each."""
    wanted = [checked_class(target, classes) for target in targets]
    if len(wanted) != count:
        raise ValueError(f"Each of {count} pictures needs a target, got {len(wanted)}.")
    return np.array(wanted, dtype=np.int64)
