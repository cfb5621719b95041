"""The gradient on its way back through time: how much is left of it at every step."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from rnnviz.core.batch_flow import BatchFlow
from rnnviz.core.gradient_flow import GradientFlow
from rnnviz.plots.decades import decade_axis
from rnnviz.plots.looks import DASHES, Look
from rnnviz.plots.style import DIVERGING, INK, PALETTE, below, dress, faint

HUES = (0, 5, 2, 3, 1, 7, 4, 6)
"""In which order networks that nobody knows take the colours: what differs most comes first."""
BAND_OPACITY = 0.18
STEP_AXIS = "reading →   step t   ← gradient"
LEFT_AXIS = "‖δ<sub>t</sub>‖ / ‖δ<sub>T</sub>‖"
FACTOR_AXIS = "‖δ<sub>t</sub>‖ / ‖δ<sub>t+1</sub>‖"
MOST_CROSSES = 60
FEW = np.log10(0.01)


def flow_curves(
    flows: Mapping[str, BatchFlow],
    state: str = "h",
    exact: Mapping[str, BatchFlow] | None = None,
    looks: Mapping[str, Look] | None = None,
) -> go.Figure:
    """Return how much of the last step's gradient is left at each step, one curve a network.

    Args:
        flows: What was measured, by what the networks are called; chains of one length.
        state: Which state; a network that doesn't have it is shown by its first.
        exact: The same in float64 where ``flows`` are in float32: dotted behind it.
        looks: Of each network, by what it is called; by its place if None.

    The line is the median of the batch, the band its middle half. Where nothing arrives there is
    a cross at the lower edge, for no logarithm can show a zero.

    Raises:
        ValueError: If there is none, or they differ in length.
    """
    check_lengths(flows)
    figure = go.Figure()
    for index, (name, flow) in enumerate(flows.items()):
        look, shown = look_at(index, name, looks), present(flow, state)
        quartiles = flow.quartiles(shown)
        figure.add_trace(band(quartiles, look.colour))
        if exact is not None:
            figure.add_trace(thin(exact[name].median(shown), look.colour, f"{name} in float64"))
        figure.add_trace(curve(quartiles[1], look, name))
    title = f"How much of ∂L/∂{state} is left"
    dress(figure, title, STEP_AXIS, LEFT_AXIS, height=420)
    values = [flow.quartiles(present(flow, state)) for flow in flows.values()]
    values += [flow.median(present(flow, state)) for flow in (exact or {}).values()]
    low, _ = decade_axis(figure, values, include=0.0)
    mark_zeros(figure, flows, state, low, looks)
    if low < FEW:
        mark_level(figure, FEW, "1 % is left", "bottom left")
    return below(step_axis(figure, steps_of(flows)))


def factor_curves(
    flows: Mapping[str, BatchFlow], state: str = "h", looks: Mapping[str, Look] | None = None
) -> go.Figure:
    """Return by how much the gradient changes at each single step back, one curve a network.

    The median over the batch of |δ_t| / |δ_t+1|; 1 keeps the gradient as it is. Arguments as of
    ``flow_curves``.
    """
    check_lengths(flows)
    figure = go.Figure()
    factors = []
    for index, (name, flow) in enumerate(flows.items()):
        median = flow.median(present(flow, state))
        with np.errstate(invalid="ignore"):
            change = median[:-1] - median[1:]
        factors.append(change)
        look = look_at(index, name, looks)
        figure.add_trace(curve(change, look, name, "times the next step's"))
    title = f"Factor of each step back, for {state}"
    dress(figure, title, STEP_AXIS, FACTOR_AXIS, height=340)
    decade_axis(figure, factors, include=0.0)
    mark_level(figure, 0.0, "1: nothing is lost", "top left")
    return below(step_axis(figure, steps_of(flows)))


def gradient_heatmap(flow: GradientFlow, state: str = "h") -> go.Figure:
    """Return dL/dstate of every unit at every step; the colours are centred on zero.

    Raises:
        ValueError: If there is no such state.
    """
    if state not in flow.states:
        raise ValueError(
            f"There is no state '{state}' in this flow. Choose one of: {', '.join(flow.states)}."
        )
    gradient = flow.states[state]
    end = max(float(np.abs(gradient).max()), np.finfo(np.float64).tiny)
    heatmap = go.Heatmap(
        x=np.arange(1, len(gradient) + 1),
        z=gradient.T,
        zmin=-end,
        zmax=end,
        colorscale=DIVERGING,
        hovertemplate=f"step %{{x}}, unit %{{y}}<br>∂L/∂{state} = %{{z:.3e}}<extra></extra>",
        colorbar={"title": {"text": f"∂L/∂{state}"}, "exponentformat": "power"},
    )
    title = f"The gradient ∂L/∂{state}: unit × step"
    return dress(go.Figure(heatmap), title, STEP_AXIS, "unit")


def check_lengths(flows: Mapping[str, BatchFlow]) -> None:
    """Raise a ValueError unless there are flows, all over the same number of steps."""
    lengths = {name: flow.route.steps for name, flow in flows.items()}
    if len(set(lengths.values())) != 1:
        told = ", ".join(f"{name}: {steps} steps" for name, steps in lengths.items()) or "none"
        raise ValueError(f"Flows stand side by side if they are of one length, got {told}.")


def present(flow: BatchFlow, state: str) -> str:
    """Return the state if the flow has it, otherwise its first."""
    return state if state in flow.norms else next(iter(flow.norms))


def look_at(index: int, name: str, looks: Mapping[str, Look] | None) -> Look:
    """Return the look of a network, by its place among the others where nobody knows it."""
    if looks is not None:
        return looks[name]
    return Look(PALETTE[HUES[index % len(HUES)]], DASHES[index % len(DASHES)])


def curve(logs: np.ndarray, look: Look, name: str, unit: str = "of the last step's") -> go.Scatter:
    """Return a network's curve over the steps, from log10 values; gaps where there is a zero."""
    return go.Scatter(
        x=np.arange(1, len(logs) + 1),
        y=finite(logs),
        name=name,
        customdata=10.0**logs,
        line=look.line(3),
        hovertemplate=f"step %{{x}}: %{{customdata:.3g}} {unit}<extra>{name}</extra>",
    )


