"""The cliff of Pascanu, Mikolov and Bengio (2013): its slope, and what descents make of it.

Near the cliff a descent magnifies the last bit of every sum, so a single path says little. What is
stated of single paths holds for backpropagation in float64, autograd's among it; what is stated of
many starts holds for any arithmetic.
"""

import numpy as np
import pytest
import torch

from rnnviz.analysis.cliff import (
    B_RANGE,
    UNSTABLE_FROM,
    W_RANGE,
    backpropagate,
    cliff_bias,
    descend,
    error_and_gradient,
    neighbours,
    surface_grid,
    surface_mesh,
)
from rnnviz.core.cliff import Neighbours

START = (6.0, -2.6)
PLACES = [(6.0, -2.6), (5.0, -2.5), (4.5, -2.4), (3.6, -1.2), (6.9, -3.9), (-2.0, 1.0)]


def autograd(w: float, b: float) -> tuple[float, float, float]:
    parameters = torch.tensor([w, b], dtype=torch.float64, requires_grad=True)
    x = torch.tensor(0.5, dtype=torch.float64)
    for _ in range(50):
        x = parameters[0] * torch.sigmoid(x) + parameters[1]
    error = (torch.sigmoid(x) - 0.7) ** 2
    dw, db = torch.autograd.grad(error, parameters)[0].tolist()
    return float(error.detach()), dw, db


@pytest.mark.parametrize("place", PLACES)
def test_both_derivatives_are_those_of_autograd(place):
    expected = autograd(*place)
    assert backpropagate(*place) == pytest.approx(expected, rel=1e-9, abs=1e-15)
    assert [float(value) for value in error_and_gradient(*place)] == pytest.approx(
        expected, rel=1e-9, abs=1e-15
    )


@pytest.mark.parametrize("place", PLACES)
def test_the_gradient_is_that_of_finite_differences(place):
    w, b = np.array(place)
    step = 1e-6
    _, dw, db = error_and_gradient(w, b)
    up, down = (
        error_and_gradient([w + step, w], [b, b + step]),
        error_and_gradient([w - step, w], [b, b - step]),
    )
    slopes = (up[0] - down[0]) / (2 * step)
    assert [float(dw), float(db)] == pytest.approx(slopes, rel=1e-5, abs=1e-9)


def test_at_w_5_the_cliff_is_steepest_where_the_figure_has_it():
    b = np.linspace(-2.7, -2.5, 50_001)
    slope = np.abs(error_and_gradient(5.0, b)[2])
    assert b[slope.argmax()] == pytest.approx(-2.6123, abs=5e-5)
    assert slope.max() == pytest.approx(5.7e3, rel=0.02)


def test_the_cliff_stands_where_the_start_is_an_unstable_fixed_point():
    for w in (UNSTABLE_FROM + 0.5, 5.0, 6.5):
        middle = float(cliff_bias(w))
        below, above = error_and_gradient(w, [middle - 1e-3, middle + 1e-3])[0]
        assert below - above > 0.25
    # With a smaller weight the start is stable and nothing is magnified: there is no cliff.
    w = UNSTABLE_FROM - 0.5
    below, above = error_and_gradient(w, cliff_bias(w) + np.array([-1e-3, 1e-3]))[0]
    assert abs(below - above) < 0.01


def test_raw_descent_is_thrown_off_the_surface():
    raw = descend(START, 0.1)
    assert len(raw.points) == 400
    assert raw.end == pytest.approx(0.09, abs=1e-4)
    assert raw.longest == raw.moves.max() > 100
    assert raw.steepest == raw.norms.max() > 1000
    assert raw.stuck is not None
    assert not raw.overflowed


def test_clipped_descent_comes_down_along_the_cliff():
    clipped = descend(START, 0.1, 1.0)
    assert clipped.lowest <= 0.0005
    assert clipped.moves.max() <= 0.1 * (1 + 1e-12)
    assert clipped.clipped.any()
    assert clipped.lately(10) == (min(clipped.errors[-10:]), max(clipped.errors[-10:]))
    assert descend(START, 0.1, points=1).longest == 0


def test_a_smaller_rate_and_threshold_still_stick_at_the_upper_edge():
    assert descend(START, 0.05, 0.5).end == pytest.approx(0.36, abs=0.005)


