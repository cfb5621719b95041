"""A checkpoint comes back as it was saved, and nothing else is let in."""

import json
import pickle
import struct
from dataclasses import replace

import pytest
import safetensors.torch
import torch

from rnnviz.models import Model, ModelConfig
from rnnviz.models.checkpoint import (
    Checkpoint,
    CheckpointError,
    load_checkpoint,
    parse_checkpoint,
    save_checkpoint,
)
from rnnviz.models.checkpoint_file import MOST_BYTES
from rnnviz.models.probes import Probes
from rnnviz.models.store import checkpoint_path

CONFIG = ModelConfig("rows", "lstm", 6, shape=(1, 5, 4), classes=3)


def checkpoint() -> Checkpoint:
    torch.manual_seed(0)
    probes = Probes(
        torch.tensor([1, 4]), torch.randn(2, 3, 6), torch.randn(2, 3), torch.tensor([0.5, 0.9])
    )
    return Checkpoint(
        name="small",
        config=CONFIG,
        weights=Model(CONFIG).state_dict(),
        probes=probes,
        training={"seed": 4},
        metrics={"digits/test/accuracy": 0.75},
        provenance={"date": "2026-01-01"},
    )


def saved(folder, changed: Checkpoint | None = None) -> bytes:
    path = folder / "small.safetensors"
    save_checkpoint(changed or checkpoint(), path)
    return path.read_bytes()


def with_tensors(data: bytes, change) -> bytes:
    """Return the file with other tensors and the same header."""
    length = struct.unpack("<Q", data[:8])[0]
    metadata = json.loads(data[8 : 8 + length])["__metadata__"]
    return safetensors.torch.save(change(safetensors.torch.load(data)), metadata)


def with_header(data: bytes, **changes) -> bytes:
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["rnnviz"])
    metadata = {"rnnviz": json.dumps(header | changes)}
    return safetensors.torch.save(safetensors.torch.load(data), metadata)


def test_a_checkpoint_comes_back_as_it_was_saved(tmp_path):
    path = tmp_path / "deep" / "small.safetensors"
    before = checkpoint()
    save_checkpoint(before, path)
    after = load_checkpoint(path)
    assert (after.name, after.config) == (before.name, before.config)
    assert after.training == before.training
    assert after.metrics == before.metrics
    assert after.provenance == before.provenance
    images = torch.rand(2, 5, 4)
    model = Model(CONFIG)
    model.load_state_dict(before.weights)
    assert torch.equal(after.model()(images), model(images))
    assert after.probes is not None and before.probes is not None
    for name, value in vars(before.probes).items():
        assert torch.equal(getattr(after.probes, name), value)
    assert [file.name for file in path.parent.iterdir()] == ["small.safetensors"]


@pytest.mark.parametrize(
    "changes",
    [
        {"layers": 3, "directions": 2},
        {"layers": 4},
        {"directions": 2, "length": 3},
        {"cell_options": {"identity": 1.0, "gain": 0.5}},
        {"route": "grid", "cell": "gru_2d", "layers": 2, "route_options": {"corners": 4}},
    ],
)
def test_a_stacked_model_comes_back_as_it_was_saved(tmp_path, changes):
    config = replace(CONFIG, **changes)
    model = Model(config)
    width = model.readout.in_features
    probes = Probes(
        torch.tensor([0]), torch.randn(1, 3, width), torch.randn(1, 3), torch.tensor([0.5])
    )
    before = Checkpoint("stack", config, model.state_dict(), probes)
    save_checkpoint(before, tmp_path / "stack.safetensors")
    after = load_checkpoint(tmp_path / "stack.safetensors")
    assert after.config == config
    images = torch.rand(2, 5, 4)
    assert torch.equal(after.model()(images), model(images))


def test_a_checkpoint_from_before_layers_and_directions_is_read(tmp_path):
    config = CONFIG.as_dict()
    del config["layers"], config["directions"]
    assert parse_checkpoint(with_header(saved(tmp_path), config=config), "small").config == CONFIG


def test_a_stack_without_its_upper_layer_is_refused(tmp_path):
    data = with_header(saved(tmp_path), config=CONFIG.as_dict() | {"layers": 2})
    with pytest.raises(CheckpointError, match=r"without upper\.2\.0\.bias"):
        parse_checkpoint(data, "small")


def test_a_checkpoint_may_come_without_probes(tmp_path):
    data = saved(tmp_path, replace(checkpoint(), probes=None))
    assert parse_checkpoint(data, "small").probes is None


@pytest.mark.parametrize("padding", range(0, 264, 8))
def test_a_header_of_any_length_is_read(tmp_path, padding):
    # A file begins with its header's length, whose lowest byte may be that of a pickle, 0x80.
    long = replace(checkpoint(), provenance={"note": "x" * padding})
    assert parse_checkpoint(saved(tmp_path, long), "small").provenance == long.provenance


def test_figures_that_are_no_fractions_are_left_out(tmp_path):
    metrics = {"a": 0.5, "b": float("nan"), "c": 10**400, "d": "0.5", "e": -0.1, "f": 1}
    data = with_header(saved(tmp_path), metrics=metrics)
    assert parse_checkpoint(data, "small").metrics == {"a": 0.5, "f": 1.0}


class Bomb:
    def __reduce__(self):
        return (open, ("pickle-was-run", "w"))


def test_a_pickle_is_never_opened(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"weights": Bomb()}, "model.pt")
    zipped = (tmp_path / "model.pt").read_bytes()
    for data in (zipped, pickle.dumps(Bomb(), protocol=4)):
        with pytest.raises(CheckpointError, match=r"is a pickle.*never opened.*safetensors"):
            parse_checkpoint(data, "model.pt")
    assert not (tmp_path / "pickle-was-run").exists()


