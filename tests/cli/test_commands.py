"""The commands print what programs and people may rely on, and say kindly what went wrong."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from rnnviz.cli import main
from rnnviz.data.sets import load_dataset
from rnnviz.models import Model, ModelConfig
from rnnviz.models.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from rnnviz.models.clips.store import clip_names, read_clip_model
from rnnviz.models.store import shipped_names
from tests.cli.interrupted import interrupted


@pytest.fixture
def small(tmp_path) -> Path:
    """Return the file of an untrained model."""
    torch.manual_seed(0)
    config = ModelConfig("rows", "lstm", 8)
    path = tmp_path / "small.safetensors"
    save_checkpoint(Checkpoint("small", config, Model(config).state_dict()), path)
    return path


def printed(capsys, *arguments) -> dict:
    assert main([str(argument) for argument in arguments]) == 0
    return json.loads(capsys.readouterr().out)


def test_evaluate_prints_the_share_of_right_answers(small, tmp_path, capsys):
    result = printed(capsys, "evaluate", small, "--dataset", "digits", "--json", "--data", tmp_path)
    data = load_dataset("digits", "test", tmp_path)
    model = load_checkpoint(small).model()
    answers = model(torch.from_numpy(data.floats())).argmax(1).numpy()
    assert (result["name"], result["dataset"], result["split"]) == ("small", "digits", "test")
    assert result["n"] == len(data)
    assert result["accuracy"] == pytest.approx((answers == data.labels).mean())
    confusion = np.array(result["confusion"])
    assert confusion.sum() == len(data)
    assert confusion.sum(axis=1).tolist() == np.bincount(data.labels, minlength=10).tolist()


def test_the_limit_takes_the_first(small, tmp_path, capsys):
    arguments = ["evaluate", small, "--dataset", "digits", "--json", "--data", tmp_path]
    result = printed(capsys, *arguments, "--limit", 7)
    first = load_dataset("digits", "test", tmp_path).take(7)
    assert result["n"] == 7
    answers = load_checkpoint(small).model()(torch.from_numpy(first.floats())).argmax(1).numpy()
    assert result["accuracy"] == pytest.approx((answers == first.labels).mean())


UNIPEN = """.SEGMENT DIGIT 0 ? "1"
.COMMENT 1 7 1
.PEN_DOWN
 100 300
 100 200
 100 100
