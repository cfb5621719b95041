"""One truth, four ways: the fast scan, the recording, the unrolled loop and the equations."""

import inspect
from dataclasses import replace
from functools import partial

import pytest
import torch
from torch import nn

from rnnviz.core.routes import PACKAGE as ROUTES
from rnnviz.models import Model, ModelConfig
from rnnviz.models.cells import PACKAGE as CELLS
from rnnviz.models.record import record
from rnnviz.models.unroll import unroll
from rnnviz.registry import discover
from tests.models import equations

VARIANTS = {"grid": [{"corners": 1}, {"corners": 4}, {"patch": 2, "corners": 4}]}
STACKS = {
    1: [{}, {"layers": 2}, {"directions": 2}, {"layers": 3, "directions": 2}],
    2: [{}, {"layers": 2}],
}
"""Layers and directions, by the number of parents."""
PAIRS = [
    pytest.param(route, options, cell, stack, id=f"{cell}-{route}-{options}-{stack}")
    for route, module in discover(ROUTES).items()
    for options in VARIANTS.get(route, [{"patch": 2} if "patch" in module.OPTIONS else {}])
    for cell, file in discover(CELLS).items()
    if file.CELL.PARENTS == module.PARENTS
    for stack in STACKS[module.PARENTS]
]
close = partial(torch.testing.assert_close, rtol=0.0, atol=1e-10)


def small_model(
    route: str, options: dict, cell: str, shape=(1, 6, 8), units=5, **stack: int
) -> Model:
    torch.manual_seed(3)
    config = ModelConfig(
        route, cell, units, shape=shape, route_options=options, readout="last+mean"
    )
    model = Model(replace(config, **stack)).double()
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(torch.randn_like(weight) * 0.4)
    return model


def images(model: Model, batch: int = 3) -> torch.Tensor:
    return torch.rand(
        batch, *model.config.shape, generator=torch.Generator().manual_seed(5)
    ).double()


@pytest.mark.parametrize(("route", "options", "cell", "stack"), PAIRS)
def test_all_ways_through_a_model_agree(route, options, cell, stack):
    model = small_model(route, options, cell, **stack)
    pictures = images(model)
    recording, unrolled = record(model, pictures), unroll(model, pictures)
    for row, picture in enumerate(pictures):
        states, gates = equations.read(model, picture)
        for name, expected in states.items():
            close(recording.states[name][row], expected)
            close(unrolled.states(name)[row], expected)
        assert set(recording.gates) == set(gates)
        for name, expected in gates.items():
            close(recording.gates[name][row], expected)
            close(unrolled.gates(name)[row], expected)
    close(model(pictures), unrolled.logits)
    close(model(pictures), recording.logits)


