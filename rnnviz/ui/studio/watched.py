"""What a run has measured, thinned out for the browser and shared by all who watch it."""

import threading
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnviz.training.moments import Moment
from rnnviz.training.runs.folder import RunFolder
from rnnviz.training.runs.metrics import Metrics, MetricsReader
from rnnviz.training.runs.run import Run, Turn
from rnnviz.training.runs.service import Service
from rnnviz.ui.components.common.encoding import encode_floats
from rnnviz.ui.studio.latest import Latest, latest

MOST_ROWS = 600
"""Rows that a browser gets of a curve, at most."""
FRESH_S = 0.4
"""For how long what was read counts as new; so many watchers cost as much as one."""
COLUMNS = (
    "step",
    "loss",
    "loss_low",
    "loss_high",
    "accuracy",
    "accuracy_low",
    "accuracy_high",
    "norm",
    "norm_high",
    "clipped",
    "seconds",
)
"""What a row tells of a few training steps: the last step's number, means, extremes."""


@dataclass(frozen=True)
class Mark:
    """How much of a run a browser has."""

    generation: int = -1
    """Which beginning of the run it is of."""
    size: int = 0
    """How many training steps make one row."""
    steps: int = 0
    """How many training steps are in the rows."""
    epochs: int = 0
    """How many measurements on the validation pictures."""
    moments: int = 0
    """How many moments."""


class Watched:
    """One run as its watchers see it. Safe to share."""

    def __init__(self, service: Service, run: str, metrics: MetricsReader | None = None) -> None:
        """Begin with nothing read.

        Args:
            service: Where the run is.
            run: Its name.
            metrics: Reads its metrics, where there is a reader of them already.

        Raises:
            UnknownRunError: If there is no such run.
        """
        self.service, self.id = service, run
        self.files: RunFolder = service.files(run)
        self._metrics = metrics or MetricsReader(self.files.metrics_path)
        self._lock = threading.Lock()
        self._read_at = -FRESH_S
        self._file: tuple[int, int] | None = None
        self._moments: list[dict[str, Any]] = []
        self.steps = 0
        self.latest = Latest()
        self.generation = 0
        self.rows = np.zeros((0, len(COLUMNS)))
        self.size = 1
        self.epochs: list[list[float | None]] = []
        self.turn = Turn()
        self.run: Run = service.get(run)

    def refresh(self, now: bool = False) -> Run:
        """Read what is new, unless somebody has just done so, and return how the run stands.

        Args:
            now: Read in any case.

        Raises:
            RunError: If the run was deleted or the ledger can't be read.
        """
        with self._lock:
            if now or time.monotonic() - self._read_at > FRESH_S:
                # The state first: what is read after it is at least as new.
                self.run = self.service.get(self.id)
                self.turn = self.service.turn(self.run) if self.run.state == "queued" else Turn()
                self._read_metrics()
                self._read_moments()
                self._read_at = time.monotonic()
            return self.run

    def _read_metrics(self) -> None:
        """Take up new training steps."""
        metrics = self._metrics.read()
        steps = len(metrics["step"])
        if steps == self.steps:
            return
        if steps < self.steps:
            # The run goes on from an earlier step than the last one that was seen.
            self.generation += 1
        self.steps = steps
        self.size = bucket_size(steps)
        self.latest = latest(metrics)
        self.rows = thinned(metrics, self.size)
        self.epochs = validations(metrics)

    def _read_moments(self) -> None:
        """Take up new moments."""
        try:
            status = self.files.moments_path.stat()
        except OSError:
            self._moments, self._file = [], None
            return
        if self._file == (status.st_ino, status.st_size):
            return
        self._file = (status.st_ino, status.st_size)
        moments = [shown(one) for one in self.files.moments()]
        if len(moments) < len(self._moments):
            self.generation += 1
        self._moments = moments

    def since(self, mark: Mark) -> tuple[dict[str, Any], Mark]:
        """Return what a browser doesn't have yet, as JSON, and what it has then."""
        with self._lock:
            if mark.generation != self.generation:
                mark = Mark(self.generation)
            first = mark.steps // self.size if mark.size == self.size else 0
            changed = mark.steps != self.steps or mark.size != self.size
            payload = {
                "generation": self.generation,
                "size": self.size,
                "from": first if changed else len(self.rows),
                "rows": encode_floats(self.rows[first:]) if changed else None,
                "epochsFrom": mark.epochs,
                "epochs": self.epochs[mark.epochs :],
                "momentsFrom": mark.moments,
                "moments": self._moments[mark.moments :],
            }
            has = Mark(self.generation, self.size, self.steps, len(self.epochs), len(self._moments))
        return payload, has


def bucket_size(steps: int) -> int:
    """Return how many training steps make one row: the least power of 2 with few rows enough."""
    size = 1
    while steps > MOST_ROWS * size:
        size *= 2
    return size


def thinned(metrics: Metrics, size: int) -> np.ndarray:
    """Return one row for each ``size`` training steps, (row, column) as ``COLUMNS``.

    The last row may be of fewer. No extreme is lost: the columns "low" and "high" hold them.
    """
    steps = len(metrics["step"])
    starts = np.arange(0, steps, size)
    counts = np.diff(np.append(starts, steps))
    last = starts + counts - 1

    def mean(name: str) -> np.ndarray:
        return np.add.reduceat(metrics[name], starts) / counts

    def low(name: str) -> np.ndarray:
        return np.minimum.reduceat(metrics[name], starts)

    def high(name: str) -> np.ndarray:
        return np.maximum.reduceat(metrics[name], starts)

    if not steps:
        return np.zeros((0, len(COLUMNS)))
    return np.stack(
        [
            metrics["step"][last],
            *(one(name) for name in ("loss", "accuracy") for one in (mean, low, high)),
            mean("norm"),
            high("norm"),
            mean("clipped_norm"),
            metrics["seconds"][last],
        ],
        axis=1,
    )


def validations(metrics: Metrics) -> list[list[float | None]]:
    """Return step, accuracy and loss of each measurement on the validation pictures.

    None stands for a loss that is no finite number, as it is once a run has diverged: JSON has no
    word for one.
    """
    measured = ~np.isnan(metrics["validation"])
    names = ("step", "validation", "validation_loss")
    table = np.stack([metrics[name][measured] for name in names], axis=1)
    finite = np.isfinite(table)
    return [
        [value if there else None for value, there in zip(row, known, strict=True)]
        for row, known in zip(table.tolist(), finite.tolist(), strict=True)
    ]


def shown(moment: Moment) -> dict[str, Any]:
    """Return a moment with no more digits than a picture shows."""
    return {
        "step": moment.step,
        "depths": moment.depths,
        "of": moment.of_depths,
        "flow": [None if one is None else round(one, 3) for one in moment.flow],
        "gates": {name: [round(one, 4) for one in pair] for name, pair in moment.gates.items()},
        "answers": [[round(one, 4) for one in row] for row in moment.answers],
    }
