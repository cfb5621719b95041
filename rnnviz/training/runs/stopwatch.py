"""Answers how long runs would take without letting anybody wait for it."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator

from rnnviz.training.recipe import Recipe
from rnnviz.training.runs.errors import RunError
from rnnviz.training.runs.speed import Speed, speed_key

IDLE_S = 30.0
"""How long the thread that asks stays without a question."""
MOST_KEPT = 500
"""Speeds that are remembered."""
FORGET_S = 60.0
"""How long it is remembered that a recipe couldn't be measured: the machine may have been busy."""
MOST_WAITING = 40
"""Questions that wait; of more the oldest is dropped, its page has asked something else since."""


class Stopwatch:
    """Has recipes measured, one after another, and remembers their speeds. Safe to share."""

    def __init__(self, measure: Callable[[Recipe], Speed | str]) -> None:
        """Begin with nothing measured; ``measure`` may take its time, ``Service.measure`` does."""
        self._measure = measure
        self._known: OrderedDict[str, Speed | str] = OrderedDict()
        self._failed: dict[str, float] = {}
        self._waiting: OrderedDict[str, Recipe] = OrderedDict()
        self._change = threading.Condition()
        self._thread: threading.Thread | None = None

    def speed(self, recipe: Recipe) -> Speed | str | None:
        """Return what a recipe costs, why it can't be measured, or None while that goes on."""
        key = speed_key(recipe)
        with self._change:
            if time.monotonic() - self._failed.get(key, float("inf")) > FORGET_S:
                del self._known[key], self._failed[key]
            known = self._known.get(key)
            if known is None and key not in self._waiting:
                self._waiting[key] = recipe
                if len(self._waiting) > MOST_WAITING:
                    self._waiting.popitem(last=False)
                if self._thread is None:
                    self._thread = threading.Thread(target=self._serve, daemon=True)
                    self._thread.start()
                self._change.notify()
            return known

    def _serve(self) -> None:
        """Have all questions answered, then wait for more a while."""
        for key, recipe in self._questions():
            try:
                found = self._measure(recipe)
            except RunError as error:
                found = str(error)
            with self._change:
                self._known[key] = found
                if isinstance(found, str):
                    self._failed[key] = time.monotonic()
                self._waiting.pop(key, None)
                while len(self._known) > MOST_KEPT:
                    oldest, _ = self._known.popitem(last=False)
                    self._failed.pop(oldest, None)

    def _questions(self) -> Iterator[tuple[str, Recipe]]:
        """Yield one question after another, until there has been none for a while."""
        while True:
            with self._change:
                if not self._waiting and not self._change.wait_for(lambda: self._waiting, IDLE_S):
                    self._thread = None
                    return
                key = next(iter(self._waiting))
                recipe = self._waiting[key]
            yield key, recipe
