"""How the loss depends on every state of a scan: plain data, no model."""

from dataclasses import dataclass

import numpy as np

from rnnviz.core.batch_flow import row_norms
from rnnviz.core.route import Route


@dataclass(frozen=True, eq=False)
class GradientFlow:
    """The gradient of one loss with respect to every state and every input value.

    Attributes:
        route: The route along which the input was read.
        target: The class whose cross-entropy is the loss.
        loss: The cross-entropy against ``target``, in nats.
        states: dL/dstate at every step, all paths to the loss summed, by state name, each of
            shape (step, unit), float64; the units of all layers stand as in a ``Trace``.
        inputs: dL/dx, shape (frame, height, width), float64.
    """

    route: Route
    target: int
    loss: float
    states: dict[str, np.ndarray]
    inputs: np.ndarray

    def norms(self, name: str = "h") -> np.ndarray:
        """Return the Euclidean norm of dL/dstate at every step, shape (step,)."""
        if name not in self.states:
            raise KeyError(
                f"There is no state '{name}' in this flow. Choose one of: {', '.join(self.states)}."
            )
        return row_norms(self.states[name])
