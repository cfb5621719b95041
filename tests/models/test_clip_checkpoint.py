"""Clip checkpoints: what is written is read, and nothing else is."""

import dataclasses
import json

import pytest
import safetensors.torch
import torch

from rnnviz.models.checkpoint import Checkpoint, CheckpointError, save_checkpoint
from rnnviz.models.clips.checkpoint import (
    ClipCheckpoint,
    clip_checkpoint_bytes,
    load_clip_checkpoint,
    parse_clip_checkpoint,
    save_clip_checkpoint,
)
from rnnviz.models.clips.config import ClipConfig
from rnnviz.models.clips.model import ClipModel
from rnnviz.models.clips.probes import FrameProbes
from rnnviz.models.clips.store import read_clip_model
from rnnviz.models.config import ModelConfig
from rnnviz.models.model import Model

CONFIG = ClipConfig(ModelConfig("rows", "gru", 3), "lstm", 4, ("yes", "no"), frames=5)


def checkpoint(**changed) -> ClipCheckpoint:
    torch.manual_seed(0)
    weights = ClipModel(CONFIG).state_dict()
    probes = FrameProbes(torch.rand(5, 2, 4), torch.rand(5, 2), torch.rand(5))
    made = ClipCheckpoint(
        "waving", CONFIG, weights, probes, {"seed": 1}, {"test/accuracy": 0.5}, {"date": "today"}
    )
    return dataclasses.replace(made, **changed)


def header_changed(data: bytes, **changed) -> bytes:
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    own = json.loads(header["__metadata__"]["rnnviz"])
    own |= changed
    header["__metadata__"]["rnnviz"] = json.dumps(own)
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data[8 + length :]


def test_what_is_written_is_read(tmp_path):
    path = tmp_path / "waving.safetensors"
    written = checkpoint()
    save_clip_checkpoint(written, path)
    read = load_clip_checkpoint(path)
    assert (read.name, read.config) == (written.name, written.config)
    assert (read.training, read.metrics, read.provenance) == (
        written.training,
        written.metrics,
        written.provenance,
    )
    assert read.probes is not None and written.probes is not None
    for name, value in vars(written.probes).items():
        assert torch.equal(vars(read.probes)[name], value)
    clip = torch.rand(2, 5, 28, 28)
    assert torch.equal(read.model()(clip), written.model()(clip))
    assert torch.equal(read_clip_model(path).model()(clip), written.model()(clip))


def test_no_name_finds_what_is_not_there():
    with pytest.raises(CheckpointError, match="no clip model 'nothing'"):
        read_clip_model("nothing")


def test_a_model_of_pictures_says_where_it_belongs(tmp_path):
    config = ModelConfig("rows", "gru", 3)
    path = tmp_path / "rows.safetensors"
    save_checkpoint(Checkpoint("rows", config, Model(config).state_dict()), path)
    with pytest.raises(CheckpointError, match=r"a model of pictures.*page Draw"):
        load_clip_checkpoint(path)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"config": None}, "can't be built"),
        ({"config": CONFIG.as_dict() | {"units": 10**6}}, "can't be built"),
        ({"config": CONFIG.as_dict() | {"units": -1}}, "can't be built"),
        ({"config": CONFIG.as_dict() | {"frames": 10**9}}, "can't be built"),
        ({"config": CONFIG.as_dict() | {"classes": ["a" * 41, "b"]}}, "can't be built"),
        ({"config": CONFIG.as_dict() | {"classes": 3}}, "can't be built"),
        ({"config": CONFIG.as_dict() | {"spatial": {"route": "rows"}}}, "can't be built"),
        ({"config": CONFIG.as_dict() | {"cell": "../x"}}, "can't be built"),
        ({"config": CONFIG.as_dict() | {"layers": 2}}, "came without .* its lstm over gru on rows"),
        ({"config": CONFIG.as_dict() | {"units": 5}}, "should be of shape"),
        ({"config": CONFIG.as_dict() | {"frames": 6}}, "probes.*don't fit"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(changed, message):
    with pytest.raises(CheckpointError, match=message):
        parse_clip_checkpoint(header_changed(clip_checkpoint_bytes(checkpoint()), **changed), "x")


def test_numbers_that_are_none_are_refused():
    weights = checkpoint().weights | {"readout.bias": torch.tensor([float("nan"), 0.0])}
    with pytest.raises(CheckpointError, match="NaN"):
        parse_clip_checkpoint(clip_checkpoint_bytes(checkpoint(weights=weights)), "x")


def test_a_file_that_is_cut_short_is_refused():
    data = clip_checkpoint_bytes(checkpoint())
    for cut in (0, 5, 100, len(data) - 10):
        with pytest.raises(CheckpointError):
            parse_clip_checkpoint(data[:cut], "x")


def test_a_pickle_is_never_opened():
    with pytest.raises(CheckpointError, match="pickle"):
        parse_clip_checkpoint(b"\x80\x04" + bytes(100), "x")


def test_tensors_alone_are_no_model():
    with pytest.raises(CheckpointError, match="which model"):
        parse_clip_checkpoint(safetensors.torch.save({"a": torch.zeros(1)}), "x")
