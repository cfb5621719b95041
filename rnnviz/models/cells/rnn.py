"""The plain recurrent network (Elman 1990): one tanh a step."""

from collections.abc import Sequence

import torch
from torch import Tensor

from rnnviz.models.cells import start
from rnnviz.models.cells.cell import Cell, Gates, Pulled, Slopes, States
from rnnviz.models.cells.fused import fused_scan

NAME = "rnn"
ORDER = 10


class Rnn(Cell):
    """h_t = tanh(W_h h_{t-1} + W_x x_t + b).

    Options:
        gain: The recurrent start is ``gain`` times orthogonal; 0 takes PyTorch's default start.
        identity: 1 starts at ``gain`` times the identity instead, 0 doesn't.
    """

    NAME = NAME
    LABEL = "RNN"
    DESCRIPTION = "One tanh a step: everything it remembers is overwritten at every step."
    BLOCKS = ("candidate",)
    STEEPEST = 1.0
    EQUATIONS = (r"h_t = \tanh(W_h h_{t-1} + W_x x_t + b)",)
    OPTIONS = {"gain": 1.0, "identity": 0.0}

    def __init__(self, features: int, units: int, gain: float = 1.0, identity: float = 0.0) -> None:
        """Make a cell; the options as in the class."""
        super().__init__(features, units)
        self.gain, self.identity = gain, identity
        self.start()

    def start(self, generator: torch.Generator | None = None) -> None:
        """Start the weights as the options say, without a bias; or as PyTorch does."""
        start.recurrent_start(self, self.gain, self.identity, generator)

    def activate(self, projected: Tensor, hidden: Sequence[Tensor]) -> Gates:
        """Return the candidate, which is the new state."""
        return {"candidate": torch.tanh(projected + self.recur(hidden))}

    def combine(self, gates: Gates, parents: Sequence[States]) -> States:
        """Return the candidate as the new state."""
        return {"h": gates["candidate"]}

    def slopes(
        self, projected: Tensor, parents: Sequence[States], states: States, gates: Gates
    ) -> Slopes:
        """Return the slope of tanh, 1 - h²."""
        return {"candidate": 1 - states["h"].square()}

    def pull(self, slopes: Slopes, received: States) -> Pulled:
        """Return the gradient through the squashing function and W_h."""
        rows = received["h"] * slopes["candidate"]
        return Pulled(received, rows, [{"h": h} for h in self.spread(rows)])

    def scan(self, inputs: Tensor) -> States:
        """Return h of every step by ``torch.rnn_tanh``."""
        return {"h": fused_scan(self, torch.rnn_tanh, inputs)}


CELL = Rnn
