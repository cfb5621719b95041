"""``rnnviz train-clips``: a folder of clips in, what was measured and a network out."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from rnnviz.cli import main
from rnnviz.data.video import write_video
from rnnviz.models.clips.checkpoint import load_clip_checkpoint
from rnnviz.training.clips import result
from tests.cli.interrupted import interrupted
from tests.training.clips.actions import RATE, recording

QUICK = ["--steps", "10", "--frames", "4"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of five clips of each of two actions, and a file that is none."""
    top = tmp_path_factory.mktemp("folder") / "actions"
    for action in ("clap", "wave"):
        (top / action).mkdir(parents=True)
        for seed in range(5):
            write_video(top / action / f"{seed}.mp4", recording(action, seed, room=0), RATE)
    (top / "wave" / "broken.mp4").write_text("this is no clip")
    return top


def test_it_prints_what_was_measured_and_leaves_the_network(folder, tmp_path, capsys):
    out = tmp_path / "mine.safetensors"
    assert main(["train-clips", str(folder), "--out", str(out), *QUICK, "--json"]) == 0
    printed = capsys.readouterr()
    told = json.loads(printed.out)
    assert (told["name"], told["path"], told["clips"]) == ("mine", str(out), 10)
    assert told["classes"] == ["clap", "wave"]
    confusion = np.array(told["confusion"])
    assert confusion.sum(1).tolist() == [5, 5]
    assert told["right"] == confusion.trace() and told["accuracy"] == told["right"] / 10
    assert told["interval"][0] < told["accuracy"] < told["interval"][1] or told["right"] == 10
    assert (told["chance"], told["largest"], told["folds"]) == (0.5, 0.5, 10)
    assert 0 <= told["baseline"] <= 1 and "logistic regression" in told["baseline_is"]
    assert len(told["mistakes"]) == 10 - told["right"]
    assert len(told["problems"]) == 1 and told["problems"][0].startswith("wave/broken.mp4: ")
    assert "Left out: wave/broken.mp4" in printed.err
    network = load_clip_checkpoint(out)
    assert network.name == "mine" and network.config.frames == 4
    assert network.metrics["held-out/accuracy"] == told["accuracy"]
    assert network.provenance["polarity"] == "as is" and network.provenance["unreadable"] == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.safetensors"]


def test_a_person_is_told_in_words(folder, tmp_path, capsys):
    out = tmp_path / "mine.safetensors"
    command = ["train-clips", str(folder), "--out", str(out), "--input", "both", "--start", "none"]
    assert main([*command, *QUICK]) == 0
    told = capsys.readouterr().out
    assert "of 10 clips right that it had never seen" in told and "95 % interval" in told
    assert "chance 50.0 %" in told and "logistic regression on mean frame differences" in told
    assert "begins from nothing and learns" in told
    assert load_clip_checkpoint(out).config.sight == "both"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Give either a folder of clips, or --recipe"),
        (["{folder}", "--recipe", "clip-motion"], "Give either a folder of clips, or --recipe"),
        (["--recipe", "clip-motion", "--seed", "3"], "Leave out --seed"),
        (["--recipe", "clip-motion", "--fine-tune"], "Leave out --fine-tune"),
        (["--recipe", "no-such"], "There is no clip recipe 'no-such'"),
        (["{empty}"], "one sub-folder for each class"),
        (["{empty}/nothing"], "cannot be read"),
        (["{few}"], "'wave' has 4 clips, but at least 5"),
        (["{folder}", "--start", "no-such"], "There is no clip model 'no-such'"),
        (["{folder}", "--start", "clip-pen"], "was shown each frame as it is"),
        (["{folder}", "--seed", "-1"], "'seed' is a whole number"),
        (["{folder}", "--out", "{empty}"], "is a folder"),
    ],
)
def test_what_a_person_can_mend_is_said_in_words(folder, tmp_path, capsys, arguments, message):
    empty, few = tmp_path / "empty", tmp_path / "few"
    empty.mkdir()
    for action, count in (("clap", 5), ("wave", 4)):
        (few / action).mkdir(parents=True)
        for seed in range(count):
            clip = (folder / action / f"{seed}.mp4").read_bytes()
            (few / action / f"{seed}.mp4").write_bytes(clip)
    names = {"folder": folder, "empty": empty, "few": few}
    given = [argument.format(**names) for argument in arguments]
    out = [] if "--out" in given else ["--out", str(tmp_path / "x.safetensors")]
    assert main(["train-clips", *given, *out]) == 1
    told = capsys.readouterr().err
    assert message in told and "Traceback" not in told
    assert not (tmp_path / "x.safetensors").exists()


@pytest.mark.parametrize("option", [["--frames", "1"], ["--input", "colour"], ["--steps", "0"]])
def test_what_is_no_such_value_is_named(folder, capsys, option):
    with pytest.raises(SystemExit):
        main(["train-clips", str(folder), *option])
    assert f"argument {option[0]}" in capsys.readouterr().err


def test_ctrl_c_leaves_nothing_half_written(folder, tmp_path):
    out = tmp_path / "out" / "mine.safetensors"
    command = [sys.executable, "-m", "rnnviz", "train-clips", str(folder), "--out", str(out)]
    # Its folder is made before the first clip is read, and the training takes far longer.
    status, printed, told = interrupted([*command, "--steps", "10000"], out.parent.exists)
    assert (status, printed) == (130, "")
    assert "Interrupted." in told and "Traceback" not in told
    assert list(out.parent.iterdir()) == []


RECIPE = """
[model]
cell = "gru"
units = 8
frames = 4
classes = {classes}

[model.spatial]
route = "rows"
cell = "rnn"
units = 8

[source]
task = "digit"
scene = {{ frames = 4 }}

[training]
datasets = ["moving-digits"]
pictures = 32
stages = [{{ epochs = 1, learning_rate = 1e-3, batch = 16 }}]
"""


def test_a_recipe_trains_a_clip_model(tmp_path, capsys, monkeypatch):
    for name in ("TEST_CLIPS", "SPOILT_CLIPS", "PROBE_CLIPS", "PROBE_TEST_CLIPS"):
        monkeypatch.setattr(result, name, 20)
    recipe, out = tmp_path / "little.toml", tmp_path / "net.safetensors"
    recipe.write_text(RECIPE.format(classes=json.dumps([str(digit) for digit in range(10)])))
    command = ["train-clips", "--recipe", str(recipe), "--out", str(out), "--data", str(tmp_path)]
    assert main([*command, "--json"]) == 0
    printed = capsys.readouterr()
    assert f"MNIST isn't in {tmp_path}" in printed.err
    told = json.loads(printed.out)
    network = load_clip_checkpoint(out)
    assert (told["name"], told["path"]) == ("little", str(out)) == (network.name, str(out))
    assert told["metrics"] == pytest.approx(network.metrics)
    assert "test/accuracy" in network.metrics and network.probes is not None
