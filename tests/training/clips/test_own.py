"""Teaching: every clip judged unseen, the same each time, and the network that comes of it."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
import torch

from rnnviz.data.clips.clipset import ClipSet
from rnnviz.data.errors import InputError
from rnnviz.models.clips.checkpoint import load_clip_checkpoint, save_clip_checkpoint
from rnnviz.models.clips.config import SIGHTS, ClipConfig
from rnnviz.models.clips.model import ClipModel
from rnnviz.models.config import ModelConfig
from rnnviz.training.clips import own
from rnnviz.training.clips.learn import answer, learn, passes_of
from rnnviz.training.clips.material import Scale, fold_scale, make_variants
from rnnviz.training.clips.own import OwnReport, check_clips, teach
from rnnviz.training.clips.own_settings import OwnSettings
from rnnviz.training.clips.start import start_of
from rnnviz.training.clips.taught import parse_taught
from rnnviz.training.clips.variants import Variation
from tests.training.clips.actions import recorded_set

QUICK = OwnSettings(steps=12, tuning=2, units=8, batch=8)


@pytest.fixture(autouse=True)
def few_variants(monkeypatch):
    """Make fewer clips of those there are: what holds for many holds for few."""
    monkeypatch.setattr(own, "READ_AHEAD", 60)


@pytest.fixture(scope="module")
def small() -> ClipSet:
    return recorded_set(5, ("clap", "wave"), frames=6)


def last_of(clips: ClipSet, settings: OwnSettings) -> OwnReport:
    *_, last = teach(clips, settings)
    return last


def test_every_clip_is_judged_once_and_the_last_network_learns_from_all(small):
    reports = list(teach(small, QUICK))
    done = [report.done for report in reports]
    assert done == sorted(set(done)) and done[-1] == reports[-1].total == 11 * QUICK.steps
    assert all(report.taught is None for report in reports[:-1])
    taught = reports[-1].taught
    assert taught is not None and reports[-1].judged == len(small) == len(taught)
    assert sorted(taught.folds) == list(range(10))
    np.testing.assert_allclose(taught.probabilities.sum(1), 1)
    assert reports[-1].right == taught.right == int(taught.confusion.diagonal().sum())
    assert taught.names == small.names


def test_the_same_seed_gives_the_same_network_and_another_one_another(small):
    first, again = last_of(small, QUICK), last_of(small, QUICK)
    assert first.checkpoint is not None and again.checkpoint is not None
    for name, value in first.checkpoint.weights.items():
        assert torch.equal(value, again.checkpoint.weights[name]), name
    assert first.taught is not None and again.taught is not None
    assert np.array_equal(first.taught.probabilities, again.taught.probabilities)
    other = last_of(small, replace(QUICK, seed=1)).taught
    assert other is not None
    assert not np.array_equal(other.probabilities, first.taught.probabilities)


def test_the_checkpoint_says_what_was_measured_and_survives_its_file(small, tmp_path):
    last = last_of(small, QUICK)
    assert last.checkpoint is not None and last.taught is not None
    path = tmp_path / "mine.safetensors"
    save_clip_checkpoint(last.checkpoint, path)
    found = load_clip_checkpoint(path)
    assert found.metrics == pytest.approx(last.taught.metrics())
    assert found.metrics["held-out/chance"] == 0.5
    told = found.provenance
    assert told["clips"] == {"clap": 5, "wave": 5} and told["folds"] == 10
    assert told["start"] == "lstm-rows" and told["spatial"] == "frozen"
    assert "difference from the one before" in told["input"]
    clips = torch.from_numpy(small.frames).float() / 255
    assert torch.equal(found.model()(clips), last.checkpoint.model()(clips))


@pytest.mark.parametrize("change", [{}, {"frozen": False}, {"start": ""}])
def test_the_network_that_is_kept_reads_clips_as_it_learned_them(small, change):
    """Teaching works on features read ahead and scaled; the model works on clips."""
    settings = replace(QUICK, **change)
    start = start_of(settings.start, settings.input)
    material = make_variants(small, 2, Variation(), torch.Generator())
    model = own.fresh(small, settings, start)
    passes = passes_of(material, settings, model)
    steps = [step for step, *_ in learn(model, passes, torch.arange(len(small)), settings, 0)]
    assert steps[-1] == settings.steps_each
    clips = torch.from_numpy(small.frames).float() / 255
    with torch.no_grad():
        plain = torch.softmax(model(clips).double(), 1).numpy()
    found = answer(model, passes[-1].material, torch.arange(len(small)))
    np.testing.assert_allclose(found, plain, atol=1e-6)


def test_weights_taught_in_scaled_units_read_plain_ones_as_well():
    spatial = ModelConfig("rows", "gru", 5)
    model = ClipModel(ClipConfig(spatial, "gru", 7, ("a", "b"), frames=4)).double()
    scale = Scale(torch.randn(5).double(), torch.rand(5).double() + 0.1)
    features = torch.randn(3, 4, 5).double()
    before = model.scan((features - scale.mean) / scale.deviation)[-1]["h"]
    fold_scale(model, scale)
    torch.testing.assert_close(model.scan(features)[-1]["h"], before)


def test_a_frozen_spatial_network_stays_as_it_starts_and_another_learns(small):
    weights = start_of("lstm-rows", "changes").weights
    assert weights is not None
    for frozen in (True, False):
        last = last_of(small, replace(QUICK, frozen=frozen, steps=2))
        assert last.checkpoint is not None
        same = [
            torch.equal(value, last.checkpoint.weights[f"spatial.{name}"])
            for name, value in weights.items()
        ]
        assert all(same) if frozen else not any(same)


@pytest.mark.parametrize("sight", ["frames", "changes", "both"])
def test_it_can_begin_from_nothing_with_every_input(small, sight):
    last = last_of(small, replace(QUICK, input=sight, start="", steps=2))
    assert last.checkpoint is not None
    assert last.checkpoint.config.sight == sight
    assert last.checkpoint.provenance["start"] == "fresh weights"


def test_labels_that_mean_nothing_are_not_told_apart():
    clips = recorded_set(24, ("nothing",), frames=6)
    labels = np.random.default_rng(2).permutation(np.repeat([0, 1], 12))
    taught = last_of(
        replace(clips, labels=labels, classes=("one", "other")), replace(QUICK, steps=80)
    ).taught
    assert taught is not None
    assert taught.interval[0] < 0.5, "no network that never saw a clip can know its label"


def test_actions_that_only_time_tells_apart_are_told_apart():
    clips = recorded_set(8, ("lower", "raise"))
    taught = last_of(clips, OwnSettings(steps=80)).taught
    assert taught is not None
    assert taught.interval[0] > 0.5
    assert taught.accuracy > taught.baseline_accuracy
    assert taught.folds.max() == 4


def test_a_result_survives_json(small):
    taught = last_of(small, QUICK).taught
    assert taught is not None
    again = parse_taught(json.loads(json.dumps(taught.as_dict(), allow_nan=False)))
    assert again.as_dict() == taught.as_dict()
    assert again.metrics() == taught.metrics()
    assert np.array_equal(again.confusion, taught.confusion)
    with pytest.raises(ValueError, match="isn't the result"):
        parse_taught({"classes": ["a"]})


@pytest.mark.parametrize("start", ["lstm-rows", ""])
def test_what_stands_behind_a_clip_s_end_changes_nothing(small, start):
    shorter = replace(small, lengths=np.where(np.arange(10) % 2, 4, 6))
    spoilt = shorter.frames.copy()
    spoilt[shorter.lengths == 4, 4:] = 255
    quick = replace(QUICK, start=start, steps=3)
    first, other = last_of(shorter, quick), last_of(replace(shorter, frames=spoilt), quick)
    assert first.taught is not None and other.taught is not None
    assert np.array_equal(first.taught.probabilities, other.taught.probabilities)
    assert np.array_equal(first.taught.baseline, other.taught.baseline)


def fewer(clips: ClipSet, label: int, count: int) -> ClipSet:
    there = np.flatnonzero(clips.labels == label)[count:]
    return clips.choose(np.setdiff1d(np.arange(len(clips)), there))


def test_too_few_clips_are_refused_by_the_name_of_their_class(small):
    with pytest.raises(InputError, match="'wave' has 4 clips, but at least 5"):
        check_clips(fewer(small, 1, 4))
    with pytest.raises(InputError, match="'clap' has 1 clip, but"):
        check_clips(fewer(small, 0, 1))
    copies = small.frames.copy()
    copies[6] = copies[5]
    with pytest.raises(InputError, match="'wave' has 5 clips, of which 4 differ"):
        check_clips(replace(small, frames=copies))


def test_a_single_class_and_a_nameless_one_are_refused(small):
    only = replace(small, labels=np.zeros(10, np.int64), classes=("wave",))
    with pytest.raises(InputError, match="2 to 20 classes"):
        check_clips(only)
    with pytest.raises(InputError, match="1 to 40 letters"):
        check_clips(replace(small, classes=("clap", "w" * 41)))


def test_a_copy_is_told_of_and_gives_nothing_away():
    clips = recorded_set(6, ("clap", "wave"), frames=6)
    frames = clips.frames.copy()
    frames[1] = frames[0]
    taught = last_of(replace(clips, frames=frames), replace(QUICK, steps=2)).taught
    assert taught is not None
    assert taught.folds[0] == taught.folds[1]
    assert "1 of the clips shows just what another one shows" in taught.notes[0]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"input": "colour"}, "no input 'colour'"),
        ({"steps": 0}, "'steps' is a whole number"),
        ({"units": 3}, "'units' is a whole number from 4"),
        ({"seed": -1}, "'seed'"),
        ({"learning_rate": float("nan")}, "learning_rate"),
        ({"folds": 1}, "'folds'"),
    ],
)
def test_settings_out_of_range_are_refused(values, message):
    with pytest.raises(InputError, match=message):
        OwnSettings(**values)


@pytest.mark.parametrize("sight", SIGHTS)
def test_the_default_start_fits_every_input_and_settings_survive_json(sight):
    settings = OwnSettings(input=sight)
    assert start_of(settings.start, sight).weights
    assert OwnSettings(**json.loads(json.dumps(asdict(settings)))) == settings
