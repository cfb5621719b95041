"""Runs from one start on the same batches that differ in their clip alone: plain data."""

import math
from dataclasses import dataclass

import numpy as np

LOWEST, HIGHEST = 0.5, 10.0
"""Thresholds are proposed between these multiples of the mean norm (Pascanu et al. 2013)."""
OUTBURST = 10.0
"""A norm above this many times the mean of those before it is no longer everyday."""
FEWEST = 10
"""A mean over fewer updates than these says little."""


@dataclass(frozen=True, eq=False)
class TwinRun:
    """One of the twins, as far as it has got.

    Arrays have one value a training step, the first at index 0, shape (training step,); NaN where
    the value is no finite number.

    Attributes:
        name: "none", "norm" or "value": how its gradient is clipped.
        threshold: τ; infinite for the run without a clip.
        weights: How many weights the model has.
        losses: Cross-entropy of the step's batch before the step, in nats.
        accuracies: Share of the step's batch that was right before the step.
        before: Total norm of the parameter gradient before the clip.
        after: Total norm after it, measured on what the optimiser gets.
        cosines: Cosine of the angle between the two gradients; 1 if the direction is kept.
        clipped: Whether the clip changed any value of the gradient, bool.
        travelled: |θ − θ_start| / |θ_start|, θ all weights after the step.
        apart: |θ − θ_unclipped| / |θ_start| after the step; NaN once the unclipped run stopped.
        checked: After which training steps the held-out accuracy was measured, shape (check,).
        held_out: Share of the held-out pictures that was right then, shape (check,).
        stopped: The training step, from 1, at which the run could not go on; None if it went on.
        cause: What was not finite there, "loss" or "gradient"; empty if it went on.
    """

    name: str
    threshold: float
    weights: int
    losses: np.ndarray
    accuracies: np.ndarray
    before: np.ndarray
    after: np.ndarray
    cosines: np.ndarray
    clipped: np.ndarray
    travelled: np.ndarray
    apart: np.ndarray
    checked: np.ndarray
    held_out: np.ndarray
    stopped: int | None = None
    cause: str = ""

    @property
    def steps(self) -> np.ndarray:
        """The numbers of the training steps, from 1, shape (training step,)."""
        return np.arange(1, len(self.losses) + 1)

    @property
    def event(self) -> str:
        """What ended the run, in words; empty if nothing did."""
        return f"{self.cause} is not finite from step {self.stopped}" if self.stopped else ""

    @property
    def accuracy(self) -> float:
        """The last held-out accuracy; NaN if there is none, or the run could not go on."""
        return float(self.held_out[-1]) if len(self.held_out) and not self.stopped else np.nan

    @property
    def updates(self) -> int:
        """How often the weights were changed."""
        return len(self.losses) - bool(self.stopped)

    @property
    def ceiling(self) -> float:
        """The largest total norm that the clip can leave, infinite without a clip."""
        return self.threshold * (math.sqrt(self.weights) if self.name == "value" else 1.0)

    def calm(self) -> int:
        """Return after how many updates a norm first burst out of the mean of those before it."""
        norms = self.before[: self.updates]
        for update in range(1, len(norms)):
            if norms[update] > OUTBURST * norms[:update].mean():
                return update
        return len(norms)

    def clip_log(self) -> dict[str, np.ndarray]:
        """Return the clipped steps as columns: the step, the norms before and after, the factor."""
        at = np.flatnonzero(self.clipped)
        return {
            "training step": self.steps[at],
            "norm before": self.before[at],
            "norm after": self.after[at],
            "factor": self.after[at] / self.before[at],
            "cosine": self.cosines[at],
        }


@dataclass(frozen=True, eq=False)
class FlowCheck:
    """The gradient through time before and after a clip, at the same weights and batch.

    Attributes:
        run: The run in which it was measured.
        step: The training step, from 1.
        parameters: Total norm of the parameter gradient before and after the clip.
        before: Median over the batch of |dL/dh_t| before the clip, shape (step,), float64.
        after: The same after the clip, shape (step,).
        difference: The largest difference of any entry of dL/dh_t, all pictures, steps and units.
        entries: How many entries were compared.
    """

    run: str
    step: int
    parameters: tuple[float, float]
    before: np.ndarray
    after: np.ndarray
    difference: float
    entries: int

    @property
    def factor(self) -> float:
        """By how much the clip shortened the parameter gradient; 1 if it did not."""
        before, after = self.parameters
        return after / before if before > 0 else 1.0


@dataclass(frozen=True)
class Suggestion:
    """Which thresholds the measured norms propose (Pascanu, Mikolov and Bengio 2013, section 3.2).

    Attributes:
        mean: Mean total norm of the parameter gradient before any clip.
        updates: Over how many updates.
        run: In which run they were measured.
    """

    mean: float
    updates: int
    run: str

    @property
    def low(self) -> float:
        """Half the mean norm."""
        return LOWEST * self.mean

    @property
    def high(self) -> float:
        """Ten times the mean norm."""
        return HIGHEST * self.mean


@dataclass(frozen=True, eq=False)
class Twins:
    """Runs from the same weights on the same batches, one clipped by norm, one by value, one not.

    Attributes:
        planned: How many training steps were planned.
        runs: By name: "none", "norm", "value".
        checks: Where the flow through time was measured around a clip, in order.
    """

    planned: int
    runs: dict[str, TwinRun]
    checks: tuple[FlowCheck, ...] = ()

    @property
    def done(self) -> int:
        """How many training steps the run that got furthest has taken."""
        return max((len(run.losses) for run in self.runs.values()), default=0)

    @property
    def overflows_at_once(self) -> bool:
        """Whether not even the first step could be taken, before any clip could act."""
        return bool(self.runs) and all(run.stopped == 1 for run in self.runs.values())

    def hardest_check(self) -> FlowCheck | None:
        """Return the check at which the clip shortened the parameter gradient most."""
        return min(self.checks, key=lambda check: check.factor, default=None)

    def suggestion(self) -> Suggestion | None:
        """Return which thresholds the measured norms propose, None before there are enough.

        Once a run has burst out, its mean norm is that of the explosion. So only the updates
        before the first outburst count, those of the unclipped run if there are enough of them,
        otherwise those of the run that is clipped by norm (before its clip).
        """
        for name in ("none", "norm"):
            calm = self.runs[name].calm() if name in self.runs else 0
            if calm >= FEWEST:
                return Suggestion(float(self.runs[name].before[:calm].mean()), calm, name)
        return None

    def table(self) -> dict[str, np.ndarray]:
        """Return all runs as columns, one row for each run and training step."""
        runs = list(self.runs.values())
        columns = {
            "run": np.concatenate([np.full(len(run.losses), run.name) for run in runs]),
            "training step": np.concatenate([run.steps for run in runs]),
            "threshold": np.concatenate([np.full(len(r.losses), r.threshold) for r in runs]),
        }
        named = {
            "loss (nats)": "losses",
            "accuracy": "accuracies",
            "norm before": "before",
            "norm after": "after",
            "cosine": "cosines",
            "clipped": "clipped",
            "travelled": "travelled",
            "apart": "apart",
        }
        for label, name in named.items():
            columns[label] = np.concatenate([getattr(run, name) for run in runs])
        return columns
