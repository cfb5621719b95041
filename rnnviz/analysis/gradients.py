"""The gradient of one loss with respect to every state of a scan."""

import copy
import operator
from typing import SupportsIndex

import numpy as np
import torch

from rnnviz.analysis.adjoint import adjoint, check_finite, readout_gradient
from rnnviz.analysis.trace import Image, as_batch
from rnnviz.core.gradient_flow import GradientFlow
from rnnviz.models.model import Model
from rnnviz.models.record import record


def gradient_flow(model: Model, image: Image, target: int) -> GradientFlow:
    """Return dL/dstate at every step and dL/dx, L the cross-entropy against ``target``.

    Computed in float64 whatever the model's own type: in float32 the gradient of a long plain RNN
    underflows to 0. Each entry is the total derivative: for an LSTM, dL/dc_t includes the way
    through h_t.

    Args:
        model: A model, trained or not; it isn't changed.
        image: (28, 28), or the model's (frame, height, width), values in [0, 1].
        target: Class of the loss, 0 to classes - 1.

    Raises:
        ValueError: If the picture or the target doesn't fit the model, or the states or the
            gradient overflow.
    """
    target = checked_class(target, model.config.classes)
    exact = copy.deepcopy(model).double().requires_grad_(False)
    recording = record(exact, as_batch(image, exact))
    losses, arriving = readout_gradient(exact, recording, torch.tensor([target]))
    found = adjoint(exact, recording, arriving)
    check_finite([*found.states.values(), found.inputs], exact.dtype)
    pixels = np.zeros(int(np.prod(exact.route.shape)))
    # Several steps may read the same place, as the corners of a grid do.
    np.add.at(pixels, exact.route.gather, found.inputs[0].numpy())
    return GradientFlow(
        route=exact.route,
        target=target,
        loss=float(losses[0]),
        states={name: state[0].numpy() for name, state in found.states.items()},
        inputs=pixels.reshape(exact.route.shape),
    )


def checked_class(target: SupportsIndex, classes: int) -> int:
    """Return the index of a class, of whatever integer type; ValueError if there is none such."""
    try:
        index = operator.index(target)
    except TypeError:
        index = -1
    if not 0 <= index < classes:
        raise ValueError(f"The target is a class from 0 to {classes - 1}, got {target!r}.")
    return index
