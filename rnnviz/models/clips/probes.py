"""Readouts fitted to the temporal state after each frame: what did it know, and when?"""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class FrameProbes:
    """One linear readout for each frame of a clip of the model's own length.

    Attributes:
        weight: (frame, class, unit); the units are those of the top temporal layer.
        bias: (frame, class).
        accuracy: Share of test clips that each probe gets right, (frame,).
    """

    weight: Tensor
    bias: Tensor
    accuracy: Tensor

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self.weight)

    def logits(self, hidden: Tensor) -> Tensor:
        """Return the beliefs before the softmax, (batch, frame, class).

        Args:
            hidden: h of the top temporal layer after every frame, (batch, frame, unit).
        """
        return torch.einsum("bfu,fcu->bfc", hidden, self.weight.to(hidden)) + self.bias.to(hidden)
