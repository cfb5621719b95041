"""The figures of the gradient's way back show what was measured, zeros among it."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from rnnviz import plots
from rnnviz.core import GradientFlow
from rnnviz.core.batch_flow import BatchFlow
from rnnviz.core.routes import build_route
from rnnviz.plots.decades import decade_axis, decade_ticks

ROWS = build_route("rows", (1, 28, 28))

# Plotly's own types know little of what a figure holds.
flow_curves: Any = plots.flow_curves
factor_curves: Any = plots.factor_curves
gradient_heatmap: Any = plots.gradient_heatmap


def flow_of(*logs: np.ndarray, state: str = "h") -> BatchFlow:
    """Return a flow whose pictures' norms have these log10, each (28,)."""
    norms = 10.0 ** np.stack(logs)
    return BatchFlow(ROWS, np.zeros(len(logs), np.int64), np.ones(len(logs)), {state: norms})


def falling(decades: float) -> np.ndarray:
    """Return logs that are 0 at the last step and -decades at the first."""
    return np.linspace(-decades, 0, 28)


def lines(figure):
    return [trace for trace in figure.data if trace.line.width == 3]


def test_a_curve_is_the_median_relative_to_the_last_step():
    flow = flow_of(falling(4) + 2, falling(6) - 1, falling(9))
    (curve,) = lines(flow_curves({"RNN": flow}))
    assert np.allclose(curve.y, falling(6))
    assert curve.x[0] == 1
    assert curve.x[-1] == 28


def test_the_band_is_the_middle_half_of_the_batch():
    flow = flow_of(*[falling(decades) for decades in (0, 2, 4, 6, 8)])
    band = next(trace for trace in flow_curves({"RNN": flow}).data if trace.fill)
    first = np.asarray(band.y)[np.asarray(band.x) == 1]
    assert sorted(first) == pytest.approx([-6, -2])


@pytest.mark.parametrize("decades", [0.01, 3, 45, 300])
def test_the_axis_fits_what_is_shown_and_nothing_else(decades):
    """An axis that kept room for earlier curves would make any curve look flat, or vanished."""
    figure = flow_curves({"RNN": flow_of(falling(decades))})
    low, high = figure.to_dict()["layout"]["yaxis"]["range"]
    assert low < -decades
    assert high > 0
    assert high - low <= max(decades, 0.5) * 1.2


def test_a_zero_is_a_cross_at_the_lower_edge_and_a_gap_in_the_curve():
    logs = falling(4)
    logs[:5] = -np.inf
    figure = flow_curves({"RNN": flow_of(logs)})
    (curve,) = lines(figure)
    assert np.isnan(curve.y[:5]).all()
    assert np.isfinite(curve.y[5:]).all()
    (crosses,) = [trace for trace in figure.data if trace.mode == "markers"]
    assert list(crosses.x) == [1, 2, 3, 4, 5]
    axis = figure.to_dict()["layout"]["yaxis"]
    assert axis["ticktext"][0] == "0"
    assert axis["tickvals"][0] == axis["range"][0] == crosses.y[0]


def test_float32_stands_before_float64():
    single, double = falling(4).copy(), falling(4)
    single[:9] = -np.inf
    figure = flow_curves({"RNN": flow_of(single)}, exact={"RNN": flow_of(double)})
    (reference,) = [trace for trace in figure.data if trace.line.width == 1.5]
    assert np.allclose(reference.y, falling(4))


def test_a_network_without_a_cell_state_shows_h_beside_one_with_it():
    flows = {"LSTM": flow_of(falling(1), state="c"), "RNN": flow_of(falling(5))}
    with_cell, without = lines(flow_curves(flows, "c"))
    assert with_cell.y[0] == pytest.approx(-1)
    assert without.y[0] == pytest.approx(-5)


def test_factors_multiply_to_the_whole_way():
    (curve,) = lines(factor_curves({"RNN": flow_of(falling(5.4))}))
    assert len(curve.y) == 27
    assert np.sum(curve.y) == pytest.approx(-5.4)


def test_eight_networks_look_different():
    flows = {str(number): flow_of(falling(number)) for number in range(8)}
    looks = {(curve.line.color, curve.line.dash) for curve in lines(flow_curves(flows))}
    assert len({colour for colour, _ in looks}) == 8


def test_flows_of_different_lengths_are_not_compared():
    columns = build_route("patches", (1, 28, 28), patch=4)
    other = BatchFlow(columns, np.zeros(1, np.int64), np.ones(1), {"h": np.ones((1, 49))})
    with pytest.raises(ValueError, match="RNN: 28 steps, GRU: 49 steps"):
        flow_curves({"RNN": flow_of(falling(1)), "GRU": other})
    with pytest.raises(ValueError, match="none"):
        factor_curves({})


def test_the_heat_map_has_a_row_for_each_unit_and_is_centred_on_zero():
    gradient = np.random.randn(28, 5) * 1e-200
    flow = GradientFlow(ROWS, 3, 1.0, {"h": gradient}, np.zeros((1, 28, 28)))
    (heatmap,) = gradient_heatmap(flow).data
    assert np.array_equal(heatmap.z, gradient.T)
    assert heatmap.zmax == -heatmap.zmin == np.abs(gradient).max()
    with pytest.raises(ValueError, match="Choose one of: h"):
        gradient_heatmap(flow, "c")


@pytest.mark.parametrize("high", [0.0, 0.26, 0.6])
@pytest.mark.parametrize("span", [0.55, 0.6, 1.4, 2, 7, 30, 160, 320])
def test_every_axis_has_some_ticks_but_not_too_many(span, high):
    ticks, texts = decade_ticks(high - span, high)
    assert 2 <= len(ticks) == len(texts) <= 10
    assert all(high - span <= tick <= high for tick in ticks)


def test_ticks_say_their_values():
    ticks, texts = decade_ticks(-6.0, 0.5)
    assert dict(zip(texts, ticks, strict=True))["10<sup>−3</sup>"] == -3
    fine = dict(zip(*reversed(decade_ticks(-0.4, 0.1)), strict=True))
    assert fine["0.5"] == pytest.approx(np.log10(0.5))


def test_values_that_are_not_finite_do_not_stretch_the_axis():
    low, high = decade_axis(go.Figure(), [np.array([-np.inf, np.nan, -3.0, 0.0])])
    assert -3.5 < low < -3
    assert 0 < high < 0.5
