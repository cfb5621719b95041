"""How many runs at once, how many for one person, how long, and where they lie."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

FOLDER = "RNNVIZ_RUNS"
"""Environment variable: the folder of all runs."""
MOST_STEPS = 400_000
"""Training steps of the longest run: the metrics of every step are kept."""
MOST_WAITING = 60
"""Runs that may wait on one server."""


@dataclass(frozen=True)
class Limits:
    """What one server grants; each field has an environment variable."""

    at_once: int = 1
    """Runs that train at the same time (RNNVIZ_TRAININGS; half of the processors unless set)."""
    of_one: int = 3
    """Runs that one person may have waiting or training (RNNVIZ_QUEUE)."""
    longest_min: float = 60.0
    """Minutes after which a run is ended; what it has learned is kept (RNNVIZ_TRAINING_MINUTES)."""
    free_mb: float = 200.0
    """Megabytes that must be free on the disk for a run to begin (RNNVIZ_FREE_MB)."""
    kept: int = 200
    """Runs that one person may keep (RNNVIZ_KEPT)."""

    @classmethod
    def from_environment(cls) -> "Limits":
        """Return the limits as the environment sets them; what makes no sense stays at default."""
        cores = os.cpu_count() or 1
        return cls(
            at_once=max(int(number("RNNVIZ_TRAININGS", max(cores // 2, 1))), 1),
            of_one=max(int(number("RNNVIZ_QUEUE", cls.of_one)), 1),
            longest_min=number("RNNVIZ_TRAINING_MINUTES", cls.longest_min),
            free_mb=number("RNNVIZ_FREE_MB", cls.free_mb),
            kept=max(int(number("RNNVIZ_KEPT", cls.kept)), 1),
        )


def number(variable: str, default: float) -> float:
    """Return a positive number from the environment, or the default."""
    try:
        value = float(os.environ.get(variable, ""))
    except ValueError:
        return default
    return value if 0 < value < 1e9 else default


def runs_folder(override: Path | str | None = None) -> Path:
    """Return the folder of all runs; it need not exist yet.

    The first of these that is set decides: the argument, the environment variable RNNVIZ_RUNS,
    the folder ``rnnviz/runs`` where this platform keeps a user's data.
    """
    chosen = override or os.environ.get(FOLDER)
    return Path(os.path.expanduser(chosen)) if chosen else user_data() / "rnnviz" / "runs"


def user_data() -> Path:
    """Return the folder in which this platform keeps a user's data."""
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return Path(local) if local else Path.home() / "AppData" / "Local"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
