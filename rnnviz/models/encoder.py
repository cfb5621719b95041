"""An encoder: a route and its cells, which turn a picture into what a readout reads."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from rnnviz.core.route import Route, both_ways, shorten
from rnnviz.core.routes import build_route
from rnnviz.models.cells import Cell, build_cell, cell_class, cells_with
from rnnviz.models.cells.cell import States
from rnnviz.models.cells.grid_cell import GridCell, scan_grid
from rnnviz.models.config import ModelConfig


class Encoder(nn.Module):
    """A network that reads a picture along a route: one layer of cells, or several.

    A second layer and those above it read, at each step, the h of all sweeps of the layer below at
    the same place of the picture, as PyTorch's stacked and bidirectional layers do. Values of a
    step that come from all layers, (batch, step, unit), hold the units of the first layer first.

    ``encoder.encode(images)`` maps (batch, height, width), or (batch, frame, height, width), with
    values in [0, 1], to the summary of their last states, (batch, feature).
    """

    def __init__(self, config: ModelConfig) -> None:
        """Build the encoder with fresh weights.

        Raises:
            ValueError: If the route and the cell don't take the same number of parents, or the
                route can't be shortened to the length or read in so many directions.
        """
        super().__init__()
        self.config = config
        self.route: Route = route_of(config)
        check_parents(self.route, config.cell)
        self.sweeps = layer_of(config, self.route, self.route.features)
        heard = self.route.sweeps * config.units
        self.upper = nn.ModuleDict(
            {
                str(number): layer_of(config, self.route, heard)
                for number in range(2, config.layers + 1)
            }
        )
        # What ``summaries`` multiplies by, for the depths that it was asked for.
        self._means: dict[tuple[str, bytes], Tensor] = {}
        self.gather: Tensor
        self.register_buffer("gather", torch.from_numpy(self.route.gather), persistent=False)

    @property
    def features(self) -> int:
        """How many values the summary of a picture has."""
        return self.route.sweeps * self.config.units * len(self.config.readout.split("+"))

    @property
    def layers(self) -> list[list[Cell]]:
        """The cell of each sweep in each layer, the lowest layer first."""
        return [list(sweeps) for sweeps in (self.sweeps, *self.upper.values())]  # type: ignore[arg-type]

    @property
    def cells(self) -> list[Cell]:
        """The cell of each sweep in the first layer, then those of the layers above it."""
        return [cell for layer in self.layers for cell in layer]

    @property
    def dtype(self) -> torch.dtype:
        """The floating-point type of the weights."""
        return self.sweeps[0].bias.dtype  # type: ignore[union-attr, return-value]

    def read(self, images: Tensor) -> Tensor:
        """Return what each step reads, shape (batch, step, feature).

        Raises:
            ValueError: If the pictures don't have the shape that the route was built for.
        """
        if images.dim() == 3:
            images = images.unsqueeze(1)
        if tuple(images.shape[1:]) != self.config.shape:
            raise ValueError(
                f"This model reads pictures of (frame, height, width) = {self.config.shape}, "
                f"got a batch of {tuple(images.shape[1:])}."
            )
        return images.to(self.dtype).flatten(1)[:, self.gather]

    def scan(self, images: Tensor) -> States:
        """Return the states of every step by the fast way, "h" (batch, step, unit) at least."""
        return join_layers(self.scan_layers(self.read(images)))

    def scan_layers(self, inputs: Tensor) -> list[States]:
        """Return what ``scan`` does layer by layer, for inputs (batch, step, feature)."""
        found = [scan_layer(self.route, self.layers[0], inputs)]
        for cells in self.layers[1:]:
            found.append(scan_layer(self.route, cells, hear_below(self.route, found[-1]["h"])))
        return found

    def encode(self, images: Tensor) -> Tensor:
        """Return the summary of each picture, shape (batch, feature)."""
        return self.summary(self.scan_layers(self.read(images))[-1]["h"])

    def of_layer(self, values: Tensor, layer: int) -> Tensor:
        """Return one layer's part of (batch, step, unit); layers are counted from 0 or from -1."""
        if self.config.layers == 1:
            return values
        units = self.config.units
        first = layer % self.config.layers * units
        return values[..., first : first + units]

    def summary(self, hidden: Tensor) -> Tensor:
        """Return what the readout reads, (batch, feature), from h (batch, step, unit).

        The last state of every sweep, and for "last+mean" the mean of its states as well. It reads
        the top layer, so ``hidden`` may be that layer's alone.
        """
        by_sweep = self._top_by_sweep(hidden)
        parts = [by_sweep[:, :, -1]]
        if self.config.readout == "last+mean":
            parts.append(by_sweep.mean(dim=2))
        return torch.cat([part.flatten(1) for part in parts], dim=1)

    def summaries(self, hidden: Tensor, depths: Sequence[int] | None = None) -> Tensor:
        """Return what the readout would read after some depths, (batch, depth, feature).

        Up to a depth, "last" is the mean of the states of that depth (on a chain the state itself)
        and "mean" the mean of all states so far. After the last depth it is ``summary``.

        Args:
            hidden: h of every step, (batch, step, unit); the top layer's may come alone.
            depths: Which depths, all of them if None.
        """
        chosen = np.arange(self.route.depths) if depths is None else np.asarray(depths)
        by_sweep = self._top_by_sweep(hidden)
        parts = [self._mean_where(by_sweep, np.equal, chosen)]
        if self.config.readout == "last+mean":
            parts.append(self._mean_where(by_sweep, np.less_equal, chosen))
        return torch.cat([part.flatten(2) for part in parts], dim=2)

    def _top_by_sweep(self, hidden: Tensor) -> Tensor:
        """Return the top layer's h as (batch, sweep, step of the sweep, unit)."""
        top = hidden if hidden.shape[-1] == self.config.units else self.of_layer(hidden, -1)
        return top.unflatten(1, (self.route.sweeps, self.route.steps_per_sweep))

    def _mean_where(self, by_sweep: Tensor, compare: np.ufunc, depths: np.ndarray) -> Tensor:
        """Return the mean over the steps that compare so with each depth.

        ``by_sweep`` is (batch, sweep, step, unit), the result (batch, depth, sweep, unit).
        """
        if compare is np.equal and self.route.lattice[0] == 1:
            return by_sweep[:, :, depths].transpose(1, 2)
        key = (compare.__name__, depths.tobytes())
        weight = self._means.get(key)
        if weight is None:
            depth = self.route.depth[self.route.sweep_steps(0)]
            counted = compare(depth[None, :], depths[:, None]).astype(np.float64)
            weight = torch.from_numpy(counted / counted.sum(axis=1, keepdims=True))
            self._means[key] = weight
        return torch.einsum("bksu,ds->bdku", by_sweep, weight.to(by_sweep))


