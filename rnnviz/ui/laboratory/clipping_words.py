"""What twin runs showed, in words made of their numbers. Pure data, no Streamlit."""

import math

import numpy as np

from rnnviz.core.twins import FlowCheck, Suggestion, TwinRun, Twins
from rnnviz.data.errors import InputError
from rnnviz.plots.twins import plain

MATTERS = 0.1
"""A smaller difference of two accuracies is not worth a word."""
NAMES = {"none": "Without a clip", "norm": "Clipped by norm", "value": "Clipped by value"}
NOT = """
- **It does not change the flow through time.** It rescales the gradient of the *weights*, after the
  backward pass. What vanished on the way back has vanished before any clip sees it.
- **It does not cure vanishing.** A clip only ever shortens: there is nothing in it that lengthens.
- **By norm it keeps the direction** and only shortens the step, so SGD goes at most learning rate ×
  τ far in one step. **By value it turns it**: large entries are cut, small ones are not.
- **It hides what it mends.** A run whose every step is clipped goes at a pace that τ sets, not the
  loss. So look at the share of clipped steps.
"""
AT_ONCE = (
    "The loss is not finite at the very first step, so no clip could act: it comes after the "
    "backward pass. Choose a smaller recurrent gain, fewer steps, or a network with gates."
)
SOURCE = "Pascanu, Mikolov and Bengio (2013)"


def verdict(twins: Twins) -> str:
    """Return what became of the clipped run beside the unclipped one, so far or in the end."""
    going = [run for run in twins.runs.values() if not run.stopped]
    if any(len(run.losses) < twins.planned for run in going):
        return f"After {twins.done} of {twins.planned} training steps: {judge(twins)}"
    return judge(twins)


def judge(twins: Twins) -> str:
    """Return what the runs show as they stand."""
    raw, norm = twins.runs["none"], twins.runs["norm"]
    if raw.stopped and norm.stopped:
        return f"**Neither goes on**: without a clip the {raw.event}, by norm the {norm.event}."
    if raw.stopped:
        return f"**Clipping saves the run.** Without a clip the {raw.event}; {goes_on(norm)}."
    if norm.stopped:
        return f"**Only the unclipped run goes on**: clipped by norm the {norm.event}."
    if not (math.isfinite(raw.accuracy) and math.isfinite(norm.accuracy)):
        return "The twins have only begun."
    gain = norm.accuracy - raw.accuracy
    both = (
        f"{percent(raw.accuracy)} right without a clip, {percent(norm.accuracy)} clipped by norm "
        f"at τ = {plain(norm.threshold)}"
    )
    if gain > MATTERS:
        return f"**Clipping helps:** {both}."
    if gain < -MATTERS:
        return f"**Clipping hurts:** {both}, {shortened(norm)}."
    if not norm.clipped.any():
        return f"**The clip never acts**, so the twins are one: {both}."
    return f"**It hardly matters:** {both}, although {shortened(norm)}."


def goes_on(norm: TwinRun) -> str:
    """Return how a run that goes on stands."""
    if not math.isfinite(norm.accuracy):
        return "clipped by norm it goes on"
    return f"clipped by norm it is right on {percent(norm.accuracy)} of the held-out digits"


def shortened(run: TwinRun) -> str:
    """Return how often a clip acted, and how hard: "97 % of its steps were cut, to ..."."""
    factors = run.clip_log()["factor"]
    if not len(factors):
        return "none of its steps was cut"
    factor = float(np.median(factors))
    return (
        f"{percent(run.clipped.mean())} of its steps were cut, to {factor:.2g} times their length"
    )


def end_of(run: TwinRun) -> str:
    """Return how a run stands, in a few letters for a large number."""
    if run.stopped:
        return f"✕ at step {run.stopped}"
    return percent(run.accuracy) if math.isfinite(run.accuracy) else "–"


def travelled(twins: Twins) -> str:
    """Return how far each run has come from the start."""
    parts = []
    for run in twins.runs.values():
        moved = run.travelled[np.isfinite(run.travelled)]
        if len(moved):
            parts.append(f"{NAMES[run.name].lower()} **{amount(moved[-1])}**")
    return f"Distance from the start, in norms of the start: {', '.join(parts)}."


def proposal(found: Suggestion, updates: int) -> str:
    """Return which thresholds the measured norms of a run of so many updates propose."""
    cut = " (what came after an outburst doesn't count)" if found.updates < updates else ""
    where = {"none": "the unclipped run", "norm": "the run clipped by norm, before its clip"}
    return (
        f"Over {'the first' if cut else 'all'} {found.updates} updates of {where[found.run]} "
        f"the norm was **{amount(found.mean)}** on average{cut}. "
        f"{SOURCE} propose a τ of half to ten times that: **{amount(found.low)} to "
        f"{amount(found.high)}**."
    )


def trial(takes: str) -> str:
    """Return what a click on one of the proposed thresholds does, and how long it takes."""
    return (
        f"A click trains all three runs anew from the same start, {takes}, and shows them as "
        f"they learn. The finished runs stay one click away at the top."
    )


def statement(check: FlowCheck) -> str:
    """Return that the flow is the same around a clip, with the numbers of the moment."""
    before, after = check.parameters
    return (
        f"Training step {check.step} of the run clipped by {check.run}: the clip takes the "
        f"gradient of the weights from **{amount(before)}** to **{amount(after)}**. At the same "
        f"weights and batch, dL/dh was measured before it and after it: of {check.entries:,} "
        f"values (pictures × steps × units) the largest difference is **{check.difference:g}**."
    )


def nearest(value: float, options: tuple[str, ...]) -> str:
    """Return the option that is nearest to a number, by their ratio.

    Raises:
        InputError: If the number isn't positive.
    """
    if not (math.isfinite(value) and value > 0):
        raise InputError(f"τ is a positive number, got {value}. Run the twins first.")
    return min(options, key=lambda option: abs(math.log(float(option) / value)))


def amount(value: float) -> str:
    """Return a positive number in some three digits: "0.0123", "2,170", "3.1e+12"."""
    if 1000 <= value < 1e6:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def percent(share: float) -> str:
    """Return a share as people read it: "72 %", and not "100 %" for a little less than all."""
    text = f"{100 * share:.0f} %"
    return f"{100 * share:.1f} %" if text in {"100 %", "0 %"} and share not in (0, 1) else text
