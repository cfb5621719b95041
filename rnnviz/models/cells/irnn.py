"""The identity RNN (Le, Jaitly and Hinton 2015): rectified, started by copying its state."""

from collections.abc import Sequence

import torch
from torch import Tensor

from rnnviz.models.cells.cell import Cell, Gates, States
from rnnviz.models.cells.fused import fused_scan

NAME = "irnn"
ORDER = 20


class IdentityRnn(Cell):
    """h_t = relu(W_h h_{t-1} + W_x x_t + b), started at W_h = gain * I.

    Options:
        gain: The factor on the identity at the start; 1 copies the state exactly.
        input_scale: Standard deviation of the input weights at the start (0.001 in the paper).
    """

    NAME = NAME
    LABEL = "IRNN"
    DESCRIPTION = "A ReLU a step, started at the identity: it begins by forgetting nothing."
    BLOCKS = ("candidate",)
    EQUATIONS = (r"h_t = \mathrm{relu}(W_h h_{t-1} + W_x x_t + b)",)
    OPTIONS = {"gain": 1.0, "input_scale": 0.001}

    def __init__(
        self, features: int, units: int, gain: float = 1.0, input_scale: float = 0.001
    ) -> None:
        """Make a cell; the options as in the class."""
        super().__init__(features, units)
        self.gain, self.input_scale = gain, input_scale
        self.start()

    @torch.no_grad()
    def start(self, generator: torch.Generator | None = None) -> None:
        """Identity recurrent weights, small Gaussian input weights, no bias."""
        self.weight_x.normal_(0.0, self.input_scale, generator=generator)
        self.weight_h[0] = self.gain * torch.eye(self.units)
        self.bias.zero_()

    def activate(self, projected: Tensor, hidden: Sequence[Tensor]) -> Gates:
        """Return the candidate, which is the new state."""
        return {"candidate": torch.relu(projected + self.recur(hidden))}

    def combine(self, gates: Gates, parents: Sequence[States]) -> States:
        """Return the candidate as the new state."""
        return {"h": gates["candidate"]}

    def scan(self, inputs: Tensor) -> States:
        """Return h of every step by ``torch.rnn_relu``."""
        return {"h": fused_scan(self, torch.rnn_relu, inputs)}


CELL = IdentityRnn
