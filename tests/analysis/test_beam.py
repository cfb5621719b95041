"""The gradient over the lattice: against the full flow, finite ways and the count of paths."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

import rnnviz
from rnnviz.analysis.beam import beam, gained_model
from rnnviz.core.beam import BALANCE, CORNERS, Beam, expected_decades, path_decades, seen_from
from rnnviz.models import Model, ModelConfig

PICTURE = np.random.default_rng(0).random((4, 6))


def grid_model(cell: str = "rnn_2d", readout: str = "last+mean", corners: int = 4) -> Model:
    torch.manual_seed(1)
    options = {"corners": corners}
    return Model(
        ModelConfig("grid", cell, 3, shape=(1, 4, 6), readout=readout, route_options=options)
    )


def linear_model(gain: float, units: int, shape: tuple[int, int, int], seed: int) -> Model:
    """A 2-D net that reads a blank picture without biases: tanh' is 1 everywhere."""
    torch.manual_seed(seed)
    return Model(ModelConfig("grid", "rnn_2d", units, shape=shape, cell_options={"gain": gain}))


@pytest.mark.parametrize("cell", ["rnn_2d", "lstm_2d", "lstm_2d_mixed", "gru_2d"])
@pytest.mark.parametrize("corner", CORNERS)
def test_with_all_ways_it_is_the_flow_of_that_sweep(cell, corner):
    model = grid_model(cell)
    flow = rnnviz.gradient_flow(model, PICTURE, target=2)
    steps = model.route.sweep_steps(CORNERS.index(corner))
    found = beam(model, PICTURE, 2, corner, last_only=False)
    np.testing.assert_allclose(found.norms.ravel(), flow.norms()[steps], rtol=1e-10)


@pytest.mark.parametrize("cell", ["rnn_2d", "lstm_2d", "lstm_2d_mixed", "gru_2d"])
@pytest.mark.parametrize("corner", CORNERS)
def test_of_a_stack_it_is_the_flow_of_the_top_layer(cell, corner):
    model = Model(replace(grid_model(cell).config, layers=2))
    flow = rnnviz.gradient_flow(model, PICTURE, target=2)
    top = flow.states["h"][model.route.sweep_steps(CORNERS.index(corner)), 3:]
    found = beam(model, PICTURE, 2, corner, last_only=False)
    np.testing.assert_allclose(found.norms.ravel(), np.linalg.norm(top, axis=1), rtol=1e-10)


def test_rows_that_are_read_both_ways_start_at_opposite_corners():
    torch.manual_seed(1)
    model = Model(ModelConfig("rows", "gru", 4, directions=2))
    picture = np.random.default_rng(1).random((28, 28))
    flow = rnnviz.gradient_flow(model, picture, target=3)
    for corner, steps in (("top-left", slice(0, 28)), ("bottom-right", slice(28, 56))):
        found = beam(model, picture, 3, corner)
        np.testing.assert_allclose(found.norms[:, 0], flow.norms()[steps], rtol=1e-10)
        # The last row that is read is the bottom one forwards, and the top one backwards.
        last = found.picture[-1 if corner == "top-left" else 0]
        assert (last == 0).all()
    with pytest.raises(ValueError, match="Choose one of: top-left, bottom-right"):
        beam(model, picture, 3, "top-right")


def test_a_readout_of_the_last_step_alone_has_no_other_ways():
    model = grid_model(readout="last")
    one, other = (beam(model, PICTURE, 1, last_only=flag) for flag in (True, False))
    np.testing.assert_allclose(one.norms, other.norms, rtol=1e-12)


def test_without_the_mean_the_gradient_is_that_of_the_last_steps_weights_alone():
    """Cutting the mean's weights out of the readout's backward pass by hand gives the same."""
    model = grid_model().double()
    found = beam(model, PICTURE, 0)
    units = model.config.units
    hidden = model.scan(torch.from_numpy(PICTURE)[None])["h"].detach()
    logits = model.readout(model.summary(hidden))[0]
    error = torch.softmax(logits, 0) - torch.eye(10, dtype=torch.float64)[0]
    delta = (error @ model.readout.weight)[:units]
    assert found.norms[-1, -1] == pytest.approx(float(delta.norm().detach()), rel=1e-10)
    # One step to the left of the last: through W_left alone.
    cell = model.cells[0]
    last = hidden[0, model.route.steps_per_sweep - 1]
    before = ((1 - last**2) * delta) @ cell.weight_h[1]
    assert found.norms[-1, -2] == pytest.approx(float(before.norm().detach()), rel=1e-10)


def test_rows_are_a_lattice_of_one_column():
    model = gained_model("rows", 0.9, units=4)
    picture = np.random.default_rng(1).random((28, 28))
    found = beam(model, picture, 3)
    flow = rnnviz.gradient_flow(model, picture, target=3)
    np.testing.assert_allclose(found.norms[:, 0], flow.norms(), rtol=1e-10)
    assert found.picture.shape == (28, 28)
    assert (found.picture == found.picture[:, :1]).all()
    steps, decades = found.edge
    assert np.array_equal(steps, np.arange(28))
    assert np.array_equal(decades[::-1], found.decades[:, 0])