@pytest.mark.parametrize(("route", "options", "cell", "stack"), PAIRS)
def test_the_fast_gradient_is_that_of_the_unrolled_loop(route, options, cell, stack):
    model = small_model(route, options, cell, **stack)
    pictures = images(model).requires_grad_(True)
    wanted = [pictures, *model.parameters()]
    fast = torch.autograd.grad(model(pictures).square().sum(), wanted)
    plain = torch.autograd.grad(unroll(model, pictures).logits.square().sum(), wanted)
    for got, expected in zip(fast, plain, strict=True):
        close(got, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", discover(CELLS))
def test_gradcheck_passes(cell, layers):
    route = "grid" if discover(CELLS)[cell].CELL.PARENTS == 2 else "pixels"
    model = small_model(route, {}, cell, shape=(1, 2, 3), units=2, layers=layers)
    names = [name for name, _ in model.named_parameters()]

    def answer(pictures, *weights):
        return torch.func.functional_call(
            model, dict(zip(names, weights, strict=True)), (pictures,)
        )

    weights = [w.detach().clone().requires_grad_(True) for w in model.parameters()]
    assert torch.autograd.gradcheck(answer, (images(model, 2).requires_grad_(True), *weights))


TORCH = {
    "rnn": lambda: nn.RNN(8, 5, batch_first=True),
    "rnn_relu": lambda: nn.RNN(8, 5, nonlinearity="relu", batch_first=True),
    "irnn": lambda: nn.RNN(8, 5, nonlinearity="relu", batch_first=True),
    "lstm": lambda: nn.LSTM(8, 5, batch_first=True),
    "gru": lambda: nn.GRU(8, 5, batch_first=True),
}


@pytest.mark.parametrize("cell", TORCH)
def test_weights_load_into_torchs_own_layer(cell):
    model = small_model("rows", {}, cell)
    ours = model.cells[0]
    bias_h = torch.zeros_like(ours.bias)
    if cell == "gru":
        bias_h[ours.block("candidate")] = ours.get_parameter("bias_h")
    layer = TORCH[cell]().double()
    layer.load_state_dict(
        {
            "weight_ih_l0": ours.weight_x,
            "weight_hh_l0": ours.weight_h[0],
            "bias_ih_l0": ours.bias,
            "bias_hh_l0": bias_h,
        }
    )
    expected, _ = layer(images(model)[:, 0])
    close(record(model, images(model)).states["h"], expected)


def test_every_cell_that_torch_scans_is_compared_with_torch():
    scans = {name: inspect.getsource(file.CELL.scan) for name, file in discover(CELLS).items()}
    assert set(TORCH) == {name for name, source in scans.items() if "fused_scan" in source}


@pytest.mark.parametrize(("route", "options", "cell", "stack"), PAIRS)
def test_the_last_summary_is_what_the_readout_reads(route, options, cell, stack):
    model = small_model(route, options, cell, **stack)
    hidden = model.scan(images(model))["h"]
    close(model.summaries(hidden)[:, -1], model.summary(hidden))
    some = [0, model.route.depths - 1]
    close(model.summaries(hidden, some), model.summaries(hidden)[:, some])


def test_an_open_forget_gate_keeps_the_cell_state():
    model = small_model("rows", {}, "lstm")
    cell = model.cells[0]
    with torch.no_grad():
        for weight in cell.parameters():
            weight.zero_()
        cell.bias[cell.block("forget")] = 50.0
        cell.bias[cell.block("input")] = -50.0
    before = {"h": torch.randn(1, 5).double(), "c": torch.randn(1, 5).double()}
    after, _ = cell.step(cell.project(torch.rand(1, 8).double()), [before])
    close(after["c"], before["c"], rtol=0, atol=1e-15)


def test_an_identity_start_without_input_copies_the_state():
    model = Model(ModelConfig("rows", "irnn", 4, cell_options={"input_scale": 0.0}))
    before = {"h": torch.rand(1, 4)}
    after, _ = model.cells[0].step(torch.zeros(1, 4), [before])
    close(after["h"], before["h"], rtol=0, atol=0)


def test_a_chrono_start_sets_gates_that_keep_between_one_step_and_the_longest():
    model = Model(ModelConfig("rows", "lstm", 200, cell_options={"memory": 100.0}))
    cell = model.cells[0]
    keep = cell.bias[cell.block("forget")]
    assert keep.min() >= 0
    assert keep.max() <= torch.log(torch.tensor(99.0))
    close(cell.bias[cell.block("input")], -keep)


def test_a_route_and_a_cell_that_do_not_fit_say_what_would():
    with pytest.raises(ValueError, match=r"gives each step 2 parents.*rnn_2d.*gru_2d"):
        Model(ModelConfig("grid", "lstm", 4))
    with pytest.raises(ValueError, match=r"gives each step 1 parent,.*rnn.*gru"):
        Model(ModelConfig("rows", "gru_2d", 4))


def test_a_picture_of_another_shape_is_refused_with_both_shapes():
    with pytest.raises(ValueError, match=r"\(1, 28, 28\).*\(1, 27, 28\)"):
        Model(ModelConfig("rows", "rnn", 4))(torch.rand(2, 27, 28))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"units": 0}, "at least 1 feature and 1 unit"),
        ({"readout": "first"}, r"Readout 'first'.*last, last\+mean"),
        ({"classes": 1}, "at least 2 classes, got 1"),
    ],
)
def test_a_config_that_cannot_be_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Model(ModelConfig(**({"route": "rows", "cell": "rnn", "units": 4} | options)))
