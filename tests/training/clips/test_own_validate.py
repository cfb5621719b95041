"""Leaving out: every clip once, folds alike, copies together; the interval; the baseline."""

import itertools
import math

import numpy as np
import pytest

from rnnviz.training.clips.baseline import baseline_answers, mean_changes
from rnnviz.training.clips.validate import FEWEST_FOR_FOLDS, Z, deal_folds, same_clips, wilson


@pytest.mark.parametrize("seed", range(5))
def test_every_fold_has_its_share_of_every_class(seed):
    labels = np.repeat([0, 1, 2, 3], [5, 13, 8, 14])
    folds = deal_folds(labels, np.arange(40), 5, seed)
    sizes = np.bincount(folds, minlength=5)
    assert sizes.sum() == 40 and sizes.max() - sizes.min() <= 1
    for label in range(4):
        share = np.bincount(folds[labels == label], minlength=5)
        assert share.max() - share.min() <= 1


def test_another_seed_deals_otherwise_and_the_same_one_alike():
    labels = np.repeat([0, 1], 20)
    first, again, other = (deal_folds(labels, np.arange(40), 5, seed) for seed in (0, 0, 1))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_copies_are_left_out_together():
    labels, groups = np.repeat([0, 1], 12), np.arange(24)
    groups[[3, 7]] = 1
    folds = deal_folds(labels, groups, 5, 0)
    assert folds[1] == folds[3] == folds[7]
    assert set(folds) == set(range(5))


def test_few_clips_are_left_out_one_by_one():
    count = FEWEST_FOR_FOLDS - 1
    folds = deal_folds(np.arange(count) % 2, np.arange(count), 5, 0)
    assert sorted(folds) == list(range(count))
    more = deal_folds(np.arange(count + 1) % 2, np.arange(count + 1), 5, 0)
    assert set(more) == set(range(5))


def test_the_same_clip_is_found_again():
    chance = np.random.default_rng(0)
    frames = chance.integers(0, 255, (4, 3, 28, 28), dtype=np.uint8)
    frames = frames[[0, 1, 0, 2, 1, 3]]
    assert same_clips(frames).tolist() == [0, 1, 0, 3, 1, 5]


@pytest.mark.parametrize(("right", "count"), [(39, 40), (20, 40), (1, 10), (7, 9)])
def test_the_ends_of_the_interval_are_as_far_from_the_share_as_chance_goes(right, count):
    # Wilson's interval holds the shares p from which the one seen is z standard errors or less.
    for end in wilson(right, count):
        distance = abs(right / count - end)
        assert distance == pytest.approx(Z * math.sqrt(end * (1 - end) / count), abs=1e-9)


@pytest.mark.parametrize("count", [1, 10, 40])
def test_the_interval_stays_within_0_and_1(count):
    low, high = wilson(0, count)
    assert (low, high < 1) == (0.0, True)
    low, high = wilson(count, count)
    assert (low > 0, high) == (True, pytest.approx(1.0))


@pytest.mark.parametrize(("right", "count"), [(1, 0), (5, 4), (-1, 4)])
def test_a_share_that_can_not_be_is_refused(right, count):
    with pytest.raises(ValueError, match="can't be"):
        wilson(right, count)


def test_mean_changes_are_those_of_a_plain_loop():
    chance = np.random.default_rng(0)
    frames = chance.integers(0, 256, (2, 4, 28, 28), dtype=np.uint8)
    found = mean_changes(frames, np.array([4, 3]))
    for clip, length in ((0, 4), (1, 3)):
        for pixel in (0, 5, 783):
            values = [int(frames[clip, t].ravel()[pixel]) / 255 for t in range(length)]
            steps = [abs(b - a) for a, b in itertools.pairwise(values)]
            assert found[clip, pixel] == pytest.approx(sum(steps) / len(steps))


def test_what_the_baseline_answers_to_a_clip_does_not_depend_on_its_label():
    chance = np.random.default_rng(1)
    frames = chance.integers(0, 256, (20, 4, 28, 28), dtype=np.uint8)
    lengths, labels = np.full(20, 4), np.arange(20) % 2
    folds = np.arange(20) // 4
    answers = baseline_answers(frames, lengths, labels, folds)
    turned = np.where(folds == 2, 1 - labels, labels)
    again = baseline_answers(frames, lengths, turned, folds)
    assert np.array_equal(answers[folds == 2], again[folds == 2])


def test_the_baseline_tells_where_something_moves():
    frames = np.zeros((20, 6, 28, 28), np.uint8)
    labels = np.arange(20) % 2
    for index, label in enumerate(labels):
        frames[index, index % 3 :: 2, 10:20, 3 + 15 * label : 8 + 15 * label] = 100 + index
    answers = baseline_answers(frames, np.full(20, 6), labels, np.arange(20) // 4)
    assert np.array_equal(answers, labels)
