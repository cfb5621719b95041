"""What a sweep found, as text, JSON, a table in a file, and a figure."""

import argparse
import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rnnviz.cli import png
from rnnviz.cli.terminal import percent, plain, table
from rnnviz.core.sweep import MEASURES, Group
from rnnviz.plots.sweep import sweep_sheet


def show(name: str, groups: Sequence[Group], arguments: argparse.Namespace) -> None:
    """Print the table, and write it and the figure where asked."""
    if arguments.csv is not None:
        write_csv(arguments.csv, groups)
    if arguments.png is not None:
        png.write_png(sweep_sheet(groups, f"Sweep {name}"), arguments.png)
    if arguments.json:
        print(json.dumps({"sweep": name, "settings": [as_json(group) for group in groups]}))
    else:
        print(as_text(name, groups))


def as_json(group: Group) -> dict[str, Any]:
    """Return a setting with its runs as JSON-able data."""
    spreads = {what: group.spread(what) for what in MEASURES}
    return {
        "settings": dict(group.settings),
        "runs": [vars(trial) for trial in group.trials],
        "done": group.done,
        "diverged": group.diverged,
    } | {what: spread._asdict() if spread else None for what, spread in spreads.items()}


def names_of(groups: Sequence[Group]) -> list[str]:
    """Return the settings in which groups differ."""
    return list(dict.fromkeys(name for group in groups for name in group.settings))


def write_csv(path: Path, groups: Sequence[Group]) -> None:
    """Write one line a setting: what it is, its runs, and how these scatter."""
    names = names_of(groups)
    measured = [f"{what}_{part}" for what in MEASURES for part in ("median", "low", "high")]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*names, "runs", "done", "diverged", *measured])
        for group in groups:
            row: list[Any] = [group.settings.get(name, "") for name in names]
            row += [len(group.trials), group.done, group.diverged]
            for what in MEASURES:
                spread = group.spread(what)
                row += [spread.median, spread.low, spread.high] if spread else ["", "", ""]
            writer.writerow(row)


def as_text(name: str, groups: Sequence[Group]) -> str:
    """Return the table for a person: medians, in brackets the lowest and the highest."""
    names, count = names_of(groups), sum(len(group.trials) for group in groups)
    rows: list[tuple[str, ...]] = [(*names, "done", "diverged", "validation", "test", "seconds")]
    for group in groups:
        accuracies = [spread_words(group, what) for what in ("validation", "test")]
        spread = group.spread("duration_s")
        rows.append(
            (
                *(group.settings.get(one, "–") for one in names),
                f"{group.done} of {len(group.trials)}",
                str(group.diverged or "–"),
                *accuracies,
                f"{spread.median:.1f}" if spread else "–",
            )
        )
    return f"Sweep {plain(name)}: {count} runs, medians and ranges over seeds\n{table(rows)}"


def spread_words(group: Group, what: str) -> str:
    """Return the median of an accuracy and, of several runs, its range."""
    spread = group.spread(what)
    if spread is None:
        return "–"
    if group.done < 2:
        return percent(spread.median)
    return f"{percent(spread.median)} ({100 * spread.low:.1f}–{100 * spread.high:.1f})"
