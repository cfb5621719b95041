"""What the table shows of each run. Pure data."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from rnnviz.models.cells import cell_class
from rnnviz.models.checkpoint import blank_model
from rnnviz.models.config import ModelConfig
from rnnviz.models.model import parameter_count
from rnnviz.training.runs.run import Run
from rnnviz.ui.cache import DATASET_NAMES, config_label
from rnnviz.ui.library import ID_SHOWN
from rnnviz.ui.runs.measured import best_validation, last_step, test_accuracy, tested_on
from rnnviz.ui.studio.words import HEADLINES

UNDER_WAY = ("queued", "running")
ENDED_EARLY = ("paused", "failed", "cancelled", "interrupted")
BROUGHT = "Brought along"


def row(run: Run, who: str) -> dict[str, Any]:
    """Return what the table shows of a run.

    Args:
        run: The run.
        who: Who looks on.
    """
    config = ModelConfig(**run.recipe["model"])
    return {
        "id": run.id,
        "name": run.name,
        "tags": list(run.tags),
        "state": run.state,
        "headline": headline(run),
        "progress": run.progress if run.state not in ("done", "failed") else None,
        "data": datasets(run),
        "cell": cell_class(config.cell).LABEL,
        "route": config_label(config).split(" · ", 1)[1],
        "units": config.units,
        "parameters": parameters(json.dumps(run.recipe["model"], sort_keys=True)),
        "step": steps_done(run),
        "validation": best_validation(run),
        "test": test_accuracy(run),
        "tested": data_name(tested_on(run)),
        "seconds": run.seconds,
        "created": run.created,
        "whose": whose(run, who),
    }


def headline(run: Run) -> str:
    """Return how a run stands, in a word."""
    return BROUGHT if run.brought else HEADLINES[run.state]


def whose(run: Run, who: str) -> str:
    """Return whose a run is, empty for one's own."""
    if run.owner == who:
        return ""
    return "from the command line" if not run.owner else "opened by a link"


def steps_done(run: Run) -> int:
    """Return how many steps a run has trained, by its metrics where the ledger knows of fewer."""
    last = last_step(run) if run.state in ENDED_EARLY else None
    return run.step if last is None else max(run.step, last[0])


def datasets(run: Run) -> str:
    """Return what a run learns from, in words."""
    names = [] if run.brought else run.recipe["training"]["datasets"]
    return ", ".join(map(data_name, names))


def data_name(name: str) -> str:
    """Return what a data set is called on the screen."""
    return DATASET_NAMES.get(name, name)


@lru_cache(maxsize=512)
def parameters(config: str) -> int:
    """Return how many trained values the network has that a config as JSON describes."""
    return parameter_count(blank_model(ModelConfig(**json.loads(config))))


def names_apart(runs: Sequence[Run]) -> dict[str, str]:
    """Return what runs are called by their ids: their names, with some of the id where two agree.

    What people typed stands in it as it is; whoever shows it sees to it that it is shown as text.
    """
    counts = Counter(run.name for run in runs)
    return {
        run.id: run.name if counts[run.name] == 1 else f"{run.name}, {run.id[:ID_SHOWN]}"
        for run in runs
    }


def signature(runs: Sequence[Run]) -> tuple[Any, ...]:
    """Return what, when it changes, changes more of the page than the numbers in the table."""
    return tuple((run.id, run.name, run.tags, run.state) for run in runs)


def by_id(runs: Sequence[Run]) -> Mapping[str, Run]:
    """Return runs by their ids."""
    return {run.id: run for run in runs}
