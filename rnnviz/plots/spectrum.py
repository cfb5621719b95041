"""Why gradients vanish or explode: singular values, norm by norm, and what gates keep."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from rnnviz.core.spectrum import RESOLVED, JacobianSpectrum
from rnnviz.plots.decades import decade_axis
from rnnviz.plots.flow import STEP_AXIS, finite, mark_level, step_axis
from rnnviz.plots.looks import FAR_DOTS, OTHER, SHORT, Look
from rnnviz.plots.style import FONT_SIZE, INK, below, dress, faint

BOUND, RADIUS = Look(INK, SHORT), Look(INK, FAR_DOTS)
"""Grey: they are computed from the weights, and no network's measured gradient."""
OUTER, INNER = 0.25, 0.5
"""How much of the page the bands cover; the inner one lies on the outer one."""
TOLD = "all float64 tells"
"""The name of the band of all singular values that are known."""


def singular_values(spectrum: JacobianSpectrum, look: Look = OTHER) -> go.Figure:
    """Return the singular values of ∂s_T/∂s_t for every t, as bands between their quantiles.

    The thick line is the largest one, the norm of the product, in the look of the network. A grey
    dashed line is what it can be at most, (γσ₁)^(T−t), and a dotted one ρ(W)^(T−t), which is no
    bound; both only where the cell's recurrent weights are one matrix. Bands end where float64 can
    tell no more.
    """
    figure = value_figure(spectrum, look)
    low = figure.to_dict()["layout"]["yaxis"]["range"][0]
    mark_lost(figure, (spectrum.steps + 1)[np.isneginf(spectrum.norms)], low, look)
    return below(figure)


def value_figure(spectrum: JacobianSpectrum, look: Look) -> go.Figure:
    """Return the bands and curves of a spectrum on axes that fit them."""
    figure, shown = go.Figure(), []
    for trace, logs in value_traces(spectrum, look):
        figure.add_trace(trace)
        shown += logs
    title = "Singular values of ∂s<sub>T</sub>/∂s<sub>t</sub>"
    dress(figure, title, STEP_AXIS, "singular value", height=400)
    decade_axis(figure, shown)
    mark_level(figure, 0.0, "", "top left")
    return step_axis(figure, int(spectrum.steps[-1]) + 1)


def value_traces(
    spectrum: JacobianSpectrum, look: Look
) -> list[tuple[go.Scatter, list[np.ndarray]]]:
    """Return the bands and curves of a spectrum, each with the log10 values that it shows."""
    x, norms = spectrum.steps + 1, spectrum.norms
    # What float64 can't tell lies below this, and the bands reach down to it.
    floor = norms - RESOLVED
    last = spectrum.values.shape[1] - 1
    quarter, median, three, lowest = (
        np.where(np.isnan(values), floor, values)
        for values in (spectrum.values[:, round(q * last)] for q in (0.25, 0.5, 0.75, 1.0))
    )
    known = np.where(np.isnan(spectrum.values[:, round(0.5 * last)]), np.nan, median)
    found = [
        (area(x, norms, lowest, faint(look.colour, OUTER), TOLD), [norms, lowest]),
        (area(x, quarter, three, faint(look.colour, INNER), "middle half"), [quarter]),
        (line(x, known, Look(look.colour), 1.5, "median"), [known]),
        (line(x, norms, look, 4, "largest: the norm"), [norms]),
    ]
    for logs, reference, name in reference_lines(spectrum):
        found.append((line(x, logs, reference, 3, name), [logs]))
    return found


def reference_lines(spectrum: JacobianSpectrum) -> list[tuple[np.ndarray, Look, str]]:
    """Return the bound and the power of the spectral radius: logs, look and name."""
    if spectrum.largest is None or spectrum.radius is None or spectrum.bound is None:
        return []
    back = spectrum.steps[-1] - spectrum.steps
    with np.errstate(divide="ignore", invalid="ignore"):
        bound = back * np.log10(spectrum.largest / spectrum.bound)
        radius = back * np.log10(spectrum.radius)
    return [
        (bound, BOUND, "bound (γσ₁)<sup>T−t</sup>"),
        (radius, RADIUS, "ρ<sup>T−t</sup>, no bound"),
    ]


