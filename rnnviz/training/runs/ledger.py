"""All runs of a machine in one SQLite file: who asked for them, how they stand, who is next.

Every change is one statement that names the states from which it is allowed, so that of two
processes that want the same only one gets it.
"""

import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rnnviz.training.loop import Report
from rnnviz.training.recipe import Recipe
from rnnviz.training.runs.errors import RunError, no_such_run
from rnnviz.training.runs.run import RESUMABLE, Run, State, Wish

LONGEST_NAME = 80
PATIENCE_S = 10.0
"""How long a process waits for another one to let go of the file."""

TABLE = """
CREATE TABLE IF NOT EXISTS runs (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    tags TEXT NOT NULL DEFAULT '[]',
    recipe TEXT NOT NULL,
    state TEXT NOT NULL,
    wish TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL DEFAULT '',
    phase TEXT NOT NULL DEFAULT '',
    step INTEGER NOT NULL DEFAULT 0,
    steps INTEGER NOT NULL DEFAULT 0,
    epoch INTEGER NOT NULL DEFAULT 0,
    epochs INTEGER NOT NULL DEFAULT 0,
    seconds REAL NOT NULL DEFAULT 0,
    figures TEXT NOT NULL DEFAULT '{}',
    created REAL NOT NULL,
    queued REAL NOT NULL DEFAULT 0,
    started REAL NOT NULL DEFAULT 0,
    ended REAL NOT NULL DEFAULT 0,
    deleted REAL NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS by_owner ON runs (owner, created);
CREATE INDEX IF NOT EXISTS by_state ON runs (state, queued);
"""