def test_along_the_edge_there_is_one_path_so_nothing_but_the_gain():
    model = linear_model(0.6, 8, (1, 5, 7), seed=3)
    found = beam(model, np.zeros((5, 7)), 0)
    steps, decades = found.edge
    assert decades == pytest.approx(steps * math.log10(0.6), abs=1e-5)


def test_in_a_wide_net_the_paths_add_like_the_steps_of_a_random_walk():
    shape = (1, 6, 6)
    found = [
        2 * beam(linear_model(0.8, 96, shape, seed), np.zeros((6, 6)), 0).decades
        for seed in range(4)
    ]
    mean_square = np.log10(np.mean(10.0 ** np.array(found), axis=0)) / 2
    assert mean_square == pytest.approx(expected_decades(0.8, 6, 6), abs=0.05)


def test_the_beam_fades_ever_more_slowly_at_one_over_the_root_of_two():
    """sqrt(C)·2^(-n/2) ~ (pi·n/2)^(-1/4) is left of it over n steps."""
    count = 28
    expected = expected_decades(BALANCE, count, count)
    assert pytest.approx(0.329, abs=5e-4) == 10 ** expected[0, 0]
    steps = 2 * (count - 1)
    assert expected[0, 0] == pytest.approx(-0.25 * math.log10(math.pi * steps / 2), abs=0.01)
    assert expected_decades(0.8, count, count)[0, 0] > 1
    assert expected_decades(0.6, count, count)[0, 0] < -3


def test_paths_are_counted_as_walking_them_does():
    """Each cell's paths are those of the cell below and of the one to the right."""
    counts = np.ones((5, 7))
    for row in range(3, -1, -1):
        for column in range(5, -1, -1):
            counts[row, column] = counts[row + 1, column] + counts[row, column + 1]
    assert 10 ** path_decades(5, 7) == pytest.approx(counts)
    assert path_decades(28, 28)[0, 0] == pytest.approx(math.log10(math.comb(54, 27)))


@pytest.mark.parametrize("corner", CORNERS)
def test_a_beam_lies_on_the_picture_as_its_sweep_reads_it(corner):
    """The last step of a sweep is the pixel opposite to its start."""
    model = grid_model()
    found = beam(model, PICTURE, 1, corner)
    route = model.route
    last = route.gather[route.sweep_steps(CORNERS.index(corner))][-1, 0]
    assert found.picture.shape == (4, 6)
    assert found.picture.ravel()[last] == 0
    assert np.array_equal(seen_from(corner, found.picture), found.decades)


def test_the_diagonal_goes_from_the_last_corner_in_two_steps_a_cell():
    norms = 10.0 ** -np.add.outer(np.arange(4)[::-1], np.arange(6.0)[::-1])
    steps, decades = Beam("top-left", norms).diagonal
    assert np.array_equal(steps, [0, 2, 4, 6])
    assert decades == pytest.approx(-steps)


def test_patches_cover_the_picture():
    norms = np.arange(1.0, 7.0).reshape(2, 3)
    found = Beam("top-left", norms, share=(2, 2))
    assert found.picture.shape == (4, 6)
    assert found.picture[1, 3] == found.decades[0, 1]


def test_with_one_seed_only_the_gain_differs():
    one, other = gained_model("grid", 0.5, seed=7), gained_model("grid", 1.0, seed=7)
    assert torch.allclose(2 * one.cells[0].weight_h, other.cells[0].weight_h, atol=1e-6)
    assert torch.equal(one.cells[0].weight_x, other.cells[0].weight_x)
    assert torch.equal(one.readout.weight, other.readout.weight)


def test_a_silent_last_step_is_told_from_a_silent_start():
    silent = Beam("top-left", np.array([[0.0, 1.0], [1.0, 1.0]]))
    assert silent.decades[0, 0] == -np.inf
    assert np.isnan(Beam("top-left", np.zeros((2, 2))).decades[1, 1])


@pytest.mark.parametrize("gain", [0.0, -1.0, float("inf"), float("nan")])
def test_a_gain_without_meaning_is_answered(gain):
    with pytest.raises(ValueError, match="above 0"):
        gained_model("grid", gain)


def test_a_corner_that_is_not_read_is_answered_with_those_that_are():
    with pytest.raises(ValueError, match="Choose one of: top-left"):
        beam(grid_model(corners=1), PICTURE, 0, "bottom-right")
    with pytest.raises(ValueError, match="Choose one of"):
        seen_from("middle", np.zeros((2, 2)))


@pytest.mark.parametrize(("route", "cell"), [("grid", "rnn_2d"), ("rows", "rnn"), ("snake", "rnn")])
def test_a_network_has_the_cell_that_its_route_asks_for(route, cell):
    assert gained_model(route, 0.7, units=4).config.cell == cell


def test_a_route_that_there_is_not_is_answered_with_those_that_are():
    with pytest.raises(ValueError, match="rows"):
        gained_model("columns of ink", 0.7)
