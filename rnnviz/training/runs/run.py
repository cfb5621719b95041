"""One run as the ledger knows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

State = Literal["queued", "running", "paused", "done", "failed", "cancelled", "interrupted"]
Wish = Literal["", "pause", "cancel"]

ENDED: tuple[State, ...] = ("done", "failed", "cancelled")
"""A run that stands so doesn't wait for anything."""
RESUMABLE: tuple[State, ...] = ("paused", "interrupted", "failed", "cancelled")
"""A run that stands so can be gone on with, from the last state that it kept."""
COMMAND_LINE = ""
"""The owner of runs that were begun at this machine's command line; everybody may see them."""
INTERRUPTED = "Its process ended while it trained. Resume it to go on from the last kept state."
"""Why a run is interrupted."""


@dataclass(frozen=True)
class Run:
    """One run as the ledger knows it. Times are seconds since the epoch, 0 for never."""

    id: str
    """Names its folder and its link."""
    owner: str
    """Who asked for it, or ``COMMAND_LINE``."""
    name: str
    """What people call it: any text."""
    tags: tuple[str, ...]
    """Words that people put on it."""
    recipe: dict[str, Any]
    """The model and the settings, as ``Recipe.as_dict``; of a network that was brought along see
    ``brought``."""
    state: State
    """How it stands."""
    wish: Wish
    """What its worker is asked to do next."""
    message: str
    """Why it failed or ended early; empty otherwise."""
    phase: str
    """What its worker does now, where that isn't training."""
    step: int
    """Training steps done."""
    steps: int
    """Training steps of the whole run, 0 before it has begun."""
    epoch: int
    """Epochs done."""
    epochs: int
    """Epochs of the whole run."""
    seconds: float
    """Time that it has trained."""
    figures: dict[str, float]
    """The last measured figures: "loss", "accuracy", "validation", "digits/test/accuracy"."""
    created: float
    """When it was asked for."""
    queued: float
    """When it began to wait last."""
    started: float
    """When it began to train last."""
    ended: float
    """When it ended."""
    deleted: float
    """When it was deleted; it can be brought back for a while."""

    @property
    def of_command_line(self) -> bool:
        """Whether it was begun at this machine's command line."""
        return self.owner == COMMAND_LINE

    @property
    def brought(self) -> bool:
        """Whether it is a network that somebody brought along, so that it has no training."""
        return self.recipe.get("training") is None

    @property
    def progress(self) -> float:
        """The share of its training steps that is done, 0 to 1."""
        return min(self.step / self.steps, 1.0) if self.steps else 0.0

    @property
    def seconds_left(self) -> float | None:
        """How long the steps that are left will take at the speed so far, None before a step."""
        if not self.step or not self.steps:
            return None
        return self.seconds / self.step * (self.steps - self.step)


class Turn(NamedTuple):
    """When it is the turn of a run that waits."""

    before: int = 0
    """Runs that come before it in the queue."""
    room_in_s: float | None = None
    """How long the training that ends first still takes, None where none can be told."""


def first_end_s(training: Sequence[Run]) -> float | None:
    """Return how long the training that ends first still takes, None where none can be told."""
    known = [run.seconds_left for run in training]
    return min((left for left in known if left is not None), default=None)
