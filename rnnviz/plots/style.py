"""How all figures look: colours for every kind of eyes, both themes and the back row."""

import numpy as np
import plotly.graph_objects as go

INK = "#7d8a97"
"""Grey for text, axes and grids, a contrast of 3.5 and more to a white and to a dark page."""

PALETTE = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#d55e00",
    "#f0e442",
    "#8c8c8c",
)
"""Okabe and Ito's colours (2008), told apart with any kind of colour blindness."""

DIVERGING = (
    (0.0, "#003a5c"),
    (0.2, "#0072b2"),
    (0.4, "#96c8e6"),
    (0.5, "#f4f4f4"),
    (0.6, "#f5bf85"),
    (0.8, "#d55e00"),
    (1.0, "#7a3600"),
)
"""For signed values: blue below zero, nearly white at zero, orange above."""

SEQUENTIAL = "Cividis"
"""For values from 0 to 1; made for people with and without colour blindness (Nuñez et al. 2018)."""

FONT_SIZE = 16
SAMPLE = 38
"""Pixels of a line beside its name, enough for any dash to be known by."""
LEGEND_ROW = 24
"""Pixels that a row of two names takes."""


def dress(figure: go.Figure, title: str, x: str, y: str, height: int = 420) -> go.Figure:
    """Return the figure with its title, the names and units of its axes, and our look.

    Backgrounds are clear, so that a figure fits the light and the dark page alike.
    """
    axis = {"gridcolor": "rgba(125,138,151,0.25)", "linecolor": INK, "zeroline": False}
    return figure.update_layout(
        title={"text": title, "x": 0, "xanchor": "left", "font": {"size": FONT_SIZE + 2}},
        xaxis={"title": {"text": x}, **axis},
        yaxis={"title": {"text": y}, **axis},
        font={"size": FONT_SIZE, "color": INK},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        margin={"l": 70, "r": 20, "t": 60, "b": 60},
        height=height,
    )


def below(figure: go.Figure) -> go.Figure:
    """Return a dressed figure with its names in rows below, higher by what these take."""
    names = sum(trace.showlegend is not False for trace in figure.data)  # type: ignore[union-attr]
    room = LEGEND_ROW * -(-names // 2)
    legend = {
        "orientation": "h",
        "x": 0,
        "xanchor": "left",
        "yref": "container",
        "y": 0.01,
        "yanchor": "bottom",
        "itemwidth": SAMPLE,
        "font": {"size": FONT_SIZE - 2},
    }
    height = figure.to_dict()["layout"]["height"] + room
    return figure.update_layout(legend=legend, margin={"b": 70 + room}, height=height)


def faint(colour: str, opacity: float) -> str:
    """Return "#rrggbb" as a colour through which one sees."""
    channels = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return f"rgba({','.join(map(str, channels))},{opacity})"


def places(shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    """Return where the pixels of a map stand: their columns and rows, counted from 1."""
    return {"x": np.arange(1, shape[1] + 1), "y": np.arange(1, shape[0] + 1)}
