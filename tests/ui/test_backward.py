"""What the way back through time sends to the browser says the same as what was measured."""

import numpy as np
import pytest

from rnnviz.analysis.flow import batch_flow
from rnnviz.analysis.gradients import gradient_flow
from rnnviz.analysis.variants import variant_model
from rnnviz.core import GradientFlow
from rnnviz.core.batch_flow import BatchFlow
from rnnviz.core.routes import build_route
from rnnviz.ui.components.backward import payload
from rnnviz.ui.components.common.encoding import decode, from_wire, to_wire

IMAGES = np.random.default_rng(0).random((3, 28, 28)).astype(np.float32)
TARGETS = [3, 1, 4]


def measured(variant: str, length: int = 28) -> tuple[BatchFlow, GradientFlow]:
    model = variant_model(variant, length=length, units=8)
    return batch_flow(model, IMAGES, TARGETS), gradient_flow(model, IMAGES[0], TARGETS[0])


def sent(variant: str, length: int = 28) -> payload.Payload:
    return payload.network(variant, variant.upper(), *measured(variant, length))


@pytest.mark.parametrize("variant", ["rnn", "irnn", "lstm-1", "gru-0"])
def test_the_curves_are_the_quartiles_of_the_flow(variant):
    flow, _ = measured(variant)
    for state, told in sent(variant)["states"].items():
        for name, curve in zip(("low", "median", "high"), flow.quartiles(state), strict=True):
            expected = np.maximum(curve, payload.ZERO)
            assert np.allclose(decode(told[name]), expected, rtol=1e-6)


def test_the_heat_map_comes_back_from_its_shapes_and_sizes():
    _, picture = measured("lstm-0")
    for state, told in sent("lstm-0")["states"].items():
        sizes = 10.0 ** decode(told["sizes"]).astype(np.float64)
        gradient = decode(told["shapes"]) * sizes[:, None]
        expected = picture.states[state]
        assert np.allclose(gradient, expected / np.abs(expected).max(), rtol=1e-4, atol=0)


def test_a_gradient_below_every_float32_keeps_its_shape():
    gradient = np.array([[1e-250, -2e-250], [1.0, 0.5]])
    shapes, sizes = payload.split(gradient)
    assert shapes.tolist() == [[0.5, -1.0], [1.0, 0.5]]
    assert sizes == pytest.approx([np.log10(2) - 250, 0])


def test_zeros_and_undefined_values_can_be_told_from_numbers():
    told = payload.marked(np.array([-np.inf, -323.0, 0.0, 308.0, np.nan]))
    assert told.tolist() == [payload.ZERO, -323.0, 0.0, 308.0, payload.MISSING]


def test_an_lstm_sends_h_and_c_apart_and_an_rnn_h_alone():
    assert list(sent("lstm-1")["states"]) == ["h", "c"]
    assert list(sent("rnn")["states"]) == ["h"]


def test_float32_travels_with_what_it_should_have_been():
    flow, picture = measured("rnn")
    with_exact = payload.network("rnn", "RNN", flow, picture, flow)
    reference = with_exact["states"]["h"]["reference"]
    assert np.allclose(decode(reference), flow.median("h"), rtol=1e-6)
    without = payload.network("rnn", "RNN", flow, picture)
    assert without["states"]["h"]["reference"] is None
    assert with_exact["key"] != without["key"], "the browser must take it as something new"


def test_a_view_is_json_and_knows_its_steps():
    view = payload.view([sent("rnn", 12), sent("lstm-1", 12)], "row")
    assert from_wire(to_wire(view)) == view
    assert view["steps"] == 12


def test_the_key_changes_with_what_is_shown_and_stays_with_it():
    keys = [payload.view([sent(*what)], "row")["key"] for what in (("rnn",), ("rnn",), ("irnn",))]
    assert keys[0] == keys[1] != keys[2]


def test_networks_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match=r"\[12, 28\]"):
        payload.view([sent("rnn", 12), sent("rnn", 28)], "row")
    with pytest.raises(ValueError, match="one length"):
        payload.view([], "row")


def test_a_heat_map_without_any_gradient_is_all_zero():
    route = build_route("rows", (1, 28, 28))
    flow = GradientFlow(route, 0, 0.0, {"h": np.zeros((28, 4))}, np.zeros((1, 28, 28)))
    shapes, sizes = payload.split(flow.states["h"])
    assert not shapes.any()
    assert np.isfinite(payload.marked(sizes)).all()
