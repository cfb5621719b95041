"""Work done beside a process: in forks of it, or in threads where a system can't fork."""

import contextlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

Work = Callable[[], int]
"""Returns an exit status: 0 for done."""


class Offspring(Protocol):
    """Pieces of work under way, each with a number."""

    def begin(self, work: Work) -> int:
        """Begin a piece of work and return its number."""
        ...

    def ended(self, number: int) -> int | None:
        """Return the status of a piece of work that has ended, once; None while it goes on."""
        ...

    def kill(self, number: int) -> None:
        """End a piece of work at once, where that can be done."""
        ...

    def wait_for_end(self) -> None:
        """Return once this process, or the one that it was forked of, has to end."""
        ...

    def tell_end(self) -> None:
        """Let all that wait for the end return."""
        ...


class Forks:
    """Forks of this process: they begin at once and share its memory."""

    def __init__(self) -> None:
        """Open the pipe that closes when this process ends, however it ends."""
        self._read, self._write = os.pipe()

    def begin(self, work: Work) -> int:
        """Begin a piece of work in a fork, and return the number of its process."""
        number = os.fork()
        if number:
            return number
        status = 1
        try:
            os.close(self._write)
            be_first_to_go()
            status = work()
        except Exception:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            # Nothing of the parent's is to be cleaned up by its forks.
            os._exit(status)

    def ended(self, number: int) -> int | None:
        """Return the exit status of a fork that has ended, negative for a signal."""
        found, status = os.waitpid(number, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if found else None

    def kill(self, number: int) -> None:
        """Kill a fork."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)

    def wait_for_end(self) -> None:
        """Wait until the pipe closes."""
        while os.read(self._read, 1):
            pass

    def tell_end(self) -> None:
        """Close the pipe."""
        os.close(self._write)


def be_first_to_go() -> None:
    """Let Linux end this process before any other one when there is no memory left."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


class Threads:
    """Threads of this process, for systems that can't fork. None can be killed."""

    def __init__(self) -> None:
        """Begin with none."""
        self._statuses: dict[int, int] = {}
        self._begun = 0
        self._end = threading.Event()

    def begin(self, work: Work) -> int:
        """Begin a piece of work in a thread, and return its number."""
        self._begun += 1
        number = self._begun

        def run() -> None:
            try:
                self._statuses[number] = work()
            except Exception:
                traceback.print_exc()
                self._statuses[number] = 1

        threading.Thread(target=run, daemon=True).start()
        return number

    def ended(self, number: int) -> int | None:
        """Return the status that a piece of work returned, 1 if it failed."""
        return self._statuses.pop(number, None)

    def kill(self, number: int) -> None:
        """Do nothing: a thread goes on."""

    def wait_for_end(self) -> None:
        """Wait until ``tell_end``."""
        self._end.wait()

    def tell_end(self) -> None:
        """Let all that wait for the end return."""
        self._end.set()
