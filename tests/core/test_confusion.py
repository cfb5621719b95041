"""What was taken for what, counted as scikit-learn counts it."""

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from rnnviz.core.confusion import Answers


def some(count: int, classes: int, seed: int = 0) -> Answers:
    chance = np.random.default_rng(seed)
    labels, answers = chance.integers(0, classes, (2, count))
    return Answers(np.arange(count), labels, answers, chance.random(count))


@pytest.mark.parametrize(("count", "classes"), [(0, 10), (1, 10), (500, 10), (2000, 3)])
def test_counts_are_those_of_scikit_learn(count, classes):
    found = some(count, classes)
    counts = found.confusion(classes)
    if count:
        labels = list(range(classes))
        assert np.array_equal(counts, confusion_matrix(found.labels, found.answers, labels=labels))
    assert counts.sum() == count and counts.shape == (classes, classes)


def test_behind_each_cell_are_just_its_pictures_the_most_certain_first():
    found = some(800, 5)
    counts, seen = found.confusion(5), []
    for label in range(5):
        for answer in range(5):
            places = found.behind(label, answer)
            assert len(places) == counts[label, answer]
            assert (found.labels[places] == label).all()
            assert (found.answers[places] == answer).all()
            assert (np.diff(found.probabilities[places]) <= 0).all()
            seen += places.tolist()
    assert sorted(seen) == list(range(800))
