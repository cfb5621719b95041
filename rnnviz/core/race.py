"""A race of networks that have to remember: who learns, and how far the gradient reached."""

from dataclasses import dataclass

import numpy as np

from rnnviz.core.batch_flow import GONE

CHANCE = 0.1
"""Accuracy of guessing one of ten digits."""


@dataclass(frozen=True, eq=False)
class Race:
    """What several networks knew while they learned the same thing from the same batches.

    Each runner runs once from every seed. Reports are evenly spaced, the first before any
    training. What a run measured after it left the race is NaN.

    Attributes:
        runners: Names of the networks.
        labels: What a legend calls each of them.
        seeds: Seed of each run's weights and of the order of its batches.
        rows: Rows of the picture, read first.
        blank_rows: Rows without ink that are read after it.
        total: Training steps of the whole race.
        steps: Training steps done at each report, shape (report,).
        training: Share of the pictures since the report before that were right when they were
            trained on, shape (runner, seed, report); NaN at the first.
        validation: Share of the validation pictures that were right, (runner, seed, report).
        flow: Median over some pictures of log10(|dL/dh_t| / |dL/dh_T|), shape
            (runner, seed, report, step) with one step a row; minus infinity where nothing arrives.
        left: Training step at which a run left the race because its loss or gradient was no
            longer a finite number, -1 if it didn't, shape (runner, seed).
    """

    runners: tuple[str, ...]
    labels: tuple[str, ...]
    seeds: tuple[int, ...]
    rows: int
    blank_rows: int
    total: int
    steps: np.ndarray
    training: np.ndarray
    validation: np.ndarray
    flow: np.ndarray
    left: np.ndarray

    def __post_init__(self) -> None:
        """Check that the shapes fit each other."""
        runs = (len(self.runners), len(self.seeds))
        reports = (*runs, len(self.steps))
        expected = {
            "training": reports,
            "validation": reports,
            "flow": (*reports, self.rows + self.blank_rows),
            "left": runs,
        }
        for name, shape in expected.items():
            found = getattr(self, name).shape
            if found != shape:
                raise ValueError(f"A race's {name} must have shape {shape}, got {found}.")

    @property
    def reports(self) -> int:
        """Number of reports so far."""
        return len(self.steps)

    @property
    def over(self) -> bool:
        """Whether the last training step has been taken."""
        return bool(self.reports) and int(self.steps[-1]) >= self.total

    def place(self, runner: str) -> int:
        """Return the place of a runner in the arrays; ValueError if it isn't in the race."""
        if runner not in self.runners:
            raise ValueError(
                f"'{runner}' isn't in this race. Choose one of: {', '.join(self.runners)}."
            )
        return self.runners.index(runner)

    def label(self, runner: str) -> str:
        """Return what a legend calls a runner."""
        return self.labels[self.place(runner)]

    def accuracy(self, runner: str) -> np.ndarray:
        """Return lowest, median and highest validation accuracy over the seeds, (3, report).

        Of the runs that are still in the race; NaN once there is none.
        """
        return band(self.validation[self.place(runner)])

    def reach(self, runner: str, report: int) -> np.ndarray:
        """Return lowest, median and highest flow over the seeds at one report, (3, step).

        Of the runs that are still in the race; NaN once there is none. Minus infinity where
        nothing arrives.
        """
        return band(self.flow[self.place(runner), :, report])

    def reached(self, runner: str, share: float = 0.5) -> int | None:
        """Return the training step of the first report at which most runs were at ``share``."""
        there = (self.validation[self.place(runner)] >= share).sum(axis=0)
        at = np.flatnonzero(2 * there > len(self.seeds))
        return int(self.steps[at[0]]) if len(at) else None

    def reaching(self, share: float = 0.5) -> tuple[str, ...]:
        """Return the runners of which most runs reached ``share``, the first to do so first."""
        when = {runner: self.reached(runner, share) for runner in self.runners}
        found = {runner: step for runner, step in when.items() if step is not None}
        return tuple(sorted(found, key=lambda runner: found[runner]))

    def runs_left(self, runner: str) -> tuple[tuple[int, int], ...]:
        """Return (seed, training step) for every run of a runner that left the race."""
        left = self.left[self.place(runner)]
        pairs = zip(self.seeds, left.tolist(), strict=True)
        return tuple((seed, step) for seed, step in pairs if step >= 0)

    def until(self, reports: int) -> "Race":
        """Return the race as it stood after its first ``reports`` reports."""
        return Race(
            runners=self.runners,
            labels=self.labels,
            seeds=self.seeds,
            rows=self.rows,
            blank_rows=self.blank_rows,
            total=self.total,
            steps=self.steps[:reports],
            training=self.training[:, :, :reports],
            validation=self.validation[:, :, :reports],
            flow=self.flow[:, :, :reports],
            left=np.where(self.left < self._end(reports), self.left, -1),
        )

    def _end(self, reports: int) -> int:
        """Return the training step after the last one that the first ``reports`` reports know."""
        steps = self.steps[:reports]
        return int(steps[-1]) + 1 if len(steps) else 0


def band(values: np.ndarray) -> np.ndarray:
    """Return lowest, median and highest of values (seed, ...) over the seeds, shape (3, ...).

    NaNs are left out; where there is nothing else, the result is NaN. Minus infinity counts as
    the lowest of all, so the median is minus infinity where that of most seeds is.
    """
    found = np.full((3, *values.shape[1:]), np.nan)
    some = ~np.isnan(values).all(axis=0)
    # Interpolating between infinities would give NaN.
    finite = np.maximum(values[:, some], GONE)
    found[:, some] = np.nanpercentile(finite, (0, 50, 100), axis=0)
    return np.where(found < GONE / 1e3, -np.inf, found)
