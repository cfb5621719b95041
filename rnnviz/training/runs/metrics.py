"""The metrics of a run as columns, read as they grow."""

import os
import threading
from pathlib import Path

import numpy as np

from rnnviz.training.runs.folder import COLUMNS, parse_metrics

Metrics = dict[str, np.ndarray]
"""A column for each of ``COLUMNS``, float64 of shape (step,); NaN where nothing was measured."""


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
        """
        with self._lock:
            try:
                self._read_on()
            except FileNotFoundError:
                self._restart()
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
