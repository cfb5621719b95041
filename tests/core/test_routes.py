"""Every route that is found reads the whole picture, in the order that it says."""

import numpy as np
import pytest

from rnnviz.core import Route
from rnnviz.core.routes import PACKAGE, build_route
from rnnviz.registry import discover

SHAPE = (1, 4, 6)


@pytest.mark.parametrize("name", discover(PACKAGE))
def test_a_route_reads_every_value_once_a_sweep(name):
    module = discover(PACKAGE)[name]
    options = {"patch": 2} if "patch" in module.OPTIONS else {}
    route = build_route(name, SHAPE, **options)
    for sweep in range(route.sweeps):
        values = route.gather[route.sweep_steps(sweep)]
        assert sorted(values.ravel()) == list(range(24))
    assert route.parents.shape == (route.steps, module.PARENTS)


@pytest.mark.parametrize("name", discover(PACKAGE))
def test_a_route_declares_what_a_menu_shows(name):
    module = discover(PACKAGE)[name]
    assert module.LABEL and module.DESCRIPTION.endswith(".")


def test_rows_and_columns_read_their_lines():
    assert build_route("rows", SHAPE).gather[1].tolist() == [6, 7, 8, 9, 10, 11]
    assert build_route("columns", SHAPE).gather[1].tolist() == [1, 7, 13, 19]


def test_the_snake_never_jumps():
    order = build_route("snake", SHAPE).gather[:, 0]
    row, column = np.divmod(order, 6)
    assert (np.abs(np.diff(row)) + np.abs(np.diff(column)) == 1).all()


def test_a_patch_is_a_square_in_the_order_of_reading():
    assert build_route("patches", SHAPE, patch=2).gather[1].tolist() == [2, 3, 8, 9]


def test_the_permutation_is_fixed_by_its_seed():
    # RandomState(0).permutation is frozen by numpy's promise (NEP 19), so checkpoints keep reading.
    first = build_route("permuted", (1, 28, 28)).gather[:5, 0].tolist()
    assert first == np.random.RandomState(0).permutation(784)[:5].tolist()
    assert first != build_route("permuted", (1, 28, 28), seed=1).gather[:5, 0].tolist()


def test_each_corner_starts_where_it_says():
    route = build_route("grid", SHAPE, corners=4)
    assert [int(route.gather[route.sweep_steps(k).start, 0]) for k in range(4)] == [0, 5, 18, 23]


def test_a_grid_hears_from_above_and_from_the_left():
    parents = build_route("grid", SHAPE).parents
    assert parents[0].tolist() == [-1, -1]
    assert parents[1].tolist() == [-1, 0]
    assert parents[6].tolist() == [0, -1]
    assert parents[7].tolist() == [1, 6]


def test_every_sweep_of_a_grid_is_the_same_graph():
    route = build_route("grid", SHAPE, corners=4)
    one = build_route("grid", SHAPE).parents
    for sweep in range(4):
        assert np.array_equal(route.sweep_parents(sweep), one)


def test_depth_is_the_step_on_a_chain_and_the_antidiagonal_on_a_grid():
    assert build_route("pixels", SHAPE).depth.tolist() == list(range(24))
    row, column = np.divmod(np.arange(24), 6)
    assert build_route("grid", SHAPE).depth.tolist() == (row + column).tolist()


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("spiral", {}, r"no route 'spiral'.*rows"),
        ("rows", {"patch": 2}, r"has no option 'patch'.*none"),
        ("patches", {"patch": 5}, r"5x5 don't tile a picture of 4x6"),
        ("grid", {"corners": 2}, r"1 corner or from 4, got corners=2"),
    ],
)
def test_a_route_that_cannot_be_built_says_why(name, options, message):
    with pytest.raises(ValueError, match=message):
        build_route(name, SHAPE, **options)


def test_a_parent_that_comes_later_is_refused():
    with pytest.raises(ValueError, match="isn't an earlier step"):
        Route("loop", (1, 1, 2), np.array([[0], [1]]), np.array([[1], [0]]), (1, 2))
