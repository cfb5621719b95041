"""An error surface with a cliff, and the ways of gradient descent on it."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from rnnviz.core.cliff import CliffSurface, Descent, Neighbours
from rnnviz.plots.looks import CLIPS
from rnnviz.plots.style import INK, PALETTE, SEQUENTIAL, dress

LINES = (CLIPS["none"].line(3), CLIPS["norm"].line(3))
"""How the first descent, raw, and the second, clipped, are drawn; they differ by symbols too."""
SYMBOLS = ("x-thin", "circle-open")
HALO = "#1a1a1a"
"""Around what is drawn on the surface, so that it stands out from every colour."""
NEARLY_CLEAR = 0.01
"""Plotly passes over clicks on markers that are fully transparent."""
LIFT = 0.006
"""How far above the surface a path is drawn, so that it doesn't sink into it."""
HORIZONTAL_LEGEND = {"orientation": "h", "x": 0, "xanchor": "left", "y": -0.2, "yanchor": "top"}
MIDDLE_LEGEND = HORIZONTAL_LEGEND | {"x": 0.5, "xanchor": "center", "y": 0}
"""For a figure without a margin: beside the buttons that stand in its lower corners."""
HORIZONTAL_BAR = {
    "orientation": "h",
    "x": 0.5,
    "y": 1.0,
    "yanchor": "bottom",
    "thickness": 12,
    "title": {"text": "error E", "side": "top"},
    "tick0": 0,
    "dtick": 0.1,
}


def cliff_map(
    surface: CliffSurface, descents: Mapping[str, Descent], places: np.ndarray | None = None
) -> go.Figure:
    """Return the surface from above with the ways of up to two descents.

    Args:
        surface: On a regular grid.
        descents: By the names that the legend shows, all from the same start.
        places: Points (w, b) that can be clicked, shape (place, 2).
    """
    w, b = surface.w[0], surface.b[:, 0]
    figure = go.Figure(
        go.Contour(
            x=w.astype(np.float32),
            y=b.astype(np.float32),
            z=surface.error.astype(np.float32),
            colorscale=SEQUENTIAL,
            zmin=0,
            zmax=0.5,
            contours={"coloring": "heatmap", "start": 0.02, "end": 0.5, "size": 0.04},
            line={"color": "rgba(255,255,255,0.35)", "width": 1},
            colorbar=HORIZONTAL_BAR,
            hoverinfo="skip",
        )
    )
    for (name, descent), line in zip(descents.items(), LINES, strict=False):
        figure.add_traces(path_from_above(name, descent, line))
    figure.add_traces([start_mark(descent) for descent in list(descents.values())[:1]])
    if places is not None:
        figure.add_trace(clickable(places))
    title = "From above: click a start"
    dress(figure, title, "recurrent weight w", "bias b", height=560)
    figure.update_layout(legend=HORIZONTAL_LEGEND, dragmode=False, margin={"t": 110, "r": 10})
    figure.update_xaxes(range=[w[0], w[-1]], showgrid=False)
    return figure.update_yaxes(range=[b[0], b[-1]], showgrid=False)


def path_from_above(name: str, descent: Descent, line: dict) -> list[go.Scatter]:
    """Return a descent as a line with a dark edge, and a mark at each point that was clipped."""
    x, y = descent.points.T
    hover = (
        f"{name}, point %{{customdata[0]}}<br>w = %{{x:.4f}}, b = %{{y:.4f}}"
        "<br>E = %{customdata[1]:.4f}<br>gradient %{customdata[2]:.3g}<extra></extra>"
    )
    told = np.stack([np.arange(len(x)), descent.errors, descent.norms], axis=1)
    common = {"x": x, "y": y, "legendgroup": name}
    edge = go.Scatter(
        **common,
        mode="lines",
        line={"color": HALO, "width": line["width"] + 3},
        hoverinfo="skip",
        showlegend=False,
    )
    way = go.Scatter(
        **common, mode="lines", line=line, name=name, customdata=told, hovertemplate=hover
    )
    marks = go.Scatter(
        x=x[descent.clipped],
        y=y[descent.clipped],
        mode="markers",
        marker={
            "symbol": "diamond",
            "size": 10,
            "color": PALETTE[6],
            "line": {"color": HALO, "width": 1.5},
        },
        name="clipped here",
        hoverinfo="skip",
        **UNDIMMED,
    )
    return [edge, way, marks] if descent.clipped.any() else [edge, way]


