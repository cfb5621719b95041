"""The memory race: what is read, who learns it, and how far back the gradient reaches."""

from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go

from rnnviz.core.race import CHANCE, Race
from rnnviz.plots.decades import decade_axis
from rnnviz.plots.flow import LEFT_AXIS, STEP_AXIS
from rnnviz.plots.looks import DASHES, VARIANTS, Look
from rnnviz.plots.style import INK, PALETTE, below, dress, faint

GOAL = 0.5
"""The accuracy at which a runner counts as one that remembers."""
BAND_OPACITY = 0.18
ACCURACY_HOVER = (
    "training step %{x}: %{customdata[0]:.1f} %<br>"
    "seeds from %{customdata[1]:.1f} % to %{customdata[2]:.1f} %"
)
FLOW_HOVER = (
    "row %{x}: %{customdata[0]:.3g} of the last row's<br>"
    "seeds from %{customdata[1]:.3g} to %{customdata[2]:.3g}"
)


def race_picture(image: np.ndarray, blank_rows: int) -> go.Figure:
    """Return what every network reads: a digit (height, width) in [0, 1], then blank rows."""
    height, width = image.shape
    rows = np.concatenate([image, np.zeros((blank_rows, width))])
    heatmap = go.Heatmap(
        z=rows,
        x=np.arange(1, width + 1),
        zmin=0,
        zmax=1,
        colorscale=[[0, "#1b2530"], [1, "#ffffff"]],
        showscale=False,
        hovertemplate="row %{y}, column %{x}<br>ink %{z:.2f}<extra></extra>",
        y=np.arange(1, len(rows) + 1),
    )
    figure = dress(go.Figure(heatmap), "What they read", "", "row, read from the top", height=420)
    figure.update_yaxes(
        autorange="reversed",
        tickvals=[1, height, *([len(rows)] if blank_rows > 6 else [])],
        showgrid=False,
        scaleanchor="x",
        constrain="domain",
    )
    figure.update_xaxes(visible=False, constrain="domain")
    if blank_rows:
        figure.add_hline(y=height + 0.5, line={"color": PALETTE[1], "width": 2, "dash": "dot"})
    if blank_rows > 6:
        figure.add_annotation(
            x=(width + 1) / 2,
            y=height + blank_rows / 2 + 0.5,
            text=f"{blank_rows} blank rows",
            showarrow=False,
            font={"color": "#ffffff"},
        )
    return figure


def race_curves(race: Race, reports: int | None = None) -> go.Figure:
    """Return the validation accuracy of every runner against the training steps.

    Args:
        race: The race, finished or not.
        reports: How many of its reports are shown, all if None.

    A curve is the median over the seeds, its band reaches from the lowest to the highest.
    """
    shown = race if reports is None else race.until(reports)
    figure = go.Figure()
    for runner in shown.runners:
        low, median, high = 100 * shown.accuracy(runner)
        add_band(figure, shown, runner, shown.steps, (low, median, high), ACCURACY_HOVER)
    seeds = len(race.seeds)
    title = f"Accuracy: median and range of {seeds} seeds"
    dress(figure, title, "training step", "right answers in %", height=400)
    lines = ((CHANCE, "chance", "bottom right"), (GOAL, f"{100 * GOAL:.0f} %", "top left"))
    for share, name, place in lines:
        figure.add_hline(
            y=100 * share,
            line={"color": INK, "width": 2, "dash": "dot"},
            annotation={"text": name, "font": {"color": INK}, "bgcolor": "rgba(0,0,0,0)"},
            annotation_position=place,
        )
    figure.update_xaxes(range=[0, race.total])
    return below(figure.update_yaxes(range=[0, 100], dtick=25))


def race_flow(race: Race, report: int = -1) -> go.Figure:
    """Return how much of the gradient reaches every row at one report, the blank rows marked.

    A curve is |dL/dh_t| / |dL/dh_T|, T the last row: the median over the seeds of the median over
    some real digits. Its band reaches from the lowest seed to the highest. There is no curve
    where nothing arrives with most seeds.
    """
    figure = go.Figure()
    rows = np.arange(1, race.rows + race.blank_rows + 1)
    bands = [race.reach(runner, report) for runner in race.runners]
    floor, _ = decade_axis(figure, bands, include=0.0)
    for runner, (low, median, high) in zip(race.runners, bands, strict=True):
        values = (low, median, high)
        add_band(figure, race, runner, rows, values, FLOW_HOVER, lambda v: 10.0**v, floor)
    title = f"The gradient on its way back, at training step {race.steps[report]}"
    dress(figure, title, STEP_AXIS, LEFT_AXIS, height=400)
    if race.blank_rows:
        figure.add_vrect(
            x0=race.rows + 0.5,
            x1=len(rows),
            fillcolor=INK,
            opacity=0.15,
            line_width=0,
            annotation={"text": "blank rows", "font": {"color": INK}},
            annotation_position="bottom right",
        )
    figure.update_xaxes(range=[1, len(rows)])
    return below(figure)


def add_band(
    figure: go.Figure,
    race: Race,
    runner: str,
    x: np.ndarray,
    values: tuple[np.ndarray, np.ndarray, np.ndarray],
    hover: str,
    told: Callable[[np.ndarray], np.ndarray] = np.asarray,
    floor: float = -np.inf,
) -> None:
    """Add one runner: lowest, median and highest value at every x, as a curve in its band.

    Args:
        figure: Gets the three traces.
        race: The race.
        runner: Name of the runner.
        x: Where, shape (point,).
        values: Lowest, median and highest, each of shape (point,).
        hover: What is told of a point, with its values as ``customdata``.
        told: Makes these of what is drawn.
        floor: Where the band's lower edge is drawn if it is below that.
    """
    low, median, high = values
    label, look = race.label(runner), look_of(race, runner)
    there = np.isfinite(median)
    edge = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
    group = {"legendgroup": runner}
    figure.add_trace(go.Scatter(x=x[there], y=high[there], **edge, **group))
    figure.add_trace(
        go.Scatter(
            x=x[there],
            y=np.maximum(low[there], floor),
            fill="tonexty",
            fillcolor=faint(look.colour, BAND_OPACITY),
            **edge,
            **group,
        )
    )
    figure.add_trace(
        go.Scatter(
            x=x[there],
            y=median[there],
            name=label,
            mode="lines",
            line=look.line(3),
            customdata=told(np.stack([median[there], low[there], high[there]], axis=1)),
            hovertemplate=f"{hover}<extra>{label}</extra>",
            **group,
        )
    )


def look_of(race: Race, runner: str) -> Look:
    """Return the look of a runner, by its place where it is no known variant."""
    at = race.place(runner)
    return VARIANTS.get(runner, Look(PALETTE[at % len(PALETTE)], DASHES[at % len(DASHES)]))
