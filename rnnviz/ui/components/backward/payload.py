"""What the way back through time shows, as JSON: plain data in, plain data out, no Streamlit."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rnnviz.core.batch_flow import BatchFlow
from rnnviz.core.gradient_flow import GradientFlow
from rnnviz.plots.looks import OTHER, SOLID, Look
from rnnviz.ui.components.common.encoding import digest, encode_floats

Payload = dict[str, Any]

ZERO = -9000.0
"""Travels in place of the log10 of an exact 0: below every log10 of a float64."""
MISSING = 9000.0
"""Travels in place of a log10 that isn't defined, because even the last step has no gradient."""


def view(networks: Sequence[Payload], word: str) -> Payload:
    """Return everything that is shown.

    Args:
        networks: One or more, each from ``network``, over the same number of steps.
        word: What one step reads: "row", "pixel".

    Raises:
        ValueError: If there is none, or they have different numbers of steps.
    """
    lengths = {each["steps"] for each in networks}
    if len(lengths) != 1:
        raise ValueError(
            f"The way back is shown for networks of one length, got {sorted(lengths)} steps. "
            f"Choose networks that read along the same route."
        )
    return {
        "steps": lengths.pop(),
        "word": word,
        "zero": ZERO,
        "missing": MISSING,
        "networks": list(networks),
        "key": "-".join(each["key"] for each in networks),
    }


def network(
    name: str,
    label: str,
    flow: BatchFlow,
    picture: GradientFlow,
    exact: BatchFlow | None = None,
    look: Look = OTHER,
) -> Payload:
    """Return how the gradient comes back through one network.

    Args:
        name: Tells it from the others.
        label: What it is called.
        flow: The sizes over the batch.
        picture: The gradient itself, for one picture.
        exact: The sizes in float64 where ``flow`` is in float32, drawn faintly behind it.
        look: Of its curve.
    """
    states = {
        state: state_payload(
            flow.quartiles(state),
            picture.states[state],
            None if exact is None else exact.median(state),
        )
        for state in flow.norms
    }
    told = [
        np.frombuffer(f"{name} {label} {exact is not None} {look}".encode(), np.uint8),
        *(flow.quartiles(state) for state in flow.norms),
        *picture.states.values(),
    ]
    return {
        "name": name,
        "label": label,
        "look": {"colour": look.colour, "dash": pixels(look.dash)},
        "key": digest(*told),
        "steps": flow.route.steps,
        "states": states,
    }


def pixels(dash: str) -> list[float]:
    """Return the strokes and gaps of a dash as a canvas wants them, none for a solid line."""
    return [] if dash == SOLID else [float(part.removesuffix("px")) for part in dash.split(",")]


def state_payload(
    quartiles: np.ndarray, gradient: np.ndarray, reference: np.ndarray | None
) -> Payload:
    """Return the curves of one state, (3, step), and its gradient (step, unit) as a heat map."""
    low, median, high = quartiles
    shapes, sizes = split(gradient)
    curves: Mapping[str, np.ndarray] = {"low": low, "median": median, "high": high, "sizes": sizes}
    return {
        "units": gradient.shape[1],
        "shapes": encode_floats(shapes),
        "reference": None if reference is None else encode_floats(marked(reference)),
    } | {name: encode_floats(marked(values)) for name, values in curves.items()}


def split(gradient: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a gradient (step, unit) over the largest entry of its step, and the log10 of these.

    The second, shape (step,), is relative to the largest entry of all. A gradient of 1e-200 fits
    no float32, its parts do.
    """
    largest = np.abs(gradient).max(axis=1)
    shapes = gradient / np.where(largest > 0, largest, 1.0)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        sizes = np.log10(largest) - np.log10(largest.max())
    return shapes, sizes


def marked(logs: np.ndarray) -> np.ndarray:
    """Return logs that an array on its way can carry: ZERO for minus infinity, MISSING for NaN."""
    return np.where(np.isnan(logs), MISSING, np.maximum(logs, ZERO))
