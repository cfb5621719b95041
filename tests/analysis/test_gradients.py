"""The gradient flow against finite differences, torch's own layers and the product of Jacobians."""

import numpy as np
import pytest
import torch

import rnnviz
from rnnviz.core.routes import build_route
from rnnviz.models import Model, ModelConfig
from rnnviz.models.cells import PACKAGE
from rnnviz.models.unroll import unroll
from rnnviz.registry import discover

PICTURE = np.random.default_rng(0).random((4, 6))


def model_of(cell: str, units: int = 3, layers: int = 1) -> Model:
    torch.manual_seed(1)
    route = "grid" if discover(PACKAGE)[cell].CELL.PARENTS == 2 else "rows"
    options = {"corners": 4} if route == "grid" else {}
    config = ModelConfig(route, cell, units, shape=(1, 4, 6), route_options=options, layers=layers)
    model = Model(config)
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(torch.randn_like(weight) * 0.5)
    return model


def loss_of(model: Model, picture: np.ndarray, target: int) -> float:
    logits = model.double()(torch.from_numpy(picture)[None])
    return float(torch.nn.functional.cross_entropy(logits, torch.tensor([target])).detach())


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", discover(PACKAGE))
def test_the_input_gradient_is_that_of_finite_differences(cell, layers):
    model = model_of(cell, layers=layers)
    flow = rnnviz.gradient_flow(model, PICTURE, target=2)
    assert flow.loss == pytest.approx(loss_of(model, PICTURE, 2), abs=1e-12)
    assert flow.inputs.shape == (1, 4, 6)
    step = 1e-6
    for row, column in [(0, 0), (1, 4), (3, 5)]:
        up, down = PICTURE.copy(), PICTURE.copy()
        up[row, column] += step
        down[row, column] -= step
        slope = (loss_of(model, up, 2) - loss_of(model, down, 2)) / (2 * step)
        assert flow.inputs[0, row, column] == pytest.approx(slope, rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("cell", discover(PACKAGE))
def test_the_state_gradient_is_what_a_nudge_of_the_state_does(cell):
    """Nudge one h inside the unrolled scan, and carry the rest of the scan on by hand."""
    model = model_of(cell).double()
    flow = rnnviz.gradient_flow(model, PICTURE, target=1)
    route = model.route
    chosen = [0, route.steps_per_sweep // 2, route.steps_per_sweep - 1]
    for step in chosen:
        slope = nudge(model, step, 1e-6) - nudge(model, step, -1e-6)
        assert flow.states["h"][step, 1] == pytest.approx(slope / 2e-6, rel=1e-4, abs=1e-8)


def nudge(model: Model, nudged: int, by: float) -> float:
    """Return the loss when unit 1 of h is moved at one step, by a loop over all steps."""
    inputs = model.read(torch.from_numpy(PICTURE)[None])
    found = []
    with torch.no_grad():
        for step in range(model.route.steps):
            cell = model.cells[step // model.route.steps_per_sweep]
            parents = [
                found[p] if p >= 0 else cell.zero_states(1) for p in model.route.parents[step]
            ]
            states, _ = cell.step(cell.project(inputs[:, step]), parents)
            if step == nudged:
                moved = states["h"].clone()
                moved[0, 1] += by
                states = states | {"h": moved}
            found.append(states)
        hidden = torch.stack([states["h"] for states in found], dim=1)
        logits = model.readout(model.summary(hidden))
        return float(torch.nn.functional.cross_entropy(logits, torch.tensor([1])))


def test_the_flow_of_an_rnn_is_the_product_of_its_jacobians():
    model = model_of("rnn").double()
    flow = rnnviz.gradient_flow(model, PICTURE, target=0)
    weight = model.cells[0].weight_h[0].detach().numpy()
    hidden = rnnviz.trace(model, PICTURE).states["h"]
    delta = flow.states["h"][-1]
    for step in range(len(hidden) - 1, 0, -1):
        delta = weight.T @ ((1 - hidden[step] ** 2) * delta)
        np.testing.assert_allclose(flow.states["h"][step - 1], delta, rtol=1e-10)


def test_norms_are_the_lengths_of_the_rows():
    flow = rnnviz.gradient_flow(model_of("lstm"), PICTURE, target=0)
    assert flow.norms("c").shape == (4,)
    assert flow.norms("c")[2] == pytest.approx(np.sqrt((flow.states["c"][2] ** 2).sum()))
    with pytest.raises(KeyError, match="no state 'z'"):
        flow.norms("z")


def test_a_gradient_that_float32_loses_is_measured():
    # A plain RNN of gain 0.5 shrinks the gradient at every one of 784 steps: 0.5**784 is 1e-236.
    torch.manual_seed(0)
    model = Model(ModelConfig("pixels", "rnn", 4, cell_options={"gain": 0.5}))
    flow = rnnviz.gradient_flow(model, np.zeros((28, 28)), target=0)
    first, last = flow.norms()[[0, -1]]
    assert first > 0
    assert np.log10(first / last) == pytest.approx(783 * np.log10(0.5), rel=1e-6)


def test_the_model_is_left_as_it_was():
    model = model_of("gru")
    before = {name: value.clone() for name, value in model.state_dict().items()}
    rnnviz.gradient_flow(model, PICTURE, target=0)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert model.dtype == torch.float32
    assert all(weight.grad is None and weight.requires_grad for weight in model.parameters())


def test_autograd_reaches_every_gate_of_the_unrolled_loop():
    model = model_of("lstm").double()
    unrolled = unroll(model, torch.from_numpy(PICTURE)[None])
    forget = [level.gates["forget"] for level in unrolled.levels]
    found = torch.autograd.grad(unrolled.logits.sum(), forget, allow_unused=True)
    # The forget gate of the first step multiplies a state of zero: its gradient is exactly 0.
    assert found[0] is not None and not found[0].any()
    assert all(gradient is not None and gradient.any() for gradient in found[1:])


@pytest.mark.parametrize("picture", [PICTURE.tolist(), PICTURE[None], torch.tensor(PICTURE)])
def test_a_picture_may_come_as_any_array(picture):
    model = model_of("gru")
    if isinstance(picture, torch.Tensor):
        picture.requires_grad_(True)
    expected = rnnviz.trace(model, PICTURE).logits
    np.testing.assert_array_equal(rnnviz.trace(model, picture).logits, expected)


@pytest.mark.parametrize("target", [2, np.int64(2), torch.tensor(2)])
def test_a_target_may_come_as_any_whole_number(target):
    flow = rnnviz.gradient_flow(model_of("rnn"), PICTURE, target=target)
    assert type(flow.target) is int and flow.target == 2


@pytest.mark.parametrize("target", [-1, 10, 2.0, "2"])
def test_a_target_that_is_no_class_is_refused(target):
    with pytest.raises(ValueError, match="class from 0 to 9"):
        rnnviz.gradient_flow(model_of("rnn"), PICTURE, target=target)


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((6, 4)),
        np.zeros((1, 24)),
        np.zeros((4, 1, 6)),
        np.zeros(24),
        np.zeros((2, 4, 6)),
        np.full((4, 6), np.nan),
    ],
)
def test_a_picture_that_does_not_fit_is_refused(picture):
    with pytest.raises(ValueError, match="picture"):
        rnnviz.trace(model_of("rnn"), picture)


def test_a_route_built_alone_is_the_route_of_a_trace():
    seen = rnnviz.trace(model_of("gru"), PICTURE)
    np.testing.assert_array_equal(seen.route.gather, build_route("rows", (1, 4, 6)).gather)
    np.testing.assert_allclose(seen.inputs, PICTURE.astype(np.float32))
    assert seen.states["h"].shape == (4, 3)
    assert seen.probabilities.sum() == pytest.approx(1.0, abs=1e-6)
