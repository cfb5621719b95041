"""Experiments that train, one file each: plain settings in, JSON-able reports out.

``NAME``         registry name
``LABEL``        what a menu shows
``DESCRIPTION``  one line: what is trained, and to see what
``Settings``     frozen dataclass of JSON-able fields that says everything a result depends on
``PRESETS``      named settings; the results of all of them are shipped. None for an experiment on
                 what a person brings, which the command line offers by a command of its own.
``run(settings, folder) -> Iterator[dict]``  yields strictly JSON-able reports (a number that isn't
                 finite as None), each with "done" and "total", the training steps so far and in all
``gather(settings, reports)``  the plain data of ``core`` that the reports, or a part of them, make

A finished run is a *record*: its settings, its reports and where they come from, in one JSON file.
"""

import datetime
import json
import platform
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import torch

from rnnviz.files import write_whole
from rnnviz.models.store import pretrained_folder
from rnnviz.registry import discover, find
from rnnviz.version import VERSION

PACKAGE = "rnnviz.training.experiments"

Report = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Record:
    """A finished run of an experiment.

    Attributes:
        experiment: Registry name of the experiment.
        settings: The fields of its settings.
        reports: What it reported, in order.
        provenance: Date, duration_s and versions.
    """

    experiment: str
    settings: dict[str, Any]
    reports: list[Report]
    provenance: dict[str, Any]


def experiment_names() -> list[str]:
    """Return the names of all experiments that can be run from named settings."""
    return [name for name, module in discover(PACKAGE).items() if module.PRESETS]


def settings_of(name: str, values: Mapping[str, Any]) -> Any:
    """Return the settings of an experiment, lists as the tuples that they were.

    Raises:
        ValueError: If there is no such experiment or setting, or a value is out of its range.
    """
    kind = find(PACKAGE, name, "experiment").Settings
    known = [field.name for field in fields(kind)]
    unknown = set(values) - set(known)
    if unknown:
        raise ValueError(
            f"The experiment '{name}' has no setting '{min(unknown)}'. "
            f"Its settings are: {', '.join(known)}."
        )
    try:
        return kind(**{key: frozen(value) for key, value in values.items()})
    except TypeError as error:
        raise ValueError(f"The settings of '{name}' can't be understood: {error}") from error


def frozen(value: Any) -> Any:
    """Return a value with its lists turned into tuples."""
    return tuple(frozen(one) for one in value) if isinstance(value, list | tuple) else value


def as_json(settings: Any) -> str:
    """Return settings as JSON text, the same for equal settings."""
    return json.dumps(asdict(settings), sort_keys=True, allow_nan=False)


def run_experiment(name: str, settings: Any, folder: Path) -> Iterator[Report]:
    """Run an experiment, yielding its reports; the same settings give the same reports."""
    yield from find(PACKAGE, name, "experiment").run(settings, folder)


def gather(name: str, settings: Any, reports: Sequence[Report]) -> Any:
    """Return the plain data that reports of an experiment make."""
    return find(PACKAGE, name, "experiment").gather(settings, reports)


class Recorder:
    """Keeps the reports of one run, and makes the record of them."""

    def __init__(self, name: str, settings: Any) -> None:
        """Start the clock."""
        self.name, self.settings = name, settings
        self.reports: list[Report] = []
        self.started = time.monotonic()

    def watch(self, reports: Iterator[Report]) -> Iterator[Report]:
        """Yield the reports on, keeping them."""
        for report in reports:
            self.reports.append(report)
            yield report

    def record(self) -> Record:
        """Return what has been reported so far as a record."""
        provenance = {
            "date": datetime.date.today().isoformat(),
            "duration_s": round(time.monotonic() - self.started, 1),
            "rnnviz": VERSION,
            "torch": torch.__version__,
            "python": platform.python_version(),
        }
        return Record(self.name, asdict(self.settings), list(self.reports), provenance)


def save_record(record: Record, path: Path) -> None:
    """Write a record as JSON; a crash leaves the old file or the new one, never a half."""
    text = json.dumps(asdict(record), allow_nan=False, separators=(",", ":"))
    write_whole(path, f"{text}\n".encode())


def load_record(path: Path) -> Record:
    """Return the record in a file.

    Raises:
        ValueError: If it isn't one.
    """
    try:
        return Record(**json.loads(path.read_text(encoding="utf-8")))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path.name} isn't the record of an experiment: {error}") from error


def record_path(name: str, preset: str) -> Path:
    """Return where the shipped record of a preset lies."""
    return pretrained_folder() / "experiments" / f"{name}-{preset}.json"


def shipped(name: str, settings: Any) -> Record | None:
    """Return the shipped record of these very settings, None if there is none."""
    wanted = as_json(settings)
    for preset, known in find(PACKAGE, name, "experiment").PRESETS.items():
        record = _shipped(name, preset) if as_json(known) == wanted else None
        # A preset may have changed since its record was made; then that is of something else.
        if record is not None and as_json(settings_of(name, record.settings)) == wanted:
            return record
    return None


@cache
def _shipped(name: str, preset: str) -> Record | None:
    path = record_path(name, preset)
    return load_record(path) if path.is_file() else None
