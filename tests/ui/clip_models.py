"""Small clip models with fresh weights, shipped for the length of a test."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch

from rnnviz.data.clips.motions import MOTIONS
from rnnviz.data.dataset import DIGITS
from rnnviz.models.clips import store
from rnnviz.models.clips.checkpoint import ClipCheckpoint, save_clip_checkpoint
from rnnviz.models.clips.config import ClipConfig
from rnnviz.models.clips.model import ClipModel
from rnnviz.models.clips.probes import FrameProbes
from rnnviz.models.config import ModelConfig
from rnnviz.ui.clips import networks

WIDE = ModelConfig("rows", "gru", 6, shape=(1, 28, 56))
NARROW = ModelConfig("rows", "rnn", 6)
GRID = ModelConfig("grid", "rnn_2d", 4, route_options={"patch": 7, "corners": 4})
MOVING, PEN = {"datasets": ["moving-digits"]}, {"datasets": ["pen-clips"]}
SHIPPED = {
    "clip-motion": (
        ClipConfig(WIDE, "gru", 5, MOTIONS, frames=8, sight="both"),
        MOVING | {"task": "motion"},
    ),
    "clip-digit": (ClipConfig(GRID, "lstm", 5, DIGITS, frames=6), MOVING | {"task": "digit"}),
    "clip-pen": (ClipConfig(NARROW, "gru", 5, DIGITS, frames=10), PEN),
    "clip-events": (
        ClipConfig(WIDE, "lstm", 5, MOTIONS, frames=12, answers="frames", sight="both"),
        MOVING | {"task": "events"},
    ),
}
METRICS = {"test/accuracy": 0.5, "robust/none": 0.5, "robust/inverted": 0.25}


def tiny_checkpoint(name: str) -> ClipCheckpoint:
    """Return a checkpoint whose network knows nothing, but does all that others do."""
    config, provenance = SHIPPED[name]
    torch.manual_seed(1)
    model = ClipModel(config)
    probes = None
    if config.answers == "end":
        count, classes = config.frames, len(config.classes)
        weight = torch.randn(count, classes, config.units)
        probes = FrameProbes(weight, torch.zeros(count, classes), torch.ones(count))
    weights = {key: value.detach() for key, value in model.state_dict().items()}
    return ClipCheckpoint(name, config, weights, probes, {}, METRICS, provenance)


@contextmanager
def shipped_in(folder: Path, names: list[str]) -> Iterator[None]:
    """Let the page find these networks, and no others, in a folder."""
    for name in names:
        save_clip_checkpoint(tiny_checkpoint(name), folder / f"{name}.safetensors")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "clips_folder", lambda: folder)
        networks.shipped.clear()
        yield
    networks.shipped.clear()
