"""The training of clip models: the same again, better than before, and told about."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from rnnviz.data.augment import Augmentation
from rnnviz.data.clips.clipset import ClipSet
from rnnviz.models.clips.config import ClipConfig
from rnnviz.models.clips.model import ClipModel
from rnnviz.models.config import ModelConfig
from rnnviz.models.store import load
from rnnviz.training.clips.loop import (
    begin,
    early_loss,
    fresh_model,
    judge,
    judge_frames,
    steps_of,
    train_clips,
)
from rnnviz.training.clips.recipe import (
    ClipRecipe,
    ClipSource,
    clip_recipe_names,
    load_clip_recipe,
    parse_clip_recipe,
)
from rnnviz.training.clips.source import ClipBatch, SetSource, as_batch, make_source
from rnnviz.training.settings import Stage, TrainingSettings

NOWHERE = Path("/nowhere")
SMALL = {"cell": "gru", "units": 12, "frames": 6, "classes": ["no", "yes"]}


def settings(epochs: int = 2, pictures: int = 64, **options) -> TrainingSettings:
    return TrainingSettings(
        (Stage(epochs, 5e-3, batch=16),), ("moving-digits",), pictures=pictures, **options
    )


def moving_recipe(task: str = "motion", **options) -> ClipRecipe:
    shipped = load_clip_recipe("clip-events" if task == "events" else "clip-motion")
    spatial = replace(shipped.model.spatial, units=8)
    model = replace(shipped.model, spatial=spatial, units=8)
    source = ClipSource(task=task, scene={"frames": 8, "parts": [1, 1]})
    return ClipRecipe("small", model, source, settings(**options))


def blinking(count: int = 60, frames: int = 6) -> ClipSet:
    """Return clips of a square that is there all the time, or comes and goes; of many lengths."""
    chance = np.random.default_rng(0)
    labels = chance.integers(0, 2, count)
    lengths = chance.integers(4, frames + 1, count)
    pictures = np.zeros((count, frames, 28, 28), np.uint8)
    for clip, (label, length) in enumerate(zip(labels, lengths, strict=True)):
        for frame in range(length):
            if not label or frame % 2:
                pictures[clip, frame, 10:18, 10:18] = 255
    return ClipSet("blinking", "train", pictures, lengths, labels, ("no", "yes"), "made here")


def small_model() -> ClipModel:
    torch.manual_seed(0)
    spatial = ModelConfig("rows", "gru", 12, shape=(1, 28, 28))
    return ClipModel(ClipConfig(spatial, **SMALL))


def test_it_learns_what_only_time_shows():
    clips = blinking()
    source = SetSource(clips, None, 0)
    model = small_model()
    reports = list(train_clips(model, settings(1, 960), source))
    assert len(reports) == 60 == reports[-1].steps
    assert reports[-1].loss < 0.1 < reports[0].loss
    batch = as_batch(clips)
    right = (model(batch.clips, batch.lengths).argmax(1) == batch.targets).float().mean()
    assert right == 1


@pytest.mark.parametrize("task", ["motion", "digit", "events"])
def test_the_same_recipe_gives_the_same_weights(task):
    def trained() -> dict[str, torch.Tensor]:
        recipe = moving_recipe(task, epochs=1, pictures=32)
        if task == "digit":
            recipe = replace(recipe, model=replace(recipe.model, classes=tuple("0123456789")))
        model = fresh_model(recipe)
        for report in train_clips(model, recipe.training, make_source(recipe, NOWHERE)):
            assert report.clipped_norm <= 1.0001
        return model.state_dict()

    first = trained()
    torch.rand(5)
    again = trained()
    assert all(torch.equal(value, again[name]) for name, value in first.items())


def test_a_batch_counts_what_is_a_clips_own():
    logits = torch.randn(2, 4, 3, dtype=torch.float64)
    targets = torch.tensor([1, 2])
    batch = ClipBatch(torch.zeros(2, 4, 28, 28), torch.tensor([4, 2]), targets)
    losses = -torch.log_softmax(logits, 2)[torch.arange(2), :, targets]
    weights = torch.tensor([[0.25, 0.5, 0.75, 1.0], [0.5, 1.0, 0.0, 0.0]])
    expected = (losses * weights).sum() / weights.sum()
    torch.testing.assert_close(early_loss(logits, batch), expected, check_dtype=False)
    loss, right = judge(small_model(), logits, batch, settings(replicate=2.0))
    last = (losses[0, 3] + losses[1, 1]) / 2
    torch.testing.assert_close(loss, last + 2 * expected, check_dtype=False)
    answers = [logits[0, 3].argmax() == 1, logits[1, 1].argmax() == 2]
    assert right == sum(map(bool, answers)) / 2


def test_frames_without_a_label_do_not_count():
    logits = torch.randn(2, 3, 4)
    targets = torch.tensor([[-1, 2, 3], [-1, -1, 0]])
    loss, right = judge_frames(logits, targets)
    kept = [(0, 1, 2), (0, 2, 3), (1, 2, 0)]
    expected = -sum(torch.log_softmax(logits[c, f], 0)[t] for c, f, t in kept) / 3
    torch.testing.assert_close(loss, expected)
    assert right == pytest.approx(sum(int(logits[c, f].argmax()) == t for c, f, t in kept) / 3)


def test_every_clip_comes_before_any_comes_again():
    clips = blinking(10)
    source = SetSource(clips, None, 3)
    seen = torch.cat([source.batch(4).clips for _ in range(5)])
    whole = [frames.tobytes() for frames in clips.frames]
    first = sorted((clip * 255).round().to(torch.uint8).numpy().tobytes() for clip in seen[:10])
    assert first == sorted(whole)
    assert len(source.batch(25)) == 25, "few clips come more than once"


def test_all_frames_of_a_clip_change_in_the_same_way():
    clips = blinking(20)
    clips.frames[:] = clips.frames.max(1, keepdims=True)
    source = SetSource(clips, Augmentation(shift_px=3, rotation_deg=20, scale=0.2), 0)
    batch = source.batch(20)
    assert (batch.clips == batch.clips[:, :1]).all()
    assert len({clip[0].numpy().tobytes() for clip in batch.clips}) == 20


def test_a_start_brings_the_spatial_weights_of_a_picture_model():
    shipped = load("rnn-rows")
    model = ClipModel(ClipConfig(shipped.config, "gru", 4, ("a", "b")))
    begin(model, ClipSource(start="rnn-rows", frozen=True))
    picture = torch.rand(2, 28, 28)
    torch.testing.assert_close(model.spatial.encode(picture), shipped.encode(picture))
    assert not any(weight.requires_grad for weight in model.spatial.parameters())
    assert all(weight.requires_grad for weight in model.temporal.parameters())
    source = SetSource(blinking(), None, 0)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    list(train_clips(model, settings(1, 32), source))
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name]) == name.startswith("spatial."), name


def test_a_start_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="can't start as 'gru-rows' does"):
        begin(small_model(), ClipSource(start="gru-rows"))


def test_a_run_that_diverges_says_so():
    diverging = replace(settings(), clip=0.0, optimiser="sgd", schedule="constant")
    diverging = replace(diverging, stages=(Stage(2, 1e30, batch=16),))
    with pytest.raises(FloatingPointError, match=r"overflowed.*no clip"):
        list(train_clips(small_model(), diverging, SetSource(blinking(), None, 0)))


@pytest.mark.parametrize("name", clip_recipe_names())
def test_a_recipe_builds_its_model_and_survives_json(name):
    recipe = load_clip_recipe(name)
    assert recipe.name == name and recipe.note
    model = fresh_model(recipe)
    assert steps_of(recipe.training) > 1000
    answers = model(torch.rand(1, recipe.model.frames, 28, 28))
    assert answers.shape[-1] == len(recipe.model.classes)
    assert parse_clip_recipe(recipe.as_dict()) == recipe


def test_a_recipe_that_can_not_be_understood_says_which(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("[model]\ncell = 3\n")
    with pytest.raises(ValueError, match=r"mine\.toml can't be understood"):
        load_clip_recipe(path)
    with pytest.raises(ValueError, match="no clip recipe 'clip-cats'"):
        load_clip_recipe("clip-cats")
