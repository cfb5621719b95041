"""The training service of one server: it starts the workers and does what people ask."""

import logging
import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rnnviz.models.checkpoint import check_served
from rnnviz.training.recipe import Recipe
from rnnviz.training.runs.brought import (
    brought_figures,
    brought_recipe,
    digest_of,
    parse_brought,
)
from rnnviz.training.runs.errors import RunError, no_such_run
from rnnviz.training.runs.folder import ID, RunFolder
from rnnviz.training.runs.ledger import Ledger
from rnnviz.training.runs.limits import Limits, runs_folder
from rnnviz.training.runs.room import Room
from rnnviz.training.runs.run import COMMAND_LINE, RESUMABLE, Run, Turn, first_end_s
from rnnviz.training.runs.speed import Speed
from rnnviz.training.runs.staff import OF_COMMAND_LINE, OF_PEOPLE, Staff
from rnnviz.training.runs.upkeep import find_interrupted, purge

log = logging.getLogger(__name__)

TEND_EVERY_S = 0.5
"""Seconds between two looks at the workers."""
UNDO_S = 24 * 3600.0
"""How long a deleted run can be brought back."""
MOST_TAGS, LONGEST_TAG = 8, 30


def why_not_served(recipe: Recipe) -> str:
    """Return why a recipe's network can't be trained here, empty if it can."""
    try:
        check_served(recipe.model)
    except ValueError as error:
        return f"This network can't be trained here: {str(error).rstrip('.')}."
    return ""


def new_id() -> str:
    """Return the name of a new run: 96 random bits."""
    return secrets.token_hex(12)