UNDIMMED = {
    "selected": {"marker": {"opacity": 1.0}},
    "unselected": {"marker": {"opacity": 1.0}},
}
"""Plotly pales everything else when a point is clicked; here the click only chooses a start."""


def start_mark(descent: Descent) -> go.Scatter:
    """Return the start of a descent as a large mark."""
    x, y = descent.points[0]
    return go.Scatter(
        x=[x],
        y=[y],
        mode="markers",
        marker={
            "symbol": "star",
            "size": 18,
            "color": PALETTE[6],
            "line": {"color": HALO, "width": 2},
        },
        name="start",
        hoverinfo="skip",
        **UNDIMMED,
    )


def clickable(places: np.ndarray) -> go.Scatter:
    """Return points (place, 2) that can be clicked but are hardly seen."""
    return go.Scatter(
        x=places[:, 0].astype(np.float32),
        y=places[:, 1].astype(np.float32),
        mode="markers",
        # Plotly takes a click within 20 pixels for the nearest mark, but can't tell apart marks so
        # large that they overlap.
        marker={"size": 6, "color": INK, "opacity": NEARLY_CLEAR},
        selected={"marker": {"opacity": NEARLY_CLEAR}},
        unselected={"marker": {"opacity": NEARLY_CLEAR}},
        name="places to start",
        showlegend=False,
        hovertemplate="start at w = %{x:.2f}, b = %{y:.2f}<extra></extra>",
    )


def cliff_surface(surface: CliffSurface, descents: Mapping[str, Descent]) -> go.Figure:
    """Return the surface in three dimensions with the ways of up to two descents.

    Args:
        surface: On any mesh, fine where the cliff is.
        descents: By the names that the legend shows. What leaves the surface is cut at its edge.
    """
    figure = go.Figure(
        go.Surface(
            x=surface.w.astype(np.float32),
            y=surface.b.astype(np.float32),
            z=surface.error.astype(np.float32),
            colorscale=SEQUENTIAL,
            cmin=0,
            cmax=0.5,
            showscale=False,
            lighting={"ambient": 0.85, "diffuse": 0.4, "specular": 0.05},
            hovertemplate="w = %{x:.3f}<br>b = %{y:.3f}<br>E = %{z:.4f}<extra></extra>",
        )
    )
    for (name, descent), line in zip(descents.items(), LINES, strict=False):
        x, y, z = inside(surface, descent).T
        solid = {"color": line["color"], "width": 7}
        figure.add_trace(
            go.Scatter3d(
                x=x, y=y, z=z + LIFT, mode="lines", line=solid, name=name, hoverinfo="skip"
            )
        )
    dress(figure, "The landscape: drag to turn it", "w", "b", height=560)
    axis = {"color": INK, "gridcolor": INK, "backgroundcolor": "rgba(0,0,0,0)", "showspikes": False}
    scene = {
        "xaxis": axis | {"title": {"text": "w"}, "range": ends(surface.w)},
        "yaxis": axis | {"title": {"text": "b"}, "range": ends(surface.b)},
        "zaxis": axis | {"title": {"text": "E"}, "range": [0, 0.5]},
        "aspectmode": "manual",
        "aspectratio": {"x": 1.25, "y": 1.25, "z": 0.75},
        "camera": {"eye": {"x": 1.6, "y": 1.66, "z": 1.17}, "center": {"x": 0, "y": 0, "z": -0.15}},
        "dragmode": "turntable",
    }
    return figure.update_layout(scene=scene, legend=MIDDLE_LEGEND, margin={"l": 0, "r": 0, "b": 10})


def ends(values: np.ndarray) -> list[float]:
    """Return the smallest and the largest value."""
    return [float(values.min()), float(values.max())]


def inside(surface: CliffSurface, descent: Descent) -> np.ndarray:
    """Return (w, b, E) along a descent as far as the surface reaches, shape (point, 3).

    A step across the edge ends there, at the E of the point that it left from; where a descent is
    outside stands NaN, which interrupts the line.
    """
    low = np.array([surface.w.min(), surface.b.min()])
    high = np.array([surface.w.max(), surface.b.max()])
    within = np.all((descent.points >= low) & (descent.points <= high), axis=1)
    found = []
    for k, point in enumerate(descent.points):
        if within[k]:
            found.append([*point, descent.errors[k]])
        elif k and within[k - 1]:
            before = descent.points[k - 1]
            found.append([*crossing(before, point, low, high), descent.errors[k - 1]])
            found.append([np.nan] * 3)
    return np.array(found).reshape(-1, 3)


