import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from rnnviz.data import frame
from rnnviz.data.sets import digits


@pytest.fixture(scope="module")
def splits():
    return {split: digits.load(split) for split in digits.SPLITS}


def test_the_splits_are_all_digits_once(splits):
    assert len(splits["train"]) == 1437
    assert len(splits["test"]) == 360
    labels = np.concatenate([splits["train"].labels, splits["test"].labels])
    assert np.array_equal(np.bincount(labels), np.bincount(load_digits(return_X_y=True)[1]))


def test_they_are_scikit_learns_digits_as_it_splits_them(splits):
    pictures, labels = load_digits(return_X_y=True)
    train, test = train_test_split(
        np.arange(len(labels)), test_size=0.2, stratify=labels, random_state=0
    )
    for split, chosen in (("train", np.sort(train)), ("test", np.sort(test))):
        expected = [digits.enlarge(row.reshape(8, 8)) for row in pictures[chosen]]
        assert np.array_equal(splits[split].images, expected)
        assert np.array_equal(splits[split].labels, labels[chosen])


def test_every_digit_has_its_share_in_both(splits):
    train, test = (np.bincount(splits[split].labels) for split in digits.SPLITS)
    assert test / (test + train) == pytest.approx(0.2, abs=0.005)


def test_a_split_is_always_the_same(splits):
    again = digits.load("test")
    assert np.array_equal(again.images, splits["test"].images)
    assert np.array_equal(again.labels, splits["test"].labels)


def test_they_look_like_mnist(splits):
    floats = splits["test"].floats()
    for image in floats[:100]:
        left, top, right, bottom = frame.bounding_box(image > 0.1)
        assert 18 <= max(right - left, bottom - top) <= 20
        assert frame.centre_of_mass(image) == pytest.approx((14.5, 14.5), abs=0.51)
    # MNIST's mean ink is 102.4 (its published mean of 0.1307 times 784 pixels).
    assert floats.sum(axis=(1, 2)).mean() == pytest.approx(102.4, rel=0.15)
