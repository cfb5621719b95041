"""Twin runs: what a clip does to the gradient, the loss, the accuracy and the weights."""

import numpy as np
import plotly.graph_objects as go

from rnnviz.core.race import CHANCE
from rnnviz.core.twins import FlowCheck, TwinRun, Twins
from rnnviz.plots.decades import decade_axis
from rnnviz.plots.looks import CLIPS, SHORT, Look
from rnnviz.plots.style import INK, below, dress, faint

SYMBOLS = {"none": "square", "norm": "circle", "value": "diamond"}
"""Runs differ by the marks of their accuracy too."""
PALE = 0.5
STEP_AXIS = "training step"
FAR = 1e-12
"""Twins that are nearer than this are drawn as one."""


def run_label(run: TwinRun) -> str:
    """Return what a run is called in a legend."""
    match run.name:
        case "none":
            return "no clipping"
        case _:
            return f"by {run.name}, τ = {plain(run.threshold)}"


def plain(threshold: float) -> str:
    """Return a threshold as people write it: 0.00005 rather than 5e-05."""
    return np.format_float_positional(threshold, trim="-")


def twin_losses(twins: Twins) -> go.Figure:
    """Return the loss of every training step of every run, with a mark where a run ended."""
    figure = go.Figure()
    for run in twins.runs.values():
        figure.add_trace(line(run, run.losses, "loss %{customdata:.4g}", width=2))
    dress(figure, "Loss on each training batch", STEP_AXIS, "loss (nats)", height=400)
    decade_axis(figure, [logs(run.losses) for run in twins.runs.values()])
    return finish(figure, twins)


def twin_accuracies(twins: Twins) -> go.Figure:
    """Return the share of held-out pictures that each run gets right, as it learns."""
    figure = go.Figure()
    for run in twins.runs.values():
        figure.add_scatter(
            x=run.checked,
            y=run.held_out,
            name=run_label(run),
            mode="lines+markers",
            line=CLIPS[run.name].line(3),
            marker={"symbol": SYMBOLS[run.name], "size": 7},
            hovertemplate="after step %{x}: %{y:.1%} right<extra>" + run_label(run) + "</extra>",
        )
    title = "Right on held-out digits"
    dress(figure, title, STEP_AXIS, "share right", height=400)
    dotted(figure, CHANCE, "a guess")
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    return finish(figure, twins)


def clip_norms(twins: Twins, name: str) -> go.Figure:
    """Return the total norm of one run's parameter gradient before and after its clip.

    For a clip by norm τ is the line. A clip by value bounds each of n entries by τ, so that the
    line is the largest norm it can leave, τ·√n.
    """
    run = twins.runs[name]
    figure = go.Figure()
    label = "before the clip" if name != "none" else "no clip"
    before = line(run, run.before, "before: norm %{customdata:.4g}", width=2)
    if name != "none":
        before.update(line=before_clip(run.name).line(2))
    figure.add_trace(before.update(name=label, showlegend=name != "none"))
    drawn = [logs(run.before)]
    if name != "none":
        after = line(run, run.after, "after: norm %{customdata:.4g}", width=4)
        figure.add_trace(after.update(name="after it"))
        drawn.append(logs(run.after))
    title = run_label(run)[0].upper() + run_label(run)[1:]
    dress(figure, title, STEP_AXIS, "total norm of the gradient", height=400)
    ceiling = np.log10(run.ceiling) if np.isfinite(run.ceiling) else first(drawn)
    decade_axis(figure, drawn, include=float(ceiling))
    if np.isfinite(run.ceiling):
        text = f"τ = {plain(run.threshold)}" if name == "norm" else f"τ·√n = {run.ceiling:.3g}"
        # What a clip by value leaves stays just below the line, so the words stand above it.
        dotted(figure, float(ceiling), text, {"norm": "bottom right"}.get(name, "top right"))
    return finish(figure, twins, [run], until=run.stopped)


