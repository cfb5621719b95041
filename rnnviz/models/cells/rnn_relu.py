"""The rectified recurrent network: one ReLU a step."""

from collections.abc import Sequence

import torch
from torch import Tensor

from rnnviz.models.cells.cell import Gates, Slopes, States
from rnnviz.models.cells.fused import fused_scan
from rnnviz.models.cells.rnn import Rnn

NAME = "rnn_relu"
ORDER = 15


class ReluRnn(Rnn):
    """h_t = relu(W_h h_{t-1} + W_x x_t + b): the plain network with another squashing function.

    Options:
        gain: The recurrent start is ``gain`` times orthogonal; 0 takes PyTorch's default start.
        identity: 1 starts at ``gain`` times the identity instead, 0 doesn't.
    """

    NAME = NAME
    LABEL = "ReLU RNN"
    DESCRIPTION = "A ReLU a step: it passes a gradient whole or not at all, and nothing holds it."
    EQUATIONS = (r"h_t = \mathrm{relu}(W_h h_{t-1} + W_x x_t + b)",)

    @torch.no_grad()
    def refine(self, factor: float) -> None:
        """Move by a ``factor``-th of what a step moved the state, so that the way stays the same.

        h_t - h_{t-1} = (W_h - I) h_{t-1} + W_x x_t + b is one step of Euler's method; ``factor``
        steps of a ``factor``-th of its length lead to nearly the same place.
        """
        identity = torch.eye(self.units).to(self.weight_h)
        self.weight_h[0] = identity + (self.weight_h[0] - identity) / factor
        self.weight_x.div_(factor)
        self.bias.div_(factor)

    def activate(self, projected: Tensor, hidden: Sequence[Tensor]) -> Gates:
        """Return the candidate, which is the new state."""
        return {"candidate": torch.relu(projected + self.recur(hidden))}

    def slopes(
        self, projected: Tensor, parents: Sequence[States], states: States, gates: Gates
    ) -> Slopes:
        """Return the slope of the ReLU: 1 where it is open, 0 where it is shut."""
        return {"candidate": (states["h"] > 0).to(states["h"].dtype)}

    def scan(self, inputs: Tensor) -> States:
        """Return h of every step by ``torch.rnn_relu``."""
        return {"h": fused_scan(self, torch.rnn_relu, inputs)}


CELL = ReluRnn
