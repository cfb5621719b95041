"""What a clip model is worth, counted by hand."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from rnnviz.models.clips.store import clip_names, read_clip_model
from rnnviz.training.clips import result
from rnnviz.training.clips.measure import (
    SPOILT,
    accuracy_by_share,
    all_logits,
    change_frames,
    changes_found,
    frame_accuracy,
    through_codec,
)
from rnnviz.training.clips.recipe import load_clip_recipe, parse_clip_recipe
from rnnviz.training.clips.result import run_clip_recipe
from rnnviz.training.clips.source import ClipBatch, as_batch, make_source
from tests.training.clips.test_loop import blinking, moving_recipe, small_model

NOWHERE = Path("/nowhere")


def test_a_share_of_a_clip_is_counted_in_its_own_frames():
    # The first clip of 10 frames is right from its 7th on, the second, of 5, from its 3rd.
    logits = torch.zeros(2, 10, 2)
    logits[0, :6, 0], logits[0, 6:, 1] = 1, 1
    logits[1, :2, 0], logits[1, 2:, 1] = 1, 1
    batch = ClipBatch(torch.zeros(2, 10, 28, 28), torch.tensor([10, 5]), torch.tensor([1, 1]))
    found = accuracy_by_share(logits, batch)
    assert found == {10: 0, 20: 0, 30: 0, 40: 0, 50: 0, 60: 0.5, 70: 1, 80: 1, 90: 1, 100: 1}


def test_frames_count_where_they_have_a_label():
    logits = torch.eye(3)[torch.tensor([[0, 1, 2], [2, 2, 2]])]
    assert frame_accuracy(logits, torch.tensor([[-1, 1, 0], [-1, 2, 2]])) == 0.75


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ([0, 0, 0, 1, 1, 1, 1, 1], 1.0),
        ([0, 0, 0, 0, 0, 1, 1, 1], 1.0),
        ([0, 1, 1, 1, 1, 1, 1, 1], 1.0),
        ([0, 0, 0, 0, 0, 0, 1, 1], 0.0),
        ([1, 1, 1, 1, 1, 1, 1, 1], 0.0),
        ([0, 0, 0, 2, 2, 2, 2, 2], 0.0),
    ],
)
def test_a_change_is_found_within_two_frames(answers, found):
    truth = np.array([[-1, 0, 0, 1, 1, 1, 1, 1]])
    assert change_frames(truth[0]).tolist() == [3]
    assert changes_found(np.array([answers]), truth) == found


def test_every_change_of_a_clip_must_be_found():
    truth = np.array([[-1, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0]] * 2)
    both = np.array([[0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0], [0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]])
    assert changes_found(both, truth) == 0.5


def test_the_readout_is_the_same_however_many_clips_go_at_once():
    batch, model = as_batch(blinking(7)), small_model()
    assert batch.lengths is not None
    whole = model.frame_logits(batch.clips, batch.lengths)
    torch.testing.assert_close(all_logits(model, batch, at_once=3), whole)


def test_a_codec_loses_a_little_and_no_frame():
    texture = np.random.default_rng(0).integers(60, 200, (12, 12), np.uint8)
    clip = np.zeros((6, 28, 28), np.uint8)
    for frame in range(6):
        clip[frame, 8:20, 2 + 2 * frame : 14 + 2 * frame] = texture
    coded = through_codec(clip)
    assert coded.shape == clip.shape
    off = np.abs(coded.astype(int) - clip)
    assert 0 < off.mean() < 8 and off.max() > 2
    worse = np.abs(through_codec(clip, 51).astype(int) - clip).mean()
    assert worse > off.mean()


def test_what_is_spoilt_is_spoilt_as_said():
    clips = np.random.default_rng(0).integers(0, 256, (2, 3, 28, 28), np.uint8)
    assert np.array_equal(SPOILT["inverted"](clips), 255 - clips)
    assert np.abs(SPOILT["dim"](clips) - clips / 2.0).max() < 1
    assert SPOILT["compressed"](clips).shape == clips.shape


@pytest.mark.parametrize("task", ["motion", "events"])
def test_a_run_ends_in_a_checkpoint_with_its_figures(task, monkeypatch):
    for name in ("TEST_CLIPS", "SPOILT_CLIPS", "PROBE_CLIPS", "PROBE_TEST_CLIPS"):
        monkeypatch.setattr(result, name, 20)
    recipe = moving_recipe(task, epochs=1, pictures=32)
    reports = []
    checkpoint = run_clip_recipe(recipe, NOWHERE, reports.append)
    assert [report.step for report in reports] == [1, 2]
    assert checkpoint.config == recipe.model and checkpoint.provenance["task"] == task
    assert checkpoint.provenance["digits"] == "digits", "without MNIST the embedded ones move"
    spoilt = {"none", "slow", "fast", "dim", "inverted", "compressed"}
    assert {f"robust/{name}" for name in spoilt} <= set(checkpoint.metrics)
    assert (checkpoint.probes is None) == (task == "events")
    main = {"motion": "test/accuracy", "events": "test/frames"}[task]
    assert main in checkpoint.metrics
    assert all(0 <= value <= 1 for value in checkpoint.metrics.values())


def test_a_harder_scene_is_learned_from_and_not_measured_on():
    recipe = moving_recipe("digit", epochs=1, pictures=32)
    harder = replace(recipe, source=replace(recipe.source, training_scene={"clutter": 4}))
    assert harder.source.training_scene_of().clutter == 4
    assert parse_clip_recipe(json.loads(json.dumps(harder.as_dict()))) == harder
    assert "training_scene" not in recipe.as_dict()["source"]
    learned = [make_source(one, NOWHERE).batch(8).clips for one in (recipe, harder)]
    assert not torch.equal(*learned)
    plain, same = (result.test_clips(one, NOWHERE, 8).frames for one in (recipe, harder))
    assert np.array_equal(plain, same)


GOALS = {
    "clip-motion": {"test/accuracy": 0.98},
    "clip-digit": {"test/accuracy": 0.97},
    "clip-pen": {"test/accuracy": 0.97, "test/accuracy@70": 0.90},
    "clip-events": {"test/frames": 0.95, "test/changes": 0.90},
}


@pytest.mark.parametrize("name", GOALS)
def test_the_shipped_models_are_as_good_as_asked(name):
    checkpoint = read_clip_model(name)
    for figure, least in GOALS[name].items():
        assert checkpoint.metrics[figure] >= least, figure
    recipe = load_clip_recipe(name)
    assert checkpoint.config == recipe.model
    assert checkpoint.training == json.loads(json.dumps(recipe.as_dict()))
    assert set(clip_names()) == set(GOALS)


@pytest.mark.parametrize("name", ["clip-motion", "clip-digit", "clip-events"])
def test_what_they_learned_holds_for_digits_of_another_kind(name):
    """The embedded digits are 8 x 8 scans, which no network saw; chance is a ninth or a tenth."""
    checkpoint = read_clip_model(name)
    recipe = load_clip_recipe(name)
    clips = result.test_clips(recipe, NOWHERE, 60)
    assert result.headline(checkpoint.model(), clips) > 0.6
