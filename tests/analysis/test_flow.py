"""The flow of a batch: fused, unrolled and analytic agree; what float32 loses; limiting cases."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch

import rnnviz
from rnnviz.analysis.adjoint import adjoint, readout_gradient
from rnnviz.analysis.variants import with_keep_bias
from rnnviz.core.batch_flow import row_norms
from rnnviz.models import Model, ModelConfig
from rnnviz.models.cells import PACKAGE
from rnnviz.models.record import record
from rnnviz.models.unroll import all_layers, unroll
from rnnviz.registry import discover

CELLS = discover(PACKAGE)
IMAGES = torch.rand(3, 4, 6, generator=torch.Generator().manual_seed(2))
TARGETS = [0, 3, 9]


STACKS = [
    pytest.param(cell, stack, id=f"{cell}-{stack}")
    for cell, file in CELLS.items()
    for stack in ({}, {"layers": 2}, {"directions": 2}, {"layers": 3, "directions": 2})
    if file.CELL.PARENTS == 1 or "directions" not in stack
]
"""Every cell with layers and directions."""


def model_of(
    cell: str, readout: str = "last", route: str = "", stack: dict | None = None, **options: int
) -> Model:
    torch.manual_seed(1)
    grid = CELLS[cell].CELL.PARENTS == 2
    config = ModelConfig(
        route or ("grid" if grid else "pixels"),
        cell,
        5,
        shape=(1, 4, 6),
        readout=readout,
        route_options=options or ({"corners": 4} if grid else {}),
    )
    model = Model(replace(config, **(stack or {})))
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(torch.randn_like(weight) * 0.5)
    return model


def flow_by_autograd(model: Model) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return dL/dstate and dL/dx by autograd on the unrolled loop, in the model's own type."""
    pictures = IMAGES.to(model.dtype).requires_grad_(True)
    unrolled = unroll(model, pictures)
    loss = torch.nn.functional.cross_entropy(
        unrolled.logits, torch.tensor(TARGETS), reduction="sum"
    )
    states = {}
    for name in model.cells[0].STATES:
        wanted = [level.states[name] for level in unrolled.levels]
        found = torch.autograd.grad(loss, wanted, retain_graph=True, materialize_grads=True)
        states[name] = all_layers(unrolled.levels, list(found)).numpy()
    (inputs,) = torch.autograd.grad(loss, pictures)
    return states, inputs.numpy()