def twin_distances(twins: Twins) -> go.Figure:
    """Return how far the weights of the clipped runs are from those of the unclipped one.

    In norms of the start. Where the twins are still one, there is nothing to draw on a log axis.
    """
    figure = go.Figure()
    drawn = []
    for run in twins.runs.values():
        if run.name == "none":
            continue
        apart = np.where(run.apart > FAR, run.apart, np.nan)
        drawn.append(logs(apart))
        figure.add_trace(line(run, apart, "%{customdata:.3g} of |θ₀| apart", width=3))
    title = "Distance to the unclipped run"
    dress(figure, title, STEP_AXIS, "|θ − θ<sub>unclipped</sub>| / |θ<sub>0</sub>|", height=400)
    decade_axis(figure, drawn)
    raw = twins.runs["none"]
    return finish(figure, twins, [raw], until=raw.stopped)


def flow_around_clip(check: FlowCheck) -> go.Figure:
    """Return |dL/dh_t| over the steps before and after the clip of one training step."""
    figure = go.Figure()
    for name, values, pen in (
        ("before the clip", check.before, before_clip(check.run).line(9)),
        ("after it", check.after, Look(CLIPS[check.run].colour, SHORT).line(3)),
    ):
        figure.add_scatter(
            x=np.arange(1, len(values) + 1),
            y=logs(values),
            customdata=values,
            name=name,
            line=pen,
            hovertemplate="step %{x}: |dL/dh| = %{customdata:.4g}<extra>" + name + "</extra>",
        )
    title = f"dL/dh: largest difference {check.difference:g}"
    axis = "step t of the picture"
    dress(figure, title, axis, "‖dL/dh<sub>t</sub>‖, median", height=400)
    drawn = [logs(check.before), logs(check.after)]
    decade_axis(figure, drawn, include=first(drawn))
    return below(figure)


def line(run: TwinRun, values: np.ndarray, hover: str, width: float) -> go.Scatter:
    """Return values of a run, one a training step, as a curve of their log10."""
    return go.Scatter(
        x=run.steps,
        y=logs(values),
        customdata=values,
        name=run_label(run),
        line=CLIPS[run.name].line(width),
        hovertemplate=f"step %{{x}}: {hover}<extra>{run_label(run)}</extra>",
    )


def before_clip(name: str) -> Look:
    """Return the look of what a run's gradient is before its clip: paler than what is left."""
    return Look(faint(CLIPS[name].colour, PALE))


def logs(values: np.ndarray) -> np.ndarray:
    """Return log10 of values; a gap (NaN) where they aren't positive and finite."""
    fits = np.isfinite(values) & (values > 0)
    return np.where(fits, np.log10(np.where(fits, values, 1.0)), np.nan)


def first(drawn: list[np.ndarray]) -> float:
    """Return the first finite value of some curves, 0 if there is none."""
    values = np.concatenate(drawn)
    finite = values[np.isfinite(values)]
    return float(finite[0]) if len(finite) else 0.0


def finish(
    figure: go.Figure,
    twins: Twins,
    marked: list[TwinRun] | None = None,
    until: int | None = None,
) -> go.Figure:
    """Return the figure over the training steps, with a mark where a run could not go on.

    Args:
        figure: The figure.
        twins: The runs.
        marked: Those whose ends are marked, all if None.
        until: The last training step that is shown, the last planned one if None.
    """
    last = until or twins.planned
    for run in twins.runs.values() if marked is None else marked:
        if run.stopped:
            mark_end(figure, run, last)
    room = max(0.015 * last, 0.5)
    return below(figure.update_xaxes(range=[1 - room, last + room]))


def mark_end(figure: go.Figure, run: TwinRun, last: int) -> None:
    """Add a line, with words, at the step from which a run has no finite numbers."""
    assert run.stopped is not None
    colour = CLIPS[run.name].colour
    figure.add_vline(x=run.stopped, line={"color": colour, "width": 2, "dash": "dash"})
    side = "left" if run.stopped < last / 2 else "right"
    figure.add_annotation(
        x=run.stopped,
        y={"none": 1.0, "norm": 0.85, "value": 0.7}[run.name],
        yref="paper",
        text=f" ✕ {run.event.replace(' from', ' <br> from')} ",
        font={"color": colour, "size": 15},
        align=side,
        xanchor=side,
        xshift=0 if side == "left" else -40,  # off the last, steep part of the curve
        yanchor="top",
        showarrow=False,
    )


def dotted(figure: go.Figure, height: float, text: str, position: str = "bottom right") -> None:
    """Add a dotted line across the figure at a height, with words at its right end."""
    pen = {"color": INK, "width": 2, "dash": "dot"}
    figure.add_hline(y=height, line=pen, annotation_text=text, annotation_position=position)
