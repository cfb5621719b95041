"""The worker processes of one server."""

import os
import subprocess
import sys
from pathlib import Path

from rnnviz.training.runs.errors import RunError

ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
PATIENCE_S = 10.0
"""How long workers may take to keep what they train when they have to end."""


class Staff:
    """Starts workers, and ends them. Not safe to share: its service holds a lock."""

    def __init__(self, runs: Path, data: Path, longest_min: float) -> None:
        """Begin without a worker.

        Args:
            runs: The folder of all runs.
            data: The data folder.
            longest_min: Minutes after which a worker ends a run.
        """
        self.runs, self.data, self.longest_min = runs, data, longest_min
        self.workers: list[subprocess.Popen[bytes]] = []

    def let_go(self) -> bool:
        """Forget the workers that have ended; return whether there were any."""
        ended = [worker for worker in self.workers if worker.poll() is not None]
        self.workers = [worker for worker in self.workers if worker not in ended]
        return bool(ended)

    def hire(self, count: int) -> None:
        """Start workers until there are so many; RunError if that can't be."""
        while len(self.workers) < count:
            self.workers.append(self._open_worker())

    def close(self) -> None:
        """End all workers once they have kept what they train."""
        workers, self.workers = self.workers, []
        for worker in workers:
            if worker.stdin is not None:
                worker.stdin.close()
        for worker in workers:
            try:
                worker.wait(timeout=PATIENCE_S)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()

    def _open_worker(self) -> "subprocess.Popen[bytes]":
        """Start a worker; what it says besides goes into ``workers.log``."""
        command = [sys.executable, "-m", "rnnviz.training.runs.worker"]
        command += [str(self.runs), str(self.data), str(self.longest_min)]
        try:
            with (self.runs / "workers.log").open("ab") as log:
                return subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                    env=os.environ | ONE_THREAD,
                )
        except OSError as error:
            raise RunError(
                f"No process for the training can be started ({error}). Try again in some minutes."
            ) from error
