"""A sweep at a glance: every run a dot, the median of each setting a bar."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from rnnviz.core.sweep import Group
from rnnviz.plots.style import PALETTE, dress

PRINT_INK = "#31404d"
"""Dark grey for text on white, where no theme is to be met."""
TITLES = {"test": "accuracy on test pictures", "validation": "accuracy on validation pictures"}
ROW = 46
"""Pixels that a setting takes."""
AROUND = 190
"""Pixels above and below all settings."""
SPREAD = 0.22
"""How far dots are moved off the middle of their row, so that equal ones are seen: of a row."""
BAR = 0.36
"""Half the height of a bar: of a row."""
LONGEST_LINE = 34
"""Letters in a line of a setting's name."""


def sweep_sheet(groups: Sequence[Group], name: str, what: str = "test") -> go.Figure:
    """Return the accuracies of all runs of a sweep, by setting, the first at the top.

    A white sheet, to be saved and printed. A run that diverged has no accuracy; it is counted at
    the right.

    Args:
        groups: The settings.
        name: What the sweep is called.
        what: Which accuracy, "test" or "validation".
    """
    figure = go.Figure()
    for row, group in enumerate(groups):
        add_group(figure, group, row, what)
    title = f"{name}: {TITLES[what]}, a dot a run, a bar the median"
    dress(figure, title, "right answers in %", "", height=AROUND + ROW * max(len(groups), 1))
    places = list(range(len(groups)))
    names = [in_lines(plain(group.label)) for group in groups]
    figure.update_yaxes(
        tickvals=places, ticktext=names, range=[len(groups) - 0.5, -0.5], showgrid=False
    )
    figure.update_xaxes(range=x_range(groups, what), zeroline=False)
    return figure.update_layout(
        showlegend=False,
        margin={"l": 30 + 9 * widest(names), "r": 150, "t": 80, "b": 80},
        title={"x": 0.02},
        paper_bgcolor="#ffffff",
        plot_bgcolor="#ffffff",
        font={"color": PRINT_INK},
    )


def add_group(figure: go.Figure, group: Group, row: int, what: str) -> None:
    """Draw the runs of one setting in its row."""
    colour = PALETTE[row % len(PALETTE)]
    values = 100 * np.array(group.measured(what), dtype=np.float64)
    spread = group.spread(what)
    if spread is not None:
        middle = 100 * spread.median
        figure.add_trace(
            go.Scatter(
                x=[middle, middle],
                y=[row - BAR, row + BAR],
                mode="lines",
                line={"color": PRINT_INK, "width": 5},
                hovertemplate=f"median %{{x:.2f}} %<extra>{plain(group.label)}</extra>",
            )
        )
    figure.add_trace(
        go.Scatter(
            x=values,
            y=row + offsets(len(values)),
            mode="markers",
            marker={"color": colour, "size": 13, "line": {"color": PRINT_INK, "width": 1}},
            hovertemplate=f"%{{x:.2f}} %<extra>{plain(group.label)}</extra>",
        )
    )
    note = count_words(group)
    if note:
        figure.add_annotation(
            x=1.0, xref="paper", xanchor="left", xshift=8, y=row, text=note, showarrow=False
        )


def count_words(group: Group) -> str:
    """Return how many runs of a setting have no dot, and why; nothing if there are none."""
    unfinished = len(group.trials) - group.done - group.diverged
    parts = [f"{group.diverged} diverged"] if group.diverged else []
    parts += [f"{unfinished} not done"] if unfinished else []
    return "<br>".join(parts)


def offsets(count: int) -> np.ndarray:
    """Return how far each of some dots is moved off the middle, evenly and in turn, (count,)."""
    return np.zeros(count) if count < 2 else np.linspace(-SPREAD, SPREAD, count)


def x_range(groups: Sequence[Group], what: str) -> list[float]:
    """Return the ends of the axis in %: around all runs, 0 and 100 where that isn't far."""
    values = [100 * value for group in groups for value in group.measured(what)]
    if not values:
        return [0.0, 100.0]
    room = max(0.08 * (max(values) - min(values)), 0.5)
    return [max(min(values) - room, -1.0), min(max(values) + room, 101.0)]


def plain(text: str) -> str:
    """Return text that means nothing to the little HTML that Plotly knows."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def in_lines(text: str) -> str:
    """Return the name of a setting, broken after commas where it is long."""
    lines = [""]
    for part in text.split(", "):
        if lines[-1] and len(lines[-1]) + len(part) > LONGEST_LINE:
            lines.append(part)
        else:
            lines[-1] = f"{lines[-1]}, {part}" if lines[-1] else part
    return ",<br>".join(lines)


def widest(names: Sequence[str]) -> int:
    """Return the letters of the longest line of some names."""
    return max((len(line) for name in names for line in name.split("<br>")), default=0)
