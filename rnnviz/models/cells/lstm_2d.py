"""The 2-D LSTM with one forget gate per parent (Graves, Fernández and Schmidhuber 2007)."""

from collections.abc import Sequence

import torch
from torch import Tensor

from rnnviz.models.cells import start
from rnnviz.models.cells.cell import Gates, Pulled, Slopes, States, squash
from rnnviz.models.cells.grid_cell import GridCell
from rnnviz.models.cells.memory_2d import pull_memory
from rnnviz.models.wavefront.functions import lstm_2d_wave
from rnnviz.models.wavefront.sweep import Wave

NAME = "lstm_2d"
ORDER = 60


class Lstm2d(GridCell):
    """A cell state that keeps a part of each parent's, without peepholes.

    Options:
        forget_bias: Bias of both forget gates at the start. Gates that sum above 1 make the state
            grow along exponentially many paths, so 0 (each keeps a half) is the safe start.
        gain: Both recurrent starts are ``gain`` times orthogonal.
        identity: 1 starts both at ``gain`` times the identity instead, 0 doesn't.
    """

    NAME = NAME
    LABEL = "2-D LSTM (Graves)"
    DESCRIPTION = "An LSTM with one forget gate for what comes from above, one for the left."
    STATES = ("h", "c")
    GATES = ("input", "forget_up", "forget_left", "candidate", "output")
    BLOCKS = GATES
    KEEPS = ("forget_up", "forget_left")
    EQUATIONS = (
        r"i = \sigma(W_i h_{\uparrow} + V_i h_{\leftarrow} + U_i x + b_i)",
        r"f_{\uparrow} = \sigma(W_{\uparrow} h_{\uparrow} + V_{\uparrow} h_{\leftarrow}"
        r" + U_{\uparrow} x + b_{\uparrow})",
        r"f_{\leftarrow} = \sigma(W_{\leftarrow} h_{\uparrow} + V_{\leftarrow} h_{\leftarrow}"
        r" + U_{\leftarrow} x + b_{\leftarrow})",
        r"g = \tanh(W_g h_{\uparrow} + V_g h_{\leftarrow} + U_g x + b_g)",
        r"o = \sigma(W_o h_{\uparrow} + V_o h_{\leftarrow} + U_o x + b_o)",
        r"c = f_{\uparrow} \odot c_{\uparrow} + f_{\leftarrow} \odot c_{\leftarrow} + i \odot g",
        r"h = o \odot \tanh(c)",
    )
    OPTIONS = {"forget_bias": 0.0, "gain": 0.7, "identity": 0.0}

    def __init__(
        self,
        features: int,
        units: int,
        forget_bias: float = 0.0,
        gain: float = 0.7,
        identity: float = 0.0,
    ) -> None:
        """Make a cell; the options as in the class."""
        super().__init__(features, units)
        self.forget_bias, self.gain, self.identity = forget_bias, gain, identity
        self.start()

    @torch.no_grad()
    def start(self, generator: torch.Generator | None = None) -> None:
        """Start the weights as the plain 2-D network does, then set the forget gates' bias."""
        start.recurrent_start(self, self.gain, self.identity, generator)
        self.bias[self.block("forget_up")] = self.forget_bias
        self.bias[self.block("forget_left")] = self.forget_bias

    def activate(self, projected: Tensor, hidden: Sequence[Tensor]) -> Gates:
        """Return the five gates."""
        return squash(self, projected + self.recur(hidden))

    def combine(self, gates: Gates, parents: Sequence[States]) -> States:
        """Return c, what is kept of both parents' and what is written, and the h it shows."""
        up, left = parents
        kept = gates["forget_up"] * up["c"] + gates["forget_left"] * left["c"]
        c = kept + gates["input"] * gates["candidate"]
        return {"h": gates["output"] * torch.tanh(c), "c": c}

    def slopes(
        self, projected: Tensor, parents: Sequence[States], states: States, gates: Gates
    ) -> Slopes:
        """Return the slopes of c and, for the output gate, of h, and what is kept of either c."""
        i, up, left, g, o = (gates[name] for name in self.BLOCKS)
        # tanh(c), which torch computes several times slower than the sigmoid.
        shown = 2 * torch.sigmoid(2 * states["c"]) - 1
        rows = (
            g * i * (1 - i),
            parents[0]["c"] * up * (1 - up),
            parents[1]["c"] * left * (1 - left),
            i * (1 - g.square()),
            shown * o * (1 - o),
        )
        opened = o * (1 - shown.square())
        return {"rows": torch.cat(rows, -1), "shown": opened, "kept up": up, "kept left": left}

    def pull(self, slopes: Slopes, received: States) -> Pulled:
        """Return the gradient through h into c, from there into the gates and either parent."""
        return pull_memory(self, slopes, received)

    def wave(self) -> Wave:
        """Return what the wavefront sweeps."""
        return lstm_2d_wave(self.weight_x, self.weight_h, self.bias)


CELL = Lstm2d
