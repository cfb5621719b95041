"""A checkpoint that somebody brings along is checked as hostile and then kept like a run."""

import json
import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from rnnviz.models import Model, ModelConfig
from rnnviz.models.checkpoint import Checkpoint, CheckpointError, load_checkpoint
from rnnviz.models.checkpoint import save_checkpoint as save
from rnnviz.models.checkpoint_file import MOST_BYTES
from rnnviz.training.runs.brought import plain_name
from rnnviz.training.runs.errors import BusyError, RunError, UnknownRunError
from rnnviz.training.runs.limits import Limits
from rnnviz.training.runs.service import Service

CONFIG = ModelConfig("rows", "gru", 6)
MEASURED = {"mnist/test/accuracy": 0.75}


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    found = Service(tmp_path, tmp_path / "runs", Limits(of_one=1, kept=3))
    yield found
    found.close()


def checkpoint(**changes) -> Checkpoint:
    torch.manual_seed(0)
    config = replace(CONFIG, **changes)
    return Checkpoint("inside", config, Model(config).state_dict(), metrics=MEASURED)


def bytes_of(folder: Path, made: Checkpoint) -> bytes:
    save(made, folder / "made.safetensors")
    return (folder / "made.safetensors").read_bytes()


def test_a_network_that_was_brought_is_an_entry_like_a_run(service: Service, tmp_path: Path):
    made = checkpoint()
    run = service.bring(bytes_of(tmp_path, made), "my first.safetensors", "ann")
    assert (run.name, run.owner, run.state, run.brought) == ("my first", "ann", "done", True)
    assert run.figures == MEASURED and ModelConfig(**run.recipe["model"]) == CONFIG
    kept = load_checkpoint(service.files(run.id).network_path())
    assert kept.config == CONFIG and kept.name == "inside"
    assert all(torch.equal(kept.weights[key], made.weights[key]) for key in made.weights)
    assert service.runs_of("ann") == [run] and service.runs_of("bob") == []
    with pytest.raises(RunError, match="no training"):
        service.files(run.id).recipe()


def test_it_survives_a_restart_and_is_renamed_tagged_deleted_and_restored_by_its_owner_alone(
    service: Service, tmp_path: Path
):
    run = service.bring(bytes_of(tmp_path, checkpoint()), "a.safetensors", "ann")
    again = Service(tmp_path, service.folder, service.limits)
    try:
        assert again.get(run.id) == run
    finally:
        again.close()
    service.rename(run.id, "mine", "ann")
    service.tag(run.id, ["good"], "ann")
    found = service.get(run.id)
    assert (found.name, found.tags) == ("mine", ("good",))
    with pytest.raises(RunError, match="somebody else's"):
        service.delete(run.id, "bob")
    service.delete(run.id, "ann")
    with pytest.raises(UnknownRunError):
        service.get(run.id)
    service.restore(run.id, "ann")
    assert service.get(run.id) == found


def test_the_same_file_twice_is_one_entry_of_each_who_brought_it(service: Service, tmp_path: Path):
    data = bytes_of(tmp_path, checkpoint())
    first = service.bring(data, "a.safetensors", "ann")
    assert service.bring(data, "b.safetensors", "ann") == first
    other = service.bring(data, "a.safetensors", "bob")
    assert other.id != first.id and other.owner == "bob"


