"""What a sweep found: runs by their settings, each setting with several seeds. Pure data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

MEASURES = ("validation", "test", "duration_s")
"""What is measured of a trial: two accuracies from 0 to 1, and how long it trained."""


class Spread(NamedTuple):
    """How the trials of one setting scatter."""

    low: float
    """The lowest."""
    median: float
    """The one in the middle."""
    high: float
    """The highest."""


@dataclass(frozen=True)
class Trial:
    """One run of a sweep."""

    run: str
    """Names the run."""
    seed: int
    """Its seed."""
    state: str
    """How it stands: "done", "failed", "running" and so on."""
    diverged: bool = False
    """Whether it ended because its loss or its gradient overflowed."""
    validation: float | None = None
    """Accuracy on the validation pictures after the last epoch, None if it wasn't measured."""
    test: float | None = None
    """Accuracy on the test pictures, None if it wasn't measured."""
    duration_s: float | None = None
    """Time that it trained, None if it isn't done."""


@dataclass(frozen=True)
class Group:
    """All trials of one setting."""

    settings: Mapping[str, str]
    """What it differs in from other groups, and how; empty where there is only one group."""
    trials: tuple[Trial, ...]
    """One a seed."""

    @property
    def label(self) -> str:
        """What the group is called: "cell lstm, clip 0"."""
        parts = [f"{name} {value}" for name, value in self.settings.items()]
        return ", ".join(parts) or "all runs"

    @property
    def done(self) -> int:
        """How many trials are done."""
        return sum(trial.state == "done" for trial in self.trials)

    @property
    def diverged(self) -> int:
        """How many trials diverged."""
        return sum(trial.diverged for trial in self.trials)

    def measured(self, what: str) -> list[float]:
        """Return what was measured of the trials that are done; ``what`` is of ``MEASURES``."""
        found = [getattr(trial, what) for trial in self.trials if trial.state == "done"]
        return [value for value in found if value is not None]

    def spread(self, what: str) -> Spread | None:
        """Return how the trials that are done scatter, None if there are none."""
        values = self.measured(what)
        if not values:
            return None
        return Spread(min(values), float(np.median(values)), max(values))
