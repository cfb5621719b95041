"""What each fault of a row reader does to its gradients."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from rnnviz.analysis.row_reader import bend, gain_flow, gained_reader, reader_flow, refusal
from rnnviz.models.row_reader import SIDE, Faults, LinearReader, RowReader, as_pieces

IMAGES = torch.rand(6, SIDE, SIDE)
LABELS = torch.tensor([0, 1, 2, 3, 4, 5])


def flow_of(rows: int = 1, **faults):
    reader = RowReader(rows * SIDE, 16, Faults(**faults))
    return reader_flow(reader, as_pieces(IMAGES, rows), LABELS)


def loss_of(reader: RowReader, pieces: torch.Tensor) -> float:
    return float(torch.nn.functional.nll_loss(reader(pieces), LABELS[:1]).detach())


def test_the_input_gradient_is_that_of_finite_differences():
    reader = RowReader(SIDE, 8, Faults()).double()
    pieces = as_pieces(IMAGES[:1].double(), 1)
    found = reader_flow(reader, pieces, LABELS[:1]).inputs[0, 26]
    slopes = []
    for pixel in range(SIDE):
        moved = [pieces.clone(), pieces.clone()]
        moved[0][0, 26, pixel] += 1e-4
        moved[1][0, 26, pixel] -= 1e-4
        losses = [loss_of(reader, one) for one in moved]
        slopes.append((losses[0] - losses[1]) / 2e-4)
    assert found == pytest.approx(np.linalg.norm(slopes), rel=1e-6)


def test_the_state_gradient_is_that_of_a_reader_started_there():
    """dL/dh_t is the gradient with respect to h_0 of a reader that only reads what follows."""
    reader = RowReader(SIDE, 8, Faults()).double()
    pieces = as_pieces(IMAGES[:1].double(), 1)
    at = 20
    h = reader.states(pieces)[at].detach().requires_grad_(True)
    now = h
    for piece in pieces[:, at:].unbind(1):
        now = reader.step(piece, now)
    loss = torch.nn.functional.nll_loss(torch.log_softmax(reader.answer(now), 1), LABELS[:1])
    (expected,) = torch.autograd.grad(loss, h)
    found = reader_flow(reader, pieces, LABELS[:1]).states[0, at - 1]
    assert found == pytest.approx(float(expected.norm()), rel=1e-9)


def test_fed_the_whole_picture_the_recurrent_weights_get_a_gradient_of_exactly_zero():
    flow = flow_of(rows=SIDE, whole=True, straight=True)
    assert flow.weights["from_state.weight"] == 0.0
    assert flow.weights["from_input.weight"] > 0
    assert flow.states.shape == (6, 1)


def test_a_late_answer_leaves_the_last_state_and_the_last_row_without_a_gradient():
    flow = flow_of(late=True)
    assert (flow.states[:, -1] == 0).all() and (flow.inputs[:, -1] == 0).all()
    assert (flow.states[:, -2] > 0).all() and (flow.inputs[:, -2] > 0).all()


def test_with_all_three_faults_nothing_but_the_answers_bias_can_learn():
    weights = flow_of(rows=SIDE, whole=True, straight=True, late=True).weights
    assert weights.pop("answer.bias") > 0
    assert set(weights.values()) == {0.0}


@pytest.mark.parametrize("faults", [Faults(straight=True), Faults(straight=True, late=True)])
def test_without_a_bend_the_answer_is_linear_in_the_picture(faults):
    assert bend(RowReader(SIDE, 16, faults).double(), as_pieces(IMAGES.double(), 1)) < 1e-14


def test_with_a_bend_it_is_not():
    assert flow_of().bend > 1e-3


@pytest.mark.parametrize("gain", [0.7, 1.0, 1.3])
def test_a_straight_reader_multiplies_the_gradient_by_its_gain_at_every_step(gain):
    flow = gain_flow(Faults(straight=True), gain, IMAGES.numpy(), LABELS.numpy())
    expected = gain ** np.arange(SIDE - 1, -1, -1)
    np.testing.assert_allclose(flow.states / flow.states[:, -1:], np.tile(expected, (6, 1)))


def test_a_tanh_keeps_the_state_in_bounds_where_a_straight_reader_runs_away():
    sizes = [
        gain_flow(Faults(straight=straight), 1.5, IMAGES.numpy(), LABELS.numpy()).sizes[:, -1]
        for straight in (False, True)
    ]
    assert sizes[0].max() <= 8.0  # the square root of 64 units between -1 and 1
    assert sizes[1].min() > 1000


def test_what_torch_says_is_told_and_nothing_where_it_says_nothing():
    assert "1x28" in refusal(SIDE, Faults(whole=True))
    assert "784x128" in refusal(SIDE, Faults(whole=True))
    assert refusal(SIDE * SIDE, Faults(whole=True)) == refusal(SIDE, Faults()) == ""


def test_a_linear_layer_has_no_states_but_a_gradient_of_its_pixels():
    flow = reader_flow(LinearReader(SIDE * SIDE), as_pieces(IMAGES, SIDE), LABELS)
    assert flow.states.shape == (6, 0)
    assert (flow.inputs > 0).all()


def test_a_gained_reader_leaves_the_random_numbers_of_others_alone():
    state = torch.random.get_rng_state()
    gained_reader(Faults(), 1.0)
    assert torch.equal(torch.random.get_rng_state(), state)


def test_a_gained_reader_is_the_same_in_however_many_threads_it_is_made():
    alone = gained_reader(Faults(), 1.2, units=16).state_dict()
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: gained_reader(Faults(), 1.2, units=16), range(200)))
    for reader in made:
        assert all(torch.equal(alone[name], value) for name, value in reader.state_dict().items())
