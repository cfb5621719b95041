"""Cells, the model they make, the fast and the revealing way through it, and checkpoints."""

from rnnviz.models.config import ModelConfig
from rnnviz.models.model import Model

__all__ = ["Model", "ModelConfig"]
