"""Who trains: takes a waiting run, trains it as far as it goes, enters how it ended."""

import contextlib
import threading
import time
import traceback
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from rnnviz.models.checkpoint import CheckpointError, load_checkpoint
from rnnviz.training.loop import Report
from rnnviz.training.runs.carry_out import carry_out
from rnnviz.training.runs.folder import RunFolder
from rnnviz.training.runs.ledger import Ledger
from rnnviz.training.runs.run import State, Wish

TELL_EVERY_S = 0.4
"""Seconds between two times that the ledger hears how far a run is."""
SMOOTH = 20
"""Training steps over which the loss and the accuracy in the ledger are averaged."""


@dataclass
class Worker:
    """Takes runs from a ledger and trains them."""

    runs: Path
    """The folder of all runs."""
    data: Path
    """The data folder."""
    longest_s: float = float("inf")
    """How long a run may train in all."""

    def __post_init__(self) -> None:
        """Open the ledger."""
        self.ledger = Ledger(self.runs)
        self.ending = threading.Event()

    def take_one(self) -> bool:
        """Train the run that has waited longest; False if there is none to be had."""
        for waiting in self.ledger.in_state("queued"):
            run = RunFolder(self.runs / waiting.id)
            # The lock comes first: a run that counts as running always has one who holds it.
            lock = run.try_lock() if run.path.is_dir() else None
            if lock is None:
                continue
            with lock_released(lock):
                if self.ledger.claim(waiting.id):
                    self.train(run)
                    return True
        return False

    def train(self, run: RunFolder) -> None:
        """Train a claimed run as far as it goes, and enter how it ended."""
        try:
            state, message = self.advance(run)
        except (KeyboardInterrupt, SystemExit):
            self.ledger.settle(run.id, "interrupted", "It was stopped from outside.")
            raise
        except Exception as error:
            state, message = "failed", reason(error)
            log_failure(run, error)
        measured = finished_figures(run)
        figures = self.ledger.get(run.id).figures | measured if measured else None
        self.ledger.settle(run.id, state, message, figures)

    def advance(self, run: RunFolder) -> tuple[State, str]:
        """Train a run until it is done or has to stop; return how it stands then, and why."""
        means = Means()
        told_at = 0.0
        wish: Wish = ""

        def tell(phase: str) -> None:
            self.ledger.enter(run.id, phase)

        with closing(carry_out(run, self.data, tell)) as reports:
            for report in reports:
                means.take(report)
                now = time.monotonic()
                if now - told_at > TELL_EVERY_S or report.step == report.steps:
                    wish = self.ledger.progress(run.id, report, means.figures)
                    told_at = now
                if report.step == report.steps:
                    continue
                if stop := self.reason_to_stop(wish, report):
                    run.log(f"{stop[0]} after step {report.step}")
                    return stop
        return "done", ""

    def reason_to_stop(self, wish: Wish, report: Report) -> tuple[State, str] | None:
        """Return how a run is to stand that has to stop now, and why; None to go on."""
        if wish == "cancel":
            return "cancelled", ""
        if wish == "pause":
            return "paused", ""
        if self.ending.is_set():
            return "interrupted", "The app was ended while it trained. Resume it to go on."
        if report.seconds > self.longest_s:
            return "cancelled", (
                f"It reached the limit of {self.longest_s / 60:.0f} minutes of this server. What "
                f"it has learned is kept."
            )
        return None


class Means:
    """The last figures of a run, those of single batches averaged over some steps."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.figures: dict[str, float] = {}
        self.count = 0

    def take(self, report: Report) -> None:
        """Take a report in."""
        self.count = min(self.count + 1, SMOOTH)
        for name in ("loss", "accuracy"):
            value = getattr(report, name)
            before = self.figures.get(name, value)
            self.figures[name] = before + (value - before) / self.count
        if report.validation is not None:
            self.figures["validation/accuracy"] = report.validation


@contextlib.contextmanager
def lock_released(lock: FileLock):
    """Let go of a held lock at the end of a block."""
    try:
        yield
    finally:
        lock.release()


def finished_figures(run: RunFolder) -> dict[str, float] | None:
    """Return what was measured of a finished run, None for one that isn't."""
    if not run.model_path.is_file():
        return None
    try:
        return load_checkpoint(run.model_path).metrics
    except CheckpointError:
        return None


def reason(error: Exception) -> str:
    """Return what a person is told of a run that failed."""
    if isinstance(error, FloatingPointError):
        return str(error)
    if isinstance(error, MemoryError) or "allocate memory" in str(error):
        return "There isn't memory enough. Choose fewer units, a smaller batch or a shorter route."
    if isinstance(error, OSError):
        return (
            f"Its folder can't be written to ({error.strerror or error}). Free some room, then "
            f"resume it: nothing that was kept is lost."
        )
    if isinstance(error, ValueError):
        return str(error)
    return "The run broke off, and it is not your doing: its log says where."


def log_failure(run: RunFolder, error: Exception) -> None:
    """Write into the run's log what went wrong, if that can be written to at all."""
    with contextlib.suppress(OSError):
        run.log(f"failed: {''.join(traceback.format_exception(error))}")
