"""``rnnviz predict``: what a clip model says about a file, once or at every frame."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from rnnviz.cli import main
from rnnviz.data.video import prepare_clip, read_video, write_video
from rnnviz.models.clips.checkpoint import ClipCheckpoint, save_clip_checkpoint
from rnnviz.models.clips.config import Answers, ClipConfig
from rnnviz.models.clips.model import ClipModel
from rnnviz.models.config import ModelConfig
from tests.training.clips.actions import RATE, recording


def saved(path: Path, answers: Answers, provenance: dict | None = None) -> ClipCheckpoint:
    """Write the file of an untrained clip model, and return what it holds."""
    torch.manual_seed(1)
    config = ClipConfig(
        ModelConfig("rows", "gru", 6), "gru", 8, ("wave", "cl\x1bap", "no"), 5, answers
    )
    weights = ClipModel(config).state_dict()
    checkpoint = ClipCheckpoint("mine", config, weights, provenance=provenance or {})
    save_clip_checkpoint(checkpoint, path)
    return checkpoint


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "wave.mp4"
    write_video(path, recording("wave", 0), RATE)
    return path


def told(capsys, *arguments: object) -> dict:
    assert main(["predict", *map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def probabilities(checkpoint: ClipCheckpoint, clip: Path, **how) -> np.ndarray:
    frames = prepare_clip(read_video(clip), checkpoint.config.frames, **how).frames
    logits = checkpoint.model()(torch.from_numpy(frames)[None])[0]
    return torch.softmax(logits, -1).numpy()


def test_the_answer_is_the_class_that_the_model_gives_most(clip, tmp_path, capsys):
    checkpoint = saved(tmp_path / "m.safetensors", "end")
    found = told(capsys, clip, "--model", tmp_path / "m.safetensors")
    expected = probabilities(checkpoint, clip)
    assert list(found["probabilities"]) == list(checkpoint.config.classes)
    np.testing.assert_allclose(list(found["probabilities"].values()), expected, atol=1e-5)
    assert found["answer"] == checkpoint.config.classes[expected.argmax()]
    assert (found["name"], found["clip"], found["frames_read"]) == ("mine", str(clip), 5)
    assert found["measured_by"] == "readout"


def test_detection_gives_a_row_a_frame(clip, tmp_path, capsys):
    checkpoint = saved(tmp_path / "m.safetensors", "frames")
    found = told(capsys, clip, "--model", tmp_path / "m.safetensors")
    expected = probabilities(checkpoint, clip)
    assert [row["frame"] for row in found["frames"]] == list(range(5))
    times = [row["time_s"] for row in found["frames"]]
    np.testing.assert_allclose(times, np.arange(5) * 0.4, atol=2e-3)
    for row, shares in zip(found["frames"], expected, strict=True):
        np.testing.assert_allclose(list(row["probabilities"].values()), shares, atol=1e-5)
        assert row["answer"] == checkpoint.config.classes[shares.argmax()]
    assert main(["predict", str(clip), "--model", str(tmp_path / "m.safetensors")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6 and lines[0].split() == ["frame", "time", "answer", "probability"]


def test_a_person_reads_every_class_and_no_terminal_is_moved(clip, tmp_path, capsys):
    saved(tmp_path / "m.safetensors", "end")
    assert main(["predict", str(clip), "--model", str(tmp_path / "m.safetensors")]) == 0
    printed = capsys.readouterr().out
    assert "\x1b" not in printed and "cl?ap" in printed
    shares = [float(line.split()[-2]) for line in printed.splitlines()[1:]]
    assert len(shares) == 3 and shares == sorted(shares, reverse=True)


def test_a_folder_of_pictures_is_a_clip(tmp_path, capsys):
    saved(tmp_path / "m.safetensors", "end")
    (tmp_path / "frames").mkdir()
    for number, frame in enumerate(recording("clap", 1)[:8]):
        Image.fromarray(frame).save(tmp_path / "frames" / f"{number}.png")
    found = told(capsys, tmp_path / "frames", "--model", tmp_path / "m.safetensors")
    assert sum(found["probabilities"].values()) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("provenance", "option", "inverted"),
    [
        ({}, [], False),
        ({"recipe": "clip-motion"}, [], True),
        ({"polarity": "bright on dark"}, [], True),
        ({"recipe": "x", "polarity": "as is"}, [], False),
        ({"polarity": "<script>"}, [], False),
        ({}, ["--polarity", "bright on dark"], True),
        ({"recipe": "clip-motion"}, ["--polarity", "as is"], False),
    ],
)
def test_a_clip_is_prepared_as_those_that_the_model_learned_from(
    tmp_path, capsys, provenance, option, inverted
):
    bright = np.full((10, 40, 40), 230, np.uint8)
    bright[:, 10:20, 10:30] = 20
    write_video(tmp_path / "bright.mp4", bright, RATE)
    checkpoint = saved(tmp_path / "m.safetensors", "end", provenance)
    found = told(capsys, tmp_path / "bright.mp4", "--model", tmp_path / "m.safetensors", *option)
    both = {
        name: probabilities(checkpoint, tmp_path / "bright.mp4", polarity=name)
        for name in ("as is", "bright on dark")
    }
    assert np.abs(both["as is"] - both["bright on dark"]).max() > 1e-3
    expected = both["bright on dark" if inverted else "as is"]
    np.testing.assert_allclose(list(found["probabilities"].values()), expected, atol=1e-5)


def test_a_shipped_model_is_known_by_its_name(clip, capsys):
    found = told(capsys, clip, "--model", "clip-motion")
    assert len(found["probabilities"]) == 9 and found["measured_by"] == "probes"


@pytest.mark.parametrize(
    ("path", "model", "message"),
    [
        ("nothing.mp4", "m.safetensors", "There is no clip"),
        ("text.mp4", "m.safetensors", "not a clip that can be read"),
        ("empty", "m.safetensors", "2 pictures or more"),
        ("wave.mp4", "no-such", "There is no clip model 'no-such'"),
        ("wave.mp4", "text.mp4", "not a safetensors file"),
    ],
)
def test_what_a_person_can_mend_is_said_in_words(clip, tmp_path, capsys, path, model, message):
    saved(tmp_path / "m.safetensors", "end")
    (tmp_path / "text.mp4").write_text("this is text, whatever its name says")
    (tmp_path / "empty").mkdir()
    there = tmp_path / model
    model = str(there) if there.exists() else model
    assert main(["predict", str(tmp_path / path), "--model", model]) == 1
    printed = capsys.readouterr()
    assert message in printed.err and "Traceback" not in printed.err and printed.out == ""
