"""What the network knew when, and what one unit adds up."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import rnnviz
from rnnviz.analysis.reading import glance, read, settled_depth
from rnnviz.analysis.unit import unit_detail
from rnnviz.models import Model, ModelConfig
from rnnviz.models.cells import PACKAGE
from rnnviz.models.probes import Probes
from rnnviz.registry import discover

PICTURE = np.random.default_rng(0).random((4, 6)).astype(np.float32)


@pytest.mark.parametrize(
    ("answers", "final", "expected"),
    [
        ([1, 2, 2, 2], 2, 11),
        ([2, 1, 2, 2], 2, 12),
        ([2, 2, 2, 2], 2, 10),
        ([1, 1, 1, 2], 2, 13),
        ([2, 2, 2, 1], 2, None),
    ],
)
def test_an_answer_is_settled_when_it_no_longer_changes(answers, final, expected):
    beliefs = np.eye(3)[answers]
    assert settled_depth(beliefs, np.arange(10, 14), final) == expected


def test_a_model_without_probes_claims_nothing_about_the_way():
    model = Model(ModelConfig("rows", "gru", 3, shape=(1, 4, 6)))
    reading = read(model, None, PICTURE)
    assert reading.settled is None
    assert reading.beliefs.shape == (0, 10)


def test_beliefs_are_the_probes_answers_at_their_depths():
    torch.manual_seed(0)
    model = Model(ModelConfig("grid", "gru_2d", 3, shape=(1, 4, 6), classes=5))
    probes = Probes(torch.tensor([2, 8]), torch.randn(2, 5, 3), torch.randn(2, 5), torch.ones(2))
    reading = read(model, probes, PICTURE)
    last = reading.trace.states["h"][-1]
    logits = probes.weight[1].numpy() @ last + probes.bias[1].numpy()
    expected = np.exp(logits) / np.exp(logits).sum()
    np.testing.assert_allclose(reading.beliefs[1], expected, rtol=1e-5)
    np.testing.assert_allclose(reading.beliefs.sum(1), 1, rtol=1e-5)


@pytest.mark.parametrize("cell", discover(PACKAGE))
@pytest.mark.parametrize("layers", [1, 2])
def test_a_glance_sees_the_very_states_and_answers_of_a_reading(cell, layers):
    torch.manual_seed(0)
    parents = discover(PACKAGE)[cell].CELL.PARENTS
    route, options = ("rows", {}) if parents == 1 else ("grid", {"corners": 4})
    model = Model(
        ModelConfig(route, cell, 3, shape=(1, 4, 6), route_options=options, layers=layers)
    )
    width = model.readout.in_features
    probes = Probes(
        torch.tensor([1, 3]), torch.randn(2, 10, width), torch.randn(2, 10), torch.ones(2)
    )
    whole, quick = read(model, probes, PICTURE), glance(model, probes, PICTURE)
    assert np.array_equal(whole.trace.states["h"], quick.trace.states["h"])
    assert np.array_equal(whole.trace.logits, quick.trace.logits)
    assert np.array_equal(whole.trace.inputs, quick.trace.inputs)
    assert np.array_equal(whole.beliefs, quick.beliefs)
    assert (whole.answer, whole.settled) == (quick.answer, quick.settled)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def model_of(cell, layers=1):
    torch.manual_seed(2)
    two = discover(PACKAGE)[cell].CELL.PARENTS == 2
    options = {"corners": 4} if two else {}
    config = ModelConfig("grid" if two else "rows", cell, 5, shape=(1, 4, 6), route_options=options)
    model = Model(replace(config, layers=layers))
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(torch.randn_like(weight) * 0.5)
    return model


@pytest.mark.parametrize("cell", discover(PACKAGE))
def test_a_units_terms_are_its_rows_of_the_products(cell):
    model = model_of(cell)
    seen = rnnviz.trace(model, PICTURE)
    detail = unit_detail(model, seen, unit=3)
    assert tuple(detail.gates) == model.cells[0].BLOCKS
    step = seen.route.steps - 1
    x, last = torch.from_numpy(seen.inputs[step]), model.cells[-1]
    hidden = [torch.from_numpy(seen.states["h"][parent]) for parent in seen.route.parents[step]]
    projected, recurred = last.project(x), last.recur(hidden)
    for name, terms in detail.gates.items():
        row = last.block(name).start + 3
        inputs = terms.inputs[step] + terms.bias[-1]
        assert inputs == pytest.approx(projected[row].item(), abs=1e-6)
        assert terms.hidden[:, step].sum() == pytest.approx(recurred[row].item(), abs=1e-6)


# Another cell may squash its candidate by something else.
SQUASHED = ("rnn", "rnn_relu", "irnn", "lstm", "gru")
SQUASHED += ("rnn_2d", "lstm_2d", "lstm_2d_mixed", "gru_2d")


@pytest.mark.parametrize("cell", SQUASHED)
def test_a_units_terms_add_up_to_its_gates(cell):
    model = model_of(cell)
    seen = rnnviz.trace(model, PICTURE)
    detail = unit_detail(model, seen, unit=3)
    sweep = np.arange(seen.route.steps) // seen.route.steps_per_sweep
    for name, terms in detail.gates.items():
        hidden = terms.hidden.sum(axis=0)
        if cell.startswith("gru") and name == "candidate":
            hidden = detail.gates["reset"].value * (hidden + terms.bias_h[sweep])
        total = hidden + terms.inputs + terms.bias[sweep]
        squash = np.tanh if name == "candidate" else sigmoid
        if cell in ("rnn_relu", "irnn"):
            squash = lambda x: np.maximum(x, 0)  # noqa: E731
        np.testing.assert_allclose(squash(total), terms.value, atol=1e-5)
        row = model.cells[-1].block(name).start + 3
        np.testing.assert_allclose(
            terms.input_weights[-1], model.cells[-1].weight_x[row].detach().numpy()
        )


@pytest.mark.parametrize("cell", discover(PACKAGE))
def test_a_unit_of_an_upper_layer_hears_from_the_layer_below(cell):
    """The terms of layer 2 by hand: its cell's weights and the h of layer 1 at the same place."""
    model = model_of(cell, layers=3)
    seen = rnnviz.trace(model, PICTURE)
    detail = unit_detail(model, seen, unit=5 + 3)
    assert (detail.unit, detail.layer) == (8, 1)
    sweeps, step = seen.route.sweeps, seen.route.steps - 1
    cell_ = model.cells[2 * sweeps - 1]
    place = set(seen.route.gather[step])
    below = [seen.states["h"][s, :5] for s, g in enumerate(seen.route.gather) if set(g) == place]
    assert len(below) == sweeps
    parents = [seen.states["h"][parent, 5:10] for parent in seen.route.parents[step]]
    projected = cell_.project(torch.from_numpy(np.concatenate(below)))
    recurred = cell_.recur([torch.from_numpy(h) for h in parents])
    for name, terms in detail.gates.items():
        row = cell_.block(name).start + 3
        inputs = terms.inputs[step] + terms.bias[-1]
        assert inputs == pytest.approx(projected[row].item(), abs=1e-6)
        assert terms.hidden[:, step].sum() == pytest.approx(recurred[row].item(), abs=1e-6)
        assert terms.input_weights.shape == (sweeps, sweeps * 5)
        np.testing.assert_array_equal(terms.value, seen.gates.get(name, seen.states["h"])[:, 8])


def test_a_unit_says_its_layer_where_there_are_several():
    one, two = (rnnviz.trace(model_of("gru", layers), PICTURE) for layers in (1, 2))
    assert (one.layers, two.layers, two.units) == (1, 2, 10)
    assert one.unit_name(4) == "unit 4"
    assert (two.unit_name(4), two.unit_name(5)) == ("layer 1, unit 4", "layer 2, unit 0")


def test_beliefs_of_a_stack_are_about_its_top_layer():
    model = model_of("lstm", layers=2)
    weight, bias = torch.randn(1, 10, 5), torch.randn(1, 10)
    reading = read(model, Probes(torch.tensor([1]), weight, bias, torch.ones(1)), PICTURE)
    logits = weight[0].numpy() @ reading.trace.states["h"][1, 5:] + bias[0].numpy()
    expected = np.exp(logits) / np.exp(logits).sum()
    np.testing.assert_allclose(reading.beliefs[0], expected, rtol=1e-5)


def test_a_unit_that_is_not_there_is_refused():
    model = Model(ModelConfig("rows", "gru", 3, shape=(1, 4, 6)))
    with pytest.raises(ValueError, match="numbered 0 to 2, got 3"):
        unit_detail(model, rnnviz.trace(model, PICTURE), 3)
