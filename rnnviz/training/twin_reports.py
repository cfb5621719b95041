"""What twins measured as JSON-able reports, and the plain data that reports make."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from torch import Tensor

from rnnviz.core.twins import FlowCheck, TwinRun
from rnnviz.training.twins import Step, Twin, flat_weights

SIGNIFICANT = 9
"""Digits of what is reported."""
COLUMNS = ("loss", "accuracy", "before", "after", "cosine", "clipped", "travelled", "apart")
"""What is reported of every training step of every run."""

Report = dict[str, Any]


class Measured:
    """Collects what the twins measure until it is reported."""

    def __init__(self, twins: Sequence[Twin]) -> None:
        """Begin with nothing; the twins are all at their start."""
        self.twins = list(twins)
        self.start = flat_weights(twins[0].model)
        self.runs = {twin.name: self.empty() for twin in twins}
        self.checks: list[Report] = []

    @staticmethod
    def empty() -> dict[str, list]:
        """Return the columns of a run without rows."""
        return {name: [] for name in (*COLUMNS, "checked", "held_out")}

    def step(self, twin: Twin, step: Step) -> None:
        """Keep what a training step of a twin measured."""
        columns = self.runs[twin.name]
        for name in ("loss", "accuracy", "before", "after", "cosine"):
            columns[name].append(number(getattr(step, name)))
        columns["clipped"].append(int(step.clipped))

    def distances(self, stepped: Iterable[Twin]) -> None:
        """Keep how far the weights of the twins that took a step have come."""
        raw = self.twins[0]
        reference = None if raw.stopped else flat_weights(raw.model)
        for twin in stepped:
            weights = flat_weights(twin.model)
            columns = self.runs[twin.name]
            columns["travelled"].append(self.relative(weights, self.start))
            columns["apart"].append(
                None if reference is None else self.relative(weights, reference)
            )

    def relative(self, weights: Tensor, other: Tensor) -> float | None:
        """Return the distance of two sets of weights, in norms of the start."""
        return number(float((weights - other).norm() / self.start.norm()))

    def hold_out(self, at: int, accuracies: Mapping[str, float]) -> None:
        """Keep the accuracy of some twins on held-out pictures after training step ``at``."""
        for name, accuracy in accuracies.items():
            self.runs[name]["checked"].append(at)
            self.runs[name]["held_out"].append(number(accuracy))

    def check(self, found: FlowCheck) -> None:
        """Keep the flow through time around a clip."""
        self.checks.append(
            {
                "run": found.run,
                "step": found.step,
                "parameters": numbers(found.parameters),
                "before": numbers(found.before),
                "after": numbers(found.after),
                "difference": number(found.difference),
                "entries": found.entries,
            }
        )

    def take(self) -> Report:
        """Return what was kept since the last time, and begin anew."""
        ends = {twin.name: {"stopped": twin.stopped, "cause": twin.cause} for twin in self.twins}
        report = {
            "runs": {name: columns | ends[name] for name, columns in self.runs.items()},
            "checks": self.checks,
            "weights": len(self.start),
        }
        self.runs = {name: self.empty() for name in self.runs}
        self.checks = []
        return report


def number(value: float) -> float | None:
    """Return a number with nine significant digits, None if it isn't finite."""
    return float(f"{value:.{SIGNIFICANT}g}") if math.isfinite(value) else None


def numbers(values: Iterable[float]) -> list[float | None]:
    """Return numbers with nine significant digits, None for those that aren't finite."""
    return [number(float(value)) for value in values]


def gather_run(name: str, threshold: float, reports: Sequence[Report]) -> TwinRun:
    """Return one run as far as the reports tell of it."""
    parts = [report["runs"][name] for report in reports]
    columns = {
        column: np.array([value for part in parts for value in part[column]], dtype=np.float64)
        for column in (*COLUMNS, "checked", "held_out")
    }
    end = parts[-1] if parts else {"stopped": None, "cause": ""}
    return TwinRun(
        name=name,
        threshold=threshold,
        weights=reports[-1]["weights"] if reports else 0,
        losses=columns["loss"],
        accuracies=columns["accuracy"],
        before=columns["before"],
        after=columns["after"],
        cosines=columns["cosine"],
        clipped=columns["clipped"].astype(bool),
        travelled=columns["travelled"],
        apart=columns["apart"],
        checked=columns["checked"].astype(np.int64),
        held_out=columns["held_out"],
        stopped=end["stopped"],
        cause=end["cause"],
    )


def gather_checks(reports: Sequence[Report]) -> tuple[FlowCheck, ...]:
    """Return the flow checks that the reports tell of, in order."""
    return tuple(
        FlowCheck(
            run=check["run"],
            step=check["step"],
            parameters=tuple(check["parameters"]),
            before=np.array(check["before"], dtype=np.float64),
            after=np.array(check["after"], dtype=np.float64),
            difference=math.nan if check["difference"] is None else check["difference"],
            entries=check["entries"],
        )
        for report in reports
        for check in report["checks"]
    )