def drop_readout(tensors):
    return {name: value for name, value in tensors.items() if name != "weights.readout.bias"}


def transpose_readout(tensors):
    return tensors | {"weights.readout.weight": tensors["weights.readout.weight"].T.contiguous()}


def poison(tensors):
    bias = tensors["weights.readout.bias"].clone()
    bias[1] = float("nan")
    return tensors | {"weights.readout.bias": bias}


def add_surplus(tensors):
    return tensors | {"weights.extra": torch.zeros(1)}


def make_integer(tensors):
    return tensors | {"weights.readout.bias": torch.zeros(3, dtype=torch.int64)}


def probe_off_the_route(tensors):
    return tensors | {"probes.depths": torch.tensor([1, 5])}


def flatten_the_depths(tensors):
    return tensors | {"probes.depths": torch.tensor(4)}


def drop_a_probe(tensors):
    return {name: value for name, value in tensors.items() if name != "probes.bias"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (drop_readout, r"without readout\.bias"),
        (transpose_readout, r"readout\.weight should be of shape \(3, 6\), got \(6, 3\)"),
        (poison, r"readout\.bias holds NaN or infinite"),
        (add_surplus, r"unknown extra"),
        (make_integer, r"should hold floats"),
        (probe_off_the_route, r"don't stand on its route"),
        (flatten_the_depths, r"probes of 'small' don't fit together"),
        (drop_a_probe, r"probes of 'small' don't fit together"),
    ],
)
def test_tensors_that_do_not_fit_are_named(tmp_path, change, message):
    data = with_tensors(saved(tmp_path), change)
    with pytest.raises(CheckpointError, match=message):
        parse_checkpoint(data, "small")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"route": "spiral"}, "no route 'spiral'"),
        ({"cell": "../../etc"}, "no cell"),
        ({"units": 10**9}, "outside 1 to 512"),
        ({"units": -1}, "outside 1 to 512"),
        ({"units": "many"}, "can't be built"),
        ({"shape": [1, 10**6, 10**6]}, "outside 1 to 64"),
        ({"shape": [5, 4]}, r"pictures of \(5, 4\)"),
        ({"shape": [9999, 5, 4]}, "one picture is read"),
        ({"surprise": 1}, "can't be built"),
        ({"cell_options": {"forget_bias": "x"}}, "can't be built"),
        ({"cell_options": [1]}, "can't be built"),
        ({"cell_options": {"memory": 10**400}}, "can't be built"),
        ({"shape": [1, float("inf"), 4]}, "can't be built"),
        ({"classes": 10**9}, "classes are outside"),
        ({"layers": 10**9}, "1 to 4 layers"),
        ({"layers": 4, "units": 200}, "800 units in all layers .* outside 1 to 512"),
        ({"layers": 0}, "1 to 4 layers"),
        ({"layers": "2"}, "1 to 4 layers"),
        ({"layers": 1.5}, "1 to 4 layers"),
        ({"layers": None}, "1 to 4 layers"),
        ({"directions": 3}, "1 to 2 directions"),
        ({"directions": [2]}, "1 to 2 directions"),
        ({"route": "grid", "cell": "rnn_2d", "directions": 2}, "corners=4"),
        ({"cell_options": {"identity": 0.5}}, "'identity' of cell 'lstm' is 1"),
        ({"cell_options": {"identity": 1, "gain": 0}}, "with a gain of 0"),
    ],
)
def test_a_config_that_cannot_be_built_is_refused(tmp_path, config, message):
    data = with_header(saved(tmp_path), config=CONFIG.as_dict() | config)
    with pytest.raises(CheckpointError, match=message):
        parse_checkpoint(data, "small")


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 60, 400, -1])
def test_a_file_that_is_cut_short_is_refused(tmp_path, size):
    with pytest.raises(CheckpointError, match="small"):
        parse_checkpoint(saved(tmp_path)[:size], "small")


@pytest.mark.parametrize(
    "data",
    [
        b"hello, this is a text file and not a checkpoint",
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", 4) + b"nope",
        struct.pack("<Q", 2) + b"[]" + b"\0" * 8,
        struct.pack("<Q", 20000) + b"[" * 20000,
        struct.pack("<Q", 29) + b'{"__metadata__":{"rnnviz":5}}' + b"\0" * 8,
        safetensors.torch.save({"a": torch.zeros(1)}),
        safetensors.torch.save({"a": torch.zeros(1)}, {"rnnviz": "[1]"}),
        safetensors.torch.save({"a": torch.zeros(1)}, {"rnnviz": '{"config": 3, "format": 1}'}),
        safetensors.torch.save({"a": torch.zeros(1)}, {"rnnviz": '{"config": {}, "format": 9}'}),
    ],
)
def test_whatever_is_not_a_checkpoint_is_refused_kindly(data):
    with pytest.raises(CheckpointError, match=r"'gift'.*\."):
        parse_checkpoint(data, "gift")


def test_random_damage_never_crashes(tmp_path):
    data = bytearray(saved(tmp_path))
    generator = torch.Generator().manual_seed(0)
    for _ in range(200):
        damaged = bytearray(data)
        for place in torch.randint(len(data), (3,), generator=generator).tolist():
            damaged[place] = int(torch.randint(256, (1,), generator=generator))
        try:
            parse_checkpoint(bytes(damaged), "small")
        except CheckpointError as error:
            assert "small" in str(error)


def test_a_file_over_the_limit_is_not_read(tmp_path):
    path = tmp_path / "huge.safetensors"
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(CheckpointError, match=r"'huge.safetensors' has 64 MB"):
        load_checkpoint(path)


def test_an_unknown_name_lists_what_there_is():
    with pytest.raises(CheckpointError, match="There is no checkpoint 'nothing-here'"):
        checkpoint_path("nothing-here")
