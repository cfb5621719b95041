"""Stacked and bidirectional models: against torch's own layers, whose weights they share."""

from dataclasses import replace
from functools import partial

import pytest
import torch
from torch import nn

from rnnviz.analysis.variants import fresh_model, with_gain, with_keep_bias
from rnnviz.models import Model, ModelConfig
from rnnviz.models.cells import PACKAGE
from rnnviz.models.model import parameter_count
from rnnviz.models.probes import fit_probes, probe_features
from rnnviz.models.record import LARGE_BATCH, record
from rnnviz.models.unroll import unroll
from rnnviz.registry import discover

CHAINS = [name for name, file in discover(PACKAGE).items() if file.CELL.PARENTS == 1]
TORCH = {
    "rnn": nn.RNN,
    "rnn_relu": partial(nn.RNN, nonlinearity="relu"),
    "irnn": partial(nn.RNN, nonlinearity="relu"),
    "lstm": nn.LSTM,
    "gru": nn.GRU,
}
STACKS = [(1, 2), (2, 1), (2, 2), (3, 1), (3, 2), (4, 2)]
"""Layers and directions."""
UNITS = 5
close = partial(torch.testing.assert_close, rtol=0.0, atol=1e-12)


def stacked(cell: str, layers: int, directions: int, **options) -> Model:
    torch.manual_seed(5)
    settings = {"shape": (1, 6, 8), "layers": layers, "directions": directions} | options
    model = Model(ModelConfig("rows", cell, UNITS, **settings)).double()
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(torch.randn_like(weight) * 0.4)
    return model


def pictures(count: int = 3) -> torch.Tensor:
    return torch.rand(count, 6, 8, generator=torch.Generator().manual_seed(5)).double()


def torchs_own(model: Model) -> nn.RNNBase:
    """Return torch's layers with the model's weights."""
    layers, directions = model.config.layers, model.config.directions
    make = TORCH[model.config.cell]
    net = make(8, UNITS, layers, bidirectional=directions == 2, batch_first=True).double()
    weights = {}
    for layer in range(layers):
        for way in range(directions):
            cell = model.layers[layer][way]
            name = f"l{layer}" + "_reverse" * way
            bias_h = torch.zeros_like(cell.bias)
            if model.config.cell == "gru":
                bias_h[cell.block("candidate")] = cell.get_parameter("bias_h")
            weights[f"weight_ih_{name}"] = cell.weight_x
            weights[f"weight_hh_{name}"] = cell.weight_h[0]
            weights[f"bias_ih_{name}"] = cell.bias
            weights[f"bias_hh_{name}"] = bias_h
    net.load_state_dict(weights)
    return net


def last_states(output: torch.Tensor, directions: int) -> torch.Tensor:
    """Return h after the last step of each direction from torch's output, (batch, feature)."""
    forward, *backward = output.chunk(directions, dim=2)
    return torch.cat([forward[:, -1], *(part[:, 0] for part in backward)], dim=1)


def test_every_cell_with_one_parent_is_compared_with_torch():
    assert set(TORCH) == set(CHAINS)


@pytest.mark.parametrize(("layers", "directions"), STACKS)
@pytest.mark.parametrize("cell", TORCH)
def test_values_are_those_of_torchs_stacked_layers(cell, layers, directions):
    model = stacked(cell, layers, directions)
    output, final, *_ = torchs_own(model)(pictures())
    final = final[0] if isinstance(final, tuple) else final
    hidden = record(model, pictures()).states["h"]
    assert hidden.shape == (3, 6 * directions, layers * UNITS)
    forward, *backward = hidden[..., -UNITS:].chunk(directions, dim=1)
    # Torch's output has the backward steps at the place that they read.
    close(torch.cat([forward, *(part.flip(1) for part in backward)], dim=2), output)
    for index in range(layers * directions):
        layer, way = divmod(index, directions)
        own = hidden[:, way * 6 + 5, layer * UNITS : (layer + 1) * UNITS]
        close(own, final[index])
    close(model(pictures()), model.readout(last_states(output, directions)))


@pytest.mark.parametrize(("layers", "directions"), STACKS)
@pytest.mark.parametrize("cell", TORCH)
def test_gradients_are_those_of_torchs_stacked_layers(cell, layers, directions):
    model = stacked(cell, layers, directions)
    net, images = torchs_own(model), pictures().requires_grad_(True)
    output, *_ = net(images)
    model.readout(last_states(output, directions)).square().sum().backward()
    expected, images.grad = images.grad, None
    model.readout.zero_grad()
    model(images).square().sum().backward()
    close(images.grad, expected)
    theirs = dict(net.named_parameters())
    for layer in range(layers):
        for way in range(directions):
            cell_ = model.layers[layer][way]
            name = f"l{layer}" + "_reverse" * way
            close(cell_.weight_x.grad, theirs[f"weight_ih_{name}"].grad)
            assert cell_.weight_h.grad is not None
            close(cell_.weight_h.grad[0], theirs[f"weight_hh_{name}"].grad)
            close(cell_.bias.grad, theirs[f"bias_ih_{name}"].grad)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_large_batch_is_recorded_as_a_small_one(cell):
    model = stacked(cell, 2, 2, readout="last+mean")
    images = pictures(LARGE_BATCH)
    large, small = record(model, images), record(model, images[:1])
    for name in (*large.states, *large.gates):
        one, other = ((r.states | r.gates)[name] for r in (large, small))
        close(one[:1], other)
    close(large.logits, model(images))


