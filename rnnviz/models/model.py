"""A model: a route, a cell and a readout."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from rnnviz.core.route import Route, shorten
from rnnviz.core.routes import build_route
from rnnviz.models.cells import Cell, build_cell, cell_class, cells_with
from rnnviz.models.cells.cell import States

READOUTS = ("last", "last+mean")


@dataclass(frozen=True)
class ModelConfig:
    """What a model is made of: enough to build it again, without its weights."""

    route: str
    """Registry name of the route."""
    cell: str
    """Registry name of the cell."""
    units: int
    """Hidden units of each sweep."""
    classes: int = 10
    """Number of classes of the readout."""
    shape: tuple[int, int, int] = (1, 28, 28)
    """(frame, height, width) of what is read."""
    readout: str = "last"
    """"last" reads the last state of each sweep, "last+mean" also the mean of all its states."""
    route_options: dict[str, int] = field(default_factory=dict)
    """Options of the route: patch, corners, seed."""
    cell_options: dict[str, float] = field(default_factory=dict)
    """Options of the cell: gain, forget_bias and the like."""
    length: int | None = None
    """How many steps of a chain are read, those in its middle; None for all."""

    def __post_init__(self) -> None:
        """Check what can be checked without building anything."""
        if self.readout not in READOUTS:
            raise ValueError(f"Readout '{self.readout}' is not one of: {', '.join(READOUTS)}.")
        if self.classes < 2:
            raise ValueError(f"A classifier needs at least 2 classes, got {self.classes}.")
        object.__setattr__(self, "shape", tuple(self.shape))

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON-able data from which ``ModelConfig(**data)`` makes an equal config."""
        return asdict(self) | {"shape": list(self.shape)}


class Model(nn.Module):
    """A network that reads a picture along a route and answers from its last states.

    ``model(images)`` maps (batch, height, width), or (batch, frame, height, width), with values in
    [0, 1], to logits (batch, class).
    """

    def __init__(self, config: ModelConfig) -> None:
        """Build the model with fresh weights.

        Raises:
            ValueError: If the route and the cell don't take the same number of parents, or the
                route can't be shortened to the length.
        """
        super().__init__()
        self.config = config
        self.route: Route = route_of(config)
        check_parents(self.route, config.cell)
        cells = [
            build_cell(config.cell, self.route.features, config.units, **config.cell_options)
            for _ in range(self.route.sweeps)
        ]
        self.sweeps = nn.ModuleList(cells)
        width = self.route.sweeps * config.units * len(config.readout.split("+"))
        self.readout = nn.Linear(width, config.classes)
        self.gather: Tensor
        self.register_buffer("gather", torch.from_numpy(self.route.gather), persistent=False)

    @property
    def cells(self) -> list[Cell]:
        """The cell of each sweep."""
        return list(self.sweeps)  # type: ignore[arg-type]

    @property
    def dtype(self) -> torch.dtype:
        """The floating-point type of the weights."""
        return self.readout.weight.dtype

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
        inputs = self.read(images)
        rows, columns = self.route.lattice
        swept = []
        for sweep, cell in enumerate(self.cells):
            part = inputs[:, self.route.sweep_steps(sweep)]
            states = cell.scan(part.unflatten(1, (rows, columns)))
            swept.append({name: state.flatten(1, 2) for name, state in states.items()})
        return {name: torch.cat([states[name] for states in swept], 1) for name in swept[0]}

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits, shape (batch, class)."""
        return self.readout(self.summary(self.scan(images)["h"]))

    def summary(self, hidden: Tensor) -> Tensor:
        """Return what the readout reads, (batch, feature), from h (batch, step, unit).

        The last state of every sweep, and for "last+mean" the mean of its states as well.
        """
        by_sweep = hidden.unflatten(1, (self.route.sweeps, self.route.steps_per_sweep))
        parts = [by_sweep[:, :, -1]]
        if self.config.readout == "last+mean":
            parts.append(by_sweep.mean(dim=2))
        return torch.cat([part.flatten(1) for part in parts], dim=1)

    def summaries(self, hidden: Tensor, depths: Sequence[int] | None = None) -> Tensor:
        """Return what the readout would read after some depths, (batch, depth, feature).

        Up to a depth, "last" is the mean of the states of that depth (on a chain the state itself)
        and "mean" the mean of all states so far. After the last depth it is ``summary``.

        Args:
            hidden: h of every step, (batch, step, unit).
            depths: Which depths, all of them if None.
        """
        chosen = np.arange(self.route.depths) if depths is None else np.asarray(depths)
        by_sweep = hidden.unflatten(1, (self.route.sweeps, self.route.steps_per_sweep))
        parts = [self._mean_where(by_sweep, np.equal, chosen)]
        if self.config.readout == "last+mean":
            parts.append(self._mean_where(by_sweep, np.less_equal, chosen))
        return torch.cat([part.flatten(2) for part in parts], dim=2)

    def _mean_where(self, by_sweep: Tensor, compare: np.ufunc, depths: np.ndarray) -> Tensor:
        """Return the mean over the steps that compare so with each depth.

        ``by_sweep`` is (batch, sweep, step, unit), the result (batch, depth, sweep, unit).
        """
        if compare is np.equal and self.route.lattice[0] == 1:
            return by_sweep[:, :, depths].transpose(1, 2)
        depth = self.route.depth[self.route.sweep_steps(0)]
        counted = compare(depth[None, :], depths[:, None]).astype(np.float64)
        weight = torch.from_numpy(counted / counted.sum(axis=1, keepdims=True)).to(by_sweep)
        return torch.einsum("bksu,ds->bdku", by_sweep, weight)


def route_of(config: ModelConfig) -> Route:
    """Return the route that a config names, shortened where it says so; ValueError if it can't."""
    route = build_route(config.route, config.shape, **config.route_options)
    return route if config.length is None else shorten(route, config.length)


def check_parents(route: Route, cell: str) -> None:
    """Raise a ValueError unless the cell takes as many parents as the route gives each step."""
    given, taken = route.parents.shape[1], cell_class(cell).PARENTS
    if given != taken:
        raise ValueError(
            f"Route '{route.name}' gives each step {given} parent{'s' * (given > 1)}, but cell "
            f"'{cell}' takes {taken}. Choose one of: {', '.join(cells_with(parents=given))}."
        )


def parameter_count(model: Model) -> int:
    """Return the number of trained values."""
    return sum(parameter.numel() for parameter in model.parameters())
