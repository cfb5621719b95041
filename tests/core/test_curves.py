"""Curves over a training, smoothed and thinned out."""

import numpy as np
import pytest

from rnnviz.core.curves import Curve, smoothed, thinned


def by_the_formula(values: list[float], weight: float) -> list[float]:
    """Return, for each place, the mean of all values up to it, each weighted weight**age."""
    found = []
    for place in range(len(values)):
        weights = [weight ** (place - one) for one in range(place + 1)]
        total = sum(w * v for w, v in zip(weights, values, strict=False))
        found.append(total / sum(weights))
    return found


@pytest.mark.parametrize("weight", [0.0, 0.3, 0.6, 0.99])
def test_smoothing_is_the_weighted_mean_of_what_was_before(weight):
    values = np.random.default_rng(0).normal(size=80)
    expected = by_the_formula(values.tolist(), weight)
    np.testing.assert_allclose(smoothed(values, weight), expected, rtol=1e-12)


def test_without_smoothing_nothing_changes_and_a_constant_stays_itself():
    values = np.random.default_rng(0).normal(size=50)
    np.testing.assert_allclose(smoothed(values, 0.0), values, rtol=1e-15)
    np.testing.assert_allclose(smoothed(np.full(50, 2.5), 0.9), 2.5, rtol=1e-14)


def test_what_was_not_measured_stays_a_gap_and_moves_nothing():
    values = np.array([1.0, np.nan, 3.0, np.inf, 5.0])
    found = smoothed(values, 0.5)
    assert np.isnan(found[[1, 3]]).all()
    np.testing.assert_allclose(found[[0, 2, 4]], by_the_formula([1.0, 3.0, 5.0], 0.5))


@pytest.mark.parametrize("weight", [-0.1, 1.0, 2.0, float("nan")])
def test_a_weight_that_is_none_is_refused(weight):
    with pytest.raises(ValueError, match="from 0 to below 1"):
        smoothed(np.ones(3), weight)


def test_a_thinned_curve_keeps_its_ends_and_its_extremes():
    y = np.random.default_rng(0).normal(size=10_000)
    y[1234], y[4321], y[7777] = 99.0, -99.0, np.nan
    curve = Curve("c", 3, np.arange(10_000.0), y)
    found = thinned(curve, 500)
    assert len(found.x) <= 500 and (found.name, found.colour) == ("c", 3)
    assert {0.0, 1234.0, 4321.0, 9999.0} <= set(found.x)
    assert (np.diff(found.x) > 0).all() and (found.y == y[found.x.astype(int)]).all()


def test_a_short_curve_stays_whole_but_for_its_gaps():
    curve = Curve("c", 0, np.arange(4.0), np.array([1.0, np.nan, 2.0, 3.0]))
    found = thinned(curve, 500)
    assert found.x.tolist() == [0, 2, 3] and found.y.tolist() == [1, 2, 3]
