"""One unit over the steps: its states and gates as curves."""

import numpy as np
import plotly.graph_objects as go

from rnnviz.core.trace import Trace
from rnnviz.plots.heatmaps import mark_ways
from rnnviz.plots.style import PALETTE, dress

DASHES = ("solid", "dash", "dot", "dashdot")
"""Curves differ by their dashes too, for those who can't tell the colours."""


def unit_curves(trace: Trace, unit: int) -> go.Figure:
    """Return the states and gates of one unit at every step as curves, all without a unit.

    Raises:
        ValueError: If there is no such unit.
    """
    if not 0 <= unit < trace.units:
        raise ValueError(f"Units are numbered 0 to {trace.units - 1}, got {unit}.")
    figure = go.Figure()
    steps, gap = np.arange(1, trace.route.steps + 1), trace.route.steps_per_sweep
    if trace.route.both_ways:
        steps = np.insert(steps, gap, gap + 1)
    named = {f"state {name}": values for name, values in trace.states.items()}
    named |= {f"gate {name}": values for name, values in trace.gates.items()}
    for index, (name, values) in enumerate(named.items()):
        line = {"color": PALETTE[index % 8], "dash": DASHES[index % 4], "width": 3}
        hover = f"step %{{x}}<br>{name} = %{{y:.4f}}<extra></extra>"
        own = values[:, unit]
        if trace.route.both_ways:
            # A curve of its own for each direction: they have nothing to do with each other.
            own = np.insert(own, gap, np.nan)
        curve = go.Scatter(x=steps, y=own, name=name, line=line, hovertemplate=hover)
        figure.add_trace(curve)
    dress(figure, f"{trace.unit_name(unit).capitalize()} over the steps", "step", "value")
    mark_ways(figure, trace.route)
    return figure