def route_of(config: ModelConfig) -> Route:
    """Return the route that a config names, shortened and read both ways where it says so.

    Raises:
        ValueError: If there is no such route, or it can't be read so.
    """
    route = build_route(config.route, config.shape, **config.route_options)
    if config.length is not None:
        route = shorten(route, config.length)
    return both_ways(route) if config.directions == 2 else route


def layer_of(config: ModelConfig, route: Route, features: int) -> nn.ModuleList:
    """Return fresh cells for one layer, one a sweep, which read ``features`` values a step."""
    return nn.ModuleList(
        build_cell(config.cell, features, config.units, **config.cell_options)
        for _ in range(route.sweeps)
    )


def scan_layer(route: Route, cells: Sequence[Cell], inputs: Tensor) -> States:
    """Return the states of one layer by the fast way, from what each of its steps reads."""
    parts = [
        inputs[:, route.sweep_steps(sweep)].unflatten(1, route.lattice)
        for sweep in range(route.sweeps)
    ]
    if all(isinstance(cell, GridCell) for cell in cells):
        swept = scan_grid(cells, parts)  # type: ignore[arg-type]
    else:
        swept = [cell.scan(part) for cell, part in zip(cells, parts, strict=True)]
    return {
        name: torch.cat([states[name].flatten(1, 2) for states in swept], 1) for name in swept[0]
    }


def hear_below(route: Route, hidden: Tensor) -> Tensor:
    """Return what each step of a layer reads of the layer below it.

    Args:
        route: The route of both.
        hidden: h of the layer below, (batch, step, unit).

    Returns:
        The h of every sweep at the same place, one sweep after another, as PyTorch's bidirectional
        layers have it: (batch, step, sweep * unit).
    """
    if route.sweeps == 1:
        return hidden
    places = torch.from_numpy(route.alike).to(hidden.device)
    return torch.cat([hidden.index_select(1, steps) for steps in places], dim=2)


def join_layers(layers: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Return values of several layers by name, (batch, step, unit), the first layer's units first.

    One layer alone comes back as it is.
    """
    if len(layers) == 1:
        return dict(layers[0])
    return {name: torch.cat([layer[name] for layer in layers], 2) for name in layers[0]}


def check_parents(route: Route, cell: str) -> None:
    """Raise a ValueError unless the cell takes as many parents as the route gives each step."""
    given, taken = route.parents.shape[1], cell_class(cell).PARENTS
    if given != taken:
        raise ValueError(
            f"Route '{route.name}' gives each step {given} parent{'s' * (given > 1)}, but cell "
            f"'{cell}' takes {taken}. Choose one of: {', '.join(cells_with(parents=given))}."
        )