def crossing(start: np.ndarray, end: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return where the way from a point inside a box to one outside crosses its edge."""
    move = end - start
    room = np.where(move > 0, high - start, low - start)
    share = np.divide(room, move, out=np.full(len(move), np.inf), where=move != 0)
    return start + min(share.min(), 1.0) * move


def descent_errors(descents: Mapping[str, Descent]) -> go.Figure:
    """Return E at every point of up to two descents, on a log axis."""
    values = {name: one.errors for name, one in descents.items()}
    figure = dots(descents, values, "E")
    dress(figure, "The error on the way", "point of the path", "error E", height=380)
    figure.update_yaxes(type="log", exponentformat="power", nticks=8)
    return figure.update_layout(legend=HORIZONTAL_LEGEND | {"y": -0.28})


def descent_norms(descents: Mapping[str, Descent]) -> go.Figure:
    """Return the length of the gradient at every point of up to two descents, with τ as a line.

    A gradient of exactly 0 has no place on the log axis; the legend says where it begins.
    """
    values = {name: np.where(one.norms > 0, one.norms, np.nan) for name, one in descents.items()}
    figure = dots(descents, values, "gradient")
    for threshold in {one.threshold for one in descents.values()} - {None}:
        figure.add_hline(
            y=threshold,
            line={"color": INK, "width": 2, "dash": "dash"},
            annotation={"text": f"τ = {threshold:g}", "font": {"color": INK}},
            annotation_position="top left",
        )
    title = "Its gradient, before clipping"
    dress(figure, title, "point of the path", "length of the gradient", height=380)
    figure.update_yaxes(type="log", exponentformat="power", nticks=8)
    return figure.update_layout(legend=HORIZONTAL_LEGEND | {"y": -0.28})


def dots(descents: Mapping[str, Descent], values: Mapping[str, np.ndarray], told: str) -> go.Figure:
    """Return a value at every point of up to two descents as marks.

    Not as lines: a descent that hops to and fro over the cliff would fill the figure.
    """
    figure = go.Figure()
    for (name, descent), line, symbol in zip(descents.items(), LINES, SYMBOLS, strict=False):
        hover = f"{name}, point %{{x}}<br>{told} = %{{y:.4g}}<extra></extra>"
        edge = {"color": line["color"], "width": 1.5}
        marks = go.Scatter(
            x=np.arange(len(descent.points)),
            y=values[name],
            mode="markers",
            marker={"symbol": symbol, "size": 6, "color": line["color"], "line": edge},
            name=legend_name(name, descent),
            hovertemplate=hover,
        )
        figure.add_trace(marks)
    return figure


def legend_name(name: str, descent: Descent) -> str:
    """Return the name of a descent, and where it came to an end before its time."""
    if descent.overflowed:
        return f"{name} (overflows after point {len(descent.points) - 1})"
    if descent.stuck is not None:
        return f"{name} (gradient 0 from point {descent.stuck} on)"
    return name


def neighbour_ends(parts: Mapping[str, Neighbours]) -> go.Figure:
    """Return where descents end that start a hair's breadth apart, one row a kind of descent.

    E that isn't finite has no place on the axis.
    """
    figure = go.Figure()
    for row, ((name, part), line) in enumerate(zip(parts.items(), LINES, strict=False)):
        spread = row + np.linspace(-0.3, 0.3, len(part.errors))
        apart = f"{part.apart:.12f}".rstrip("0")
        hover = f"{name}, from at most {apart} away<br>E = %{{x:.4g}} at the end<extra></extra>"
        figure.add_trace(
            go.Scatter(
                x=np.where(np.isfinite(part.errors), part.errors, np.nan),
                y=spread,
                mode="markers",
                marker={"symbol": SYMBOLS[row], "size": 9, "color": line["color"]}
                | {"line": {"color": line["color"], "width": 2}},
                name=name,
                showlegend=False,
                hovertemplate=hover,
            )
        )
    count = max(len(part.errors) for part in parts.values())
    title = f"Where {count} neighbours end"
    dress(figure, title, "error E at the end of the path", "descent", height=280)
    figure.update_xaxes(type="log", exponentformat="power", nticks=8)
    return figure.update_yaxes(tickvals=list(range(len(parts))), ticktext=list(parts))
