"""The metrics of a run: written as it goes on, cut where it goes on again, read as they grow."""

import csv
import io
import json
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np

from rnnviz.files import whole_lines, write_whole
from rnnviz.training.loop import Report
from rnnviz.training.moments import Moment
from rnnviz.training.runs.errors import RunError
from rnnviz.training.runs.folder import RunFolder

COLUMNS = (
    "step",
    "epoch",
    "loss",
    "accuracy",
    "norm",
    "clipped_norm",
    "learning_rate",
    "validation",
    "validation_loss",
    "seconds",
)
"""The columns of ``metrics.csv``, each an attribute of ``Report``."""


Metrics = dict[str, np.ndarray]
"""A column for each of ``COLUMNS``, float64 of shape (step,); NaN where nothing was measured."""


class Writer:
    """Appends to a run's metrics and moments, from a step on."""

    def __init__(self, run: RunFolder, step: int) -> None:
        """Open both files, without what they hold of later steps.

        Args:
            run: The run.
            step: The step from which on it is trained now; -1 for from nothing.
        """
        cut(run.metrics_path, lambda line: starts_with_step(line, step), ",".join(COLUMNS))
        cut(run.moments_path, lambda line: json.loads(line)["step"] <= step)
        self._metrics = run.metrics_path.open("a", encoding="utf-8", newline="")
        self._moments = run.moments_path.open("a", encoding="utf-8")
        self._rows = csv.writer(self._metrics, lineterminator="\n")

    def write(self, report: Report) -> None:
        """Add a training step. Floats are written so that reading gives the same number."""
        self._rows.writerow(as_text(getattr(report, column)) for column in COLUMNS)

    def add(self, moment: Moment) -> None:
        """Add a moment."""
        self._moments.write(json.dumps(moment.as_dict(), allow_nan=False) + "\n")

    def flush(self) -> None:
        """Hand everything to the system, so that others can read it."""
        self._metrics.flush()
        self._moments.flush()

    def close(self) -> None:
        """Close both files."""
        self._metrics.close()
        self._moments.close()


def as_text(value: Any) -> str:
    """Return a number as it stands in a table, nothing for None."""
    return "" if value is None else repr(value)


def starts_with_step(line: str, most: int) -> bool:
    """Return whether a line of a table is of a step up to ``most``."""
    return int(line.split(",", 1)[0]) <= most


def cut(path: Path, keep: Any, header: str | None = None) -> None:
    """Leave in a file its header and the whole lines that are to be kept, without damaged ones."""

    def stays(line: str) -> bool:
        try:
            return keep(line)
        except (ValueError, KeyError, TypeError):
            return False

    lines = list(whole_lines(path))[1 if header else 0 :]
    kept = ([header] if header else []) + [line for line in lines if stays(line)]
    write_whole(path, "".join(f"{line}\n" for line in kept).encode())


def parse_metrics(text: str) -> list[list[float | None]]:
    """Return the rows of a part of ``metrics.csv``, without its header; None where it is empty."""
    return [
        [float(cell) if cell else None for cell in row]
        for row in csv.reader(io.StringIO(text))
        if row and row[0] != COLUMNS[0]
    ]


class MetricsReader:
    """Reads ``metrics.csv`` again and again, each time only what is new. Safe to share."""

    def __init__(self, path: Path) -> None:
        """Begin before the first line."""
        self._path = path
        self._lock = threading.Lock()
        self._restart()

    def _restart(self) -> None:
        """Forget everything that was read."""
        self._end = 0
        self._file = -1
        self._table = np.zeros((0, len(COLUMNS)))

    def read(self) -> Metrics:
        """Return all that is there now; no rows if there is no file yet.

        The columns are views that must not be written to.

        Raises:
            RunError: If the file is damaged or can't be read.
        """
        with self._lock:
            try:
                self._read_on()
            except FileNotFoundError:
                self._restart()
            except (OSError, ValueError, csv.Error) as error:
                self._restart()
                raise RunError(
                    f"The measurements of this run can't be read ({error}). If its file was "
                    f"changed by hand, put it back as it was."
                ) from error
            return {name: self._table[:, place] for place, name in enumerate(COLUMNS)}

    def _read_on(self) -> None:
        """Take the whole lines that were added; begin anew where the file is another one."""
        with self._path.open("rb") as file:
            # A run that goes on after an interruption writes the file anew, without the steps
            # that it takes a second time.
            status = os.fstat(file.fileno())
            if status.st_ino != self._file or status.st_size < self._end:
                self._restart()
                self._file = status.st_ino
            file.seek(self._end)
            added = file.read()
        whole = added[: added.rfind(b"\n") + 1]
        rows = parse_metrics(whole.decode())
        self._end += len(whole)
        if rows:
            self._table = np.concatenate([self._table, np.array(rows, dtype=np.float64)])