class Ledger:
    """The SQLite file. Opened anew for every question, so that threads and processes share it."""

    def __init__(self, folder: Path) -> None:
        """Make the file in the folder of all runs if it isn't there.

        Raises:
            RunError: If the folder can't be written to.
        """
        self.path = folder / "runs.sqlite"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunError(unwritable(folder, error)) from error
        with self._open() as file:
            # Readers don't wait for writers, and the other way round.
            file.execute("PRAGMA journal_mode = WAL")
            file.executescript(TABLE)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one change or question; RunError if that can't be."""
        try:
            file = sqlite3.connect(self.path, timeout=PATIENCE_S, isolation_level=None)
        except sqlite3.Error as error:
            raise RunError(unwritable(self.path.parent, error)) from error
        try:
            file.row_factory = sqlite3.Row
            yield file
        except sqlite3.Error as error:
            raise RunError(unwritable(self.path.parent, error)) from error
        finally:
            file.close()

    def _change(self, statement: str, values: Sequence[Any]) -> bool:
        """Make one change; return whether it met a run."""
        with self._open() as file:
            return file.execute(statement, values).rowcount > 0

    def add(self, run: str, recipe: Recipe, owner: str, state: State = "queued") -> None:
        """Enter a run that waits, or one that its caller trains at once."""
        now = time.time()
        epochs = sum(stage.epochs for stage in recipe.training.stages)
        self._change(
            "INSERT INTO runs (id, owner, name, recipe, state, epochs, created, queued, started) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                run,
                owner,
                recipe.name[:LONGEST_NAME],
                json.dumps(recipe.as_dict()),
                state,
                epochs,
                now,
                now,
                now if state == "running" else 0.0,
            ),
        )

    def add_brought(
        self, run: str, recipe: dict[str, Any], owner: str, figures: dict[str, float]
    ) -> None:
        """Enter a network that somebody brought along: done, without a training."""
        now = time.time()
        self._change(
            "INSERT INTO runs (id, owner, name, recipe, state, figures, created, ended) "
            "VALUES (?, ?, ?, ?, 'done', ?, ?, ?)",
            (
                run,
                owner,
                recipe["name"][:LONGEST_NAME],
                json.dumps(recipe),
                json.dumps(figures),
                now,
                now,
            ),
        )

    def get(self, run: str) -> Run:
        """Return a run; UnknownRunError if there is none of that name, or it was deleted."""
        found = self._rows("SELECT * FROM runs WHERE id = ? AND deleted = 0", (run,))
        if not found:
            raise no_such_run(run)
        return found[0]

    def of(self, owners: Sequence[str]) -> list[Run]:
        """Return the runs of these owners, the youngest first."""
        marks = ", ".join("?" * len(owners))
        return self._rows(
            f"SELECT * FROM runs WHERE owner IN ({marks}) AND deleted = 0 ORDER BY created DESC",
            tuple(owners),
        )

    def everything(self) -> list[Run]:
        """Return all runs, the youngest first."""
        return self._rows("SELECT * FROM runs WHERE deleted = 0 ORDER BY created DESC", ())

    def in_state(self, *states: State) -> list[Run]:
        """Return the runs that stand so, those that have waited longest first.

        One that was deleted counts for as long as it is under way: somebody has to end it.
        """
        marks = ", ".join("?" * len(states))
        return self._rows(
            f"SELECT * FROM runs WHERE state IN ({marks}) AND (deleted = 0 OR state = 'running') "
            "ORDER BY queued",
            states,
        )

    def figures(self, run: str) -> dict[str, float]:
        """Return the last measured figures of a run, a deleted one among them; {} without one."""
        found = self._rows("SELECT * FROM runs WHERE id = ?", (run,))
        return found[0].figures if found else {}

    def waiting(self, command_line: bool) -> list[Run]:
        """Return the runs that wait, those that have waited longest first.

        Args:
            command_line: Those of the command line, which has workers of its own; else people's.
        """
        return [run for run in self.in_state("queued") if run.of_command_line == command_line]

    def training(self, command_line: bool) -> list[Run]:
        """Return the runs that train, of the command line or of people as in ``waiting``."""
        return [run for run in self.in_state("running") if run.of_command_line == command_line]

    def _rows(self, question: str, values: Sequence[Any]) -> list[Run]:
        with self._open() as file:
            return [as_run(row) for row in file.execute(question, values)]

    def claim(self, run: str) -> bool:
        """Begin to train a waiting run; False if somebody else has, or it waits no longer."""
        return self._change(
            "UPDATE runs SET state = 'running', wish = '', message = '', started = ? "
            "WHERE id = ? AND state = 'queued' AND deleted = 0",
            (time.time(), run),
        )

    def enqueue(self, run: str) -> bool:
        """Let a run wait again that can be gone on with; False if it stands otherwise."""
        return self._change(
            "UPDATE runs SET state = 'queued', wish = '', message = '', queued = ?, ended = 0 "
            f"WHERE id = ? AND state IN ({listed(RESUMABLE)}) AND deleted = 0",
            (time.time(), run),
        )

    def ask(self, run: str, wish: Wish) -> None:
        """Ask the worker of a run to pause or to cancel it; at once where it only waits."""
        becomes = {"pause": "paused", "cancel": "cancelled"}[wish]
        now = time.time()
        self._change(
            "UPDATE runs SET state = ?, ended = ? WHERE id = ? AND state = 'queued'",
            (becomes, now, run),
        )
        if wish == "cancel":
            self._change(
                "UPDATE runs SET state = 'cancelled', ended = ? "
                "WHERE id = ? AND state IN ('paused', 'interrupted')",
                (now, run),
            )
        # Cancelling is the stronger wish.
        self._change(
            "UPDATE runs SET wish = ? WHERE id = ? AND state = 'running' AND wish != 'cancel'",
            (wish, run),
        )

    def progress(self, run: str, report: Report, figures: dict[str, float]) -> Wish:
        """Enter how far a run is, and return what its worker is asked to do."""
        with self._open() as file:
            row = file.execute(
                "UPDATE runs SET step = ?, steps = ?, epoch = ?, epochs = ?, seconds = ?, "
                "figures = ?, phase = '' WHERE id = ? RETURNING wish, deleted",
                (
                    report.step,
                    report.steps,
                    report.epoch,
                    report.epochs,
                    report.seconds,
                    json.dumps(figures),
                    run,
                ),
            ).fetchone()
        return "cancel" if row is None or row["deleted"] else row["wish"]

    def enter(self, run: str, phase: str) -> Wish:
        """Enter what a worker does now, and return what it is asked to do."""
        with self._open() as file:
            row = file.execute(
                "UPDATE runs SET phase = ? WHERE id = ? RETURNING wish, deleted", (phase, run)
            ).fetchone()
        return "cancel" if row is None or row["deleted"] else row["wish"]

    def settle(
        self,
        run: str,
        state: State,
        message: str = "",
        figures: dict[str, float] | None = None,
    ) -> bool:
        """End the training of a run that is under way; False if it isn't."""
        return self._change(
            "UPDATE runs SET state = ?, message = ?, wish = '', phase = '', ended = ?, "
            "figures = coalesce(?, figures) WHERE id = ? AND state = 'running'",
            (state, message, time.time(), json.dumps(figures) if figures else None, run),
        )

    def rename(self, run: str, name: str) -> None:
        """Call a run something else."""
        self._change("UPDATE runs SET name = ? WHERE id = ?", (name[:LONGEST_NAME], run))

    def tag(self, run: str, tags: Sequence[str]) -> None:
        """Put words on a run, in place of those that it had."""
        self._change("UPDATE runs SET tags = ? WHERE id = ?", (json.dumps(list(tags)), run))

    def hide(self, run: str) -> None:
        """Delete a run so that ``restore`` can bring it back."""
        self._change("UPDATE runs SET deleted = ? WHERE id = ?", (time.time(), run))

    def restore(self, run: str) -> bool:
        """Bring a deleted run back; False if it is gone for good."""
        return self._change("UPDATE runs SET deleted = 0 WHERE id = ?", (run,))

    def hidden(self, run: str) -> Run | None:
        """Return a deleted run that can still be brought back, None if there is none."""
        found = self._rows("SELECT * FROM runs WHERE id = ? AND deleted > 0", (run,))
        return found[0] if found else None

    def hidden_beyond(self, owner: str | None, most: int) -> list[str]:
        """Return the deleted runs but the youngest ``most``, of one owner or of all (None)."""
        with self._open() as file:
            rows = file.execute(
                "SELECT id FROM runs WHERE deleted > 0 AND state != 'running' "
                "AND (? IS NULL OR owner = ?) ORDER BY deleted DESC LIMIT -1 OFFSET ?",
                (owner, owner, most),
            ).fetchall()
        return [row["id"] for row in rows]

    def forget_hidden(self, run: str) -> bool:
        """Forget a deleted run; False if it was brought back or trains still."""
        return self._change(
            "DELETE FROM runs WHERE id = ? AND deleted > 0 AND state != 'running'", (run,)
        )

    def forget(self, before: float) -> list[str]:
        """Forget the runs that were deleted before a moment; return their names."""
        with self._open() as file:
            rows = file.execute(
                "DELETE FROM runs WHERE deleted > 0 AND deleted < ? AND state != 'running' "
                "RETURNING id",
                (before,),
            ).fetchall()
        return [row["id"] for row in rows]


def as_run(row: sqlite3.Row) -> Run:
    """Return a row of the table as a run."""
    values = dict(row)
    values["tags"] = tuple(json.loads(values["tags"]))
    for name in ("recipe", "figures"):
        values[name] = json.loads(values[name])
    return Run(**values)


def listed(states: Sequence[str]) -> str:
    """Return states as they stand in a statement."""
    return ", ".join(f"'{state}'" for state in states)


def unwritable(folder: Path, error: Exception) -> str:
    """Return the message for a folder of runs that can't be used."""
    return (
        f"The runs can't be kept in {folder} ({error}). Free some room on the disk, allow writing "
        f"there, or set RNNVIZ_RUNS to another folder and start the app again."
    )
