"""Sweeps: the runs of one question, one for every combination of settings and seed.

A sweep is nothing but a tag that its runs have in common, so it can be gone on with from the ledger
alone. All of its runs are entered at once, paused; they are let into the queue a few at a time, so
that what stands before others in it is never more than the workers take up soon.
"""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from rnnviz.core.sweep import Group, Trial
from rnnviz.training.recipe import Recipe
from rnnviz.training.runs.carry_out import DIVERGED
from rnnviz.training.runs.errors import BusyError, RunError
from rnnviz.training.runs.folder import RunFolder
from rnnviz.training.runs.ledger import Ledger
from rnnviz.training.runs.limits import Limits
from rnnviz.training.runs.run import COMMAND_LINE, Run
from rnnviz.training.runs.service import LONGEST_TAG, Service, new_id

SIGN = "sweep "
"""What begins the tag of a sweep's runs; its name follows."""
LONGEST_NAME = LONGEST_TAG - len(SIGN)
AHEAD = 2
"""Runs that train or wait, for each that may train at once."""
MOST_TRIES = 3
"""How often a run is taken up again whose process ended while it trained."""
LOOK_EVERY_S = 0.3
UNENDED = ("paused", "interrupted")
"""States of a run that has yet to be trained to its end."""
UNDER_WAY = ("queued", "running")
DEFAULT_START = {"gain": 0.0, "identity": 0.0}
"""Options of a cell that starts as PyTorch's do."""
STARTS = {0.0: "orthogonal", 1.0: "identity"}
"""How the recurrent weights start, by the option "identity"."""


def limits_of(jobs: int) -> Limits:
    """Return what a sweep is granted that trains so many runs at once: all the time it takes."""
    return Limits(at_once=jobs, of_one=10**9, longest_min=float("inf"), kept=10**9)


def tag_of(name: str) -> str:
    """Return the tag of a sweep's runs.

    Raises:
        RunError: If it can't be called so.
    """
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise RunError(
            f"A sweep's name has 1 to {LONGEST_NAME} letters, digits and signs, got {name!r}."
        )
    return SIGN + name.strip()


def name_of(recipes: Sequence[Recipe]) -> str:
    """Return the name of a sweep that wasn't given one: the same for the same runs."""
    asked = sorted(identity(recipe.as_dict()) for recipe in recipes)
    return hashlib.sha256("\n".join(asked).encode()).hexdigest()[:8]


def identity(recipe: dict[str, Any]) -> str:
    """Return what makes a run of a sweep another one than the others: all but what it is called."""
    return json.dumps({part: recipe[part] for part in ("model", "training")}, sort_keys=True)


def runs_of(ledger: Ledger, tag: str) -> list[Run]:
    """Return the runs of a sweep, the oldest first."""
    found = [run for run in ledger.of([COMMAND_LINE]) if tag in run.tags and not run.brought]
    return sorted(found, key=lambda run: run.created)


def latest_tag(ledger: Ledger) -> str:
    """Return the tag of the sweep that was begun last; RunError if there is none."""
    for run in ledger.of([COMMAND_LINE]):
        for tag in run.tags:
            if tag.startswith(SIGN):
                return tag
    raise RunError("There is no sweep to go on with. Begin one by naming its settings.")


def enter(ledger: Ledger, folder: Path, recipes: Sequence[Recipe], tag: str) -> None:
    """Make a run for each recipe that the sweep doesn't hold yet; it waits as a paused one.

    Raises:
        OSError: If its folder can't be made.
        RunError: If it can't be entered in the ledger.
    """
    # Two that begin the same sweep at once share its runs.
    with FileLock(folder / "sweeps.lock"):
        known = {identity(run.recipe) for run in runs_of(ledger, tag)}
        for recipe in recipes:
            key = identity(recipe.as_dict())
            if key in known:
                continue
            known.add(key)
            files = RunFolder(folder / new_id())
            files.create(recipe)
            try:
                ledger.add(files.id, recipe, COMMAND_LINE, "paused")
                ledger.tag(files.id, [tag])
            except RunError:
                files.remove()
                raise


