"""What a network did with one input: plain data, no model."""

from dataclasses import dataclass

import numpy as np

from rnnviz.core.route import Route


@dataclass(frozen=True, eq=False)
class Trace:
    """One input read once.

    Attributes:
        route: The route along which it was read.
        inputs: What was read at each step, shape (step, feature).
        states: The states after each step, ``{"h", "c"}``, each of shape (step, unit); with several
            layers, the units of the first stand first.
        gates: The gates at each step by name, each of shape (step, unit); sigmoid gates lie in
            (0, 1), a candidate in (-1, 1). Empty for a cell without gates.
        logits: The network's answer before the softmax, shape (class,).
        layers: Number of layers.
    """

    route: Route
    inputs: np.ndarray
    states: dict[str, np.ndarray]
    gates: dict[str, np.ndarray]
    logits: np.ndarray
    layers: int = 1

    @property
    def units(self) -> int:
        """Number of hidden units, all layers together."""
        return self.states["h"].shape[1]

    def unit_name(self, unit: int) -> str:
        """Return how a unit is called: "unit 5", or "layer 2, unit 5" where there are several.

        Units are counted from 0, in each layer anew; layers from 1.
        """
        layer, place = divmod(unit, self.units // self.layers)
        return f"unit {place}" if self.layers == 1 else f"layer {layer + 1}, unit {place}"

    @property
    def probabilities(self) -> np.ndarray:
        """The softmax of the logits, shape (class,)."""
        shifted = np.exp(self.logits - self.logits.max())
        return shifted / shifted.sum()
