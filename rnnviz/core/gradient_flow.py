"""How the loss depends on every state of a scan: plain data, no model."""

from dataclasses import dataclass

import numpy as np

from rnnviz.core.route import Route


@dataclass(frozen=True, eq=False)
class GradientFlow:
    """The gradient of one loss with respect to every state and every input value.

    Attributes:
        route: The route along which the input was read.
        target: The class whose cross-entropy is the loss.
        loss: The cross-entropy against ``target``, in nats.
        states: dL/dstate at every step, all paths to the loss summed, by state name, each of
            shape (step, unit), float64.
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
        gradient = self.states[name]
        # The squares of a gradient of 1e-200 underflow even in float64, so they are taken of what
        # is left after dividing by the largest entry.
        largest = np.abs(gradient).max(axis=1, keepdims=True)
        scale = np.where(largest > 0, largest, 1.0)
        return scale[:, 0] * np.linalg.norm(gradient / scale, axis=1)