def work_off(service: Service, tag: str) -> Iterator[list[Run]]:
    """Train what is missing of a sweep, yielding all of its runs again and again until it is done.

    What diverged would do so again, so it counts as done; what failed otherwise or was cancelled
    earlier is tried once more.
    """
    again = {
        run.id
        for run in runs_of(service.ledger, tag)
        if run.state == "cancelled" or (run.state == "failed" and not diverged(service, run))
    }
    tries: Counter[str] = Counter()
    while True:
        runs = runs_of(service.ledger, tag)
        missing = [
            run
            for run in runs
            if (run.state in UNENDED and tries[run.id] < MOST_TRIES)
            or (run.id in again and run.state in ("failed", "cancelled") and not tries[run.id])
        ]
        under_way = sum(run.state in UNDER_WAY for run in runs)
        yield runs
        if not missing and not under_way:
            return
        for run in missing[: max(AHEAD * service.limits.at_once - under_way, 0)]:
            try:
                service.resume(run.id, COMMAND_LINE)
            except BusyError:
                break
            tries[run.id] += 1
        time.sleep(LOOK_EVERY_S)


def leave(service: Service, tag: str) -> None:
    """Let go of a sweep so that it can be gone on with: what waits is paused, what trains kept."""
    for run in runs_of(service.ledger, tag):
        if run.state == "queued":
            service.pause(run.id, COMMAND_LINE)
    service.close()


def diverged(service: Service, run: Run) -> bool:
    """Return whether a run failed because its loss or its gradient overflowed."""
    return run.state == "failed" and has_diverged(service.files(run.id))


def has_diverged(files: RunFolder) -> bool:
    """Return whether the log of a run says that it diverged."""
    try:
        return f" {DIVERGED} " in files.log_path.read_text(encoding="utf-8")
    except OSError:
        return False


def groups_of(runs: Sequence[Run], folder: Path) -> list[Group]:
    """Return the runs of a sweep by what differs between them, apart from the seed."""
    words = [settings_of(run.recipe) for run in runs]
    names = list(dict.fromkeys(name for one in words for name in one))
    varied = [name for name in names if len({one.get(name, "") for one in words}) > 1]
    groups: dict[tuple[str, ...], Group] = {}
    for run, one in zip(runs, words, strict=True):
        key = tuple(one.get(name, "") for name in varied)
        settings = {name: value for name, value in zip(varied, key, strict=True) if value}
        before = groups.get(key, Group(settings, ()))
        trial = trial_of(run, RunFolder(folder / run.id))
        groups[key] = replace(before, trials=(*before.trials, trial))
    return list(groups.values())


def trial_of(run: Run, files: RunFolder) -> Trial:
    """Return what is known of one run of a sweep."""
    done = run.state == "done"
    first = run.recipe["training"]["datasets"][0]
    return Trial(
        run=run.id,
        seed=int(run.recipe["training"]["seed"]),
        state=run.state,
        diverged=run.state == "failed" and has_diverged(files),
        validation=run.figures.get("validation/accuracy") if done else None,
        test=run.figures.get(f"{first}/test/accuracy") if done else None,
        duration_s=run.seconds if done else None,
    )


def settings_of(recipe: dict[str, Any]) -> dict[str, str]:
    """Return the settings of a recipe as people asked for them, all but the seed, in words."""
    model, training = dict(recipe["model"]), dict(recipe["training"])
    found: dict[str, Any] = {name: model[name] for name in ("route", "cell", "units")}
    found |= model.pop("route_options") | started(model.pop("cell_options"))
    found |= {name: value for name, value in model.items() if name not in ("shape", "classes")}
    found["dataset"] = "+".join(training.pop("datasets"))
    *earlier, last = training.pop("stages")
    found |= {name: last[name] for name in ("epochs", "learning_rate", "batch")}
    found |= {f"{name} in stage {n}": v for n, s in enumerate(earlier, 1) for name, v in s.items()}
    changes = training.pop("augmentation")
    found |= {"augmentation": "off"} if changes is None else changes
    found |= {name: value for name, value in training.items() if name != "seed"}
    return {name.replace("_", " "): in_words(value) for name, value in found.items()}


def started(options: dict[str, float]) -> dict[str, Any]:
    """Return the options of a cell, with a name for how its recurrent weights start."""
    found: dict[str, Any] = dict(options)
    if DEFAULT_START.items() <= found.items():
        return {name: v for name, v in found.items() if name not in DEFAULT_START} | {
            "start": "default"
        }
    identity = found.pop("identity", None)
    return found if identity is None else found | {"start": STARTS[identity]}


def in_words(value: Any) -> str:
    """Return a value as it is read: "0.001", "lstm"."""
    if isinstance(value, float):
        return f"{value:g}"
    return ", ".join(map(in_words, value)) if isinstance(value, (list, tuple)) else str(value)
