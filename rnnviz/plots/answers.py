"""What a network answered, and what it believed on the way."""

import numpy as np
import plotly.graph_objects as go

from rnnviz.plots.style import PALETTE, SEQUENTIAL, dress


def probability_bars(probabilities: np.ndarray) -> go.Figure:
    """Return the final probabilities, shape (class,), as bars; the answer stands out."""
    answer = int(probabilities.argmax())
    colours = [PALETTE[5] if k == answer else PALETTE[0] for k in range(len(probabilities))]
    bars = go.Bar(
        x=list(range(len(probabilities))),
        y=probabilities,
        marker={"color": colours},
        hovertemplate="digit %{x}<br>probability %{y:.4f}<extra></extra>",
    )
    figure = dress(go.Figure(bars), f"The answer: {answer}", "digit", "probability", height=320)
    figure.update_yaxes(range=[0, 1])
    return figure.update_xaxes(dtick=1)


def belief_heatmap(
    depths: np.ndarray, beliefs: np.ndarray, settled: int | None = None
) -> go.Figure:
    """Return what a network believed after each depth, one row a digit.

    Args:
        depths: After which depths of the route the beliefs hold, shape (probe,).
        beliefs: Probabilities from a probe fitted at each of these, shape (probe, class).
        settled: From which depth on the answer stays the same; marked by a line.
    """
    hover = "after step %{x}, digit %{y}<br>probability %{z:.4f}<extra></extra>"
    heatmap = go.Heatmap(
        x=depths,
        y=list(range(beliefs.shape[1])),
        z=beliefs.T,
        zmin=0,
        zmax=1,
        colorscale=SEQUENTIAL,
        hovertemplate=hover,
        colorbar={"title": {"text": "probability"}},
    )
    title = "Belief after every step, from probes fitted for that step"
    figure = dress(go.Figure(heatmap), title, "step", "digit", height=360)
    if settled is not None:
        figure.add_vline(x=settled, line={"color": PALETTE[5], "width": 3, "dash": "dot"})
    return figure.update_yaxes(dtick=1)
