"""The bug laboratory: what each fault of a row reader costs, and what becomes of its gradients."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from rnnviz.core.race import CHANCE
from rnnviz.core.repairs import Patient, ReaderFlow, Repairs
from rnnviz.plots.decades import decade_axis
from rnnviz.plots.looks import OTHER, READERS, Look
from rnnviz.plots.style import INK, below, dress

SYMBOLS = {
    (): "circle",
    ("straight",): "diamond",
    ("late",): "square",
    ("whole", "straight"): "triangle-up",
    ("whole", "straight", "late"): "x",
}
"""Marker of a reader with these faults."""
OTHER_SYMBOL = "triangle-down"
STEP_AXIS = "step t (reading goes →, the gradient comes ←)"
GRADIENTS = {"states": "|dL/dh<sub>t</sub>|", "inputs": "|dL/dx<sub>t</sub>|"}


def repair_accuracies(repairs: Repairs, names: Sequence[str]) -> go.Figure:
    """Return the test accuracy of some patients, a row each: a mark a seed, a bar to the median.

    Raises:
        ValueError: If there is no such patient.
    """
    figure = go.Figure()
    patients = [repairs.patient(name) for name in names]
    for patient in reversed(patients):
        (colour, _), symbol = look_of(patient), symbol_of(patient)
        label = wrapped(patient.label)
        median = 100 * repairs.accuracy(patient.name)
        told = f"{median:.1f}" if np.isfinite(median) else "…"
        figure.add_bar(
            x=[median],
            y=[label],
            orientation="h",
            marker={"color": colour, "opacity": 0.6},
            hovertemplate=f"{patient.label}<br>median %{{x:.2f}} %<extra></extra>",
        )
        figure.add_annotation(
            x=102,
            y=label,
            text=f"<b>{told} %</b>",
            showarrow=False,
            xanchor="left",
            font={"size": 18},
        )
        values = 100 * repairs.accuracies(patient.name)
        figure.add_scatter(
            x=values,
            y=[label] * len(values),
            mode="markers",
            marker={"symbol": symbol, "size": 12, "color": colour},
            hovertemplate=f"{patient.label}<br>one seed: %{{x:.2f}} %<extra></extra>",
        )
    seeds = len(repairs.seeds)
    title = f"Right on digits it never saw, {seeds} seeds each"
    height = 140 + 58 * len(names)
    dress(figure, title, "right answers in %", "", height=height)
    mark_chance(figure.add_vline)
    figure.update_layout(showlegend=False, bargap=0.35, margin={"l": 20})
    figure.update_xaxes(range=[0, 140], tickvals=list(range(0, 101, 20)))
    # Above the uppermost bar is room for the word at the dotted line.
    return figure.update_yaxes(automargin=True, range=[-0.6, len(names) - 0.1])


def repair_courses(repairs: Repairs, names: Mapping[str, str]) -> go.Figure:
    """Return the accuracy of some patients while they learn, a line a seed.

    Args:
        repairs: The runs, finished or not.
        names: The patients, each with what the figure calls it.
    """
    figure = go.Figure()
    for name, label in names.items():
        look = look_of(repairs.patient(name))
        runs = [(name, seed) for seed in repairs.seeds if (name, seed) in repairs.courses]
        for place, run in enumerate(runs):
            steps, right = repairs.courses[run]
            figure.add_scatter(
                x=steps,
                y=100 * right,
                name=label,
                legendgroup=name,
                showlegend=place == 0,
                mode="lines",
                line=look.line(3),
                hovertemplate=f"{label}, seed {run[1]}<br>step %{{x}}: %{{y:.1f}} %<extra></extra>",
            )
    title = "Right answers while it learns, a line a seed"
    dress(figure, title, "training step", "right answers in %", height=340)
    mark_chance(figure.add_hline)
    return below(figure.update_yaxes(range=[0, 102], dtick=20))


def late_accuracies(repairs: Repairs, rows: Sequence[int]) -> go.Figure:
    """Return the test accuracy against the rows that one step reads, in time and a step late.

    Args:
        repairs: The runs; the patients "repaired-N" and "late-N" are shown.
        rows: The values of N.
    """
    figure = go.Figure()
    places = [str(count) for count in rows]
    for kind, name in (("repaired", "answers in time"), ("late", "answers a step late")):
        patient = repairs.patient(f"{kind}-{rows[0]}")
        look, symbol = look_of(patient), symbol_of(patient)
        medians = [100 * repairs.accuracy(f"{kind}-{count}") for count in rows]
        figure.add_scatter(
            x=places,
            y=medians,
            name=name,
            mode="lines+markers",
            line=look.line(3),
            marker={"symbol": symbol, "size": 11},
            hovertemplate=f"{name}<br>%{{x}} rows a step: %{{y:.2f}} %<extra></extra>",
        )
        for place, count in zip(places, rows, strict=True):
            values = 100 * repairs.accuracies(f"{kind}-{count}")
            figure.add_scatter(
                x=[place] * len(values),
                y=values,
                mode="markers",
                marker={"symbol": symbol, "size": 8, "color": look.colour, "opacity": 0.5},
                hovertemplate=f"{name}, one seed: %{{y:.2f}} %<extra></extra>",
                showlegend=False,
            )
    title = "What a late answer misses"
    dress(figure, title, "rows of the picture that one step reads", "right answers in %")
    mark_chance(figure.add_hline)
    return below(figure.update_yaxes(range=[0, 102], dtick=20).update_xaxes(type="category"))


def repair_gradients(repairs: Repairs, names: Sequence[str], kind: str = "states") -> go.Figure:
    """Return the gradient at every step after the training, one curve a patient.

    Args:
        repairs: The runs.
        names: Patients that read equally many rows a step.
        kind: "states" for |dL/dh_t|, "inputs" for |dL/dx_t|.

    The line is the median over the seeds of the median over some test pictures. Where it is
    exactly 0 there is a cross at the lower edge, for no logarithm can show a zero.
    """
    figure = go.Figure()
    curves = {name: repairs.median_flow(name, kind) for name in names if repairs.found(name)}
    with np.errstate(divide="ignore"):
        logs = {name: np.log10(values) for name, values in curves.items()}
    for name, values in curves.items():
        patient = repairs.patient(name)
        add_curve(figure, values, patient.label, look_of(patient), GRADIENTS[kind])
    title = f"{GRADIENTS[kind]} after the training"
    dress(figure, title, STEP_AXIS, GRADIENTS[kind])
    if curves:
        low, _ = decade_axis(figure, list(logs.values()), include=float(lowest(logs)))
        for name, values in curves.items():
            patient = repairs.patient(name)
            mark_zeros(figure, values, patient.label, look_of(patient).colour, low)
    return below(figure)


def bend_curves(flows: Mapping[str, ReaderFlow], part: str = "states") -> go.Figure:
    """Return what an untrained reader makes of a gradient, or of its own state, step by step.

    Args:
        flows: By the reader's faults in words: "straight" for one that nothing bends, "" for one
            with a tanh.
        part: "states" for |δ_t| / |δ_T| on the way back, "sizes" for |h_t| on the way forward.
    """
    figure = go.Figure()
    logs = []
    for name, flow in flows.items():
        values = flow.left if part == "states" else flow.median("sizes")
        label = "nothing bends" if name else "with a tanh"
        add_curve(figure, values, label, READERS[(name,) if name else ()], "")
        logs.append(np.log10(np.maximum(values, np.finfo(np.float64).tiny)))
    back = part == "states"
    title = "Backward: what is left of the gradient" if back else "Forward: the size of the state"
    axis = "‖δ<sub>t</sub>‖ / ‖δ<sub>T</sub>‖" if back else "‖h<sub>t</sub>‖"
    dress(figure, title, STEP_AXIS if back else "step t", axis, height=380)
    decade_axis(figure, logs, include=0.0)
    return below(figure)


def lowest(logs: Mapping[str, np.ndarray]) -> float:
    """Return the smallest finite logarithm, 0 if there is none."""
    flat = np.concatenate([np.ravel(values) for values in logs.values()])
    finite = flat[np.isfinite(flat)]
    return float(finite.min()) if len(finite) else 0.0


def add_curve(figure: go.Figure, values: np.ndarray, label: str, look: Look, unit: str) -> None:
    """Add values over the steps 1, 2, ... on an axis of logarithms; gaps where there is a zero."""
    with np.errstate(divide="ignore"):
        logs = np.log10(values)
    figure.add_scatter(
        x=np.arange(1, len(values) + 1),
        y=np.where(np.isfinite(logs), logs, np.nan),
        customdata=values,
        name=label,
        line=look.line(3),
        hovertemplate=f"step %{{x}}: {unit} %{{customdata:.3g}}<extra>{label}</extra>",
    )


def mark_zeros(figure: go.Figure, values: np.ndarray, label: str, colour: str, low: float) -> None:
    """Add a cross at the lower edge where a value is exactly 0, with the words beside the last."""
    steps = np.flatnonzero(values == 0) + 1
    if not len(steps):
        return
    figure.add_scatter(
        x=steps,
        y=np.full(len(steps), low),
        mode="markers",
        marker={"symbol": "x", "size": 13, "color": colour},
        hovertemplate=f"step %{{x}}: exactly 0<extra>{label}</extra>",
        cliponaxis=False,
        showlegend=False,
    )
    figure.add_annotation(
        x=steps[-1],
        y=low,
        text="exactly 0 ",
        showarrow=False,
        xanchor="right",
        xshift=-10,
        yshift=12,
        font={"color": colour},
    )


def mark_chance(add_line) -> None:
    """Add a dotted line where guessing would be, by ``Figure.add_vline`` or ``add_hline``."""
    place = "x" if add_line.__name__ == "add_vline" else "y"
    add_line(
        **{place: 100 * CHANCE},
        line={"color": INK, "width": 2, "dash": "dot"},
        annotation={"text": "chance", "font": {"color": INK}},
        annotation_position="top right" if place == "x" else "top left",
    )


def look_of(patient: Patient) -> Look:
    """Return the look of a patient."""
    return OTHER if patient.name == "linear" else READERS.get(patient.faults, OTHER)


def symbol_of(patient: Patient) -> str:
    """Return the marker of a patient."""
    return OTHER_SYMBOL if patient.name == "linear" else SYMBOLS.get(patient.faults, OTHER_SYMBOL)


def wrapped(label: str) -> str:
    """Return a label in two lines where it is long, so that a phone has room for the figure."""
    if len(label) <= 16:
        return label
    words = label.split(" ")
    half = min(
        range(1, len(words)),
        key=lambda at: abs(len(" ".join(words[:at])) - len(label) / 2),
        default=1,
    )
    return " ".join(words[:half]) + "<br>" + " ".join(words[half:])
