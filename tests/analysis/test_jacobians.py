"""The spectrum of the Jacobian product, the norms it preserves, and what gates keep."""

import numpy as np
import pytest
import torch

import rnnviz
from rnnviz.analysis.jacobians import half_life
from rnnviz.analysis.variants import with_gain, with_keep_bias
from rnnviz.models import Model, ModelConfig
from rnnviz.models.cells import PACKAGE
from rnnviz.models.cells.cell import Cell
from rnnviz.registry import discover

CHAINS = [name for name, file in discover(PACKAGE).items() if file.CELL.PARENTS == 1]
PICTURE = np.random.default_rng(3).random((4, 6))
UNITS = 4


def model_of(cell: str, route: str = "rows", readout: str = "last") -> Model:
    torch.manual_seed(1)
    model = Model(ModelConfig(route, cell, UNITS, shape=(1, 4, 6), readout=readout))
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(torch.randn_like(weight) * 0.5)
    return model


def linear_model(weight: torch.Tensor) -> Model:
    """Return a tanh RNN over 784 pixels; on a black picture its tanh is exactly straight."""
    model = Model(ModelConfig("pixels", "rnn", len(weight)))
    with torch.no_grad():
        model.cells[0].weight_h[0] = weight
        model.cells[0].bias.zero_()
    return model


BLACK = np.zeros((28, 28))


def explicit_jacobians(model: Model) -> list[np.ndarray]:
    """Return ∂s_{t+1}/∂s_t of every step, by torch's functional Jacobian of the plain step."""
    model = model.double()
    cell: Cell = model.cells[0]
    names = cell.STATES
    inputs = cell.project(model.read(torch.from_numpy(PICTURE)[None]))[0].detach()
    state = torch.zeros(len(names) * UNITS).double()
    found = []
    for projected in inputs:

        def after(values, projected=projected):
            parent = dict(zip(names, values.split(UNITS), strict=True))
            states, _ = cell.step(projected, [parent])
            return torch.cat([states[name] for name in names])

        found.append(torch.autograd.functional.jacobian(after, state).numpy())  # type: ignore[union-attr]
        state = after(state).detach()
    return found


@pytest.mark.parametrize("route", ["rows", "pixels"])
@pytest.mark.parametrize("cell", CHAINS)
def test_the_values_are_those_of_the_explicit_product(cell, route):
    model = model_of(cell, route)
    spectrum = rnnviz.jacobian_spectrum(model, PICTURE)
    jacobians = explicit_jacobians(model)
    product = np.eye(len(jacobians[0]))
    for step in reversed(range(len(jacobians))):
        values = np.linalg.svd(product, compute_uv=False)
        clear = values > 1e-9 * values[0]
        found = 10.0 ** spectrum.values[list(spectrum.steps).index(step)]
        np.testing.assert_allclose(found[clear], values[clear], rtol=1e-5)
        product = product @ jacobians[step]


@pytest.mark.parametrize("readout", ["last", "last+mean"])
@pytest.mark.parametrize("cell", CHAINS)
def test_preservation_is_what_each_jacobian_does_to_the_gradient(cell, readout):
    model = model_of(cell, readout=readout)
    spectrum = rnnviz.jacobian_spectrum(model, PICTURE, target=2)
    # What reaches a state beside the way through h: nothing for c, the readout's part for h.
    jacobians = explicit_jacobians(model)
    trace = rnnviz.trace(model.double(), PICTURE)
    hidden = torch.from_numpy(trace.states["h"])[None].requires_grad_(True)
    logits = model.readout(model.summary(hidden))
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor([2]))
    direct = torch.autograd.grad(loss, hidden)[0][0].numpy()
    gradient = np.zeros(len(jacobians[0]))
    expected = []
    for step in reversed(range(1, len(jacobians))):
        gradient[:UNITS] += direct[step]
        before = gradient @ jacobians[step]
        expected.append(np.linalg.norm(before) / np.linalg.norm(gradient))
        gradient = before
    np.testing.assert_allclose(spectrum.preservation, expected[::-1], rtol=1e-9)
    assert spectrum.omega == pytest.approx(sum((ratio - 1) ** 2 for ratio in expected))


def test_the_spectrum_of_a_straight_rnn_is_known_far_beyond_float64():
    """W = Q D Q' makes the product Q D^k Q': its singular values are the powers of D."""
    basis, _ = torch.linalg.qr(torch.randn(5, 5).double())
    scale = torch.tensor([0.30, 0.29, 0.25, 0.2, 0.1]).double()
    model = linear_model((basis * scale) @ basis.T).double()
    spectrum = rnnviz.jacobian_spectrum(model, BLACK, most_steps=784)
    back = 783 - spectrum.steps[:, None]
    expected = back * np.log10(scale.numpy())
    assert expected[0, 0] < -400, "beyond float64, which ends at 1e-323"
    told = ~np.isnan(spectrum.values)
    np.testing.assert_allclose(spectrum.values[told], expected[told], atol=0.02)
    # What lies within 13 decades of the largest is told, what lies beyond 15 is not made up.
    assert told[expected > expected[:, :1] - 13].all()
    assert not told[expected < expected[:, :1] - 15].any()


def test_an_exploding_product_is_measured_too():
    spectrum = rnnviz.jacobian_spectrum(linear_model(3.0 * torch.eye(4)), BLACK, most_steps=3)
    assert spectrum.steps.tolist() == [0, 392, 783]
    np.testing.assert_allclose(spectrum.norms, np.array([783, 391, 0]) * np.log10(3), rtol=1e-6)
    assert spectrum.growth == pytest.approx(3.0)
    np.testing.assert_allclose(spectrum.preservation, 3.0, rtol=1e-6)
    assert spectrum.omega == pytest.approx(783 * 4.0, rel=1e-6)


