import numpy as np
import pytest

from rnnviz.data.dataset import DIGITS, Dataset


def small(n=5, **changes):
    arguments = {
        "name": "small",
        "split": "test",
        "images": np.full((n, 28, 28), 51, np.uint8),
        "labels": np.arange(n, dtype=np.int64),
        "classes": DIGITS,
        "source": "nobody",
        "groups": np.arange(n, dtype=np.int64) % 2,
    }
    return Dataset(**{**arguments, **changes})


def test_floats_reach_from_0_to_1():
    floats = small().floats()
    assert floats.dtype == np.float32
    assert floats == pytest.approx(0.2)


def test_take_keeps_the_first():
    assert small().take(2).labels.tolist() == [0, 1]
    groups = small().take(2).groups
    assert groups is not None
    assert groups.tolist() == [0, 1]
    assert len(small().take(None)) == len(small().take(99)) == 5


def test_an_example_says_where_it_is_from():
    example = small()[-1]
    assert (example.index, example.label, example.name, example.split) == (4, 4, "4", "test")
    assert example.image.max() == pytest.approx(0.2)
    assert [example.label for example in small()] == [0, 1, 2, 3, 4]
    with pytest.raises(IndexError, match="no number 5"):
        small()[5]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"images": np.zeros((5, 28, 28))}, "uint8"),
        ({"images": np.zeros((5, 8, 8), np.uint8)}, "28"),
        ({"labels": np.zeros(4, np.int64)}, "labels"),
        ({"labels": np.full(5, 10)}, "0..9"),
        ({"groups": np.zeros(6, np.int64)}, "groups"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        small(**changes)


def test_an_empty_cut_is_refused():
    with pytest.raises(ValueError, match="1 or more"):
        small().take(0)
