"""``rnnviz experiment``: run one of the experiments that the page "Gradients" shows."""

import argparse
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from rnnviz.cli import options
from rnnviz.data.folder import data_folder
from rnnviz.registry import find
from rnnviz.training.experiments import (
    PACKAGE,
    Recorder,
    experiment_names,
    frozen,
    run_experiment,
    save_record,
    settings_of,
)

NAME = "experiment"
HELP = "run an experiment of the page Gradients: a race, clipped twins, the bug laboratory"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("name", choices=experiment_names(), help="which experiment")
    parser.add_argument("--preset", help="named settings to begin with (default: the first)")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="change one setting, the value as JSON; may be given several times",
    )
    parser.add_argument("--out", type=Path, help="the record (default: NAME-PRESET.json)")
    parser.add_argument("--threads", type=options.positive, default=1, help="default: 1")
    options.add_data_folder(parser)
    options.add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run with a progress bar; on Ctrl-C keep what was measured and say where."""
    preset, settings = asked_settings(arguments)
    out = arguments.out or Path(f"{arguments.name}-{preset}.json")
    torch.set_num_threads(arguments.threads)
    recorder = Recorder(arguments.name, settings)
    reports = run_experiment(arguments.name, settings, data_folder(arguments.data))
    stopped = False
    try:
        with tqdm(desc=arguments.name, unit="step", file=sys.stderr) as bar:
            for report in recorder.watch(reports):
                bar.total = report["total"]
                bar.update(report["done"] - bar.n)
    except KeyboardInterrupt:
        stopped = True
    save_record(recorder.record(), out)
    print_result(arguments, recorder, out, stopped)
    return 130 if stopped else 0


def asked_settings(arguments: argparse.Namespace) -> tuple[str, Any]:
    """Return the preset's name and its settings with what ``--set`` changes about them."""
    presets = find(PACKAGE, arguments.name, "experiment").PRESETS
    name = arguments.preset or next(iter(presets))
    if name not in presets:
        raise ValueError(
            f"'{arguments.name}' has no preset '{name}'. Choose one of: {', '.join(presets)}."
        )
    changes = dict(parse_change(text) for text in arguments.set)
    # Through the dictionary first, so that an unknown name gets the message that lists them.
    settings_of(arguments.name, asdict(presets[name]) | changes)
    return name, replace(presets[name], **{key: frozen(value) for key, value in changes.items()})


def parse_change(text: str) -> tuple[str, Any]:
    """Return the name and the value of NAME=VALUE; a value that isn't JSON is a word."""
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"Expected --set NAME=VALUE, got '{text}'.")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def print_result(
    arguments: argparse.Namespace, recorder: Recorder, out: Path, stopped: bool
) -> None:
    """Say where the record is."""
    record = recorder.record()
    if arguments.json:
        result = {"experiment": record.experiment, "settings": record.settings, "out": str(out)}
        print(json.dumps(result | {"stopped": stopped, "reports": len(record.reports)}))
        return
    how = "Stopped; what was measured so far" if stopped else "The record"
    print(
        f"{how} is in {out}: {len(record.reports)} reports in {record.provenance['duration_s']} s."
    )
