"""The way back through one step: each cell's adjoint is the transposed Jacobian of its step."""

import pytest
import torch

from rnnviz.models.cells import PACKAGE, Cell
from rnnviz.registry import discover

CELLS = discover(PACKAGE)
BY_HAND = [name for name, file in CELLS.items() if file.CELL.pull is not Cell.pull]
UNITS = 4


def cell_of(name: str) -> Cell:
    torch.manual_seed(7)
    cell = CELLS[name].CELL(3, UNITS).double()
    with torch.no_grad():
        for weight in cell.parameters():
            weight.copy_(torch.randn_like(weight) * 0.6)
    return cell.requires_grad_(False)


def random_states(cell: Cell, *shape: int) -> dict[str, torch.Tensor]:
    return {name: torch.randn(*shape, UNITS).double() for name in cell.STATES}


def a_step(cell: Cell, *shape: int):
    """Return the projected input, the parents, and the states and gates of some steps."""
    projected = cell.project(torch.randn(*shape, cell.features).double())
    parents = [random_states(cell, *shape) for _ in range(cell.PARENTS)]
    return projected, parents, *cell.step(projected, parents)


def test_the_cells_shown_here_have_their_adjoint_by_hand():
    assert {"rnn", "rnn_relu", "irnn", "lstm", "gru"} <= set(BY_HAND)
    assert {"rnn_2d", "lstm_2d", "lstm_2d_mixed", "gru_2d"} <= set(BY_HAND)


@pytest.mark.parametrize("name", BY_HAND)
def test_an_adjoint_by_hand_is_that_of_autograd(name):
    cell = cell_of(name)
    taken = a_step(cell, 5, 2)
    received = random_states(cell, 5, 2)
    found = cell.pull(cell.slopes(*taken), received)
    expected = Cell.pull(cell, Cell.slopes(cell, *taken), received)
    assert_same(found, expected)


def assert_same(found, expected):
    def close(one, other):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-12)

    close(found.projected, expected.projected)
    assert len(found.parents) == len(expected.parents)
    for one, other in zip(
        [found.totals, *found.parents], [expected.totals, *expected.parents], strict=True
    ):
        assert one.keys() == other.keys()
        for state in one:
            close(one[state], other[state])


@pytest.mark.parametrize("name", CELLS)
def test_the_adjoint_is_the_transpose_of_the_jacobian(name):
    """J by torch's functional Jacobian of the plain step, one parent's h at a time."""
    cell = cell_of(name)
    projected, parents, states, gates = a_step(cell, 1)
    slopes = cell.slopes(projected, parents, states, gates)
    received = {state: torch.eye(UNITS).double() for state in cell.STATES}
    for index in range(cell.PARENTS):
        for state in cell.STATES:

            def after(value, index=index, state=state):
                moved = [dict(parent) for parent in parents]
                moved[index][state] = value
                return tuple(cell.step(projected, moved)[0][name][0] for name in cell.STATES)

            jacobians = torch.autograd.functional.jacobian(after, parents[index][state])
            # Each row of the identity is received by every state, so the Jacobians add up.
            expected = sum(jacobian[:, 0] for jacobian in jacobians)  # type: ignore[index]
            found = cell.pull(slopes, received).parents[index][state]
            torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", CELLS)
def test_the_way_to_the_input_is_that_of_finite_differences(name):
    cell = cell_of(name)
    projected, parents, states, gates = a_step(cell, 1)
    received = random_states(cell, 1)

    def loss(values):
        after, _ = cell.step(values, parents)
        return float(sum((after[state] * received[state]).sum() for state in cell.STATES))

    found = cell.pull(cell.slopes(projected, parents, states, gates), received).projected
    for row in range(projected.shape[-1]):
        nudge = torch.zeros_like(projected)
        nudge[0, row] = 1e-6
        slope = (loss(projected + nudge) - loss(projected - nudge)) / 2e-6
        assert found[0, row].item() == pytest.approx(slope, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("name", CELLS)
def test_more_rows_than_steps_are_pulled_through_the_same_step(name):
    cell = cell_of(name)
    taken = a_step(cell, 1)
    received = random_states(cell, 6)
    slopes = cell.slopes(*taken)
    together = cell.pull(slopes, received)
    for row in range(6):
        alone = cell.pull(
            slopes, {state: value[row : row + 1] for state, value in received.items()}
        )
        for one, other in zip(together.parents, alone.parents, strict=True):
            for state in cell.STATES:
                torch.testing.assert_close(one[state][row : row + 1], other[state])


@pytest.mark.parametrize("name", CELLS)
def test_what_a_cell_declares_of_itself_is_so(name):
    cell = CELLS[name].CELL
    assert set(cell.KEEPS) <= set(cell.GATES)
    # Only a plain sum, squashed once, has a bound by the slope of what squashes it.
    assert cell.STEEPEST is None or len(cell.BLOCKS) == 1
