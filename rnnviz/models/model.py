"""A model: a route, a cell and a readout, or several layers of cells one above the other."""

from torch import Tensor, nn

from rnnviz.models.config import ModelConfig
from rnnviz.models.encoder import Encoder


class Model(Encoder):
    """An encoder with a readout that answers from its summary.

    ``model(images)`` maps (batch, height, width), or (batch, frame, height, width), with values in
    [0, 1], to logits (batch, class).
    """

    def __init__(self, config: ModelConfig) -> None:
        """Build the model with fresh weights; errors as for ``Encoder``."""
        super().__init__(config)
        self.readout = nn.Linear(self.features, config.classes)

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits, shape (batch, class)."""
        return self.readout(self.encode(images))


def parameter_count(model: nn.Module) -> int:
    """Return the number of trained values."""
    return sum(parameter.numel() for parameter in model.parameters())