.PEN_UP
"""


def test_pen_strokes_of_another_file_are_its_whole_test_split(small, tmp_path, capsys):
    strokes = tmp_path / "others.tes"
    strokes.write_text(UNIPEN * 3)
    arguments = ["evaluate", small, "--dataset", "pendigits", "--json", "--data", tmp_path]
    assert printed(capsys, *arguments, "--file", strokes)["n"] == 3


def test_a_trace_tells_the_answer_and_writes_every_array(small, tmp_path, capsys):
    out = tmp_path / "trace.npz"
    result = printed(capsys, "trace", small, "--index", 3, "--out", out, "--json")
    image = load_dataset("digits", "test", tmp_path)[3].image
    model = load_checkpoint(small).model()
    probabilities = torch.softmax(model(torch.from_numpy(image)[None])[0], 0).detach().numpy()
    np.testing.assert_allclose(result["probabilities"], probabilities, atol=1e-5)
    assert result["answer"] == probabilities.argmax()
    arrays = np.load(out, allow_pickle=False)
    assert arrays["state.c"].shape == (28, 8)
    assert {"gate.input", "gate.forget", "gate.candidate", "gate.output"} < set(arrays)
    np.testing.assert_allclose(arrays["inputs"], image)


def test_a_picture_file_is_prepared_as_a_drawing_is(small, tmp_path, capsys):
    picture = np.full((200, 100), 240, np.uint8)
    picture[40:160, 45:55] = 20
    Image.fromarray(picture).save(tmp_path / "one.png")
    out = tmp_path / "trace.npz"
    printed(capsys, "trace", small, "--image", tmp_path / "one.png", "--out", out, "--json")
    image = np.load(out)["image"]
    rows = np.flatnonzero(image.max(axis=1) > 0.5)
    assert len(rows) == 20, "the longest side is 20 pixels"


def test_list_names_everything_there_is(capsys, tmp_path):
    result = printed(capsys, "list", "--json", "--data", tmp_path)
    assert [model["name"] for model in result["models"]] == shipped_names()
    assert set(result["clip_recipes"]) == {model["name"] for model in result["clip_models"]}
    assert {"rows", "pixels", "grid"} <= set(result["routes"])
    assert {"rnn", "lstm", "gru", "gru_2d"} <= set(result["cells"])
    assert result["datasets"]["digits"]["available"] is True
    assert result["datasets"]["mnist"]["available"] is False


def test_list_says_of_every_clip_model_what_its_file_says(capsys, tmp_path):
    listed = printed(capsys, "list", "--json", "--data", tmp_path)["clip_models"]
    assert [model["name"] for model in listed] == clip_names()
    assert main(["list", "--data", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    for model in listed:
        checkpoint = read_clip_model(model["name"])
        config = checkpoint.config
        assert (model["cell"], model["units"], model["frames"]) == (
            config.cell,
            config.units,
            config.frames,
        )
        assert model["classes"] == list(config.classes)
        assert model["metrics"] == checkpoint.metrics
        count = sum(value.numel() for value in checkpoint.weights.values())
        assert model["parameters"] == count
        (line,) = (line for line in lines if line.split()[:1] == [model["name"]])
        headline = "test/accuracy" if config.answers == "end" else "test/frames"
        assert f"{count:,} parameters; {headline} {checkpoint.metrics[headline]:.2%}" in line


def test_training_from_options_leaves_a_model_that_evaluates(tmp_path, capsys):
    out = tmp_path / "mine.safetensors"
    options = ["--cell", "gru", "--units", "16", "--epochs", "2", "--learning-rate", "0.01"]
    result = printed(capsys, "train", "--out", out, "--data", tmp_path, "--json", *options)
    assert result["metrics"]["digits/test/accuracy"] > 0.4
    again = printed(capsys, "evaluate", out, "--dataset", "digits", "--json", "--data", tmp_path)
    assert again["accuracy"] == pytest.approx(result["metrics"]["digits/test/accuracy"])


def test_ctrl_c_keeps_the_last_whole_epoch_and_says_where(tmp_path):
    out = tmp_path / "long.safetensors"
    command = [sys.executable, "-m", "rnnviz", "train", "--cell", "rnn", "--units", "8"]
    command += ["--epochs", "5000", "--out", str(out), "--data", str(tmp_path)]
    status, _, told = interrupted(command, out.exists)
    assert status == 130
    assert "The last whole epoch, number" in told
    assert str(out) in told
    assert load_checkpoint(out).metrics["validation/accuracy"] > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["evaluate", "no-such-model"], "There is no checkpoint 'no-such-model'"),
        (["evaluate", "{small}", "--data", "{empty}", "--dataset", "pendigits"], "pendigits"),
        (["evaluate", "{small}", "--file", "x.tra"], "use it with --dataset pendigits"),
        (["trace", "{small}", "--index", "99999"], "has test pictures 0 to"),
        (["trace", "{small}", "--image", "{text}"], "picture"),
        (["trace", "{small}", "--image", "nothing.png"], "nothing.png"),
        (["trace", "{text}"], "not a safetensors file"),
        (["train", "no-such-recipe"], "There is no recipe 'no-such-recipe'"),
        (["train", "--route", "grid", "--cell", "lstm"], "rnn_2d"),
        (["train", "lstm-rows", "--cell", "gru"], "The recipe 'lstm-rows' says which cell"),
        (["evaluate", "~nobody-of-this-name/x"], "There is no checkpoint '~nobody"),
        (["evaluate", "x" * 5000], "There is no checkpoint"),
    ],
)
def test_what_a_person_can_mend_is_said_in_one_line(small, tmp_path, capsys, arguments, message):
    text = tmp_path / "text.png"
    text.write_text("this is not a picture and not a checkpoint")
    names = {"small": small, "text": text, "empty": tmp_path / "empty"}
    assert main([argument.format(**names) for argument in arguments]) == 1
    told = capsys.readouterr().err
    assert message in told
    assert "Traceback" not in told


def test_a_reader_that_has_had_enough_is_no_error(tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.run(
        [sys.executable, "-m", "rnnviz", "list", "--data", str(tmp_path)],
        cwd=Path(__file__).parents[2],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=120,
    )
    os.close(writing)
    assert (process.returncode, process.stderr) == (141, "")
