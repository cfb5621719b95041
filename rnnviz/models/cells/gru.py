"""The gated recurrent unit (Cho et al. 2014)."""

from collections.abc import Sequence

import torch
from torch import Tensor

from rnnviz.models.cells import start
from rnnviz.models.cells.cell import Cell, Gates, Pulled, Slopes, States, split
from rnnviz.models.cells.fused import fused_scan

NAME = "gru"
ORDER = 40


class Gru(Cell):
    """A state that is kept in part and overwritten in part, in torch's order of gates.

    Options:
        update_bias: Bias of the update gate at the start. Torch's update gate keeps: 1 keeps
            73 % of the state a step.
        memory: Longest dependency in steps for a chrono start of the update bias; 0 for none.
        gain: The recurrent start is ``gain`` times orthogonal; 0 takes PyTorch's default start.
        identity: 1 starts at ``gain`` times the identity instead, 0 doesn't.
    """

    NAME = NAME
    LABEL = "GRU"
    DESCRIPTION = "One gate mixes old state and new, another hides the old from the candidate."
    GATES = ("reset", "update", "candidate")
    BLOCKS = GATES
    KEEPS = ("update",)
    EQUATIONS = (
        r"r_t = \sigma(W_r h_{t-1} + U_r x_t + b_r)",
        r"z_t = \sigma(W_z h_{t-1} + U_z x_t + b_z)",
        r"n_t = \tanh(U_n x_t + b_n + r_t \odot (W_n h_{t-1} + b_h))",
        r"h_t = (1 - z_t) \odot n_t + z_t \odot h_{t-1}",
    )
    OPTIONS = {"update_bias": 0.0, "memory": 0.0, "gain": 1.0, "identity": 0.0}

    def __init__(
        self,
        features: int,
        units: int,
        update_bias: float = 0.0,
        memory: float = 0.0,
        gain: float = 1.0,
        identity: float = 0.0,
    ) -> None:
        """Make a cell; the options as in the class."""
        super().__init__(features, units)
        self.update_bias, self.memory = update_bias, memory
        self.gain, self.identity = gain, identity
        self.bias_h = torch.nn.Parameter(torch.empty(units))
        self.start()

    @torch.no_grad()
    def start(self, generator: torch.Generator | None = None) -> None:
        """Start the weights as the RNN does, then set the update gate's bias."""
        start.recurrent_start(self, self.gain, self.identity, generator)
        self.bias[self.block("update")] = self.update_bias
        if self.memory > 0:
            start.chrono_bias(self.bias[self.block("update")], self.memory, generator)

    def activate(self, projected: Tensor, hidden: Sequence[Tensor]) -> Gates:
        """Return the two gates and the candidate."""
        x, h = split(self, projected), split(self, self.recur(hidden))
        reset = torch.sigmoid(x["reset"] + h["reset"])
        update = torch.sigmoid(x["update"] + h["update"])
        # torch applies the reset gate after the recurrent product, Cho et al. (2014) before it.
        # Following torch lets our weights load into nn.GRU.
        candidate = torch.tanh(x["candidate"] + reset * (h["candidate"] + self.bias_h))
        return {"reset": reset, "update": update, "candidate": candidate}

    def combine(self, gates: Gates, parents: Sequence[States]) -> States:
        """Return the mix of the parent's state and the candidate."""
        update = gates["update"]
        return {"h": (1 - update) * gates["candidate"] + update * parents[0]["h"]}

    def slopes(
        self, projected: Tensor, parents: Sequence[States], states: States, gates: Gates
    ) -> Slopes:
        """Return dh/d(gate's sum) for the three gates, the reset gate and what is kept."""
        r, z, n = (gates[name] for name in self.BLOCKS)
        before = parents[0]["h"]
        heard = before @ self.weight_h[0, self.block("candidate")].T + self.bias_h
        written = (1 - z) * (1 - n.square())
        rows = (written * heard * r * (1 - r), (before - n) * z * (1 - z), written)
        return {"rows": torch.cat(rows, -1), "reset": r, "kept": z}

    def pull(self, slopes: Slopes, received: States) -> Pulled:
        """Return the gradient into the gates, the candidate's through the reset gate, and kept."""
        h = received["h"]
        rows = torch.cat((h, h, h), -1) * slopes["rows"]
        reset, update, candidate = rows.chunk(3, -1)
        (before,) = self.spread(torch.cat((reset, update, candidate * slopes["reset"]), -1))
        before = before + h * slopes["kept"]
        return Pulled(received, rows, [{"h": before}])

    def scan(self, inputs: Tensor) -> States:
        """Return h of every step by ``torch.gru``."""
        return {"h": fused_scan(self, torch.gru, inputs)}


CELL = Gru