class Service:
    """The queue of a folder and the workers of this process. Safe to share between threads."""

    def __init__(
        self,
        data: Path,
        folder: Path | None = None,
        limits: Limits | None = None,
        command_line: bool = False,
    ) -> None:
        """Open the folder of all runs; workers start when there is work.

        Args:
            data: The data folder.
            folder: The folder of all runs; ``runs_folder()`` unless given.
            limits: What is granted; ``Limits.from_environment()`` unless given.
            command_line: Whether its workers train what the command line lets wait; otherwise
                what people do. So a server and a sweep in the same folder leave each other alone.

        Raises:
            RunError: If the folder can't be used.
        """
        self.data, self.folder = data, folder or runs_folder()
        self.limits = limits or Limits.from_environment()
        self.ledger = Ledger(self.folder)
        self._room = Room(self.ledger, self.folder, self.limits)
        self.command_line = command_line
        whose = OF_COMMAND_LINE if command_line else OF_PEOPLE
        granted = (self.limits.at_once, self.limits.longest_min)
        self._staff = Staff(self.folder, data, *granted, whose)
        self._lock = threading.RLock()
        self._closed = threading.Event()
        self.find_interrupted()
        threading.Thread(target=self._tend, daemon=True).start()

    def files(self, run: str) -> RunFolder:
        """Return the files of a run; UnknownRunError for what can't be the name of one."""
        if not ID.fullmatch(run):
            raise no_such_run(run)
        return RunFolder(self.folder / run)

    def get(self, run: str) -> Run:
        """Return how a run stands; UnknownRunError if there is none of that name."""
        if not ID.fullmatch(run):
            raise no_such_run(run)
        return self.ledger.get(run)

    def runs_of(self, who: str) -> list[Run]:
        """Return a person's own runs and those of the command line, the youngest first."""
        return self.ledger.of(list({who, COMMAND_LINE}))

    def submit(self, recipe: Recipe, who: str) -> Run:
        """Let a new run wait for a worker, and return it.

        Args:
            recipe: What is trained; its name is the run's, any text.
            who: Whoever asks.

        Raises:
            BusyError: If too many are waiting, of all or of this person.
            RunError: If the model can't be built or is too large, or the disk is full or can't be
                written to.
        """
        if problem := why_not_served(recipe):
            raise RunError(problem)
        with self._lock:
            self._room.check_waiting(who)
            run = new_id()
            with self._whole_or_not(self.files(run), "run") as files:
                files.create(recipe)
                self.ledger.add(run, recipe, who)
            self._see_to_workers()
        return self.ledger.get(run)

    def bring(self, data: bytes, file_name: str, who: str) -> Run:
        """Keep an uploaded checkpoint as an entry like a run, and return it.

        The same file brought again gives the same entry.

        Args:
            data: The whole file; nothing in it is trusted.
            file_name: What it is called; becomes the entry's name, never a path.
            who: Whoever asks.

        Raises:
            CheckpointError: If it can't be used.
            BusyError: If this person keeps too many already.
            RunError: If the disk is full or can't be written to.
        """
        checkpoint = parse_brought(data, file_name)
        recipe = brought_recipe(checkpoint, file_name, digest_of(data))
        with self._lock:
            for known in self.ledger.of([who]):
                if known.recipe.get("upload") == recipe["upload"]:
                    return known
            self._room.check_kept(who)
            with self._whole_or_not(self.files(new_id()), "network") as files:
                files.create_brought(recipe, checkpoint)
                self.ledger.add_brought(files.id, recipe, who, brought_figures(checkpoint))
        return self.ledger.get(files.id)

    @contextmanager
    def _whole_or_not(self, files: RunFolder, what: str) -> Iterator[RunFolder]:
        """Make a folder and enter it in the ledger, or leave neither; RunError says why."""
        try:
            yield files
        except (OSError, RunError) as error:
            files.remove()
            raise RunError(
                f"The {what} can't be kept in {self.folder} ({error}). Free some room there, or "
                f"set RNNVIZ_RUNS to another folder."
            ) from error

    def warm(self) -> None:
        """Have all ready, for somebody is about to submit a run: that takes seconds."""
        if not self._closed.is_set():
            self._staff.hire()

    def measure(self, recipe: Recipe) -> Speed | str:
        """Return what a recipe costs on this machine, or why it can't be measured. Takes seconds.

        Raises:
            RunError: If no process can be started for it.
        """
        if problem := why_not_served(recipe):
            return problem
        return self._staff.measure(recipe)

    def turn(self, run: Run) -> Turn:
        """Return when it is a run's turn, if it waits."""
        waiting = [one.id for one in self.ledger.waiting(run.of_command_line)]
        if run.id not in waiting:
            return Turn()
        return Turn(waiting.index(run.id), first_end_s(self.ledger.training(run.of_command_line)))

    def pause(self, run: str, who: str) -> None:
        """Let a run stop as soon as its state is kept; ``resume`` goes on from there."""
        self.ledger.ask(self._own(run, who).id, "pause")

    def cancel(self, run: str, who: str) -> None:
        """End a run; what it has learned is kept."""
        self.ledger.ask(self._own(run, who).id, "cancel")

    def resume(self, run: str, who: str) -> None:
        """Let a run wait again that was paused, cancelled, interrupted or has failed.

        Raises:
            BusyError: If too many are waiting.
        """
        with self._lock:
            if self._own(run, who).state in RESUMABLE:
                self._room.check_waiting(who)
                self.ledger.enqueue(run)
                self._see_to_workers()

    def rename(self, run: str, name: str, who: str) -> None:
        """Call a run something else; an empty name changes nothing."""
        if name.strip():
            self.ledger.rename(self._own(run, who).id, name.strip())

    def tag(self, run: str, tags: Sequence[str], who: str) -> None:
        """Put words on a run, in place of those that it had."""
        shortened = dict.fromkeys(tag.strip()[:LONGEST_TAG] for tag in tags if tag.strip())
        self.ledger.tag(self._own(run, who).id, list(shortened)[:MOST_TAGS])

    def delete(self, run: str, who: str) -> None:
        """Delete a run; for a day ``restore`` can bring it back. One under way is cancelled."""
        self.cancel(run, who)
        self.ledger.hide(run)

    def restore(self, run: str, who: str) -> None:
        """Bring a deleted run back; UnknownRunError if it is gone for good."""
        hidden = self.ledger.hidden(run) if ID.fullmatch(run) else None
        if hidden is None or hidden.owner != who or not self.ledger.restore(run):
            raise no_such_run(run)

    def _own(self, run: str, who: str) -> Run:
        """Return a run that this person may change.

        Raises:
            UnknownRunError: If there is no such run.
            RunError: If it is somebody else's.
        """
        found = self.get(run)
        if found.owner != who:
            raise RunError("This run is somebody else's: you can watch it, but not change it.")
        return found

    def find_interrupted(self) -> list[str]:
        """Enter as interrupted all runs whose process is gone; return their names."""
        return find_interrupted(self.ledger, self.folder)

    def purge(self) -> None:
        """Remove the files of runs that were deleted a day ago or earlier."""
        purge(self.ledger, self.folder, time.time() - UNDO_S)

    def close(self) -> None:
        """End all workers; what they train is kept and stands as interrupted."""
        self._closed.set()
        self._staff.close()
        self.find_interrupted()

    def _tend(self) -> None:
        """Look after the workers as long as the service is open."""
        purged_at = 0.0
        while not self._closed.wait(TEND_EVERY_S):
            try:
                with self._lock:
                    self._see_to_workers()
                if time.monotonic() - purged_at > 3600 or not purged_at:
                    purged_at = time.monotonic()
                    self.purge()
            except RunError:
                # The disk is full or the folder gone; whoever asks for something is told.
                continue
            except Exception:
                # Whatever it is, what waits is to be trained when it is over.
                log.exception("The workers could not be looked after.")

    def _see_to_workers(self) -> None:
        """See to it that what waits is trained, and that what was lost is known."""
        if not self._closed.is_set():
            self.find_interrupted()
            if self.ledger.waiting(self.command_line):
                self._staff.hire()
