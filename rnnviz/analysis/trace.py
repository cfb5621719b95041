"""Trace a model: what it did with one picture, as plain data."""

import numpy as np
import torch
from torch import Tensor

from rnnviz.core.trace import Trace
from rnnviz.models.model import Model
from rnnviz.models.record import record

Image = np.ndarray | Tensor


def as_batch(image: Image, model: Model) -> Tensor:
    """Return one picture as a batch of one, shape (1, frame, height, width).

    Raises:
        ValueError: If it isn't one picture of the model's shape with finite values.
    """
    shape = model.config.shape
    values = image.detach() if isinstance(image, Tensor) else np.asarray(image)
    picture = torch.as_tensor(values, dtype=model.dtype)
    if picture.shape not in (shape, shape[1:] if shape[0] == 1 else shape):
        raise ValueError(
            f"Expected one picture of shape {shape[1:]} with values in [0, 1], "
            f"got {tuple(picture.shape)}. For a batch, call the model itself."
        )
    if not picture.isfinite().all():
        raise ValueError("The picture holds values that aren't finite numbers. Check its source.")
    return picture.reshape(1, *shape)


def trace(model: Model, image: Image) -> Trace:
    """Return everything that ``model`` did while it read one picture.

    Args:
        model: A model, trained or not.
        image: (28, 28), or the model's (frame, height, width), values in [0, 1].

    Raises:
        ValueError: If the picture doesn't have the model's shape.
    """
    recording = record(model, as_batch(image, model))
    return Trace(
        route=model.route,
        inputs=recording.inputs[0].numpy(),
        states={name: state[0].numpy() for name, state in recording.states.items()},
        gates={name: gate[0].numpy() for name, gate in recording.gates.items()},
        logits=recording.logits[0].numpy(),
        layers=model.config.layers,
    )


@torch.no_grad()
def hidden_trace(model: Model, image: Image) -> Trace:
    """Return a trace of h alone, the very same h, without the gates and states behind it.

    A third of the work of ``trace`` for a grid of gated cells; arguments and errors as there.
    """
    inputs = model.read(as_batch(image, model))
    layers = [states["h"] for states in model.scan_layers(inputs)]
    return Trace(
        route=model.route,
        inputs=inputs[0].numpy(),
        states={"h": torch.cat(layers, 2)[0].numpy()},
        gates={},
        logits=model.readout(model.summary(layers[-1]))[0].numpy(),
        layers=model.config.layers,
    )
