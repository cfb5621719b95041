"""The gradient of one loss with respect to every state of a scan."""

import copy
import operator

import numpy as np
import torch

from rnnviz.analysis.trace import Image, as_batch
from rnnviz.core.gradient_flow import GradientFlow
from rnnviz.models.model import Model
from rnnviz.models.unroll import in_route_order, unroll


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
        ValueError: If the picture or the target doesn't fit the model.
    """
    target = checked_class(target, model.config.classes)
    exact = copy.deepcopy(model).double().requires_grad_(False)
    pixels = as_batch(image, exact).requires_grad_(True)
    with torch.enable_grad():
        unrolled = unroll(exact, pixels)
        loss = torch.nn.functional.cross_entropy(unrolled.logits, torch.tensor([target]))
    names = exact.cells[0].STATES
    wanted = [level.states[name] for name in names for level in unrolled.levels]
    found = torch.autograd.grad(loss, [pixels, *wanted], allow_unused=True)
    # A cell state that nothing reads (the last c of an output gate at 0) has no path to the loss.
    filled = [
        torch.zeros_like(state) if gradient is None else gradient
        for gradient, state in zip(found[1:], wanted, strict=True)
    ]
    count = len(unrolled.levels)
    states: dict[str, np.ndarray] = {}
    for index, name in enumerate(names):
        values = filled[index * count : (index + 1) * count]
        states[name] = in_route_order(unrolled.levels, values)[0].numpy()
    return GradientFlow(exact.route, target, float(loss.detach()), states, found[0][0].numpy())


def checked_class(target: int, classes: int) -> int:
    """Return the index of a class, of whatever integer type; ValueError if there is none such."""
    try:
        index = operator.index(target)
    except TypeError:
        index = -1
    if not 0 <= index < classes:
        raise ValueError(f"The target is a class from 0 to {classes - 1}, got {target!r}.")
    return index
