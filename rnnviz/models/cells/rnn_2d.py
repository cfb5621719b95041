"""The plain 2-D recurrent network: every step hears from above and from the left."""

from collections.abc import Sequence

import torch
from torch import Tensor

from rnnviz.models.cells import start
from rnnviz.models.cells.cell import Gates, Pulled, Slopes, States
from rnnviz.models.cells.grid_cell import GridCell
from rnnviz.models.wavefront.functions import rnn_2d_wave
from rnnviz.models.wavefront.sweep import Wave

NAME = "rnn_2d"
ORDER = 50


class Rnn2d(GridCell):
    """h_ij = tanh(W_up h_{i-1,j} + W_left h_{i,j-1} + W_x x_ij + b).

    Options:
        gain: Both recurrent starts are ``gain`` times orthogonal. Two parents of gain 0.5 together
            keep the size of the state, where two of gain 1 would double it at every step.
        identity: 1 starts both at ``gain`` times the identity instead, 0 doesn't.
    """

    NAME = NAME
    LABEL = "2-D RNN"
    DESCRIPTION = "One tanh a step, over what comes from above and from the left."
    BLOCKS = ("candidate",)
    STEEPEST = 1.0
    EQUATIONS = (
        r"h_{i,j} = \tanh(W_{\uparrow} h_{i-1,j} + W_{\leftarrow} h_{i,j-1} + W_x x_{i,j} + b)",
    )
    OPTIONS = {"gain": 0.5, "identity": 0.0}

    def __init__(self, features: int, units: int, gain: float = 0.5, identity: float = 0.0) -> None:
        """Make a cell; the options as in the class."""
        super().__init__(features, units)
        self.gain, self.identity = gain, identity
        self.start()

    @torch.no_grad()
    def start(self, generator: torch.Generator | None = None) -> None:
        """Start the weights as the options say, without a bias."""
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
        """Return the gradient through tanh, and through the weights of either parent."""
        rows = received["h"] * slopes["candidate"]
        return Pulled(received, rows, [{"h": h} for h in self.spread(rows)])

    def wave(self) -> Wave:
        """Return what the wavefront sweeps."""
        return rnn_2d_wave(self.weight_x, self.weight_h, self.bias)


CELL = Rnn2d