def test_one_layer_and_one_direction_keep_the_names_of_their_weights():
    names = set(Model(ModelConfig("rows", "rnn", 3)).state_dict())
    assert names == {f"sweeps.0.{w}" for w in ("weight_x", "weight_h", "bias")} | {
        "readout.weight",
        "readout.bias",
    }


def test_a_stack_adds_the_upper_layers_to_the_names_of_the_first():
    one = Model(ModelConfig("grid", "gru_2d", 3, route_options={"patch": 7, "corners": 4}))
    two = Model(replace(one.config, layers=2))
    added = set(two.state_dict()) - set(one.state_dict())
    assert set(one.state_dict()) <= set(two.state_dict())
    assert {name.rsplit(".", 1)[0] for name in added} == {f"upper.2.{k}" for k in range(4)}
    assert two.cells[:4] == list(two.sweeps)
    assert [cell.features for cell in two.cells] == 4 * [49] + 4 * [12]
    assert parameter_count(two) == sum(weight.numel() for weight in two.state_dict().values())


def test_the_readout_reads_the_top_layer_alone():
    model = stacked("lstm", 3, 2, readout="last+mean")
    hidden = model.scan(pictures())["h"]
    top = hidden[..., -UNITS:]
    close(model.summary(top), model.summary(hidden))
    close(model.summaries(top), model.summaries(hidden))
    by_way = top.unflatten(1, (2, 6))
    last, mean = by_way[:, :, -1].flatten(1), by_way.mean(2).flatten(1)
    close(model.summary(hidden), torch.cat([last, mean], dim=1))


def test_probes_of_a_stack_read_the_top_layer():
    model = stacked("rnn", 2, 2)
    images = pictures(40)
    features = probe_features(model, images, [0, 5])
    top = model.scan(images)["h"][..., -UNITS:]
    # After the first depth, both ways have read one row: the first and the last.
    close(features[:, 0].detach(), torch.cat([top[:, 0], top[:, 6]], dim=1).detach())
    weight, bias = fit_probes(features, torch.arange(40) % 10, 10, rounds=3)
    assert weight.shape == (2, 10, 2 * UNITS) and bias.shape == (2, 10)


def test_a_shortened_route_is_read_both_ways():
    model = stacked("gru", 1, 2, length=4)
    assert model.route.steps == 8
    short = stacked("gru", 1, 2, shape=(1, 4, 8))
    short.load_state_dict(model.state_dict())
    close(model(pictures()), short(pictures()[:, 1:5]))


@pytest.mark.parametrize(("layers", "directions"), STACKS)
def test_what_turns_one_thing_turns_it_in_every_layer(layers, directions):
    model = stacked("lstm", layers, directions)
    doubled, kept = with_gain(model, 2.0), with_keep_bias(model, 3.0)
    assert len(model.cells) == layers * directions
    for before, gained, biased in zip(model.cells, doubled.cells, kept.cells, strict=True):
        close(gained.weight_h, 2 * before.weight_h)
        close(gained.weight_x, before.weight_x)
        assert (biased.bias[biased.block("forget")] == 3.0).all()
        close(biased.weight_h, before.weight_h)


def test_a_fresh_stack_depends_on_its_seed_alone():
    config = ModelConfig("rows", "gru", 4, layers=3, directions=2)
    torch.manual_seed(1)
    first = fresh_model(config, 7).state_dict()
    torch.manual_seed(2)
    second, other = fresh_model(config, 7).state_dict(), fresh_model(config, 8).state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not torch.equal(first["upper.3.1.weight_h"], other["upper.3.1.weight_h"])


def test_autograd_reaches_every_layer_of_the_unrolled_loop():
    model = stacked("rnn", 3, 2)
    unrolled = unroll(model, pictures())
    assert [level.layer for level in unrolled.levels] == 12 * [0] + 12 * [1] + 12 * [2]
    wanted = [level.states["h"] for level in unrolled.levels if level.layer < 2]
    # The top's last states hear from every place below, by both ways.
    assert all(found.any() for found in torch.autograd.grad(unrolled.logits.sum(), wanted))


@pytest.mark.parametrize("corners", [1, 4])
def test_a_grid_has_corners_and_no_directions(corners):
    options = {"corners": corners}
    with pytest.raises(ValueError, match=r"'grid'.*route option corners=4"):
        Model(ModelConfig("grid", "rnn_2d", 4, route_options=options, directions=2))


@pytest.mark.parametrize("layers", [0, 5, -1, 10**9, 2.0, "2", True, None, [2]])
def test_layers_that_cannot_be_are_refused(layers):
    with pytest.raises(ValueError, match=r"1 to 4 layers, got"):
        ModelConfig("rows", "rnn", 4, layers=layers)


@pytest.mark.parametrize("directions", [0, 3, 1.0, "both"])
def test_directions_that_cannot_be_are_refused(directions):
    with pytest.raises(ValueError, match=r"1 to 2 directions, got"):
        ModelConfig("rows", "rnn", 4, directions=directions)
