"""The revealing way through a model: every state and gate of every step, differentiable."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rnnviz.core.route import Route
from rnnviz.models.cells.cell import Cell, Gates, States
from rnnviz.models.encoder import hear_below
from rnnviz.models.model import Model


@dataclass(frozen=True)
class Level:
    """The steps of one sweep that are computed at once, having the same depth.

    Attributes:
        steps: Their places in the route, shape (node,).
        states: {name: (batch, node, unit)}; gradients may be asked of these very tensors.
        gates: {name: (batch, node, unit)}.
        layer: To which layer of the model they belong, counted from 0.
    """

    steps: np.ndarray
    states: States
    gates: Gates
    layer: int = 0


@dataclass(frozen=True)
class Unrolled:
    """A model's way through a batch, level by level.

    Attributes:
        levels: All levels of the first sweep in order, then those of the next; likewise the sweeps
            of the next layer.
        logits: (batch, class).
    """

    levels: list[Level]
    logits: Tensor

    def states(self, name: str) -> Tensor:
        """Return one state of every step in the route's order, (batch, step, unit)."""
        return all_layers(self.levels, [level.states[name] for level in self.levels])

    def gates(self, name: str) -> Tensor:
        """Return one gate of every step in the route's order, (batch, step, unit)."""
        return all_layers(self.levels, [level.gates[name] for level in self.levels])


def unroll(model: Model, images: Tensor) -> Unrolled:
    """Return the states and gates of every step, with the graph that autograd needs.

    Args:
        model: The model, in float32 or float64.
        images: (batch, height, width) or (batch, frame, height, width).

    Steps of the same depth are computed at once: a chain takes one round a step, a grid one round
    an anti-diagonal.
    """
    levels, hidden = unroll_layers(model.route, model.layers, model.read(images))
    return Unrolled(levels, model.readout(model.summary(hidden)))


def unroll_layers(
    route: Route, layers: Sequence[Sequence[Cell]], inputs: Tensor
) -> tuple[list[Level], Tensor]:
    """Return the levels of all layers, and h of the top one, (batch, step, unit).

    Args:
        route: The route of all layers.
        layers: The cell of each sweep in each layer, the lowest first.
        inputs: What the steps of the lowest read, (batch, step, feature).
    """
    levels: list[Level] = []
    hidden = inputs
    for layer, cells in enumerate(layers):
        read = hear_below(route, hidden) if layer else inputs
        own: list[Level] = []
        for sweep, cell in enumerate(cells):
            own += unroll_sweep(route, sweep, cell, read, layer)
        hidden = in_route_order(own, [level.states["h"] for level in own])
        levels += own
    return levels, hidden


def unroll_sweep(
    route: Route, sweep: int, cell: Cell, inputs: Tensor, layer: int = 0
) -> list[Level]:
    """Return the levels of one sweep for what its layer reads, (batch, step, feature)."""
    first = route.sweep_steps(sweep).start
    depth = route.depth[route.sweep_steps(sweep)]
    order = np.argsort(depth, kind="stable")
    counts = np.bincount(depth)
    # One split instead of an index at every level: autograd would answer each index with a
    # gradient of the whole size.
    projected = cell.project(inputs[:, first + order]).split(counts.tolist(), dim=1)
    levels: list[Level] = []
    for rows, steps in zip(projected, np.split(order, counts.cumsum()[:-1]), strict=True):
        before = levels[-1] if levels else None
        parents = parent_states(cell, before, route.parents[first + steps], len(inputs))
        states, gates = cell.step(rows, parents)
        levels.append(Level(first + steps, states, gates, layer))
    return levels


def parent_states(
    cell: Cell, before: Level | None, parents: np.ndarray, batch: int
) -> list[States]:
    """Return the states of each parent of the nodes of a level, zeros where there is none.

    Args:
        cell: The cell of this sweep.
        before: The level before, in which all parents stand; None at the start.
        parents: The nodes' parents as steps of the route, -1 for none, shape (node, parent).
        batch: Number of pictures.

    Returns:
        One dict a parent, each state of shape (batch, node, unit).
    """
    if before is None:
        return [cell.zero_states(batch, len(parents)) for _ in range(cell.PARENTS)]
    if parents.min() >= 0 and parents.shape[1] == 1:
        return [before.states]
    nowhere = cell.zero_states(batch, 1)
    padded = {name: torch.cat([state, nowhere[name]], 1) for name, state in before.states.items()}
    place = {int(step): index for index, step in enumerate(before.steps)}
    found = [[place.get(int(step), len(place)) for step in column] for column in parents.T]
    return [{name: state[:, at] for name, state in padded.items()} for at in found]


def all_layers(levels: list[Level], values: list[Tensor]) -> Tensor:
    """Return values that come a level at a time, (batch, step, unit), layers along the units."""
    pairs = list(zip(levels, values, strict=True))
    layers = []
    for layer in range(levels[-1].layer + 1):
        own = [(level, value) for level, value in pairs if level.layer == layer]
        layers.append(in_route_order([level for level, _ in own], [value for _, value in own]))
    return layers[0] if len(layers) == 1 else torch.cat(layers, dim=2)


def in_route_order(levels: list[Level], values: list[Tensor]) -> Tensor:
    """Return values of one layer that come a level at a time, (batch, step, unit)."""
    order = np.argsort(np.concatenate([level.steps for level in levels]), kind="stable")
    stacked = torch.cat(values, dim=1)
    return stacked if (order == np.arange(len(order))).all() else stacked[:, order]