def test_thirty_who_bring_the_same_file_at_once_still_have_one_entry_each(
    service: Service, tmp_path: Path
):
    data = bytes_of(tmp_path, checkpoint())
    found = []
    threads = [
        threading.Thread(
            target=lambda who=who: found.append(service.bring(data, "a.safetensors", who))
        )
        for who in ["ann", "bob", "eve"] * 10
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 30 and len({run.id for run in found}) == 3


def test_what_is_brought_counts_against_what_one_may_keep(service: Service, tmp_path: Path):
    for units in (4, 5, 6):
        service.bring(bytes_of(tmp_path, checkpoint(units=units)), "a.safetensors", "ann")
    data = bytes_of(tmp_path, checkpoint(units=7))
    with pytest.raises(BusyError, match="page Runs"):
        service.bring(data, "a.safetensors", "ann")
    assert service.bring(data, "a.safetensors", "bob").owner == "bob"
    assert len(list(service.folder.glob("*/recipe.json"))) == 4


def with_header(header: dict, tensors: dict) -> bytes:
    return safetensors.torch.save(tensors, metadata={"rnnviz": json.dumps(header)})


def hostile(folder: Path) -> dict[str, tuple[bytes, str]]:
    """Return files that must not be taken, and a word of what is said about each."""
    good = checkpoint()
    weights = dict(good.weights)
    name = next(iter(weights))
    header = {"format": 1, "name": "x", "config": CONFIG.as_dict()}
    named = {f"weights.{key}": value for key, value in weights.items()}
    huge = header | {"config": CONFIG.as_dict() | {"units": 10**9}}
    deep = '{"__metadata__":{"rnnviz":' + "[" * 100_000
    return {
        "pickle": (b"\x80\x04\x95" + bytes(99), "pickle"),
        "zip": (b"PK\x03\x04" + bytes(99), "pickle"),
        "empty": (b"", "not a safetensors file"),
        "header longer than the file": ((2**62).to_bytes(8, "little") + b"{}", "cut short"),
        "nested header": (len(deep).to_bytes(8, "little") + deep.encode(), "not JSON"),
        "a model too large to build": (with_header(huge, named), "can't be built"),
        "wrong shapes": (
            with_header(header, named | {f"weights.{name}": torch.zeros(2, 2)}),
            "should be of shape",
        ),
        "missing weights": (with_header(header, {"weights.x": torch.zeros(1)}), "without"),
        "not a number": (
            bytes_of(folder, replace(good, weights=weights | {name: weights[name] * np.nan})),
            "NaN",
        ),
        "too large": (bytes_of(folder, good) + bytes(MOST_BYTES), "64 MB"),
        "other classes": (bytes_of(folder, checkpoint(classes=3)), "3 classes"),
        "other pictures": (bytes_of(folder, checkpoint(shape=(1, 8, 8))), "(8, 8)"),
    }


def test_what_is_no_network_of_ours_leaves_nothing_behind(service: Service, tmp_path: Path):
    for name, (data, words) in hostile(tmp_path).items():
        with pytest.raises(CheckpointError) as told:
            service.bring(data, "evil.safetensors", "ann")
        assert words in str(told.value), name
    assert service.runs_of("ann") == []
    assert not [path for path in service.folder.iterdir() if path.is_dir()]


def test_a_sound_file_with_any_byte_changed_is_refused_or_gives_finite_numbers(
    service: Service, tmp_path: Path
):
    chance = random.Random(0)
    good = bytes_of(tmp_path, checkpoint())
    for _ in range(60):
        data = bytearray(good)
        data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            run = service.bring(bytes(data), "a.safetensors", f"who-{chance.random()}")
        except CheckpointError:
            continue
        kept = load_checkpoint(service.files(run.id).network_path())
        assert all(torch.isfinite(value).all() for value in kept.weights.values())


def test_nothing_but_the_network_itself_is_kept_of_a_file(service: Service, tmp_path: Path):
    data = safetensors.torch.load(bytes_of(tmp_path, checkpoint()))
    header = {"format": 1, "name": "x", "config": CONFIG.as_dict(), "extra": "x" * 1000}
    smuggled = with_header(header, data | {"payload": torch.zeros(1000)})
    run = service.bring(smuggled, "a.safetensors", "ann")
    kept = service.files(run.id).network_path().read_bytes()
    assert b"payload" not in kept and b"extra" not in kept


@pytest.mark.parametrize(
    ("file_name", "name"),
    [
        ("gru.safetensors", "gru"),
        ("../../etc/passwd", "passwd"),
        ("C:\\models\\gru.safetensors", "gru"),
        ("a\x00\n\ud800b.safetensors", "ab"),
        ("<b>*x*</b>.safetensors", "b>"),
        (".safetensors", "a network without a name"),
        ("..", ".."),
    ],
)
def test_a_file_name_becomes_a_name_and_never_a_path(file_name, name, service, tmp_path):
    assert plain_name(file_name) == name
    run = service.bring(bytes_of(tmp_path, checkpoint()), file_name, "ann")
    assert run.name == name
    folders = [path for path in service.folder.iterdir() if path.is_dir()]
    assert folders == [service.files(run.id).path]
