"""Runs side by side: their curves in one figure, and what a network takes for what."""

from collections.abc import Sequence
from html import escape

import numpy as np
import plotly.graph_objects as go

from rnnviz.core.curves import Curve, thinned
from rnnviz.plots.decades import decade_axis
from rnnviz.plots.style import INK, PALETTE, below, dress, faint

MOST_POINTS = 1200
"""Points of a curve that a figure holds; more than a screen has."""
DASHES = ("solid", "dash", "dot", "dashdot")
LONGEST = 40
"""Letters of a name in the legend; pointing at a curve tells the whole one."""
FAINT = 0.25
NEARLY_CLEAR = 0.01


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
    """Return what was taken for what as a map whose cells can be clicked.

    Args:
        counts: Pictures by class (row) and answer (column), (class, class).
        classes: What the classes are called.
        title: What is shown.

    A cell's colour is its share of the pictures of its class, on a root scale: among thousands that
    are right a handful that are wrong would not be seen otherwise. Clicks come from marks in the
    cells: x is the number of the answer, y that of the class.
    """
    of_class = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    share = counts / of_class
    places = np.arange(len(classes))
    answer, label = (part.ravel() for part in np.meshgrid(places, places))
    figure = go.Figure(
        go.Heatmap(
            z=np.sqrt(share),
            x=places,
            y=places,
            colorscale="Cividis",
            zmin=0,
            zmax=1,
            hoverinfo="skip",
            xgap=1,
            ygap=1,
            showscale=False,
        )
    )
    figure.add_trace(
        go.Scatter(
            x=answer,
            y=label,
            customdata=np.column_stack([label, answer, counts.ravel(), 100 * share.ravel()]),
            mode="markers+text",
            # Text on the dark half of the colours is light, on the light half dark.
            text=[str(count) if count else "" for count in counts.ravel()],
            textfont={
                "size": 13,
                "color": ["#1a1a1a" if one > 0.25 else "#f4f4f4" for one in share.ravel()],
            },
            # Plotly takes a click within 20 pixels for the nearest mark.
            marker={"size": 6, "color": INK, "opacity": NEARLY_CLEAR},
            selected={"marker": {"opacity": NEARLY_CLEAR}},
            unselected={"marker": {"opacity": NEARLY_CLEAR}},
            showlegend=False,
            hovertemplate="%{customdata[2]} of its class (%{customdata[3]:.1f} %)<extra></extra>",
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
