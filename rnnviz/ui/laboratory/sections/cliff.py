"""The cliff: an error surface of two parameters, and descents on it, raw and clipped."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from rnnviz import plots
from rnnviz.analysis import cliff
from rnnviz.core.cliff import CliffSurface, Descent, Neighbours
from rnnviz.ui.components.plotly_figure import clicked_place
from rnnviz.ui.fields import Field, Number, OneOf, Whole
from rnnviz.ui.figure import figure_key
from rnnviz.ui.laboratory.numbers_in_words import power
from rnnviz.ui.laboratory.panel import Panel

NAME = "cliff"
LABEL = "Cliff"
ORDER = 50
QUESTION = "What does an exploding gradient look like, and why does clipping help?"
LOOK = (
    "Follow both paths from the star. As in “Clipping saves it”, where one begins, the raw one is "
    "thrown off the map at the wall by a single step, while the clipped one comes down along it. "
    "Then try the starts where it goes otherwise."
)

RATES = ("0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1", "10", "1e308")
THRESHOLDS = ("0.05", "0.1", "0.2", "0.5", "1", "2", "5", "10", "100", "1000")
GRID = 0.05
"""Starts stand on a grid of this size."""
LATELY, HOP = 10, 0.1
"""A path hops over the wall if E changes by so much within so many last points."""
CASES = {
    "Clipping saves it": {"w": 6.0, "b": -2.6, "rate": "0.1", "threshold": "1"},
    "Stuck at the edge": {"w": 6.0, "b": -2.6, "rate": "0.05", "threshold": "0.5"},
    "Start at the edge": {"w": 4.9, "b": -2.55, "rate": "0.1", "threshold": "1"},
    "Far from the wall": {"w": 4.0, "b": -1.4, "rate": "0.1", "threshold": "1"},
    "Overflow at once": {"w": 4.9, "b": -2.55, "rate": "1e308", "threshold": "10"},
}
STORY = r"""
One hidden unit runs for 50 steps without input: $x_t = w\,\sigma(x_{t-1}) + b$ from $x_0 = 0.5$,
with the error $E = (\sigma(x_{50}) - 0.7)^2$ (Pascanu, Mikolov and Bengio 2013, figure 6). On the
wall $x_0$ is the unit's *unstable* fixed point, $b = 0.5 - w\,\sigma(0.5)$: a hair beside it the 50
steps drive $x$ to one of two far ends, so a tiny change of $b$ makes a huge one of $E$. Clipping
keeps the direction of the step and shortens it to τ times the learning rate. It does not make the
wall any less steep.
"""


def fields() -> tuple[Field, ...]:
    """Return what can be chosen."""
    (w_low, w_high), (b_low, b_high) = cliff.W_RANGE, cliff.B_RANGE
    return (
        Number("w", "Start: w", w_low, w_high, 6.0, GRID),
        Number("b", "Start: b", b_low, b_high, -2.6, GRID),
        OneOf("rate", "Learning rate", RATES, "0.1"),
        OneOf("threshold", "Threshold τ", THRESHOLDS, "1"),
        Whole("points", "Points of the path", 50, 1000, 400, 50),
    )


def show(panel: Panel) -> None:
    """Show the section: choose, both paths on the surface, how they fare, the neighbours."""
    choose(panel)
    start, rate = (panel["w"], panel["b"]), float(panel["rate"])
    threshold, points = float(panel["threshold"]), panel["points"]
    raw, clipped = pair(start, rate, threshold, points)
    both = {"raw": raw, f"clipped at τ = {threshold:g}": clipped}
    panel.facts(
        {
            "raw ends at E": number(raw.end),
            "clipped ends at E": number(clipped.end),
            "clipped, lowest E": number(clipped.lowest),
            "longest gradient, raw": number(raw.steepest),
            "longest step, raw": number(raw.longest),
            "longest step, clipped": number(clipped.longest),
        }
    )
    # A place of their own, so that a message more or less doesn't put up the figures anew.
    with st.container():
        tell_ends(raw, clipped)
    left, right = st.columns(2)
    show_map(panel, both, left)
    landscape = plots.cliff_surface(mesh(), both)
    panel.figure(landscape, "landscape", surface_table(mesh()), right)
    left, right = st.columns(2)
    panel.figure(plots.descent_errors(both), "errors", path_table(raw, clipped), left)
    panel.figure(plots.descent_norms(both), "gradients", path_table(raw, clipped), right)
    st.markdown(STORY)
    show_neighbours(panel, lottery(start, rate, threshold, points))


def choose(panel: Panel) -> None:
    """Show what can be chosen, and cases that are one click away."""
    for name, place in zip(panel.fields, st.columns(len(panel.fields)), strict=True):
        panel.control(name, place)
    with st.container(horizontal=True, key="lab-cliff-cases"):
        for label, values in CASES.items():
            panel.button(label, values | {"points": 400})


def show_map(panel: Panel, both: Mapping[str, Descent], place: Any) -> None:
    """Show the surface from above; a click on it chooses the start."""
    figure = plots.cliff_map(grid(), both, places())
    key = figure_key(panel.place, "map")

    def take_click() -> None:
        clicked = clicked_place(st.session_state[key])
        if clicked is not None:
            w, b = clicked
            panel.assign({"w": on_grid(w), "b": on_grid(b)})

    table = surface_table(grid())
    panel.figure(figure, "map", table, place, take_click)


def tell_ends(raw: Descent, clipped: Descent) -> None:
    """Say in words what became of the paths, where that is worth a word."""
    for name, one in (("raw", raw), ("clipped", clipped)):
        if one.overflowed:
            st.warning(
                f"The {name} path ends at point {len(one.points) - 1}: the next step would give "
                f"numbers that aren't finite. Take a smaller learning rate.",
                icon=":material/info:",
            )
        elif one.stuck is not None:
            w, b = one.points[-1]
            st.info(
                f"The {name} path was thrown to w = {w:.1f}, b = {b:.1f} and stays there: from "
                f"point {one.stuck} on the sigmoid is saturated and the gradient exactly 0.",
                icon=":material/near_me_disabled:",
            )
    low, high = clipped.lately(LATELY)
    if high - low > HOP and clipped.clipped.any():
        st.info(
            f"The clipped path still hops from one side of the wall to the other: over its last "
            f"{LATELY} points E changes between {low:.2g} and {high:.2g}. Give it more points, or "
            f"a larger step.",
            icon=":material/swap_vert:",
        )


def show_neighbours(panel: Panel, parts: tuple[Neighbours, ...]) -> None:
    """Show where neighbours of the start end: the raw path is a matter of luck."""
    raw, clipped = parts
    st.markdown("#### Is that luck? The same from 64 starts a millionth apart")
    panel.facts(
        {
            "raw: thrown more than 1 away by one step": thrown(raw),
            "clipped: thrown": thrown(clipped),
            "median E, raw": number(raw.median),
            "median E, clipped": number(clipped.median),
        }
    )
    table = {
        "raw w": raw.points[:, 0],
        "raw b": raw.points[:, 1],
        "raw E": raw.errors,
        "clipped w": clipped.points[:, 0],
        "clipped b": clipped.points[:, 1],
        "clipped E": clipped.errors,
    }
    panel.figure(plots.neighbour_ends({"raw": raw, "clipped": clipped}), "neighbours", table)
    st.caption(
        "Where the gradient is thousands, a descent magnifies the last bit of every sum: which end "
        "a single raw path comes to says little, its neighbours' say more. E = 0.09 and 0.49 are "
        "the two plateaus, sigmoid 1 and 0, where the gradient is 0 for good."
    )


def thrown(one: Neighbours) -> str:
    """Return the share of neighbours that one step threw away, and whether to where no number is.

    "Not finite" alone if every one of them overflowed.
    """
    if one.overflowed.all():
        return number(math.inf)
    share = f"{one.thrown():.0%}"
    if one.overflowed.any():
        return f"{share}, {one.overflowed.mean():.0%} {number(math.inf)}"
    return share


def number(value: float) -> str:
    """Return a number of 0 and more in three digits, readable from afar."""
    if not np.isfinite(value):
        return "not finite"
    if value == 0 or 1e-4 <= value < 1e5:
        return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
    return power(math.log10(value))


def on_grid(value: float) -> float:
    """Return the place on the grid of starts that is next to a value."""
    return round(round(value / GRID) * GRID, 10)


def path_table(raw: Descent, clipped: Descent) -> dict[str, np.ndarray]:
    """Return both paths as the columns of one table; a path that overflowed ends in NaN."""
    count = max(len(raw.points), len(clipped.points))
    table: dict[str, np.ndarray] = {"point": np.arange(count)}
    for name, one in (("raw", raw), ("clipped", clipped)):
        columns = {"w": one.points[:, 0], "b": one.points[:, 1]}
        columns |= {"E": one.errors, "gradient": one.norms}
        for column, values in columns.items():
            filled = np.full(count, np.nan)
            filled[: len(values)] = values
            table[f"{name} {column}"] = filled
    return table


def surface_table(surface: CliffSurface) -> dict[str, np.ndarray]:
    """Return the surface as a table, one row a node."""
    columns = {"w": surface.w, "b": surface.b, "E": surface.error, "gradient": surface.slope}
    return {name: values.ravel() for name, values in columns.items()}


@st.cache_resource(show_spinner=False)
def grid() -> CliffSurface:
    """Return the surface for the map."""
    return cliff.surface_grid()


@st.cache_resource(show_spinner=False)
def mesh() -> CliffSurface:
    """Return the surface for the landscape."""
    return cliff.surface_mesh()


@st.cache_resource(show_spinner=False)
def places() -> np.ndarray:
    """Return the starts that can be clicked, shape (place, 2): every second one of the grid."""
    axes = [np.arange(low, high + GRID, 2 * GRID) for low, high in (cliff.W_RANGE, cliff.B_RANGE)]
    return np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)


@st.cache_resource(show_spinner=False, max_entries=64)
def pair(
    start: tuple[float, float], rate: float, threshold: float, points: int
) -> tuple[Descent, Descent]:
    """Return raw and clipped descent from one start."""
    raw = cliff.descend(start, rate, None, points)
    return raw, cliff.descend(start, rate, threshold, points)


@st.cache_resource(show_spinner=False, max_entries=64)
def lottery(
    start: tuple[float, float], rate: float, threshold: float, points: int
) -> tuple[Neighbours, ...]:
    """Return where neighbours of a start end, raw and clipped."""
    return cliff.neighbours(start, rate, (None, threshold), points)
