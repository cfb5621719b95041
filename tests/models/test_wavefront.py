"""The wavefront against a plain double loop written straight from the equations."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import Tensor

from rnnviz.models.wavefront import (
    functions,
    gru_2d,
    lstm_2d,
    lstm_2d_mixed,
    rnn_2d,
    sweep,
    workspace,
)
from rnnviz.models.wavefront.sweep import Wave
from rnnviz.models.wavefront.together import sweep_together

UNIT = 3
GATES = {"tanh": 1, "relu": 1, "lstm": 5, "lstm_mixed": 5, "gru": 4}
CELLS = tuple(GATES)


def rnn_step(nonlinearity, x, up, left, weight_x, weight_h, bias):
    z = weight_x @ x + weight_h[0] @ up[0] + weight_h[1] @ left[0] + bias
    return (torch.tanh(z) if nonlinearity == "tanh" else torch.relu(z),)


def lstm_step(x, up, left, weight_x, weight_h, bias):
    z = weight_x @ x + weight_h[0] @ up[0] + weight_h[1] @ left[0] + bias
    i, forget_up, forget_left, g, o = z.chunk(5)
    c = torch.sigmoid(i) * torch.tanh(g)
    c = c + torch.sigmoid(forget_up) * up[1] + torch.sigmoid(forget_left) * left[1]
    return torch.sigmoid(o) * torch.tanh(c), c


def mixed_lstm_step(x, up, left, weight_x, weight_h, bias):
    z = weight_x @ x + weight_h[0] @ up[0] + weight_h[1] @ left[0] + bias
    i, f, m, g, o = z.chunk(5)
    m = torch.sigmoid(m)
    c = torch.sigmoid(i) * torch.tanh(g) + torch.sigmoid(f) * (m * up[1] + (1 - m) * left[1])
    return torch.sigmoid(o) * torch.tanh(c), c


def gru_step(x, up, left, weight_x, weight_h, bias, bias_h):
    from_x = (weight_x @ x + bias).chunk(4)
    from_h = (weight_h[0] @ up[0] + weight_h[1] @ left[0]).chunk(4)
    r, z, m = (torch.sigmoid(a + b) for a, b in zip(from_x[:3], from_h[:3], strict=True))
    candidate = torch.tanh(from_x[3] + r * (from_h[3] + bias_h))
    return ((1 - z) * candidate + z * (m * up[0] + (1 - m) * left[0]),)


STEPS = {
    "tanh": lambda *args: rnn_step("tanh", *args),
    "relu": lambda *args: rnn_step("relu", *args),
    "lstm": lstm_step,
    "lstm_mixed": mixed_lstm_step,
    "gru": gru_step,
}


def double_loop(cell: str, inputs: Tensor, *weights: Tensor) -> tuple[Tensor, ...]:
    """Return the states by visiting every image and every cell in turn."""
    batch, height, width, _ = inputs.shape
    zero = inputs.new_zeros(weights[1].shape[2])
    outside = (zero, zero)
    images = []
    for image in inputs:
        states: dict[tuple[int, int], tuple[Tensor, ...]] = {}
        for row in range(height):
            for column in range(width):
                up = states.get((row - 1, column), outside)
                left = states.get((row, column - 1), outside)
                states[row, column] = STEPS[cell](image[row, column], up, left, *weights)
        images.append([torch.stack(state) for state in zip(*states.values(), strict=True)])
    return tuple(
        torch.stack(state).view(batch, height, width, -1) for state in zip(*images, strict=True)
    )


def wavefront(cell: str, *arguments: Tensor) -> tuple[Tensor, ...]:
    """Return the states by the functions under test, always as a tuple."""
    if cell in ("tanh", "relu"):
        return (rnn_2d(*arguments, nonlinearity=cell),)
    if cell == "gru":
        return (gru_2d(*arguments),)
    return {"lstm": lstm_2d, "lstm_mixed": lstm_2d_mixed}[cell](*arguments)


def arguments_for(cell: str, batch=2, height=3, width=4, feature=1, unit=UNIT) -> list[Tensor]:
    """Return random inputs and weights in float64, all of which require gradients."""
    generator = torch.Generator().manual_seed(1)
    rows = GATES[cell] * unit
    shapes = [(batch, height, width, feature), (rows, feature), (2, rows, unit), (rows,)]
    if cell == "gru":
        shapes.append((unit,))
    return [
        torch.randn(shape, generator=generator, dtype=torch.float64).mul_(0.6).requires_grad_()
        for shape in shapes
    ]


def assert_same(got: tuple[Tensor, ...], expected: tuple[Tensor, ...]) -> None:
    for one, other in zip(got, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-10)


@pytest.mark.parametrize("feature", [1, 4])
@pytest.mark.parametrize(
    "batch, height, width", [(1, 1, 1), (3, 1, 5), (2, 5, 1), (1, 7, 4), (3, 4, 7), (2, 2, 2)]
)
@pytest.mark.parametrize("cell", CELLS)
def test_states_and_gradients_are_those_of_the_double_loop(cell, batch, height, width, feature):
    arguments = arguments_for(cell, batch, height, width, feature)
    expected = double_loop(cell, *arguments)
    got = wavefront(cell, *arguments)
    assert_same(got, expected)
    # Every state of every cell receives a different gradient.
    arriving = [torch.randn_like(state) for state in expected]
    assert_same(
        torch.autograd.grad(got, arguments, arriving),
        torch.autograd.grad(expected, arguments, arriving),
    )


@pytest.mark.parametrize("cell", CELLS)
def test_a_batch_is_cut_into_chunks_without_a_trace(cell, monkeypatch):
    arguments = arguments_for(cell, batch=7)
    expected = double_loop(cell, *arguments)
    arriving = [torch.randn_like(state) for state in expected]
    # 7 images in chunks of at most 3: 3, 3 and 1.
    monkeypatch.setattr(sweep, "chunk_size", lambda *_: 3)
    got = wavefront(cell, *arguments)
    assert_same(got, expected)
    assert_same(
        torch.autograd.grad(got, arguments, arriving),
        torch.autograd.grad(expected, arguments, arriving),
    )


@pytest.mark.parametrize("cell", CELLS)
def test_gradcheck(cell):
    arguments = arguments_for(cell, batch=2, height=2, width=3, feature=2, unit=2)
    assert torch.autograd.gradcheck(lambda *args: wavefront(cell, *args), arguments)


@pytest.mark.parametrize("cell", ["lstm", "lstm_mixed"])
@pytest.mark.parametrize("state", [0, 1])
def test_a_gradient_may_arrive_from_one_state_only(cell, state):
    arguments = arguments_for(cell)
    expected = torch.autograd.grad(double_loop(cell, *arguments)[state].square().sum(), arguments)
    got = torch.autograd.grad(wavefront(cell, *arguments)[state].square().sum(), arguments)
    assert_same(got, expected)


@pytest.mark.parametrize("cell", CELLS)
def test_a_gradient_may_arrive_from_the_last_cell_only(cell):
    arguments = arguments_for(cell)
    expected = torch.autograd.grad(double_loop(cell, *arguments)[0][:, -1, -1].sum(), arguments)
    got = torch.autograd.grad(wavefront(cell, *arguments)[0][:, -1, -1].sum(), arguments)
    assert_same(got, expected)


@pytest.mark.parametrize("cell", CELLS)
def test_the_gradient_of_the_inputs_can_be_left_out(cell):
    arguments = arguments_for(cell)
    expected = torch.autograd.grad(double_loop(cell, *arguments)[0].sum(), arguments[1:])
    got = torch.autograd.grad(
        wavefront(cell, arguments[0].detach(), *arguments[1:])[0].sum(), arguments[1:]
    )
    assert_same(got, expected)


@pytest.mark.parametrize("cell", CELLS)
def test_without_gradients_the_states_are_the_same(cell):
    arguments = arguments_for(cell, batch=5)
    with torch.no_grad():
        without = wavefront(cell, *arguments)
    for one, other in zip(without, wavefront(cell, *arguments), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("cell", CELLS)
def test_float32_is_near_float64(cell):
    arguments = arguments_for(cell, batch=2, height=9, width=8, feature=4)
    single = [argument.detach().float().requires_grad_() for argument in arguments]
    exact, near = wavefront(cell, *arguments), wavefront(cell, *single)
    for one, other in zip(near, exact, strict=True):
        torch.testing.assert_close(one.double(), other, rtol=1e-4, atol=1e-5)
    exact_gradients = torch.autograd.grad(exact[0].square().mean(), arguments)
    near_gradients = torch.autograd.grad(near[0].square().mean(), single)
    for one, other in zip(near_gradients, exact_gradients, strict=True):
        torch.testing.assert_close(one.double(), other, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_calls_that_are_alive_together_do_not_share_buffers(cell):
    first = arguments_for(cell)
    second = [argument.detach().neg().requires_grad_() for argument in first]
    expected = torch.autograd.grad(double_loop(cell, *first)[0].square().sum(), first)
    states = wavefront(cell, *first)
    kept = [state.detach().clone() for state in states]
    wavefront(cell, *second)[0].square().sum().backward()
    assert_same(states, tuple(kept))
    loss = states[0].square().sum()
    assert_same(torch.autograd.grad(loss, first, retain_graph=True), expected)
    wavefront(cell, *second)[0].square().sum().backward()
    assert_same(torch.autograd.grad(loss, first), expected)


def test_buffers_are_free_again_once_the_backward_pass_has_run(monkeypatch):
    arguments = arguments_for("gru", height=6, width=5)
    loss = wavefront("gru", *arguments)[0].sum()
    loss.backward()

    def refuse(*_):
        raise AssertionError("A new workspace was made although an equal one is free.")

    # The first loss is still alive, and so is its graph.
    monkeypatch.setattr(workspace, "Workspace", refuse)
    again = wavefront("gru", *arguments)[0].sum()
    again.backward()
    assert again == loss


@pytest.mark.parametrize("cell", CELLS)
def test_threads_do_not_share_buffers(cell):
    arguments = arguments_for(cell, batch=9, height=8, width=8)

    def gradients(scale: float) -> tuple[Tensor, ...]:
        states = wavefront(cell, arguments[0] * scale, *arguments[1:])
        return torch.autograd.grad(states[0].square().sum(), arguments)

    scales = [0.1 * number for number in range(1, 33)]
    alone = [gradients(scale) for scale in scales]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(gradients, scales))
    for one, other in zip(together, alone, strict=True):
        assert_same(one, other)


def test_a_wrong_shape_says_what_was_expected():
    inputs, weight_x, weight_h, bias = arguments_for("tanh")
    with pytest.raises(ValueError, match=r"weight_x has shape \(3, 1\), expected \(15, 1\)"):
        lstm_2d(inputs, weight_x, weight_h, bias)
    with pytest.raises(ValueError, match="batch, row, column, feature"):
        rnn_2d(inputs[0], weight_x, weight_h, bias)
    with pytest.raises(ValueError, match="Nonlinearity 'sine' is unknown"):
        rnn_2d(inputs, weight_x, weight_h, bias, nonlinearity="sine")


def wave_of(cell: str, *weights: Tensor) -> Wave:
    """Return what the functions under test would sweep."""
    if cell in ("tanh", "relu"):
        return functions.rnn_2d_wave(*weights, nonlinearity=cell)
    make = {
        "lstm": functions.lstm_2d_wave,
        "lstm_mixed": functions.lstm_2d_mixed_wave,
        "gru": functions.gru_2d_wave,
    }
    return make[cell](*weights)


@pytest.mark.parametrize("sweeps, batch, feature", [(1, 1, 1), (2, 3, 1), (4, 1, 4), (4, 7, 2)])
@pytest.mark.parametrize("cell", CELLS)
def test_sweeps_that_go_together_are_each_the_double_loop(cell, sweeps, batch, feature):
    inputs, *weights = arguments_for(cell, batch * sweeps, 4, 3, feature)
    # Each sweep has weights of its own.
    own = [[weight.detach() * (1 + k / 3) for weight in weights] for k in range(sweeps)]
    parts = inputs.detach().unflatten(0, (sweeps, batch))
    waves = [wave_of(cell, *mine) for mine in own]
    found = sweep_together(waves, parts)
    for number, mine in enumerate(own):
        expected = double_loop(cell, parts[number], *mine)
        assert_same(tuple(state[number] for state in found), expected)
    # The buffers are used again; nothing of the last call is left in them.
    assert_same(sweep_together(waves, parts), found)
