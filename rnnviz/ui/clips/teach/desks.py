"""What each visitor has collected and taught, kept by the server. No Streamlit.

A reload of the page begins a new session, so what a person has recorded can't live in that: it lies
here, in memory, under the random name by which the visitor's browser is known. Nobody else can ask
for it. It is gone when the server ends, or when it wasn't touched for a day.
"""

import shutil
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from rnnviz.data.clips.clipset import ClipSet
from rnnviz.models.clips.checkpoint import ClipCheckpoint
from rnnviz.training.clips.taught import Taught
from rnnviz.training.experiments import own_actions
from rnnviz.ui.clips.teach.collection import Collection, begin

KEPT_S = 24 * 3600
"""So long a desk is kept after it was last touched."""
MOST_BYTES = 256 << 20
"""All desks together; beyond it the ones that weren't touched for longest are cleared."""
MOST_DESKS = 1000


@dataclass(frozen=True, eq=False)
class Lesson:
    """A training that was asked for."""

    settings: own_actions.Settings
    """Names its job, and the folder that it works in."""
    clips: ClipSet
    """What it learns from."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of a lesson."""

    clips: ClipSet
    """What was learned from, in the order of ``taught.labels``."""
    taught: Taught
    """How well the actions could be told apart."""
    checkpoint: ClipCheckpoint
    """The network that learned from all clips."""
    data: bytes
    """Its file."""
    ended_at: float
    """When the training ended, in seconds since the epoch."""


@dataclass(frozen=True, eq=False)
class Desk:
    """What lies before one visitor; each change makes a new one."""

    collection: Collection = field(default_factory=begin)
    """What was collected."""
    lesson: Lesson | None = None
    """The training that waits or is under way."""
    outcome: Outcome | None = None
    """The result of the last training that ended well."""

    @property
    def size_bytes(self) -> int:
        """How much memory it takes, roughly."""
        lesson, outcome = self.lesson, self.outcome
        return (
            self.collection.size_bytes
            + (0 if lesson is None else lesson.clips.frames.nbytes)
            # The file and the weights in it.
            + (0 if outcome is None else outcome.clips.frames.nbytes + 2 * len(outcome.data))
        )


class Desks:
    """The desks of all visitors. Safe to share between threads."""

    def __init__(self) -> None:
        """Begin with none."""
        self._desks: OrderedDict[str, tuple[float, Desk]] = OrderedDict()
        self._lock = threading.RLock()
        # Private to this user of the machine, and cleared when the server ends.
        self._root = tempfile.TemporaryDirectory(prefix="rnnviz-own-", ignore_cleanup_errors=True)

    def of(self, who: str) -> Desk:
        """Return a visitor's desk, a new one if there is none."""
        with self._lock:
            if who not in self._desks:
                return self.change(who, lambda desk: desk)
            _, desk = self._desks[who]
            self._touch(who, desk)
            return desk

    def change(self, who: str, change: Callable[[Desk], Desk]) -> Desk:
        """Put what ``change`` makes of a visitor's desk in its place, and return it.

        Nobody else changes it meanwhile; if ``change`` fails the desk stays as it was.
        """
        with self._lock:
            _, before = self._desks.get(who, (0.0, None))
            after = change(before or Desk())
            self._touch(who, after)
            self._clear()
            return after

    def new_folder(self) -> Path:
        """Return a new folder for a lesson, of which nobody can guess the name."""
        return Path(tempfile.mkdtemp(dir=self._root.name))

    def _touch(self, who: str, desk: Desk) -> None:
        """Put a desk down as the last one that was touched; the lock is held."""
        self._desks[who] = (time.monotonic(), desk)
        self._desks.move_to_end(who)

    def _clear(self) -> None:
        """Clear the desks that are old, or too many, but the last one; the lock is held."""
        size = sum(desk.size_bytes for _, desk in self._desks.values())
        while len(self._desks) > 1:
            who, (touched, desk) = next(iter(self._desks.items()))
            old = time.monotonic() - touched > KEPT_S
            if not old and size <= MOST_BYTES and len(self._desks) <= MOST_DESKS:
                return
            del self._desks[who]
            size -= desk.size_bytes
            if desk.lesson is not None:
                throw_away(desk.lesson)


def throw_away(lesson: Lesson) -> None:
    """Delete the folder of a lesson."""
    shutil.rmtree(lesson.settings.folder, ignore_errors=True)
