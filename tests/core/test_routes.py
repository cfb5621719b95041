"""Every route that is found reads the whole picture, in the order that it says."""

import numpy as np
import pytest

from rnnviz.core import Route
from rnnviz.core.route import both_ways
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


CHAINS = [name for name, module in discover(PACKAGE).items() if module.PARENTS == 1]


def chain_of(name: str) -> Route:
    options = {"patch": 2} if "patch" in discover(PACKAGE)[name].OPTIONS else {}
    return build_route(name, SHAPE, **options)


@pytest.mark.parametrize("name", CHAINS)
def test_both_ways_are_the_chain_and_the_chain_backwards(name):
    one = chain_of(name)
    route = both_ways(one)
    assert (route.steps, route.sweeps, route.lattice) == (2 * one.steps, 2, one.lattice)
    assert route.both_ways and not one.both_ways
    assert route.options == one.options
    np.testing.assert_array_equal(route.gather[route.sweep_steps(0)], one.gather)
    np.testing.assert_array_equal(route.gather[route.sweep_steps(1)], one.gather[::-1])
    for sweep in range(2):
        np.testing.assert_array_equal(route.sweep_parents(sweep), one.parents)
    np.testing.assert_array_equal(route.depth, np.tile(one.depth, 2))


def test_a_grid_has_no_way_back():
    for corners in (1, 4):
        with pytest.raises(ValueError, match=r"Leave them at 1.*corners=4"):
            both_ways(build_route("grid", SHAPE, corners=corners))
    with pytest.raises(ValueError, match="isn't a single chain"):
        both_ways(both_ways(build_route("rows", SHAPE)))


@pytest.mark.parametrize(
    "route",
    [
        *(pytest.param(chain_of(name), id=name) for name in CHAINS),
        *(pytest.param(both_ways(chain_of(name)), id=f"{name}-both") for name in CHAINS),
        *(build_route("grid", SHAPE, patch=p, corners=c) for p in (1, 2) for c in (1, 4)),
    ],
)
def test_steps_that_are_alike_read_the_same_place_in_every_sweep(route):
    assert route.alike.shape == (route.sweeps, route.steps)
    for sweep, steps in enumerate(route.alike):
        assert (steps // route.steps_per_sweep == sweep).all()
        for step, other in enumerate(steps):
            assert set(route.gather[step]) == set(route.gather[other])
    own = np.arange(route.steps)
    assert (route.alike[own // route.steps_per_sweep, own] == own).all()


def test_sweeps_that_read_different_places_cannot_meet():
    parents = np.full((2, 1), -1)
    apart = Route("apart", (1, 1, 2), np.array([[0], [1]]), parents, (1, 1), 2)
    with pytest.raises(ValueError, match=r"don't read the same places.*Choose 1 layer"):
        assert apart.alike is None


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
