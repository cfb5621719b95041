"""Runs as people and programs read them on a terminal."""

import json
import math
from collections.abc import Sequence
from typing import Any

from rnnviz.cli.terminal import SHOWN, percent, plain, section, table, when
from rnnviz.training.runs.folder import RunFolder
from rnnviz.training.runs.metrics import MetricsReader
from rnnviz.training.runs.run import Run

TEST = "/test/accuracy"
LONGEST = 60
"""Letters of a name in a listing."""


def as_json(run: Run) -> dict[str, Any]:
    """Return a run as JSON-able data. Who owns it is nobody's business, not even as a number."""
    return {
        "id": run.id,
        "name": run.name,
        "tags": list(run.tags),
        "state": run.state,
        "message": run.message,
        "phase": run.phase,
        "step": run.step,
        "steps": run.steps,
        "epoch": run.epoch,
        "epochs": run.epochs,
        "duration_s": run.seconds,
        "figures": run.figures,
        "created": run.created,
        "started": run.started,
        "ended": run.ended,
        "from_command_line": run.of_command_line,
    }


def listing(runs: Sequence[Run]) -> str:
    """Return a line for each run, under a line that says what its columns are."""
    rows = [("ID", "state", "done", "validation", "test", "begun", "name", "tags")]
    for run in runs:
        rows.append(
            (
                run.id[:SHOWN],
                run.state,
                "100 %" if run.state == "done" else f"{100 * run.progress:.0f} %",
                percent(run.figures.get("validation/accuracy")),
                percent(test_accuracy(run)),
                when(run.created),
                plain(run.name)[:LONGEST],
                ", ".join(map(plain, run.tags)),
            )
        )
    return table(rows)


def describe(run: Run, files: RunFolder, in_json: bool) -> str:
    """Return all about a run: settings, state, figures, last metrics, files."""
    content = as_json(run) | {
        "folder": str(files.path),
        "settings": run.recipe,
        "last_metrics": last_metrics(files),
        "files": file_sizes(files),
        "kept_steps": files.kept_steps(),
    }
    return json.dumps(content) if in_json else as_text(run, content)


def last_metrics(files: RunFolder) -> dict[str, float | None]:
    """Return what was measured last of each column of the metrics, nothing before the first."""
    found = {}
    for name, values in MetricsReader(files.metrics_path).read().items():
        measured = values[~(values != values)]
        if len(measured):
            # Infinity is no JSON.
            found[name] = float(measured[-1]) if math.isfinite(measured[-1]) else None
    return found


def file_sizes(files: RunFolder) -> dict[str, int]:
    """Return the files of a run with their sizes in bytes."""
    found = sorted(path for path in files.path.rglob("*") if path.is_file())
    return {path.relative_to(files.path).as_posix(): path.stat().st_size for path in found}


def as_text(run: Run, content: dict[str, Any]) -> str:
    """Return what ``describe`` gathered for a person."""
    lines = [f"Run {run.id}: {plain(run.name)}", "", *state_lines(run)]
    settings: dict[str, Any] = {}
    flatten(run.recipe.get("model"), "", settings)
    flatten(run.recipe.get("training"), "", settings)
    lines += section("Settings", {name: plain(str(value)) for name, value in settings.items()})
    lines += section("Figures", {name: f"{value:.4g}" for name, value in run.figures.items()})
    lines += section(
        "Last metrics",
        {
            name: f"{value:.4g}"
            for name, value in content["last_metrics"].items()
            if value is not None
        },
    )
    lines += section(
        f"Files in {content['folder']}",
        {name: f"{size:,} bytes" for name, size in content["files"].items()},
    )
    return "\n".join(lines)


def state_lines(run: Run) -> list[str]:
    """Return how a run stands."""
    lines = [f"It is {run.state}." if not run.message else f"It is {run.state}: {run.message}"]
    if run.phase:
        lines.append(f"Now {plain(run.phase)}.")
    if run.steps:
        lines.append(
            f"Step {run.step:,} of {run.steps:,}, epoch {run.epoch} of {run.epochs}, "
            f"{run.seconds:.1f} s of training."
        )
    if run.tags:
        lines.append(f"Tags: {', '.join(map(plain, run.tags))}")
    lines.append(f"Begun {when(run.created)}.")
    return lines


def flatten(value: Any, name: str, into: dict[str, Any]) -> None:
    """Enter the parts of nested settings, each by its whole name."""
    if isinstance(value, dict):
        for key, one in value.items():
            flatten(one, f"{name}.{key}" if name else key, into)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for number, one in enumerate(value, start=1):
            flatten(one, name if len(value) == 1 else f"{name}.{number}", into)
    elif value is not None:
        into[name] = ", ".join(map(str, value)) if isinstance(value, list) else value


def test_accuracy(run: Run) -> float | None:
    """Return the accuracy on the test pictures of a run's first data set, None before that."""
    found = [value for name, value in run.figures.items() if name.endswith(TEST)]
    return found[0] if found else None
