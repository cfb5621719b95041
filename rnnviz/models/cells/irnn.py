"""The identity RNN (Le, Jaitly and Hinton 2015): rectified, started by copying its state."""

import torch

from rnnviz.models.cells.rnn_relu import ReluRnn
from rnnviz.models.cells.start import identity_blocks, normal

NAME = "irnn"
ORDER = 20


class IdentityRnn(ReluRnn):
    """h_t = relu(W_h h_{t-1} + W_x x_t + b), started at W_h = gain * I.

    Options:
        gain: The factor on the identity at the start; 1 copies the state exactly.
        input_scale: Standard deviation of the input weights at the start (0.001 in the paper).
    """

    NAME = NAME
    LABEL = "IRNN"
    DESCRIPTION = "A ReLU a step, started at the identity: it begins by forgetting nothing."
    OPTIONS = {"gain": 1.0, "input_scale": 0.001}

    def __init__(
        self, features: int, units: int, gain: float = 1.0, input_scale: float = 0.001
    ) -> None:
        """Make a cell; the options as in the class."""
        self.input_scale = input_scale
        super().__init__(features, units, gain)

    @torch.no_grad()
    def start(self, generator: torch.Generator | None = None) -> None:
        """Identity recurrent weights, small Gaussian input weights, no bias."""
        normal(self.weight_x, self.input_scale, generator)
        identity_blocks(self.weight_h[0], self.units, self.gain)
        self.bias.zero_()


CELL = IdentityRnn
