"""What was measured of a flow, in words and in columns. Pure data, no Streamlit."""

from collections.abc import Mapping, Sequence

import numpy as np

from rnnviz.analysis.variants import find_variant
from rnnviz.core.batch_flow import BatchFlow
from rnnviz.core.gradient_flow import GradientFlow
from rnnviz.ui.laboratory.numbers_in_words import power
from rnnviz.ui.laboratory.ways import LONGEST

SHARE = 0.01
"""Less than this is left: the gradient counts as gone."""
SMALLEST = 1e-43
"""Below this a number of float32 has fewer than seven bits left; the very smallest is 1.4e-45."""


def summary(flows: Mapping[str, BatchFlow], word: str) -> dict[str, list[str]]:
    """Return one line for each state of each network, as columns of text.

    Args:
        flows: By what the networks are called.
        word: What one step reads.
    """
    told = [
        (name if state == "h" else f"{name}, its {state}", flow, state)
        for name, flow in flows.items()
        for state in flow.norms
    ]
    return {
        "Network": [name for name, _, _ in told],
        f"Left at {word} 1": [power(float(flow.median(state)[0])) for _, flow, state in told],
        "Each step back multiplies by": [factor(flow, state) for _, flow, state in told],
        "Falls below 1 %": [until(flow, state) for _, flow, state in told],
        "Exactly 0": [zeros(flow.median(state), word) for _, flow, state in told],
    }


def factor(flow: BatchFlow, state: str) -> str:
    """Return the mean factor of a step back, or that there is none where nothing arrives."""
    value = flow.factor_per_step(state)
    return f"{value:.3g}" if value > 0 else "cut off"


def until(flow: BatchFlow, state: str) -> str:
    """Return after how many steps back less than a hundredth is left."""
    steps = flow.steps_until(SHARE, state)
    if steps is None:
        return "never"
    return f"{steps} step{'s' * (steps > 1)} back"


def zeros(median: np.ndarray, word: str) -> str:
    """Return from where on a median, log10 of shape (step,), is minus infinity."""
    gone = np.flatnonzero(np.isneginf(median))
    return f"from {word} {gone[-1] + 1} back" if len(gone) else "nowhere"


def underflows(
    flows: Mapping[str, BatchFlow], exact: Mapping[str, BatchFlow], word: str
) -> list[str]:
    """Return a sentence for each network whose h reaches 0 in float32 alone, and where."""
    found = []
    for name, flow in flows.items():
        single, double = flow.median("h"), exact[name].median("h")
        gone = np.flatnonzero(np.isneginf(single) & np.isfinite(double))
        if len(gone):
            step = gone[-1]
            found.append(
                f"**{name}** underflowed to 0 at {word} {step + 1}, where "
                f"{power(float(double[step]))} was left."
            )
    return found


def stuck(flows: Mapping[str, BatchFlow], exact: Mapping[str, BatchFlow], word: str) -> list[str]:
    """Return a sentence for each network whose h float32 keeps from falling any further.

    The smallest numbers of float32 have next to no digits: a step that shrinks one of them rounds
    it up to itself again, so the curve goes level where the gradient still falls.
    """
    found = []
    for name, flow in flows.items():
        size = np.median(flow.norms["h"], axis=0)
        single, double = flow.median("h"), exact[name].median("h")
        small = np.flatnonzero((size > 0) & (size < SMALLEST) & (single > double + 1))
        if len(small):
            found.append(
                f"**{name}** is stuck among the smallest numbers of float32 at {word} "
                f"{small[-1] + 1}: {power(float(single[small[0]]))} seems to be left at {word} "
                f"{small[0] + 1}, in float64 it is {power(float(double[small[0]]))}."
            )
    return found


def spared(length: int, fresh: bool) -> str:
    """Return that float32 lost nothing over so many steps, and where it does lose something.

    Args:
        length: Steps that are read.
        fresh: Whether the networks are at their start.
    """
    if not fresh:
        longer = f", over {LONGEST} steps" if length < LONGEST else ""
        return (
            "float32 loses nothing of these trained networks: no curve leaves that of float64. To "
            f"see it lose something, choose the weights “at the start”{longer}."
        )
    lost = f"Over {length} steps float32 loses nothing: no curve leaves that of float64."
    if length < LONGEST:
        return f"{lost} Try {LONGEST} steps."
    return f"{lost} The {find_variant('rnn').label} does lose something: add it to the networks."


def accuracies(told: Mapping[str, str]) -> str:
    """Return how often shipped networks are right, for a gradient says nothing about that.

    Args:
        told: By what they are called, such as "99.4 % of MNIST".
    """
    shares = "; ".join(f"{name}: {share}" for name, share in told.items())
    return (
        f"A gradient that arrives does not mean that the network has learned. Right on: {shares}."
    )


def heatmap_table(flow: GradientFlow, state: str) -> Mapping[str, np.ndarray]:
    """Return a picture's gradient as columns, one row for each step and unit."""
    step, unit = np.indices(flow.states[state].shape)
    return {
        "step": step.ravel() + 1,
        "unit": unit.ravel(),
        f"dL/d{state}": flow.states[state].ravel(),
    }


def flow_table(flows: Mapping[str, BatchFlow]) -> Mapping[str, Sequence | np.ndarray]:
    """Return every curve as columns with one row for each network, state and step."""
    parts = [
        (name, state, *flow.quartiles(state), np.median(flow.norms[state], axis=0))
        for name, flow in flows.items()
        for state in flow.norms
    ]
    steps = [np.arange(1, len(part[2]) + 1) for part in parts]
    columns = ("log10 ratio, 25 %", "log10 ratio, median", "log10 ratio, 75 %", "norm, median")
    return {
        "network": [part[0] for part, at in zip(parts, steps, strict=True) for _ in at],
        "state": [part[1] for part, at in zip(parts, steps, strict=True) for _ in at],
        "step": np.concatenate(steps),
    } | {
        name: np.concatenate([part[index] for part in parts])
        for index, name in enumerate(columns, start=2)
    }