def test_an_orthogonal_straight_rnn_has_nothing_to_regularise():
    weight = torch.linalg.qr(torch.randn(6, 6)).Q
    spectrum = rnnviz.jacobian_spectrum(linear_model(weight), BLACK)
    np.testing.assert_allclose(spectrum.values, 0.0, atol=1e-4)
    assert spectrum.omega == pytest.approx(0.0, abs=1e-6)
    assert spectrum.radius == pytest.approx(1.0, abs=1e-5)
    assert spectrum.largest == pytest.approx(1.0, abs=1e-5)


def test_the_radius_is_not_the_largest_singular_value():
    weight = torch.tensor([[0.5, 4.0], [0.0, 0.5]])
    spectrum = rnnviz.jacobian_spectrum(linear_model(weight), BLACK, most_steps=784)
    assert spectrum.radius == pytest.approx(0.5)
    assert spectrum.largest == pytest.approx(np.linalg.norm(weight.numpy(), 2), rel=1e-6)
    # For some steps it grows although it vanishes in the end: rho alone would not tell.
    assert spectrum.norms.max() > 0 > spectrum.norms[0]


@pytest.mark.parametrize("cell", CHAINS)
def test_below_the_bound_every_norm_vanishes(cell):
    model = model_of(cell, "pixels")
    spectrum = rnnviz.jacobian_spectrum(model, PICTURE)
    if spectrum.bound is None:
        assert spectrum.radius is None and spectrum.largest is None
        return
    assert spectrum.largest is not None
    small = with_gain(model, 0.9 * spectrum.bound / spectrum.largest)
    spectrum = rnnviz.jacobian_spectrum(small, PICTURE)
    back = spectrum.steps[-1] - spectrum.steps
    assert (spectrum.norms <= back * np.log10(0.9) + 1e-9).all()


def test_only_a_chain_has_one_product():
    grid = Model(ModelConfig("grid", "gru_2d", 4, shape=(1, 4, 6)))
    with pytest.raises(ValueError, match=r"'grid' isn't a chain.*such as rows"):
        rnnviz.jacobian_spectrum(grid, PICTURE)


@pytest.mark.parametrize(
    ("stack", "what"),
    [({"layers": 3}, "3 layers"), ({"directions": 2}, "2 directions")],
)
def test_a_stack_or_two_directions_have_no_one_product(stack, what):
    model = Model(ModelConfig("rows", "lstm", 4, shape=(1, 4, 6), **stack))
    with pytest.raises(ValueError, match=f"has {what}.*1 layer and 1 direction"):
        rnnviz.jacobian_spectrum(model, PICTURE)


def test_half_lives_of_a_stack_are_those_of_each_direction_and_layer():
    model = Model(ModelConfig("rows", "gru", 4, shape=(1, 4, 6), layers=2, directions=2)).double()
    kept = rnnviz.trace(model, PICTURE).gates["update"]
    expected = [np.log(0.5) / np.log(part).mean(axis=0) for part in np.split(kept, 2)]
    found = rnnviz.half_lives(model, PICTURE[None])
    np.testing.assert_allclose(found, np.concatenate(expected), rtol=1e-9)


def test_states_that_overflow_say_to_lower_the_gain():
    model = with_gain(model_of("rnn_relu", "pixels"), 1e40)
    with pytest.raises(ValueError, match="Lower the recurrent gain"):
        rnnviz.jacobian_spectrum(model, np.ones((4, 6)))


def test_a_constant_gate_has_the_half_life_of_its_own_power():
    model = Model(ModelConfig("rows", "lstm", 6))
    with torch.no_grad():
        for weight in model.cells[0].parameters():
            weight.zero_()
    lives = rnnviz.half_lives(with_keep_bias(model, 3.0), BLACK[None])
    kept = 1 / (1 + np.exp(-3.0))
    np.testing.assert_allclose(kept**lives, 0.5, rtol=1e-9)
    assert lives.shape == (6,)


@pytest.mark.parametrize("cell", ["lstm", "gru", "lstm_2d_mixed", "gru_2d"])
def test_half_lives_are_at_the_geometric_mean_of_the_recorded_gate(cell):
    model = (
        model_of(cell) if cell in CHAINS else Model(ModelConfig("grid", cell, 4, shape=(1, 4, 6)))
    )
    gate = model.cells[0].KEEPS[0]
    kept = rnnviz.trace(model.double(), PICTURE).gates[gate]
    expected = np.log(0.5) / np.log(kept).mean(axis=0)
    np.testing.assert_allclose(rnnviz.half_lives(model, PICTURE[None]), expected, rtol=1e-9)


def test_a_gate_held_open_keeps_for_ever():
    assert half_life(torch.ones(5, 2)).tolist() == [torch.inf, torch.inf]


@pytest.mark.parametrize(("cell", "message"), [("rnn", "no gate"), ("lstm_2d", "one half-life")])
def test_a_cell_without_one_gate_that_keeps_has_no_half_life(cell, message):
    route = "rows" if cell == "rnn" else "grid"
    model = Model(ModelConfig(route, cell, 4, shape=(1, 4, 6)))
    with pytest.raises(ValueError, match=message):
        rnnviz.half_lives(model, PICTURE[None])
