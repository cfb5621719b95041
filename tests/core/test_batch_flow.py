"""The size of the gradient over a batch: logarithms, quartiles, and what is left when."""

import numpy as np
import pytest

from rnnviz.core import BatchFlow
from rnnviz.core.batch_flow import row_norms
from rnnviz.core.routes import build_route


def flow_of(*norms, route="rows", shape=(1, 5, 2), **options) -> BatchFlow:
    found = build_route(route, shape, **options)
    count = len(norms)
    values = {"h": np.array(norms, dtype=np.float64)}
    return BatchFlow(found, np.zeros(count, np.int64), np.ones(count), values)


def test_a_gradient_that_halves_at_every_step_is_told_so():
    flow = flow_of(*[[factor * 0.5**back for back in (4, 3, 2, 1, 0)] for factor in (1, 7, 1e-200)])
    expected = np.log10(0.5) * np.array([4, 3, 2, 1, 0])
    np.testing.assert_allclose(flow.ratio(), np.tile(expected, (3, 1)), atol=1e-12)
    np.testing.assert_allclose(flow.quartiles(), np.tile(expected, (3, 1)), atol=1e-12)
    assert flow.factor_per_step() == pytest.approx(0.5)
    assert flow.steps_until(0.2) == 3
    assert flow.steps_until(0.26) == 2
    assert flow.steps_until(0.01) is None


def test_the_quartiles_are_numpys_where_nothing_is_lost():
    norms = np.random.default_rng(0).random((6, 5)) + 0.1
    flow = flow_of(*norms)
    expected = np.percentile(np.log10(norms / norms[:, -1:]), (25, 50, 75), axis=0)
    np.testing.assert_allclose(flow.quartiles(), expected, atol=1e-12)


def test_a_gradient_that_is_gone_is_minus_infinity_and_no_warning():
    flow = flow_of([0, 0, 1e-3, 0.1, 1], [0, 1e-4, 1e-3, 0.1, 1])
    assert flow.ratio()[0, 0] == -np.inf
    low, median, high = flow.quartiles()
    assert median[0] == -np.inf and low[1] == -np.inf and high[0] == -np.inf
    np.testing.assert_allclose(median[2:], [-3, -1, 0], atol=1e-12)
    assert flow.factor_per_step() == 0.0
    assert flow.steps_until() == 2


def test_a_ratio_beyond_the_range_of_float64_is_still_a_number():
    flow = flow_of([1e200, 1, 1, 1, 1e-200])
    assert flow.ratio()[0, 0] == pytest.approx(400)


def test_on_a_grid_distance_is_counted_in_diagonals_from_each_corner():
    route = build_route("grid", (1, 3, 3), corners=4)
    norms = 10.0 ** -(route.depths - 1.0 - route.depth)
    flow = flow_of(norms, route="grid", shape=(1, 3, 3), corners=4)
    assert flow.distance.reshape(4, 9).tolist() == [[4, 3, 2, 3, 2, 1, 2, 1, 0]] * 4
    np.testing.assert_allclose(flow.ratio()[0], -flow.distance, atol=1e-12)
    assert flow.factor_per_step() == pytest.approx(0.1)
    assert flow.steps_until(0.05) == 2


def test_an_unknown_state_is_refused_with_those_there_are():
    with pytest.raises(KeyError, match=r"no state 'c' in this flow.*h"):
        flow_of([1, 1, 1, 1, 1]).ratio("c")


def test_norms_survive_where_their_squares_underflow():
    rows = np.array([[3e-200, 4e-200], [0, 0], [3e200, 4e200]])
    np.testing.assert_allclose(row_norms(rows), [5e-200, 0, 5e200], rtol=1e-14)


def test_norms_of_float32_are_taken_in_float64():
    smallest = np.float32(1e-45)
    assert row_norms(np.array([[smallest, smallest]]))[0] == pytest.approx(
        np.sqrt(2) * float(smallest)
    )
