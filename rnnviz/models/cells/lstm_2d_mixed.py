"""The stable 2-D LSTM that mixes its parents' memories (Leifert et al. 2016)."""

from collections.abc import Sequence

import torch
from torch import Tensor

from rnnviz.models.cells import start
from rnnviz.models.cells.cell import Gates, Pulled, Slopes, States, squash
from rnnviz.models.cells.grid_cell import GridCell
from rnnviz.models.cells.memory_2d import pull_memory
from rnnviz.models.wavefront.functions import lstm_2d_mixed_wave
from rnnviz.models.wavefront.sweep import Wave

NAME = "lstm_2d_mixed"
ORDER = 70


class MixedLstm2d(GridCell):
    """A cell state that keeps a part of a weighted mean of its parents'.

    The two weights of the mean sum to 1, so the memory can't grow along the many paths through the
    grid, as it can with two forget gates that are free ("Cells in multidimensional recurrent
    neural networks", Leifert et al. 2016, the LeakyLP family in its simplest form).

    Options:
        forget_bias: Bias of the forget gate at the start; 1 keeps 73 % of the mean.
        gain: Both recurrent starts are ``gain`` times orthogonal.
        identity: 1 starts both at ``gain`` times the identity instead, 0 doesn't.
    """

    NAME = NAME
    LABEL = "2-D LSTM"
    DESCRIPTION = "A 2-D LSTM that keeps a weighted mean of the two memories, so none can blow up."
    STATES = ("h", "c")
    GATES = ("input", "forget", "mix", "candidate", "output")
    BLOCKS = GATES
    KEEPS = ("forget",)
    EQUATIONS = (
        r"i = \sigma(W_i h_{\uparrow} + V_i h_{\leftarrow} + U_i x + b_i)",
        r"f = \sigma(W_f h_{\uparrow} + V_f h_{\leftarrow} + U_f x + b_f)",
        r"\lambda = \sigma(W_\lambda h_{\uparrow} + V_\lambda h_{\leftarrow} + U_\lambda x"
        r" + b_\lambda)",
        r"g = \tanh(W_g h_{\uparrow} + V_g h_{\leftarrow} + U_g x + b_g)",
        r"o = \sigma(W_o h_{\uparrow} + V_o h_{\leftarrow} + U_o x + b_o)",
        r"c = f \odot (\lambda \odot c_{\uparrow} + (1 - \lambda) \odot c_{\leftarrow})"
        r" + i \odot g",
        r"h = o \odot \tanh(c)",
    )
    OPTIONS = {"forget_bias": 1.0, "gain": 0.7, "identity": 0.0}

    def __init__(
        self,
        features: int,
        units: int,
        forget_bias: float = 1.0,
        gain: float = 0.7,
        identity: float = 0.0,
    ) -> None:
        """Make a cell; the options as in the class."""
        super().__init__(features, units)
        self.forget_bias, self.gain, self.identity = forget_bias, gain, identity
        self.start()

    @torch.no_grad()
    def start(self, generator: torch.Generator | None = None) -> None:
        """Start the weights as the plain 2-D network does, then set the forget gate's bias."""
        start.recurrent_start(self, self.gain, self.identity, generator)
        self.bias[self.block("forget")] = self.forget_bias

    def activate(self, projected: Tensor, hidden: Sequence[Tensor]) -> Gates:
        """Return the five gates."""
        return squash(self, projected + self.recur(hidden))

    def combine(self, gates: Gates, parents: Sequence[States]) -> States:
        """Return c, what is kept of the parents' mean and what is written, and the h it shows."""
        up, left = parents
        mean = gates["mix"] * up["c"] + (1 - gates["mix"]) * left["c"]
        c = gates["forget"] * mean + gates["input"] * gates["candidate"]
        return {"h": gates["output"] * torch.tanh(c), "c": c}

    def slopes(
        self, projected: Tensor, parents: Sequence[States], states: States, gates: Gates
    ) -> Slopes:
        """Return the slopes of c and, for the output gate, of h, and what is kept of either c."""
        i, f, mix, g, o = (gates[name] for name in self.BLOCKS)
        up, left = (parent["c"] for parent in parents)
        # tanh(c), which torch computes several times slower than the sigmoid.
        shown = 2 * torch.sigmoid(2 * states["c"]) - 1
        rows = (
            g * i * (1 - i),
            (mix * up + (1 - mix) * left) * f * (1 - f),
            f * (up - left) * mix * (1 - mix),
            i * (1 - g.square()),
            shown * o * (1 - o),
        )
        return {
            "rows": torch.cat(rows, -1),
            "shown": o * (1 - shown.square()),
            "kept up": f * mix,
            "kept left": f * (1 - mix),
        }

    def pull(self, slopes: Slopes, received: States) -> Pulled:
        """Return the gradient through h into c, from there into the gates and either parent."""
        return pull_memory(self, slopes, received)

    def wave(self) -> Wave:
        """Return what the wavefront sweeps."""
        return lstm_2d_mixed_wave(self.weight_x, self.weight_h, self.bias)


CELL = MixedLstm2d