def test_what_becomes_of_the_start_holds_for_its_neighbours():
    raw, clipped = neighbours(START, 0.1, (None, 1.0))
    assert raw.thrown() > 0.75
    assert clipped.thrown() == 0
    assert (np.abs(raw.errors - 0.09) < 0.006).mean() > 0.3
    assert clipped.errors.max() < 0.05
    (slow,) = neighbours(START, 0.05, (0.5,))
    upper = np.abs(slow.errors - 0.36) < 0.01
    assert 0.2 < upper.mean() < 0.8
    assert (np.abs(slow.errors[~upper] - 0.016) < 0.01).all()


def test_neighbours_descend_as_one_start_does():
    """Far from the cliff nothing is magnified, so both ways through give the same numbers."""
    (many,) = neighbours((6.0, -2.0), 0.1, (0.02,), points=60, count=3, apart=1e-12)
    one = descend((6.0, -2.0), 0.1, 0.02, points=60)
    assert many.points == pytest.approx(np.tile(one.points[-1], (3, 1)), abs=1e-9)
    assert many.farthest == pytest.approx(one.moves.max(), abs=1e-9)


def test_a_threshold_that_nothing_exceeds_changes_nothing():
    raw, clipped = descend(START, 0.1), descend(START, 0.1, 1e9)
    assert np.array_equal(raw.points, clipped.points)
    assert not clipped.clipped.any()


def test_a_step_is_never_longer_than_rate_times_threshold():
    for rate, threshold in [(0.5, 2.0), (3.0, 0.1), (0.01, 50.0)]:
        moves = descend(START, rate, threshold).moves
        assert moves.max() <= rate * threshold * (1 + 1e-9)


def test_a_flat_surface_holds_a_descent_for_good():
    thrown = descend((5.0, -2.6123), 100.0, points=30)
    assert thrown.stuck == 1
    assert (thrown.points[1:] == thrown.points[1]).all()
    assert thrown.end == pytest.approx(0.09)


def test_a_descent_that_overflows_keeps_what_it_has():
    broken = descend((5.0, -2.6123), 1e308)
    assert broken.overflowed
    assert len(broken.points) == 1
    assert np.isfinite(broken.points).all()
    (many,) = neighbours((5.0, -2.6123), 1e308, (None,), points=3, count=4)
    assert not np.isfinite(many.errors).any()
    assert many.overflowed.all()
    assert broken.longest == broken.end == many.median == np.inf
    assert broken.lowest == broken.errors[0], "where it has been is finite"


def test_a_step_that_is_not_finite_goes_farther_than_any_other():
    """Of three neighbours one stays, one is thrown and one overflows."""
    points = np.array([[5.0, -2.6], [400.0, 3.0], [np.inf, 3.0]])
    errors, farthest = np.array([0.1, 0.49, 0.09]), np.array([0.0, 395.0, 0.0])
    three = Neighbours(None, 1e-6, points, errors, farthest)
    assert three.overflowed.tolist() == [False, False, True]
    assert three.thrown() == pytest.approx(2 / 3)
    assert three.median == 0.49, "E at the end of a path without one is larger than any"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"rate": 0.0}, "above 0"),
        ({"rate": float("nan")}, "above 0"),
        ({"threshold": 0.0}, "above 0"),
        ({"threshold": -1.0}, "above 0"),
        ({"start": (float("inf"), 0.0)}, "finite"),
        ({"points": 0}, "at least 1"),
    ],
)
def test_what_has_no_meaning_is_answered_with_what_to_change(wrong, told):
    with pytest.raises(ValueError, match=told):
        descend(**({"start": START, "rate": 0.1, "threshold": None} | wrong))


def test_the_grid_and_the_mesh_cover_the_same_part_of_the_plane():
    for surface in (surface_grid(), surface_mesh()):
        assert (surface.w.min(), surface.w.max()) == W_RANGE
        assert (surface.b.min(), surface.b.max()) == B_RANGE
        assert np.isfinite(surface.error).all()


def test_the_mesh_resolves_the_cliff():
    """Wherever two neighbouring nodes differ much, they are so close that the wall is upright."""
    mesh = surface_mesh()
    drop = np.abs(np.diff(mesh.error, axis=0))
    gap = np.diff(mesh.b, axis=0)
    assert (gap > 0).all()
    assert drop.max() > 0.4
    assert gap[drop > 0.1].max() < 1e-3
