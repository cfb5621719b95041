"""Stages: one training a variant, kept at the steps asked for, the same each time."""

import json
from dataclasses import replace

import pytest
import torch

from rnnviz.analysis.variants import variant_model
from rnnviz.cli import main
from rnnviz.models.checkpoint import load_checkpoint
from rnnviz.training.data import load_pictures
from rnnviz.training.stages import StageSettings, make_stages, untrained
from rnnviz.training.step import accuracy

QUICK = StageSettings(dataset="digits", steps=(2, 6), units=8, batch=16, validation=50)


def test_a_stage_is_kept_after_each_step_asked_for_with_its_measured_accuracy(tmp_path):
    reports = list(make_stages("lstm-3", "rows", QUICK, tmp_path, tmp_path))
    assert [report.step for report in reports] == [1, 2, 3, 4, 5, 6]
    kept = [report for report in reports if report.path is not None]
    assert [report.path.name for report in kept if report.path] == [
        "lstm-3-rows-2.safetensors",
        "lstm-3-rows-6.safetensors",
    ]
    _, validation = load_pictures(QUICK.loop(), tmp_path)
    for report in kept:
        assert report.path is not None
        checkpoint = load_checkpoint(report.path)
        assert checkpoint.training["step"] == report.step
        measured = accuracy(checkpoint.model(), validation)
        assert checkpoint.metrics["digits/validation/accuracy"] == report.validation == measured


def test_the_same_settings_give_the_same_weights(tmp_path):
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        list(make_stages("gru-1", "rows", QUICK, tmp_path, folder))
    one, two = (load_checkpoint(folder / "gru-1-rows-6.safetensors").weights for folder in folders)
    assert one.keys() == two.keys()
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_a_training_starts_from_the_variant_itself():
    ours = untrained("rnn", "patches", QUICK)
    start = variant_model("rnn", "patches", {"patch": 2}, units=8)
    for name, weight in start.state_dict().items():
        assert torch.equal(ours.state_dict()[name], weight)
    assert all(weight.requires_grad for weight in ours.parameters())


@pytest.mark.parametrize("wrong", [{"steps": ()}, {"steps": (5, 5)}, {"steps": (6, 2)}])
def test_steps_that_do_not_ascend_are_refused(wrong):
    with pytest.raises(ValueError, match="ascending"):
        replace(QUICK, **wrong)


def test_an_unknown_route_is_refused_with_those_there_are(tmp_path):
    with pytest.raises(ValueError, match="rows, patches"):
        list(make_stages("rnn", "pixels", QUICK, tmp_path, tmp_path))


def test_a_batch_that_cannot_be_filled_is_refused(tmp_path):
    training, _ = load_pictures(QUICK.loop(), tmp_path)
    settings = replace(QUICK, batch=len(training) + 1)
    with pytest.raises(ValueError, match="smaller batch"):
        next(make_stages("rnn", "rows", settings, tmp_path, tmp_path))


def test_the_command_trains_what_it_is_asked_for(tmp_path, capsys):
    out = tmp_path / "stages"
    arguments = ["--dataset", "digits", "--steps", "3", "--only", "rnn", "--route", "rows"]
    assert main(["stages", *arguments, "--out", str(out), "--data", str(tmp_path), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    path = out / "rnn-rows-3.safetensors"
    assert list(printed["validation"]) == [str(path)]
    assert load_checkpoint(path).metrics["digits/validation/accuracy"] == pytest.approx(
        printed["validation"][str(path)]
    )
