"""The gradient of the last step over the picture, and how much of it is lost on which way."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from rnnviz.core.beam import Beam
from rnnviz.plots.decades import decade_axis, power_text
from rnnviz.plots.looks import DASH_DOT, Look
from rnnviz.plots.style import DIVERGING, INK, PALETTE, SAMPLE, SEQUENTIAL, dress, places

ESTIMATE = Look(INK, DASH_DOT)
"""What is computed and not measured."""
LEAST_DECADES = 1.0
"""The colours reach at least as far as this, lest a flat gradient look eventful."""
LEGEND = {"orientation": "h", "x": 0, "xanchor": "left", "y": -0.3, "yanchor": "top"} | {
    "itemwidth": SAMPLE
}


def common_range(beams: Mapping[str, Beam]) -> float:
    """Return the decades, up or down, that one colour scale needs for several beams."""
    shown = np.concatenate([beam.decades.ravel() for beam in beams.values()])
    shown = np.abs(shown[np.isfinite(shown)])
    return max(LEAST_DECADES, float(shown.max(initial=0.0)))


def beam_map(beam: Beam, title: str, reach: float, picture: np.ndarray | None = None) -> go.Figure:
    """Return |δ| at every step over the picture, in decades relative to the last step.

    Args:
        beam: One sweep.
        title: What network this is.
        reach: The decades at which the colours end, up and down; the same for all maps that are
            to be compared.
        picture: What was read, shape (height, width); its outline is drawn over the colours.

    Where nothing arrives at all the map has a hole.
    """
    values = beam.picture
    finite = np.where(np.isfinite(values), values, np.nan)
    hover = "row %{y}, column %{x}<br>10^%{z:.2f} of the last step<extra></extra>"
    heatmap = go.Heatmap(
        **places(finite.shape),
        z=finite.astype(np.float32),
        zmin=-reach,
        zmax=reach,
        colorscale=DIVERGING,
        colorbar=decade_bar(reach),
        hovertemplate=hover,
    )
    figure = go.Figure(heatmap)
    if picture is not None:
        figure.add_trace(outline(picture))
    figure.add_trace(end_mark(beam))
    return over_picture(figure, title, finite.shape)


def path_map(beam: Beam) -> go.Figure:
    """Return how many ways lead from each step to the last one, as powers of ten."""
    values = beam.ways
    top = max(float(values.max()), 1.0)
    ticks = list(range(0, int(top) + 1, max(1, int(top) // 4)))
    bar = side_bar("ways") | {"tickvals": ticks, "ticktext": [power_text(tick) for tick in ticks]}
    hover = "row %{y}, column %{x}<br>10^%{z:.2f} ways to the last step<extra></extra>"
    heatmap = go.Heatmap(
        **places(values.shape),
        z=values.astype(np.float32),
        zmin=0,
        zmax=top,
        colorscale=SEQUENTIAL,
        colorbar=bar,
        hovertemplate=hover,
    )
    figure = go.Figure(heatmap).add_trace(end_mark(beam))
    return over_picture(figure, "Ways to the last step", values.shape)


def decade_bar(reach: float) -> dict:
    """Return the colour bar of a map in decades: powers of ten around 1."""
    gap = max(1, int(reach) // 2)
    ticks = [k * gap for k in range(-int(reach / gap), int(reach / gap) + 1)]
    texts = [power_text(tick) for tick in ticks]
    return side_bar("relative to the last step") | {"tickvals": ticks, "ticktext": texts}


def side_bar(title: str) -> dict:
    """Return a colour bar below a map, where it takes no width from it on a phone."""
    return {
        "orientation": "h",
        "y": -0.24,
        "yanchor": "top",
        "thickness": 14,
        "tickangle": 0,
        "title": {"text": title, "side": "bottom"},
    }


def outline(picture: np.ndarray) -> go.Contour:
    """Return the outline of the ink of a picture in [0, 1], shape (height, width)."""
    return go.Contour(
        **places(picture.shape),
        z=picture.astype(np.float32),
        contours={"start": 0.5, "end": 0.5, "size": 1, "coloring": "lines"},
        colorscale=[[0, "#1a1a1a"], [1, "#1a1a1a"]],
        line={"width": 2},
        showscale=False,
        hoverinfo="skip",
        name="the digit",
    )


def end_mark(beam: Beam) -> go.Scatter:
    """Return a mark on the last step, from which the gradient comes."""
    height, width = (size * share for size, share in zip(beam.norms.shape, beam.share, strict=True))
    column = width / 2 if beam.norms.shape[1] == 1 else width - beam.share[1] / 2
    row = height - beam.share[0] / 2
    vertical, horizontal = beam.start.split("-")
    return go.Scatter(
        x=[(width - column if horizontal == "right" else column) + 0.5],
        y=[(height - row if vertical == "bottom" else row) + 0.5],
        mode="markers",
        marker={
            "symbol": "star",
            "size": 14,
            "color": PALETTE[6],
            "line": {"color": "#1a1a1a", "width": 1.5},
        },
        hovertemplate="the last step: here the gradient comes from<extra></extra>",
        cliponaxis=False,
        showlegend=False,
    )


def over_picture(figure: go.Figure, title: str, shape: tuple[int, ...]) -> go.Figure:
    """Return a figure whose axes are the rows and columns of the picture."""
    dress(figure, title, "column (pixel)", "row (pixel)", height=470)
    figure.update_layout(margin={"l": 60, "r": 10, "b": 110})
    figure.update_xaxes(range=[0.5, shape[1] + 0.5], showgrid=False, constrain="domain")
    return figure.update_yaxes(
        range=[shape[0] + 0.5, 0.5], scaleanchor="x", showgrid=False, constrain="domain"
    )


def distance_curves(
    curves: Mapping[str, tuple[np.ndarray, np.ndarray]], looks: Mapping[str, Look]
) -> go.Figure:
    """Return how large the gradient is at a distance from the last step, on a log axis.

    Args:
        curves: By the names that the legend shows, (steps back, log10 of |δ| / |δ_last|).
        looks: Of the networks, likewise; a curve without one is an estimate.
    """
    figure = go.Figure()
    for name, (steps, decades) in curves.items():
        line = looks[name].line(4) if name in looks else ESTIMATE.line(2)
        shown = np.where(np.isfinite(decades), decades, np.nan)
        hover = f"{name}<br>%{{x}} steps back: 10^%{{y:.2f}} of the last<extra></extra>"
        figure.add_trace(
            go.Scatter(x=steps, y=shown, mode="lines", line=line, name=name, hovertemplate=hover)
        )
    title = "What is left so many steps back"
    dress(figure, title, "steps back from the last one", "|δ| relative to the last step")
    decade_axis(figure, [decades for _, decades in curves.values()])
    return figure.update_layout(legend=LEGEND, height=440)
