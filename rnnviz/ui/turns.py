"""Whose turn it is: answers are worked out one after another, not all at once.

Python runs one thread at a time, and every small operation of torch lets another thread in. Ten
answers worked out side by side are all ready at the end of the ten; one after another, the first
is ready after a tenth of that time, and the last no later. No Streamlit here.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

LONGEST_WAIT_S = 5.0
"""After this a run goes ahead out of turn, so that nothing can hold everybody up for good."""


class Turns:
    """A queue at one counter, first come, first served. Safe to share between threads."""

    def __init__(self) -> None:
        """Begin with nobody there."""
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False

    @contextmanager
    def patient(self) -> Iterator[None]:
        """Wait for one's turn; the next one's comes at the end of the block."""
        mine = threading.Event()
        with self._lock:
            if self._taken:
                self._waiting.append(mine)
            else:
                self._taken = True
                mine.set()
        called = mine.wait(LONGEST_WAIT_S) or not self._give_up(mine)
        try:
            yield
        finally:
            if called:
                self._call_next()

    @contextmanager
    def impatient(self) -> Iterator[bool]:
        """Yield whether it is one's turn at once; if not, the block does without."""
        with self._lock:
            granted = not self._taken
            self._taken = True
        try:
            yield granted
        finally:
            if granted:
                self._call_next()

    def _give_up(self, mine: threading.Event) -> bool:
        """Leave the queue; return False if one has just been called."""
        with self._lock:
            if mine.is_set():
                return False
            self._waiting.remove(mine)
            return True

    def _call_next(self) -> None:
        """End a turn, and let the next one in."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False
