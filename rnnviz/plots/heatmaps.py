"""States and gates as heat maps: unit × step, or one unit over the picture.

As on the page: steps, rows and columns count from 1, units from 0, and the first is on top.
"""

import numpy as np
import plotly.graph_objects as go

from rnnviz.core.route import Route
from rnnviz.core.trace import Trace
from rnnviz.plots.style import DIVERGING, INK, SEQUENTIAL, dress, places

SIGNED_GATES = ("candidate",)
"""Gates squashed by tanh, so in (-1, 1); all others are shares in (0, 1)."""


def state_heatmap(trace: Trace, state: str = "h") -> go.Figure:
    """Return a state of all units over all steps; the colours are centred on zero."""
    values = find(trace.states, state, "state")
    end = 1.0 if state == "h" else max(float(np.abs(values).max()), 1e-9)
    bars = {"title": {"text": state}}
    colours = {"colorscale": DIVERGING, "zmin": -end, "zmax": end, "colorbar": bars}
    return unit_by_step(trace, values, f"State {state}: unit × step", state, colours)


def gate_heatmap(trace: Trace, gate: str) -> go.Figure:
    """Return a gate of all units over all steps: 0 to 1, a candidate -1 to 1."""
    values = find(trace.gates, gate, "gate")
    colours = {**gate_colours(gate), "colorbar": {"title": {"text": gate}}}
    return unit_by_step(trace, values, f"Gate '{gate}': unit × step", gate, colours)


def gate_colours(gate: str) -> dict:
    """Return the colour scale and range of a gate."""
    if gate in SIGNED_GATES:
        return {"colorscale": DIVERGING, "zmin": -1, "zmax": 1}
    return {"colorscale": SEQUENTIAL, "zmin": 0, "zmax": 1}


def unit_by_step(
    trace: Trace, values: np.ndarray, title: str, name: str, colours: dict
) -> go.Figure:
    """Return a heat map of a trace's values (step, unit) with a row for each unit."""
    several = trace.layers > 1
    names = [trace.unit_name(unit) for unit in range(trace.units)] if several else None
    place = "%{y}" if several else "unit %{y}"
    hover = f"step %{{x}}, {place}<br>{name} = %{{z:.4f}}<extra></extra>"
    steps = np.arange(1, len(values) + 1)
    heatmap = go.Heatmap(x=steps, y=names, z=values.T, hovertemplate=hover, **colours)
    figure = dress(go.Figure(heatmap), title, "step", "unit").update_yaxes(autorange="reversed")
    if several:
        mark_layers(figure, trace)
    mark_ways(figure, trace.route)
    return figure


def mark_layers(figure: go.Figure, trace: Trace) -> None:
    """Name the layers at the axis of the units, and part them by lines."""
    each = trace.units // trace.layers
    ticks = [layer * each + each // 2 for layer in range(trace.layers)]
    figure.update_yaxes(
        tickmode="array",
        tickvals=ticks,
        ticktext=[f"layer {layer + 1}" for layer in range(trace.layers)],
    )
    for layer in range(1, trace.layers):
        figure.add_hline(layer * each - 0.5, line={"color": INK, "width": 2})


def mark_ways(figure: go.Figure, route: Route) -> None:
    """Part the two directions of a chain that is read both ways, over the steps; name both."""
    if not route.both_ways:
        return
    half = route.steps_per_sweep
    figure.add_vline(half + 0.5, line={"color": INK, "width": 2})
    for index, way in enumerate(("forwards", "backwards")):
        figure.add_annotation(
            text=way,
            x=(index + 0.5) * half + 0.5,
            y=1,
            yref="paper",
            yanchor="bottom",
            showarrow=False,
        )


def unit_map(trace: Trace, unit: int, state: str = "h") -> go.Figure:
    """Return one unit's state at every place of the picture, as it was when it was read there.

    Raises:
        ValueError: If there is no such unit, or the steps don't tile the picture.
    """
    values = unit_picture(trace, unit, state)
    end = 1.0 if state == "h" else max(float(np.abs(values).max()), 1e-9)
    hover = f"row %{{y}}, column %{{x}}<br>{state} = %{{z:.4f}}<extra></extra>"
    heatmap = go.Heatmap(
        **places(values.shape),
        z=values,
        zmin=-end,
        zmax=end,
        colorscale=DIVERGING,
        hovertemplate=hover,
        colorbar={"title": {"text": state}},
    )
    title = f"State {state} of {trace.unit_name(unit)} over the picture"
    figure = dress(go.Figure(heatmap), title, "column (pixel)", "row (pixel)")
    figure.update_yaxes(autorange="reversed", scaleanchor="x")
    return figure


def unit_picture(trace: Trace, unit: int, state: str = "h") -> np.ndarray:
    """Return one unit's state where it was read, shape (height, width).

    Where several sweeps read the same place, their mean.
    """
    values = find(trace.states, state, "state")
    if not 0 <= unit < values.shape[1]:
        raise ValueError(f"Units are numbered 0 to {values.shape[1] - 1}, got {unit}.")
    volume = np.zeros(int(np.prod(trace.route.shape)))
    reads = np.zeros_like(volume)
    np.add.at(volume, trace.route.gather, values[:, unit, None])
    np.add.at(reads, trace.route.gather, 1)
    return (volume / np.maximum(reads, 1)).reshape(trace.route.shape)[0]


def find(values: dict[str, np.ndarray], name: str, kind: str) -> np.ndarray:
    """Return the values of a state or gate; ValueError lists those there are."""
    if name not in values:
        raise ValueError(
            f"There is no {kind} '{name}' in this trace. Choose one of: "
            f"{', '.join(values) or 'none, this cell has no gates'}."
        )
    return values[name]