def gain_film(
    spectra: Mapping[float, JacobianSpectrum], gain: float, look: Look = OTHER
) -> go.Figure:
    """Return the singular values at every gain, with a slider that runs through them.

    The slider is Plotly's own, so that the figure follows the hand. The axis fits each gain anew.

    Args:
        spectra: One for each gain, ascending, of one network.
        gain: Where the slider stands at first: the nearest of these.
        look: Of the network.
    """
    gains = list(spectra)
    at = int(np.abs(np.array(gains) - gain).argmin())
    figure = below(value_figure(spectra[gains[at]], look))
    figure.frames = [film_frame(each, spectrum, look) for each, spectrum in spectra.items()]
    settings = {"mode": "immediate", "frame": {"duration": 0, "redraw": True}}
    steps = [
        {
            "label": f"{each:g}",
            "method": "animate",
            "args": [[f"{each:g}"], settings | {"transition": {"duration": 0}}],
        }
        for each in gains
    ]
    slider = {
        "active": at,
        "steps": steps,
        "currentvalue": {"prefix": "recurrent gain ", "font": {"size": FONT_SIZE + 4}},
        "y": 1.4,
        "yanchor": "top",
        "len": 1.0,
        "ticklen": 0,
        "minorticklen": 0,
        "font": {"color": "rgba(0,0,0,0)"},
    }
    slider["currentvalue"]["font"]["color"] = INK
    height = figure.to_dict()["layout"]["height"] + 110
    return figure.update_layout(sliders=[slider], height=height, margin={"t": 170})


def film_frame(gain: float, spectrum: JacobianSpectrum, look: Look) -> go.Frame:
    """Return what the film shows at one gain."""
    told = value_traces(spectrum, look)
    scratch = go.Figure()
    decade_axis(scratch, [logs for _, shown in told for logs in shown])
    axis = scratch.to_dict()["layout"]["yaxis"]
    return go.Frame(data=[trace for trace, _ in told], layout={"yaxis": axis}, name=f"{gain:g}")


def preservation_curve(spectrum: JacobianSpectrum, look: Look = OTHER) -> go.Figure:
    """Return how much of the gradient's norm each single step back keeps; ideally 1."""
    ratios = spectrum.preservation
    x = np.arange(1, len(ratios) + 1)
    with np.errstate(divide="ignore"):
        logs = np.log10(ratios)
    curve = line(x, logs, look, 3, "kept by this step")
    curve.update(showlegend=False)
    figure = go.Figure(curve)
    title = f"Kept by each step: Ω = {spectrum.omega:.3g}"
    dress(figure, title, STEP_AXIS, "factor of one step", height=380)
    low, _ = decade_axis(figure, [logs], include=0.0)
    mark_lost(figure, x[np.isneginf(logs)], low, look)
    mark_level(figure, 0.0, "1: kept", "top left")
    return step_axis(figure, len(ratios) + 1)


def gain_curves(
    spectra: Mapping[float, JacobianSpectrum], gain: float, look: Look = OTHER
) -> go.Figure:
    """Return the measured factor per step against the recurrent gain, beside γσ₁ and ρ.

    Args:
        spectra: One for each gain, ascending.
        gain: The gain at hand, marked by a line.
        look: Of the network.
    """
    gains = np.array(list(spectra))
    figure = go.Figure()
    with np.errstate(divide="ignore"):
        growth = np.log10([spectrum.growth for spectrum in spectra.values()])
    shown = [growth]
    for values, reference, name in sizes(spectra):
        figure.add_trace(line(gains, values, reference, 3, name))
        shown.append(values)
    figure.add_trace(line(gains, growth, look, 4, "measured"))
    title = "Factor of a step back, by gain"
    dress(figure, title, "recurrent gain", "factor per step back", height=420)
    decade_axis(figure, shown)
    mark_level(figure, 0.0, "above 1 it grows", "top left")
    figure.add_vline(x=gain, line={"color": INK, "width": 3})
    return below(figure)