def band(quartiles: np.ndarray, colour: str) -> go.Scatter:
    """Return the middle half of a batch as a band, from log10 values (3, step)."""
    low, _, high = quartiles
    keep = np.isfinite(low) & np.isfinite(high)
    steps = np.arange(1, len(low) + 1)[keep]
    return go.Scatter(
        x=np.concatenate([steps, steps[::-1]]),
        y=np.concatenate([high[keep], low[keep][::-1]]),
        fill="toself",
        fillcolor=faint(colour, BAND_OPACITY),
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
    )


def thin(logs: np.ndarray, colour: str, name: str) -> go.Scatter:
    """Return a reference behind the curves."""
    return go.Scatter(
        x=np.arange(1, len(logs) + 1),
        y=finite(logs),
        name=name,
        line={"color": colour, "width": 1.5, "dash": "dot"},
        hoverinfo="skip",
        showlegend=False,
    )


def mark_zeros(
    figure: go.Figure,
    flows: Mapping[str, BatchFlow],
    state: str,
    low: float,
    looks: Mapping[str, Look] | None,
) -> None:
    """Add crosses at the lower edge, labelled 0, where a network's median is exactly 0."""
    found = False
    for index, (name, flow) in enumerate(flows.items()):
        steps = np.flatnonzero(np.isneginf(flow.median(present(flow, state)))) + 1
        if not len(steps):
            continue
        found = True
        some = steps[:: max(1, flow.route.steps // MOST_CROSSES)]
        figure.add_scatter(
            x=some,
            y=np.full(len(some), low),
            mode="markers",
            marker={"symbol": "x", "size": 9, "color": look_at(index, name, looks).colour},
            hovertemplate=f"step %{{x}}: exactly 0<extra>{name}</extra>",
            cliponaxis=False,
            showlegend=False,
        )
    if found:
        axis = figure.to_dict()["layout"]["yaxis"]
        ticks, texts = [low, *axis["tickvals"]], ["0", *axis["ticktext"]]
        figure.update_yaxes(tickvals=ticks, ticktext=texts)


def mark_level(figure: go.Figure, level: float, text: str, position: str) -> None:
    """Add a dotted line across the figure at a height, with words."""
    line = {"color": INK, "width": 1.5, "dash": "dot"}
    figure.add_hline(y=level, line=line, annotation_text=text, annotation_position=position)


def steps_of(flows: Mapping[str, BatchFlow]) -> int:
    """Return the number of steps of all flows."""
    return next(iter(flows.values())).route.steps


def step_axis(figure: go.Figure, steps: int) -> go.Figure:
    """Return the figure with an axis of exactly the steps 1 to ``steps``."""
    room = 0.015 * steps
    return figure.update_xaxes(range=[1 - room, steps + room])


def finite(logs: np.ndarray) -> np.ndarray:
    """Return values with a gap (NaN) where they aren't finite."""
    return np.where(np.isfinite(logs), logs, np.nan)
