"""The variants, the part of a route that they read, and one thing turned."""

import numpy as np
import pytest
import torch

import rnnviz
from rnnviz.analysis.variants import (
    VARIANTS,
    fresh_model,
    variant_config,
    variant_model,
    with_gain,
    with_keep_bias,
)
from rnnviz.core.route import shorten
from rnnviz.core.routes import build_route
from rnnviz.models import Model, ModelConfig
from rnnviz.models.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from rnnviz.models.record import record

IMAGES = torch.rand(2, 28, 28, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_is_the_same_from_the_same_seed_alone(name):
    torch.manual_seed(1)
    one = variant_model(name, units=8, seed=3)
    torch.manual_seed(2)
    same, other = variant_model(name, units=8, seed=3), variant_model(name, units=8, seed=4)
    assert torch.equal(one(IMAGES), same(IMAGES))
    assert not torch.equal(one(IMAGES), other(IMAGES))


@pytest.mark.parametrize("name", [name for name in VARIANTS if name != "irnn"])
def test_a_variant_starts_within_pytorchs_bounds(name):
    model = variant_model(name, units=64)
    for weight in (model.cells[0].weight_x, model.cells[0].weight_h):
        assert weight.abs().max() <= 1 / 8
        assert weight.std() == pytest.approx(1 / 8 / np.sqrt(3), rel=0.05)
    # nn.Linear: uniform within the inverse root of what it reads.
    assert model.readout.weight.abs().max() <= 1 / 8


@pytest.mark.parametrize("bias", [0, 1, 3, 5])
def test_the_forget_bias_in_the_name_is_that_of_every_unit(bias):
    cell = variant_model(f"lstm-{bias}").cells[0]
    assert (cell.bias[cell.block("forget")] == bias).all()


@pytest.mark.parametrize("bias", [0, 1])
def test_the_update_bias_in_the_name_is_that_of_every_unit(bias):
    cell = variant_model(f"gru-{bias}").cells[0]
    assert (cell.bias[cell.block("update")] == bias).all()


def test_an_unknown_variant_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match=r"no variant 'mlp'.*rnn, rnn-relu, irnn, lstm-0"):
        variant_model("mlp")


@pytest.mark.parametrize(
    ("route", "length", "rows"),
    [("rows", 8, slice(10, 18)), ("rows", 28, slice(0, 28)), ("rows", 2, slice(13, 15))],
)
def test_a_shortened_route_reads_its_middle(route, length, rows):
    model = variant_model("lstm-1", route, length=length, units=8)
    assert model.route.steps == length
    inputs = record(model, IMAGES).inputs
    torch.testing.assert_close(inputs, IMAGES[:, rows])
    assert model.route.parents[:, 0].tolist() == list(range(-1, length - 1))
    flow = rnnviz.gradient_flow(model, IMAGES[0], 1)
    unread = np.ones(28, bool)
    unread[rows] = False
    assert not flow.inputs[0, unread].any() and flow.inputs[0, rows].all()


def test_options_and_length_go_together():
    route = shorten(build_route("patches", (1, 28, 28), patch=2), 100)
    whole = build_route("patches", (1, 28, 28), patch=2)
    np.testing.assert_array_equal(route.gather, whole.gather[48:148])
    model = variant_model("gru-0", "patches", {"patch": 2}, 100, units=4)
    np.testing.assert_array_equal(model.route.gather, route.gather)


@pytest.mark.parametrize("length", [29, 1, 0, -5])
def test_a_length_that_does_not_fit_says_what_does(length):
    with pytest.raises(ValueError, match=r"'rows' has 28 steps.*2 to 28, got.*'pixels' has 784"):
        variant_model("rnn", "rows", length=length)


def test_a_grid_has_no_length():
    config = ModelConfig("grid", "rnn_2d", 4, length=10)
    with pytest.raises(ValueError, match=r"'grid' isn't a chain.*Leave the length out"):
        Model(config)


def test_a_checkpoint_carries_the_length(tmp_path):
    config = variant_config("lstm-3", "pixels", length=50, units=4)
    model = fresh_model(config, 0)
    path = tmp_path / "short.safetensors"
    save_checkpoint(Checkpoint("short", config, model.state_dict()), path)
    again = load_checkpoint(path).model()
    assert again.config == config and again.route.steps == 50
    torch.testing.assert_close(again(IMAGES), model(IMAGES))


def test_a_gain_multiplies_the_recurrent_weights_of_a_copy():
    model = variant_model("rnn", units=8)
    before = model.cells[0].weight_h.clone()
    louder = with_gain(model, 1.7)
    torch.testing.assert_close(louder.cells[0].weight_h, 1.7 * before)
    assert torch.equal(model.cells[0].weight_h, before)
    assert torch.equal(louder.cells[0].weight_x, model.cells[0].weight_x)
    torch.testing.assert_close(variant_model("rnn", units=8, gain=1.7)(IMAGES), louder(IMAGES))


def test_the_gain_takes_an_rnn_from_vanishing_to_exploding():
    images, targets = IMAGES * 0, [0, 1]
    gains = (0.5, 1.0, 1.7, 2.5)
    factors = [
        rnnviz.batch_flow(variant_model("rnn-relu", gain=gain), images, targets).factor_per_step()
        for gain in gains
    ]
    assert factors == sorted(factors)
    assert factors[0] < 0.5 < 1 < factors[-1]


@pytest.mark.parametrize("gain", [-1.0, float("inf"), float("nan")])
def test_a_gain_that_is_none_is_refused(gain):
    with pytest.raises(ValueError, match="recurrent gain is 0 or more"):
        with_gain(variant_model("rnn", units=4), gain)


@pytest.mark.parametrize(
    ("route", "cell", "gates"),
    [
        ("rows", "lstm", ["forget"]),
        ("rows", "gru", ["update"]),
        ("grid", "lstm_2d", ["forget_up", "forget_left"]),
    ],
)
def test_a_keep_bias_is_set_in_the_gates_that_keep(route, cell, gates):
    model = Model(ModelConfig(route, cell, 4))
    changed = with_keep_bias(model, 2.5).cells[0]
    rows = np.zeros(len(changed.bias), bool)
    for gate in gates:
        rows[changed.block(gate)] = True
    assert (changed.bias[rows] == 2.5).all()
    torch.testing.assert_close(changed.bias[~rows], model.cells[0].bias[~rows])


def test_a_cell_without_such_a_gate_says_which_have_one():
    with pytest.raises(ValueError, match=r"no gate that keeps its state.*lstm or gru"):
        with_keep_bias(variant_model("rnn", units=4), 1.0)
    with pytest.raises(ValueError, match="finite"):
        with_keep_bias(variant_model("lstm-0", units=4), float("nan"))
