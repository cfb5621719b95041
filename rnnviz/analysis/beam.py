"""The gradient of the last step over the lattice of one sweep."""

import copy

import numpy as np
import torch
from torch import Tensor

from rnnviz.analysis.gradients import checked_class
from rnnviz.analysis.trace import Image, as_batch
from rnnviz.core.batch_flow import row_norms
from rnnviz.core.beam import CORNERS, Beam, starts_of
from rnnviz.core.routes import build_route
from rnnviz.models.config import ModelConfig
from rnnviz.models.encoder import hear_below, scan_layer
from rnnviz.models.model import Model
from rnnviz.models.unroll import Level, in_route_order, unroll_sweep

SHAPE = (1, 28, 28)
"""What is read."""
TANH_CELLS = {1: "rnn", 2: "rnn_2d"}
"""By the number of parents that they take."""


def beam(
    model: Model, image: Image, target: int, corner: str = CORNERS[0], last_only: bool = True
) -> Beam:
    """Return |dL/dh| at every step of one sweep, L the cross-entropy against ``target``.

    With several layers, h is that of the top one.

    Args:
        model: A model that reads a grid, or rows from the top.
        image: (28, 28), or the model's (frame, height, width), values in [0, 1].
        target: Class of the loss.
        corner: The corner at which the sweep starts.
        last_only: Follow the gradient from the last step alone. Otherwise what a readout of the
            mean hands to every step directly is added, which hides how little arrives from the
            last one.

    Computed in float64. The other sweeps of that layer only add to the logits, and the layers below
    it hear nothing of it, so none of them are followed.

    Raises:
        ValueError: If the picture, the target or the corner doesn't fit the model.
    """
    sweep = sweep_from(model, corner)
    target = checked_class(target, model.config.classes)
    exact = copy.deepcopy(model).double().requires_grad_(False)
    inputs = read_by_top(exact, as_batch(image, exact))
    levels = all_levels(exact, inputs, sweep)
    hidden = in_route_order(levels, [level.states["h"] for level in levels])
    with torch.enable_grad():
        loss = loss_of(exact, hidden, target, last_only)
    own = [level.states["h"] for level in levels if level.states["h"].requires_grad]
    found = torch.autograd.grad(loss, own, allow_unused=True)
    filled = [
        torch.zeros_like(state) if gradient is None else gradient
        for gradient, state in zip(found, own, strict=True)
    ]
    followed = [level for level in levels if level.states["h"].requires_grad]
    gradient = in_route_order(followed, filled)[0].numpy()
    return Beam(corner, lattice_norms(exact, gradient), share_of(exact))


def sweep_from(model: Model, corner: str) -> int:
    """Return the sweep that starts at a corner; ValueError lists those there are."""
    corners = starts_of(model.route)
    if corner not in corners:
        raise ValueError(
            f"No sweep of this network starts at '{corner}'. Choose one of: {', '.join(corners)}."
        )
    return corners.index(corner)


@torch.no_grad()
def read_by_top(model: Model, images: Tensor) -> Tensor:
    """Return what each step of the top layer reads, (batch, step, feature)."""
    inputs = model.read(images)
    for cells in model.layers[:-1]:
        inputs = hear_below(model.route, scan_layer(model.route, cells, inputs)["h"])
    return inputs


def all_levels(model: Model, inputs: Tensor, followed: int) -> list[Level]:
    """Return the top layer's levels, with a graph for the sweep that is followed alone."""
    levels = []
    for sweep, cell in enumerate(model.layers[-1]):
        with torch.set_grad_enabled(sweep == followed):
            part = inputs.detach().requires_grad_(sweep == followed)
            levels += unroll_sweep(model.route, sweep, cell, part)
    return levels


def loss_of(model: Model, hidden: Tensor, target: int, last_only: bool) -> Tensor:
    """Return the cross-entropy for h (1, step, unit), its mean taken as given for ``last_only``."""
    summary = model.summary(hidden)
    if last_only:
        # "last" stands first in what the readout reads, before the means.
        last = model.route.sweeps * model.config.units
        summary = torch.cat([summary[:, :last], summary[:, last:].detach()], dim=1)
    return torch.nn.functional.cross_entropy(model.readout(summary), torch.tensor([target]))


def lattice_norms(model: Model, gradient: np.ndarray) -> np.ndarray:
    """Return |dL/dh| on the sweep's lattice from dL/dh (step, unit); rows become (row, 1)."""
    rows, columns = model.route.lattice
    return row_norms(gradient).reshape((columns, 1) if rows == 1 else (rows, columns))


def share_of(model: Model) -> tuple[int, int]:
    """Return how many rows and columns of pixels a step of the lattice stands for."""
    _, height, width = model.route.shape
    rows, columns = model.route.lattice
    return (height // columns, width) if rows == 1 else (height // rows, width // columns)


def gained_model(route: str, gain: float, units: int = 32, seed: int = 0) -> Model:
    """Return a tanh network at its start whose recurrent weights are ``gain`` times orthogonal.

    Args:
        route: Registry name of a route: "grid", from the top left corner, or "rows".
        gain: Above 0. With one seed the weights of all gains differ by this factor alone.
        units: Hidden units.
        seed: Of the weights.

    Raises:
        ValueError: If the gain isn't above 0, or there is no such route.
    """
    if not 0 < gain < float("inf"):
        raise ValueError(f"The gain is a number above 0, got {gain}. Try 0.7.")
    cell = TANH_CELLS[build_route(route, SHAPE).parents.shape[1]]
    generator = torch.Generator().manual_seed(seed)
    model = Model(ModelConfig(route, cell, units, cell_options={"gain": gain}))
    for one in model.cells:
        one.start(generator)
    with torch.no_grad():
        torch.nn.init.xavier_uniform_(model.readout.weight, generator=generator)
        model.readout.bias.zero_()
    return model.eval()
