"""A set of clips survives its file, and a file that is none is refused in words."""

import json
import struct

import numpy as np
import pytest
import safetensors.numpy

from rnnviz.data.clips.clip_file import (
    MOST_BYTES,
    clips_bytes,
    load_clip_file,
    parse_clips,
    save_clips,
)
from rnnviz.data.clips.clipset import ClipSet
from rnnviz.data.errors import ClipError


def some_clips() -> ClipSet:
    chance = np.random.default_rng(0)
    return ClipSet(
        name="mine",
        split="all",
        frames=chance.integers(0, 256, (3, 5, 28, 28), dtype=np.uint8),
        lengths=np.array([5, 4, 5]),
        labels=np.array([0, 1, 1]),
        classes=("<b>wave</b>", "clap"),
        source="a webcam",
        names=("a", "b/ü.mp4", "c"),
    )


def file_of(arrays: dict, header: object) -> bytes:
    return safetensors.numpy.save(arrays, metadata={"rnnviz.clips": json.dumps(header)})


def parts() -> tuple[dict, dict]:
    clips = some_clips()
    arrays = {"frames": clips.frames, "lengths": clips.lengths, "labels": clips.labels}
    header = {"format": 1, "name": "m", "split": "all", "classes": ["a", "b"], "source": ""}
    return arrays, header | {"names": None}


def test_clips_survive_their_file(tmp_path):
    clips = some_clips()
    save_clips(clips, tmp_path / "clips.safetensors")
    again = load_clip_file(tmp_path / "clips.safetensors")
    for name in ("frames", "lengths", "labels"):
        assert np.array_equal(getattr(again, name), getattr(clips, name)), name
    for name in ("name", "split", "classes", "source", "names"):
        assert getattr(again, name) == getattr(clips, name), name
    assert [one.name for one in tmp_path.iterdir()] == ["clips.safetensors"]


@pytest.mark.parametrize("length", [0, 5, 8, 60, 300, -1])
def test_a_file_that_is_cut_off_is_refused(length):
    with pytest.raises(ClipError, match=r"cut short|damaged"):
        parse_clips(clips_bytes(some_clips())[:length], "clips")


def test_files_of_something_else_are_refused():
    tensors = safetensors.numpy.save({"weights": np.zeros(3)})
    with pytest.raises(ClipError, match="no clips of this app"):
        parse_clips(tensors, "net")
    with pytest.raises(ClipError, match="isn't a file of clips"):
        parse_clips(b"PK\x03\x04" + bytes(100), "archive.zip")
    header = b"{" * 50
    with pytest.raises(ClipError, match="not JSON"):
        parse_clips(struct.pack("<Q", len(header)) + header + bytes(9), "x")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"frames": np.zeros((3, 5, 9, 9), np.uint8)}, "must have shape"),
        ({"frames": np.zeros((3, 5, 28, 28), np.float32)}, "must be uint8"),
        ({"frames": np.zeros((3, 200, 28, 28), np.uint8)}, "1 to 64 frames"),
        ({"frames": np.zeros((2001, 1, 28, 28), np.uint8)}, "at most 2000 clips"),
        ({"lengths": np.array([5, 6, 5])}, "1 to 5 frames"),
        ({"lengths": np.array([0, 5, 5])}, "1 to 5 frames"),
        ({"labels": np.array([0, 2, 1])}, "must lie in 0..1"),
        ({"labels": np.array([0, -1, 1])}, "must lie in 0..1"),
        ({"labels": np.array([0, 1])}, "shape"),
    ],
)
def test_parts_that_do_not_fit_together_are_refused(change, message):
    arrays, header = parts()
    with pytest.raises(ClipError, match=message):
        parse_clips(file_of(arrays | change, header), "clips")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 2}, "format 2"),
        ({"classes": ["a", "a"]}, "names of their own"),
        ({"classes": ["a", ""]}, "names of their own"),
        ({"classes": "ab"}, "names of their own"),
        ({"classes": [str(number) for number in range(65)]}, "names of their own"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(change, message):
    arrays, header = parts()
    with pytest.raises(ClipError, match=message):
        parse_clips(file_of(arrays, header | change), "clips")


def test_names_that_are_not_one_a_clip_are_left_out_and_long_ones_are_cut():
    arrays, header = parts()
    assert parse_clips(file_of(arrays, header | {"names": ["a"]}), "x").names is None
    assert parse_clips(file_of(arrays, header | {"names": [1, 2, 3]}), "x").names is None
    found = parse_clips(file_of(arrays, header | {"names": ["a" * 999, "b", "c"]}), "x").names
    assert found == ("a" * 200, "b", "c")


def test_a_file_over_the_limit_is_not_even_read(tmp_path):
    path = tmp_path / "large.safetensors"
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(ClipError, match="128 MB"):
        load_clip_file(path)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ClipError, match=r"none\.safetensors' can't be read"):
        load_clip_file(tmp_path / "none.safetensors")
