"""Runs side by side: their curves in one figure, and what a network takes for what."""

from collections.abc import Sequence
from html import escape

import numpy as np
import plotly.graph_objects as go

from rnnviz.core.curves import Curve, thinned
from rnnviz.plots.decades import decade_axis
from rnnviz.plots.style import PALETTE, below, dress, faint

MOST_POINTS = 1200
"""Points of a curve that a figure holds; more than a screen has."""
DASHES = ("solid", "dash", "dot", "dashdot")
LONGEST = 40
"""Letters of a name in the legend; pointing at a curve tells the whole one."""
FAINT = 0.25
RIGHT_AND_WRONG = (
    (0.0, faint(PALETTE[0], 0.7)),
    (0.5, faint(PALETTE[0], 0.06)),
    (0.5, faint(PALETTE[5], 0.06)),
    (1.0, faint(PALETTE[5], 0.85)),
)
"""From -1, right, to 1, wrong; so clear that text of either theme can be read on it."""


def run_curves(
    curves: Sequence[Curve],
    raw: Sequence[Curve],
    title: str,
    x: str,
    y: str,
    logarithmic: bool,
) -> go.Figure:
    """Return the curves of several runs in one figure.

    Args:
        curves: One a run, smoothed or not.
        raw: The same as they were measured, drawn faintly behind; empty for none.
        title: What is shown.
        x: Name of the axis of steps or seconds.
        y: Name of the values, with their unit.
        logarithmic: Show powers of ten; otherwise shares from 0 to 1.
    """
    figure = go.Figure()
    drawn = []
    for curve, behind in [(c, True) for c in raw] + [(c, False) for c in curves]:
        shown = thinned(curve, MOST_POINTS)
        values = logs(shown.y) if logarithmic else shown.y
        if not behind:
            drawn.append(values)
        figure.add_trace(line(shown, values, behind, "" if logarithmic else ".1%"))
    dress(figure, title, x, y, height=440)
    if logarithmic:
        middle = within_reach(drawn)
        decade_axis(figure, middle, include=first(middle))
    else:
        figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    return below(figure)


def line(curve: Curve, values: np.ndarray, behind: bool, form: str) -> go.Scatter:
    """Return one curve; one that stands behind another is faint and has no name of its own."""
    colour = PALETTE[curve.colour % len(PALETTE)]
    pen = {"color": faint(colour, FAINT) if behind else colour, "width": 1 if behind else 3}
    if not behind:
        pen["dash"] = DASHES[curve.colour % len(DASHES)]
    # A single point makes no line.
    few = len(values) < 3 and not behind
    value = f"%{{customdata:{form}}}" if form else "%{customdata:.4g}"
    name = as_plain(curve.name)
    return go.Scatter(
        x=curve.x,
        y=values,
        customdata=curve.y,
        name=as_plain(shorter(curve.name)),
        mode="lines+markers" if few else "lines",
        line=pen,
        showlegend=not behind,
        hoverinfo="skip" if behind else None,
        hovertemplate=None if behind else f"%{{x:.6~g}}: {value}<extra>{name}</extra>",
    )


def shorter(name: str) -> str:
    """Return a name that fits a legend."""
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1].rstrip()}…"


def as_plain(name: str) -> str:
    """Return a name so that Plotly shows it letter by letter: neither as HTML nor as a template."""
    return escape(name, quote=False).replace("%{", "%\N{WORD JOINER}{").replace("$", "&#36;")


def within_reach(drawn: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return logarithms of several runs without the few that lie so far out as to flatten the rest.

    Only where most of the values would be left less than a third of the height: a run that
    explodes shows where it leaves the picture then, and alone it is shown as a whole.
    """
    finite = np.concatenate([values[np.isfinite(values)] for values in drawn])
    if len(drawn) < 2 or not len(finite):
        return list(drawn)
    low, high = np.quantile(finite, [0.02, 0.98])
    if high - low > (finite.max() - finite.min()) / 3:
        return list(drawn)
    room = (high - low) / 4
    return [np.clip(values, low - room, high + room) for values in drawn]


def confusion_map(counts: np.ndarray, classes: Sequence[str], title: str) -> go.Figure:
    """Return what was taken for what as a map.

    Args:
        counts: Pictures by class (row) and answer (column), (class, class).
        classes: What the classes are called.
        title: What is shown.

    A click into a cell is one at x, the number of the answer, and y, that of the class.

    Right answers are blue and wrong ones orange, the deeper the larger their share of the pictures
    of their class, on a root scale: among thousands that are right a handful that are wrong would
    not be seen otherwise. Where there are none the page shows.
    """
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = np.where(np.eye(len(classes), dtype=bool), -1, 1)
    places = np.arange(len(classes))
    figure = go.Figure(
        go.Heatmap(
            z=np.where(counts, side * np.sqrt(share), np.nan),
            x=places,
            y=places,
            zmin=-1,
            zmax=1,
            colorscale=RIGHT_AND_WRONG,
            showscale=False,
            text=np.where(counts, counts.astype(str), ""),
            texttemplate="%{text}",
            textfont={"size": 13},
            customdata=np.stack([counts, 100 * share], axis=-1),
            hovertemplate="%{customdata[0]} of its class (%{customdata[1]:.1f} %)<extra></extra>",
            xgap=1,
            ygap=1,
        )
    )
    dress(figure, title, "answer", "picture", height=520)
    ticks = {"tickvals": places, "ticktext": list(classes), "showgrid": False}
    figure.update_xaxes(**ticks, side="bottom", range=[-0.5, len(classes) - 0.5])
    figure.update_yaxes(**ticks, range=[len(classes) - 0.5, -0.5])
    return figure.update_layout(dragmode=False, margin={"l": 60 if is_short(classes) else 110})


def is_short(classes: Sequence[str]) -> bool:
    """Return whether the names of all classes are digits or about as short."""
    return max(map(len, classes)) <= 3


def logs(values: np.ndarray) -> np.ndarray:
    """Return log10 of values; a gap (NaN) where they aren't positive and finite."""
    fits = np.isfinite(values) & (values > 0)
    return np.where(fits, np.log10(np.where(fits, values, 1.0)), np.nan)


def first(drawn: Sequence[np.ndarray]) -> float:
    """Return the first finite value of some curves, 0 if there is none."""
    finite = [float(value) for values in drawn for value in values if np.isfinite(value)]
    return finite[0] if finite else 0.0