@pytest.mark.parametrize("readout", ["last", "last+mean"])
@pytest.mark.parametrize(("cell", "stack"), STACKS)
def test_the_adjoint_is_autograd_on_the_unrolled_loop(cell, stack, readout):
    model = model_of(cell, readout, stack=stack).double()
    expected, pixels = flow_by_autograd(model)
    recording = record(model, IMAGES)
    losses, arriving = readout_gradient(model, recording, torch.tensor(TARGETS))
    found = adjoint(model, recording, arriving)
    for name, gradient in expected.items():
        np.testing.assert_allclose(found.states[name].numpy(), gradient, rtol=0, atol=1e-12)
    flow = rnnviz.batch_flow(model, IMAGES, TARGETS)
    for name, gradient in expected.items():
        np.testing.assert_allclose(flow.norms[name], row_norms(gradient), rtol=1e-9)
    np.testing.assert_allclose(flow.losses, losses.numpy())
    one = rnnviz.gradient_flow(model, IMAGES[1], TARGETS[1])
    np.testing.assert_allclose(one.inputs[0], pixels[1], rtol=0, atol=1e-12)
    np.testing.assert_allclose(flow.norms["h"][1], one.norms("h"), rtol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
def test_a_gradient_given_at_the_last_state_is_carried_back(cell):
    model = model_of(cell).double()
    recording = record(model, IMAGES)
    arriving = {name: torch.zeros_like(state) for name, state in recording.states.items()}
    given = torch.randn(3, 5).double()
    arriving["h"][:, -1] = given
    pictures = IMAGES.double().requires_grad_(True)
    last = unroll(model, pictures).states("h")[:, -1]
    (expected,) = torch.autograd.grad((last * given).sum(), pictures)
    found = torch.zeros(3, 24).double()
    found.index_add_(
        1, model.gather.flatten(), adjoint(model, recording, arriving).inputs.flatten(1)
    )
    torch.testing.assert_close(found, expected.flatten(1).double(), rtol=0, atol=1e-12)


@pytest.mark.parametrize("cell", [name for name in CELLS if CELLS[name].CELL.PARENTS == 2])
def test_on_a_grid_the_gradient_is_the_sum_over_all_lattice_paths(cell):
    """From the last corner of 3x3 cells back to the first there are six ways, each a product."""
    torch.manual_seed(4)
    model = Model(ModelConfig("grid", cell, 3, shape=(1, 3, 3))).double()
    picture = torch.rand(1, 3, 3).double()
    jacobians = parent_jacobians(model, picture)
    recording = record(model, picture)
    _, arriving = readout_gradient(model, recording, torch.tensor([5]))
    found = adjoint(model, recording, arriving)
    names = model.cells[0].STATES
    last = torch.zeros(len(names) * 3).double()
    last[:3] = arriving["h"][0, -1]
    total, ways = torch.zeros_like(last), 0
    for moves in set(itertools.permutations((0, 0, 1, 1))):
        gradient, step = last, 8
        for move in moves:
            gradient = gradient @ jacobians[step][move]
            step = int(model.route.parents[step, move])
        assert step == 0
        total, ways = total + gradient, ways + 1
    assert ways == 6
    # The sum is what arrives at the first step; the way through its own h is not in it yet.
    arrived = dict(zip(names, total.split(3), strict=True))
    torch.testing.assert_close(found.states["h"][0, 0], arrived["h"], rtol=1e-10, atol=0)


def parent_jacobians(model: Model, picture: torch.Tensor) -> list[list[torch.Tensor]]:
    """Return the Jacobian of each step by each parent's states, by torch's functional Jacobian."""
    cell = model.cells[0]
    names, units = cell.STATES, cell.units
    projected = cell.project(model.read(picture))[0]
    states = record(model, picture).states
    found = []
    for step, parents in enumerate(model.route.parents):
        before = [
            torch.cat([states[name][0, parent] * (parent >= 0) for name in names])
            for parent in parents
        ]

        def after(*values, step=step):
            heard = [dict(zip(names, value.split(units), strict=True)) for value in values]
            stepped, _ = cell.step(projected[step], heard)
            return torch.cat([stepped[name] for name in names])

        found.append(torch.autograd.functional.jacobian(after, tuple(before)))
    return found


def test_torchs_fused_lstm_with_a_zero_probe_tells_the_same():
    """[W_ih | W_hh] on [x, 0]: what reaches the zeros at t + 1 is what later steps send to h_t."""
    model = model_of("lstm", route="rows").double()
    cell = model.cells[0]
    probed = torch.nn.LSTM(6 + 5, 5, batch_first=True).double()
    zero = torch.zeros_like(cell.bias)
    weights = {"weight_ih_l0": torch.cat([cell.weight_x, cell.weight_h[0]], 1)}
    weights |= {"weight_hh_l0": cell.weight_h[0], "bias_ih_l0": cell.bias, "bias_hh_l0": zero}
    probed.load_state_dict(weights)
    probe = torch.zeros(3, 4, 5).double().requires_grad_(True)
    out, _ = probed(torch.cat([IMAGES.double(), probe], 2))
    logits = model.readout(out[:, -1])
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor(TARGETS), reduction="sum")
    from_later, at_last = torch.autograd.grad(loss, [probe, out])
    total = at_last.clone()
    total[:, :-1] += from_later[:, 1:]
    flow = rnnviz.batch_flow(model, IMAGES, TARGETS)
    np.testing.assert_allclose(flow.norms["h"], row_norms(total.numpy()), rtol=1e-10)


@pytest.mark.parametrize("cell", CELLS)
def test_float32_is_float32_on_the_whole_way(cell):
    """As autograd has it in float32, to float32's own rounding, and not as float64 has it."""
    model = model_of(cell)
    expected, _ = flow_by_autograd(model)
    flow = rnnviz.batch_flow(model, IMAGES, TARGETS, dtype=torch.float32)
    exact = rnnviz.batch_flow(model, IMAGES, TARGETS)
    for name, gradient in expected.items():
        np.testing.assert_allclose(flow.norms[name], row_norms(gradient), rtol=2e-4, atol=1e-7)
        assert flow.norms[name].dtype == np.float64
        assert (flow.norms[name] != exact.norms[name]).any()