def sizes(spectra: Mapping[float, JacobianSpectrum]) -> list[tuple[np.ndarray, Look, str]]:
    """Return log10 of γσ₁ and of ρ for each gain, if the cells have them; with their looks."""
    known = [
        (s.largest / s.bound, s.radius)
        for s in spectra.values()
        if s.largest is not None and s.bound is not None and s.radius is not None
    ]
    if len(known) < len(spectra):
        return []
    with np.errstate(divide="ignore"):
        largest, radius = np.log10(np.array(known)).T
    return [(largest, BOUND, "γσ₁(W), the bound"), (radius, RADIUS, "ρ(W)")]


def half_life_bars(half_lives: np.ndarray, steps: int, look: Look = OTHER) -> go.Figure:
    """Return the half-life of every unit, the longest first, and the length of the route.

    Args:
        half_lives: In steps, shape (unit,); infinite for a gate that never forgets.
        steps: How many steps are read.
        look: Of the network; units that forget sooner are paler.
    """
    order = np.argsort(-half_lives, kind="stable")
    logs = np.log10(np.maximum(half_lives[order], 1e-3))
    ceiling = np.log10(steps * 1e3)
    shown = np.minimum(logs, ceiling)
    figure, pale = go.Figure(), faint(look.colour, INNER)
    low, high = decade_axis(figure, [shown], include=float(np.log10(steps)))
    bars = go.Bar(
        x=np.arange(1, len(order) + 1),
        y=shown - low,
        base=low,
        marker={"color": [look.colour if log >= np.log10(steps) else pale for log in logs]},
        customdata=np.stack([order, half_lives[order]], axis=1),
        hovertemplate="unit %{customdata[0]}: %{customdata[1]:.3g} steps<extra></extra>",
    )
    figure.add_trace(bars)
    title = "Half-life of each unit's memory"
    dress(figure, title, "units, the longest memory first", "half-life (steps)", height=400)
    mark_level(figure, float(np.log10(steps)), f"T = {steps} steps", "top right")
    return figure.update_yaxes(range=[low, high])


def area(x: np.ndarray, high: np.ndarray, low: np.ndarray, fill: str, name: str) -> go.Scatter:
    """Return the area between two curves of log10 values."""
    keep = np.isfinite(high) & np.isfinite(low)
    return go.Scatter(
        x=np.concatenate([x[keep], x[keep][::-1]]),
        y=np.concatenate([high[keep], low[keep][::-1]]),
        fill="toself",
        fillcolor=fill,
        line={"width": 0},
        name=name,
        hoverinfo="skip",
    )


def line(x: np.ndarray, logs: np.ndarray, look: Look, width: float, name: str) -> go.Scatter:
    """Return a curve of log10 values that tells the values themselves."""
    return go.Scatter(
        x=x,
        y=finite(logs),
        mode="lines",
        name=name,
        customdata=10.0 ** np.clip(logs, -300, 300),
        line=look.line(width),
        hovertemplate="%{x}: %{customdata:.3g}<extra>" + name + "</extra>",
    )


def mark_lost(figure: go.Figure, x: np.ndarray, low: float, look: Look) -> None:
    """Add a cross at the lower edge wherever nothing at all arrives."""
    if len(x):
        figure.add_scatter(
            x=x,
            y=np.full(len(x), low),
            mode="markers",
            name="exactly 0",
            marker={"symbol": "x", "size": 9, "color": look.colour},
            cliponaxis=False,
        )
