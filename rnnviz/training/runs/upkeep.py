"""What keeps the ledger true: runs whose process is gone, runs that were deleted long ago."""

from pathlib import Path

from rnnviz.training.runs.folder import RunFolder
from rnnviz.training.runs.ledger import Ledger
from rnnviz.training.runs.run import INTERRUPTED


def find_interrupted(ledger: Ledger, folder: Path) -> list[str]:
    """Enter as interrupted all runs of a folder whose process is gone; return their names."""
    lost = []
    for run in ledger.in_state("running"):
        files = RunFolder(folder / run.id)
        lock = files.try_lock() if files.path.is_dir() else None
        if lock is not None:
            # Nobody trains it. It may have ended in good order since we looked: then this
            # changes nothing.
            if ledger.settle(run.id, "interrupted", INTERRUPTED):
                lost.append(run.id)
            lock.release()
        elif not files.path.is_dir():
            ledger.settle(run.id, "failed", "Its folder is gone.")
    return lost


def purge(ledger: Ledger, folder: Path, before: float) -> None:
    """Remove the files of the runs of a folder that were deleted before a moment."""
    for run in ledger.forget(before):
        RunFolder(folder / run).remove()