def test_what_float64_measures_float32_loses():
    # 0.5**784 is 1e-236, float32 ends at 1e-45: some 150 steps from the end.
    model = Model(ModelConfig("pixels", "rnn", 4, cell_options={"gain": 0.5}))
    black = np.zeros((1, 28, 28))
    exact = rnnviz.batch_flow(model, black, [0])
    coarse = rnnviz.batch_flow(model, black, [0], dtype=torch.float32)
    assert exact.factor_per_step() == pytest.approx(0.5, rel=1e-6)
    assert exact.ratio()[0, 0] == pytest.approx(783 * np.log10(0.5), rel=1e-6)
    lost = np.flatnonzero(coarse.norms["h"][0] == 0)
    assert lost[0] == 0 and 600 < lost[-1] < 660
    assert coarse.factor_per_step() == 0.0
    alive = slice(lost[-1] + 20, None)
    np.testing.assert_allclose(coarse.ratio()[0, alive], exact.ratio()[0, alive], atol=1e-3)


def test_an_orthogonal_rnn_whose_tanh_is_straight_keeps_the_norm():
    model = Model(ModelConfig("pixels", "rnn", 8, cell_options={"gain": 1.0}))
    flow = rnnviz.batch_flow(model, np.zeros((1, 28, 28)), [4])
    np.testing.assert_allclose(flow.ratio(), 0.0, atol=1e-4)
    assert flow.factor_per_step() == pytest.approx(1.0, abs=1e-6)
    assert flow.steps_until() is None


def test_an_open_forget_gate_keeps_the_gradient_of_the_cell_state():
    """Apart from the gate that is open all weights are 0, so c is the only way through time."""
    model = Model(ModelConfig("pixels", "lstm", 4))
    with torch.no_grad():
        for weight in model.cells[0].parameters():
            weight.zero_()
    flow = rnnviz.batch_flow(with_keep_bias(model, 40.0), np.ones((1, 28, 28)), [2])
    np.testing.assert_allclose(flow.ratio("c"), 0.0, atol=1e-12)
    half = rnnviz.batch_flow(with_keep_bias(model, 0.0), np.ones((1, 28, 28)), [2])
    assert half.factor_per_step("c") == pytest.approx(0.5)
    assert half.steps_until(0.01, "c") == 7


def test_a_gradient_that_overflows_says_to_lower_the_gain():
    model = Model(ModelConfig("pixels", "rnn_relu", 4, cell_options={"gain": 5.0}))
    with pytest.raises(ValueError, match=r"beyond what float64 can hold.*Lower the recurrent gain"):
        rnnviz.batch_flow(model, np.ones((2, 28, 28)), [0, 1])
    with pytest.raises(ValueError, match="Lower the recurrent gain"):
        rnnviz.gradient_flow(model, np.ones((28, 28)), 0)


def test_what_overflows_in_float32_alone_says_so():
    model = Model(ModelConfig("pixels", "rnn_relu", 4, cell_options={"gain": 1.5}))
    with torch.no_grad():
        model.cells[0].weight_h[0] = 1.5 * torch.eye(4)
    assert rnnviz.batch_flow(model, np.ones((1, 28, 28)), [0]).losses.shape == (1,)
    with pytest.raises(ValueError, match="beyond what float32 can hold"):
        rnnviz.batch_flow(model, np.ones((1, 28, 28)), [0], dtype=torch.float32)


@pytest.mark.parametrize(
    ("images", "targets", "message"),
    [
        (np.zeros((4, 6)), [0], r"batch of pictures of shape \(4, 6\).*got \(4, 6\)"),
        (np.zeros((0, 4, 6)), [], "batch of pictures"),
        (np.full((1, 4, 6), np.nan), [0], "aren't finite"),
        (np.zeros((2, 4, 6)), [0], "Each of 2 pictures needs a target, got 1"),
        (np.zeros((1, 4, 6)), [10], "class from 0 to 9, got 10"),
    ],
)
def test_a_batch_that_does_not_fit_is_refused(images, targets, message):
    with pytest.raises(ValueError, match=message):
        rnnviz.batch_flow(model_of("gru"), images, targets)


def test_the_model_is_left_as_it_was():
    model = model_of("lstm")
    before = {name: value.clone() for name, value in model.state_dict().items()}
    rnnviz.batch_flow(model, IMAGES, TARGETS)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert model.dtype == torch.float32
