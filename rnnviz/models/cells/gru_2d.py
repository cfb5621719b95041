"""The 2-D GRU: torch's GRU over a weighted mean of its two parents."""

from collections.abc import Sequence

import torch
from torch import Tensor

from rnnviz.models.cells import start
from rnnviz.models.cells.cell import Gates, Pulled, Slopes, States, split
from rnnviz.models.cells.grid_cell import GridCell
from rnnviz.models.wavefront.functions import gru_2d_wave
from rnnviz.models.wavefront.sweep import Wave

NAME = "gru_2d"
ORDER = 80


class Gru2d(GridCell):
    """A state that is a convex mix of the two parents' and a candidate, so it stays in [-1, 1].

    Options:
        update_bias: Bias of the update gate at the start; the gate keeps, as torch's does.
        gain: Both recurrent starts are ``gain`` times orthogonal.
        identity: 1 starts both at ``gain`` times the identity instead, 0 doesn't.
    """

    NAME = NAME
    LABEL = "2-D GRU"
    DESCRIPTION = "A GRU that keeps a weighted mean of what comes from above and from the left."
    GATES = ("reset", "update", "mix", "candidate")
    BLOCKS = GATES
    KEEPS = ("update",)
    EQUATIONS = (
        r"r = \sigma(W_r h_{\uparrow} + V_r h_{\leftarrow} + U_r x + b_r)",
        r"z = \sigma(W_z h_{\uparrow} + V_z h_{\leftarrow} + U_z x + b_z)",
        r"\lambda = \sigma(W_\lambda h_{\uparrow} + V_\lambda h_{\leftarrow} + U_\lambda x"
        r" + b_\lambda)",
        r"n = \tanh(U_n x + b_n + r \odot (W_n h_{\uparrow} + V_n h_{\leftarrow} + b_h))",
        r"h = (1 - z) \odot n"
        r" + z \odot (\lambda \odot h_{\uparrow} + (1 - \lambda) \odot h_{\leftarrow})",
    )
    OPTIONS = {"update_bias": 0.0, "gain": 0.7, "identity": 0.0}

    def __init__(
        self,
        features: int,
        units: int,
        update_bias: float = 0.0,
        gain: float = 0.7,
        identity: float = 0.0,
    ) -> None:
        """Make a cell; the options as in the class."""
        super().__init__(features, units)
        self.update_bias, self.gain, self.identity = update_bias, gain, identity
        self.bias_h = torch.nn.Parameter(torch.empty(units))
        self.start()

    @torch.no_grad()
    def start(self, generator: torch.Generator | None = None) -> None:
        """Start the weights as the plain 2-D network does, then set the update gate's bias."""
        start.recurrent_start(self, self.gain, self.identity, generator)
        self.bias[self.block("update")] = self.update_bias

    def activate(self, projected: Tensor, hidden: Sequence[Tensor]) -> Gates:
        """Return the three gates and the candidate."""
        x, h = split(self, projected), split(self, self.recur(hidden))
        gates = {name: torch.sigmoid(x[name] + h[name]) for name in ("reset", "update", "mix")}
        hidden_part = gates["reset"] * (h["candidate"] + self.bias_h)
        return gates | {"candidate": torch.tanh(x["candidate"] + hidden_part)}

    def combine(self, gates: Gates, parents: Sequence[States]) -> States:
        """Return the mix of both parents' states and the candidate."""
        up, left = parents
        mean = gates["mix"] * up["h"] + (1 - gates["mix"]) * left["h"]
        return {"h": (1 - gates["update"]) * gates["candidate"] + gates["update"] * mean}

    def slopes(
        self, projected: Tensor, parents: Sequence[States], states: States, gates: Gates
    ) -> Slopes:
        """Return dh/d(gate's sum) for every gate, the reset gate and what is kept of either h."""
        r, z, mix, n = (gates[name] for name in self.BLOCKS)
        up, left = (parent["h"] for parent in parents)
        of_up, of_left = self.weight_h[:, self.block("candidate")]
        heard = up @ of_up.T + left @ of_left.T + self.bias_h
        mean = mix * up + (1 - mix) * left
        written = (1 - z) * (1 - n.square())
        rows = (
            written * heard * r * (1 - r),
            (mean - n) * z * (1 - z),
            z * (up - left) * mix * (1 - mix),
            written,
        )
        return {
            "rows": torch.cat(rows, -1),
            "reset": r,
            "kept up": z * mix,
            "kept left": z * (1 - mix),
        }

    def pull(self, slopes: Slopes, received: States) -> Pulled:
        """Return the gradient into the gates, the candidate's through the reset gate, and kept."""
        h = received["h"]
        rows = torch.cat((h, h, h, h), -1) * slopes["rows"]
        *gates, candidate = rows.chunk(4, -1)
        up, left = self.spread(torch.cat((*gates, candidate * slopes["reset"]), -1))
        before = [{"h": up + h * slopes["kept up"]}, {"h": left + h * slopes["kept left"]}]
        return Pulled(received, rows, before)

    def wave(self) -> Wave:
        """Return what the wavefront sweeps."""
        return gru_2d_wave(self.weight_x, self.weight_h, self.bias, self.bias_h)


CELL = Gru2d
