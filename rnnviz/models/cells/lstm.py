"""The long short-term memory (Hochreiter and Schmidhuber 1997; Gers et al. 2000)."""

from collections.abc import Sequence

import torch
from torch import Tensor

from rnnviz.models.cells import start
from rnnviz.models.cells.cell import Cell, Gates, Pulled, Slopes, States, squash
from rnnviz.models.cells.fused import fused_scan

NAME = "lstm"
ORDER = 30


class Lstm(Cell):
    """A cell state that gates write to, keep and read from, in torch's order of gates.

    Options:
        forget_bias: Bias of the forget gate at the start; 1 keeps 73 % of the state a step.
        memory: Longest dependency in steps for a chrono start, which then sets the forget bias
            unit by unit and the input bias to its negative; 0 for none.
        gain: The recurrent start is ``gain`` times orthogonal; 0 takes PyTorch's default start.
        identity: 1 starts at ``gain`` times the identity instead, 0 doesn't.
    """

    NAME = NAME
    LABEL = "LSTM"
    DESCRIPTION = "A cell state beside h; gates decide what is written, kept and shown."
    STATES = ("h", "c")
    GATES = ("input", "forget", "candidate", "output")
    BLOCKS = GATES
    KEEPS = ("forget",)
    EQUATIONS = (
        r"i_t = \sigma(W_i h_{t-1} + U_i x_t + b_i)",
        r"f_t = \sigma(W_f h_{t-1} + U_f x_t + b_f)",
        r"g_t = \tanh(W_g h_{t-1} + U_g x_t + b_g)",
        r"o_t = \sigma(W_o h_{t-1} + U_o x_t + b_o)",
        r"c_t = f_t \odot c_{t-1} + i_t \odot g_t",
        r"h_t = o_t \odot \tanh(c_t)",
    )
    OPTIONS = {"forget_bias": 1.0, "memory": 0.0, "gain": 1.0, "identity": 0.0}

    def __init__(
        self,
        features: int,
        units: int,
        forget_bias: float = 1.0,
        memory: float = 0.0,
        gain: float = 1.0,
        identity: float = 0.0,
    ) -> None:
        """Make a cell; the options as in the class."""
        super().__init__(features, units)
        self.forget_bias, self.memory = forget_bias, memory
        self.gain, self.identity = gain, identity
        self.start()

    @torch.no_grad()
    def start(self, generator: torch.Generator | None = None) -> None:
        """Start the weights as the RNN does, then set the gates' biases."""
        start.recurrent_start(self, self.gain, self.identity, generator)
        self.bias[self.block("forget")] = self.forget_bias
        if self.memory > 0:
            start.chrono_bias(self.bias[self.block("forget")], self.memory, generator)
            # In place: for minus a blank bias torch would load its compiler, as for ``normal``.
            self.bias[self.block("input")].copy_(self.bias[self.block("forget")]).mul_(-1)

    def activate(self, projected: Tensor, hidden: Sequence[Tensor]) -> Gates:
        """Return the four gates."""
        return squash(self, projected + self.recur(hidden))

    def combine(self, gates: Gates, parents: Sequence[States]) -> States:
        """Return c, kept and written to, and what the output gate shows of it."""
        kept = gates["forget"] * parents[0]["c"]
        c = kept + gates["input"] * gates["candidate"]
        return {"h": gates["output"] * torch.tanh(c), "c": c}

    def slopes(
        self, projected: Tensor, parents: Sequence[States], states: States, gates: Gates
    ) -> Slopes:
        """Return dc/d(gate's sum) for three gates, dh/d(output's sum), dh/dc and what is kept."""
        i, f, g, o = (gates[name] for name in self.BLOCKS)
        # tanh(c), which torch computes several times slower than the sigmoid.
        shown = 2 * torch.sigmoid(2 * states["c"]) - 1
        rows = (
            g * i * (1 - i),
            parents[0]["c"] * f * (1 - f),
            i * (1 - g.square()),
            shown * o * (1 - o),
        )
        return {"rows": torch.cat(rows, -1), "shown": o * (1 - shown.square()), "kept": f}

    def pull(self, slopes: Slopes, received: States) -> Pulled:
        """Return the gradient through h into c, from there into the gates, and back in time."""
        h = received["h"]
        c = received["c"] + h * slopes["shown"]
        rows = torch.cat((c, c, c, h), -1) * slopes["rows"]
        (before,) = self.spread(rows)
        return Pulled({"h": h, "c": c}, rows, [{"h": before, "c": c * slopes["kept"]}])

    def scan(self, inputs: Tensor) -> States:
        """Return h of every step by ``torch.lstm``, which keeps c to itself."""
        return {"h": fused_scan(self, torch.lstm, inputs, states=2)}


CELL = Lstm
