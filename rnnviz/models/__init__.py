"""Cells, the model they make, the fast and the revealing way through it, and checkpoints."""

from rnnviz.models.model import Model, ModelConfig

__all__ = ["Model", "ModelConfig"]
