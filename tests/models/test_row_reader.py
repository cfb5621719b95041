"""The exhibit of the bug laboratory: each switch makes one fault and nothing else."""

import pytest
import torch

from rnnviz.models import Model, ModelConfig
from rnnviz.models.row_reader import SIDE, Faults, LinearReader, RowReader, as_pieces, fresh_reader

IMAGES = torch.rand(5, SIDE, SIDE, dtype=torch.float64)


def reader(rows: int = 1, **faults) -> RowReader:
    torch.manual_seed(3)
    return RowReader(rows * SIDE, 12, Faults(**faults)).double()


def test_the_repaired_reader_is_the_row_rnn_of_the_other_pages():
    ours = reader()
    model = Model(ModelConfig("rows", "rnn", 12)).double()
    with torch.no_grad():
        model.cells[0].weight_x.copy_(ours.from_input.weight)
        model.cells[0].weight_h[0].copy_(ours.from_state.weight)
        model.cells[0].bias.copy_(ours.from_input.bias)
        model.readout.load_state_dict(ours.answer.state_dict())
    expected = torch.log_softmax(model(IMAGES), dim=1)
    torch.testing.assert_close(ours(as_pieces(IMAGES, 1)), expected)


def test_a_straight_reader_is_a_sum_of_powers_of_its_weights():
    straight = reader(straight=True)
    pieces = as_pieces(IMAGES, 1)
    h = torch.zeros(5, 12, dtype=torch.float64)
    for step in range(SIDE):
        power = torch.linalg.matrix_power(straight.from_state.weight, SIDE - 1 - step)
        h = h + straight.from_input(pieces[:, step]) @ power.T
    torch.testing.assert_close(straight.states(pieces)[-1], h)


def test_a_late_reader_answers_as_if_the_last_row_were_not_there():
    late, in_time = reader(late=True), reader()
    pieces = as_pieces(IMAGES, 1)
    assert torch.equal(late(pieces), in_time(pieces[:, :-1]))


def test_a_late_reader_of_the_whole_picture_gives_every_picture_the_same_answer():
    answers = reader(rows=SIDE, whole=True, late=True)(as_pieces(IMAGES, SIDE))
    assert torch.equal(answers, answers[:1].expand_as(answers))


def test_the_linear_reader_is_a_softmax_regression():
    linear = LinearReader(SIDE * SIDE).double()
    expected = torch.log_softmax(linear.answer(IMAGES.flatten(1)), dim=1)
    torch.testing.assert_close(linear(as_pieces(IMAGES, SIDE)), expected)


@pytest.mark.parametrize("rows", [1, 4, 28])
def test_pieces_are_whole_rows_in_their_order(rows):
    pieces = as_pieces(IMAGES, rows)
    assert pieces.shape == (5, SIDE // rows, SIDE * rows)
    assert torch.equal(pieces.reshape(5, SIDE, SIDE), IMAGES)


@pytest.mark.parametrize("rows", [0, 3, 29])
def test_rows_that_do_not_divide_the_picture_are_refused(rows):
    with pytest.raises(ValueError, match="1, 2, 4, 7, 14, 28"):
        as_pieces(IMAGES, rows)


def test_a_fresh_reader_has_the_numbers_that_torch_itself_draws_from_this_seed():
    torch.manual_seed(3)
    expected = RowReader(SIDE, 8, Faults()).state_dict()
    found = fresh_reader(
        lambda: RowReader(SIDE, 8, Faults()), torch.Generator().manual_seed(3)
    ).state_dict()
    assert all(torch.equal(expected[name], found[name]) for name in expected)
