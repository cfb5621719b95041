"""Whether there is room for one more run: in the queue, among what a person keeps, on the disk."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from rnnviz.training.runs.errors import BusyError, RunError
from rnnviz.training.runs.folder import RunFolder
from rnnviz.training.runs.ledger import Ledger
from rnnviz.training.runs.limits import MOST_WAITING, Limits


class Room:
    """The room of one server."""

    def __init__(self, ledger: Ledger, folder: Path, limits: Limits) -> None:
        """Take what is granted in a folder of runs."""
        self.ledger, self.folder, self.limits = ledger, folder, limits

    def check_waiting(self, who: str) -> None:
        """Raise unless one more run may wait for this person.

        Raises:
            BusyError: If too many are waiting or kept.
            RunError: If the disk is full.
        """
        active = self.ledger.in_state("queued", "running")
        mine = sum(run.owner == who for run in active)
        if mine >= self.limits.of_one:
            raise BusyError(
                f"{mine} runs of yours are training or waiting already. Wait until one has ended, "
                f"or cancel one."
            )
        if sum(run.state == "queued" for run in active) >= MOST_WAITING:
            raise BusyError(f"{MOST_WAITING} runs are waiting already. Try again in some minutes.")
        self.check_kept(who)

    def check_kept(self, who: str) -> None:
        """Raise unless one more entry of this person may be kept, and there is room for it.

        What was deleted and can still be brought back makes way for it, but never anybody else's
        as long as there is room without.
        """
        if len(self.ledger.of([who])) >= self.limits.kept:
            raise BusyError(
                f"You keep {self.limits.kept} runs already. Delete some on the page Runs."
            )
        self.forget(self.ledger.hidden_beyond(who, self.limits.kept))
        if self.free_mb() < self.limits.free_mb:
            self.forget(self.ledger.hidden_beyond(None, 0))
        free_mb = self.free_mb()
        if free_mb < self.limits.free_mb:
            raise RunError(
                f"Only {free_mb:.0f} MB are free on this server's disk, and a run needs some room. "
                f"Delete old runs on the page Runs, or ask whoever keeps the server."
            )

    def free_mb(self) -> float:
        """Return the room on the disk."""
        return shutil.disk_usage(self.folder).free / 2**20

    def forget(self, runs: Sequence[str]) -> None:
        """Remove the files of deleted runs before their time."""
        for run in runs:
            if self.ledger.forget_hidden(run):
                RunFolder(self.folder / run).remove()
