"""One picture's gradient through time, on one sheet: its size at every step, and every unit's."""

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from rnnviz.core.gradient_flow import GradientFlow
from rnnviz.plots.decades import decade_axis, decade_ticks
from rnnviz.plots.style import PALETTE, SEQUENTIAL, dress
from rnnviz.plots.units import DASHES

DEEPEST = 12
"""Decades below the largest entry that the map's colours tell apart."""
PRINT_INK = "#31404d"
"""Dark grey for text on white, where no theme is to be met."""


def gradient_sheet(flow: GradientFlow, name: str) -> go.Figure:
    """Return |dL/dstate| over the steps on an axis of decades, above log10 |dL/dh| unit × step.

    A white sheet, to be saved and printed. Gaps are gradients of exactly zero.

    Args:
        flow: Of one picture.
        name: Of the network, for the title.
    """
    with np.errstate(divide="ignore"):
        logs = {state: np.log10(flow.norms(state)) for state in flow.states}
        cells = np.log10(np.abs(flow.states["h"]))
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.1)
    title = f"{name}: the gradient of the loss against class {flow.target}, on its way back"
    dress(figure, title, "", "|∂L/∂state|", height=900)
    for index, (state, values) in enumerate(logs.items()):
        figure.add_trace(norm_curve(values, state, index), row=1, col=1)
    decade_axis(figure, list(logs.values()), include=finite(logs["h"]).max())
    figure.add_trace(unit_map(cells), row=2, col=1)
    # Only the upper axis is one of decades, and it has been given to both.
    units = {"range": [-0.5, cells.shape[1] - 0.5], "tickvals": None, "ticktext": None}
    grid = {"zeroline": False, "showgrid": False}
    return figure.update_layout(
        xaxis2={"title": {"text": "step"}, **grid},
        yaxis2={"title": {"text": "unit of h"}, **grid, **units},
        legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom"},
        margin={"l": 90, "r": 20, "t": 110, "b": 60},
        title={"x": 0.02},
        paper_bgcolor="#ffffff",
        plot_bgcolor="#ffffff",
        font={"color": PRINT_INK},
    )


def norm_curve(logs: np.ndarray, state: str, index: int) -> go.Scatter:
    """Return the curve of one state's norm, from log10 values; gaps where there is a zero."""
    return go.Scatter(
        x=np.arange(1, len(logs) + 1),
        y=np.where(np.isfinite(logs), logs, np.nan),
        name=f"|∂L/∂{state}|",
        showlegend=True,
        line={"color": PALETTE[(0, 5)[index % 2]], "width": 3, "dash": DASHES[index % 4]},
        hovertemplate=f"step %{{x}}<br>|∂L/∂{state}| = 10^%{{y:.2f}}<extra></extra>",
    )


def unit_map(logs: np.ndarray) -> go.Heatmap:
    """Return log10 of every unit's gradient at every step, (step, unit), as colours."""
    largest = finite(logs).max()
    low = max(finite(logs).min(), largest - DEEPEST) if len(finite(logs)) else largest - 1
    ticks, texts = decade_ticks(low, largest)
    return go.Heatmap(
        x=np.arange(1, len(logs) + 1),
        z=np.where(np.isfinite(logs), logs, np.nan).T,
        zmin=low,
        zmax=largest,
        colorscale=SEQUENTIAL,
        colorbar={
            "title": {"text": "|∂L/∂h|"},
            "len": 0.45,
            "y": 0.225,
            "tickvals": ticks,
            "ticktext": texts,
        },
        hovertemplate="step %{x}, unit %{y}<br>10^%{z:.2f}<extra></extra>",
    )


def finite(values: np.ndarray) -> np.ndarray:
    """Return the finite ones among some values; a lone 0 if there are none."""
    found = values[np.isfinite(values)]
    return found if len(found) else np.zeros(1)
