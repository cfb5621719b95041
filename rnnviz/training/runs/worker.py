"""Who trains: takes a waiting run, trains it as far as it goes, enters how it ended."""

import contextlib
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rnnviz.models.checkpoint import CheckpointError, load_checkpoint
from rnnviz.training.loop import Report
from rnnviz.training.recipe import Recipe
from rnnviz.training.runs.carry_out import carry_out
from rnnviz.training.runs.errors import RunError
from rnnviz.training.runs.folder import RunFolder
from rnnviz.training.runs.ledger import Ledger
from rnnviz.training.runs.run import INTERRUPTED, State, Wish

TELL_EVERY_S = 0.4
"""Seconds between two times that the ledger hears how far a run is."""
SMOOTH = 20
"""Training steps over which the loss and the accuracy in the ledger are averaged."""

Ended = tuple[State, str]
"""How a run stands after its training, and why: empty for one that is done."""


@dataclass
class Worker:
    """Takes runs from a ledger and trains them."""

    runs: Path
    """The folder of all runs."""
    data: Path
    """The data folder."""
    longest_s: float = float("inf")
    """How long a run may train in all."""
    command_line: bool = False
    """Whether it takes the command line's waiting runs; otherwise it takes people's."""
    watch: Callable[[Report], None] = lambda report: None
    """Told of every training step."""

    def __post_init__(self) -> None:
        """Open the ledger."""
        self.ledger = Ledger(self.runs)
        self.ending = threading.Event()

    def take_one(self) -> bool:
        """Train the run that has waited longest; False if there is none to be had."""
        for waiting in self.ledger.waiting(self.command_line):
            run = RunFolder(self.runs / waiting.id)
            with held(run) as mine:
                if mine and self.ledger.claim(waiting.id):
                    self.train(run)
                    return True
        return False

    def train_new(self, run: RunFolder, recipe: Recipe, owner: str) -> Ended:
        """Train a new run at once, without letting it wait; return how it ended.

        Args:
            run: Where its files are to be; there is nothing there yet.
            recipe: What is trained.
            owner: Whose it is.

        Raises:
            OSError: If its folder can't be made.
            RunError: If it can't be entered in the ledger.
        """
        run.create(recipe)
        with held(run):
            try:
                self.ledger.add(run.id, recipe, owner, "running")
            except RunError:
                run.remove()
                raise
            return self.train(run)

    def go_on(self, run: RunFolder) -> Ended | None:
        """Train this very run, which waits or can be gone on with; None if somebody else does."""
        with held(run) as mine:
            if not mine:
                return None
            self.ledger.enqueue(run.id)
            return self.train(run) if self.ledger.claim(run.id) else None

    def train(self, run: RunFolder) -> Ended:
        """Train a claimed run as far as it goes, enter how it ended, and return that."""
        try:
            state, message = self.advance(run)
        except (KeyboardInterrupt, SystemExit):
            self.ledger.settle(run.id, "interrupted", INTERRUPTED)
            raise
        except Exception as error:
            state, message = "failed", reason(error)
            log_failure(run, error)
        measured = finished_figures(run)
        figures = self.ledger.figures(run.id) | measured if measured else None
        self.ledger.settle(run.id, state, message, figures)
        return state, message

    def advance(self, run: RunFolder) -> Ended:
        """Train a run until it is done or has to stop; return how it stands then, and why."""
        means = Means()
        last: Report | None = None
        told_at, told_step = 0.0, -1
        wish: Wish = ""

        def tell(phase: str) -> None:
            self.ledger.enter(run.id, phase)

        try:
            with closing(carry_out(run, self.data, tell)) as reports:
                for report in reports:
                    last = report
                    means.take(report)
                    self.watch(report)
                    now = time.monotonic()
                    if now - told_at > TELL_EVERY_S or report.step == report.steps:
                        wish = self.ledger.progress(run.id, report, means.figures)
                        told_at, told_step = now, report.step
                    if report.step == report.steps:
                        continue
                    if stop := self.reason_to_stop(wish, report):
                        run.log(f"{stop[0]} after step {report.step}")
                        return stop
        finally:
            # However it ends, the ledger is to know of the very last step.
            if last is not None and last.step != told_step:
                self.ledger.progress(run.id, last, means.figures)
        return "done", ""

    def reason_to_stop(self, wish: Wish, report: Report) -> Ended | None:
        """Return how a run is to stand that has to stop now, and why; None to go on."""
        if wish == "cancel":
            return "cancelled", ""
        if wish == "pause":
            return "paused", ""
        if self.ending.is_set():
            return "interrupted", INTERRUPTED
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
def held(run: RunFolder) -> Iterator[bool]:
    """Hold the lock of a run for a block; False if somebody else has it or the folder is gone."""
    # The lock comes first: a run that counts as running always has one who holds it.
    lock = run.try_lock() if run.path.is_dir() else None
    try:
        yield lock is not None
    finally:
        if lock is not None:
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
    return "The run broke off, and it is not your doing: the server's own log says where."


def log_failure(run: RunFolder, error: Exception) -> None:
    """Write into the run's log what went wrong, if that can be written to at all.

    Whoever has the run's link can read that. Where in the program it went wrong is for the keeper
    of the machine, and nothing that a person could mend.
    """
    with contextlib.suppress(OSError):
        run.log(f"failed: {reason(error)}")
    if not isinstance(error, ValueError | FloatingPointError | OSError | MemoryError):
        traceback.print_exception(error)
