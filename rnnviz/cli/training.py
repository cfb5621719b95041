"""Train a run in this process: with a bar, and so that Ctrl-C loses nothing."""

import argparse
import contextlib
import json
import os
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tqdm import tqdm

from rnnviz.cli.terminal import SHOWN, plain
from rnnviz.data.folder import data_folder
from rnnviz.files import write_whole
from rnnviz.models.checkpoint import load_checkpoint, save_checkpoint
from rnnviz.training.loop import Report
from rnnviz.training.recipe import Recipe
from rnnviz.training.result import as_checkpoint
from rnnviz.training.runs.folder import RunFolder
from rnnviz.training.runs.limits import runs_folder
from rnnviz.training.runs.worker import Ended, Worker


def add_runs_folder(parser: argparse.ArgumentParser) -> None:
    """Add ``--runs``."""
    parser.add_argument(
        "--runs",
        type=Path,
        metavar="FOLDER",
        help="folder of all runs (default: $RNNVIZ_RUNS, or a folder of the user's)",
    )


def same_folders(arguments: argparse.Namespace) -> str:
    """Return the options that name the folders as they were named this time."""
    named = {"--runs": arguments.runs, "--data": arguments.data}
    return "".join(f" {flag} {shlex.quote(str(path))}" for flag, path in named.items() if path)


def worker_of(arguments: argparse.Namespace) -> Worker:
    """Return who trains in this process; RunError if the folder of runs can't be used."""
    return Worker(runs_folder(arguments.runs), data_folder(arguments.data))


def check_writable(out: Path) -> None:
    """Raise an OSError if no checkpoint can be written there: sooner than after the training."""
    if out.is_dir():
        raise IsADirectoryError(f"{out} is a folder. Give --out the name of a file.")
    out.parent.mkdir(parents=True, exist_ok=True)
    if not os.access(out.parent, os.W_OK):
        raise PermissionError(f"Nothing can be written into {out.parent.absolute()}.")


@dataclass
class Watch:
    """Shows a training on a bar, and keeps a copy of its newest network."""

    recipe: Recipe
    """What is trained."""
    bar: tqdm
    """Where it is shown."""
    out: Path | None
    """Where the copy is kept, None for nowhere."""
    kept: int = 0
    """The epoch after which the copy was made, 0 before the first."""
    last: Report | None = field(default=None)
    """The last training step."""

    def __call__(self, report: Report) -> None:
        """Take a training step in."""
        self.last = report
        if report.model is not None and report.validation is not None and self.out is not None:
            metrics = {"validation/accuracy": report.validation}
            save_checkpoint(
                as_checkpoint(self.recipe, report.model, metrics, report.seconds), self.out
            )
            self.kept = report.epoch
        show(self.bar, report)

    @property
    def stepping(self) -> bool:
        """Whether training steps are being taken: not before the first nor after the last."""
        return self.last is not None and self.last.step < self.last.steps


def show(bar: tqdm, report: Report) -> None:
    """Move the progress bar to a report."""
    bar.total = report.steps
    bar.update(report.step - bar.n)
    if report.validation is not None:
        bar.set_postfix_str(f"epoch {report.epoch}/{report.epochs}, val {report.validation:.2%}")


def train_here(
    worker: Worker,
    run: RunFolder,
    recipe: Recipe,
    train: Callable[[], Ended | None],
    arguments: argparse.Namespace,
    out: Path | None,
) -> int:
    """Train a run in this process, say how it ended, and return the exit status.

    Args:
        worker: Who trains.
        run: The run's files.
        recipe: What is trained.
        train: Lets the worker do it; returns None if the run isn't to be had.
        arguments: What was asked for.
        out: Where a copy of the newest network is kept, None for nowhere.
    """
    print(f"Run {run.id} in {run.path}", file=sys.stderr)
    with tqdm(desc=plain(recipe.name), unit="step", file=sys.stderr) as bar:
        watch = Watch(recipe, bar, out)
        worker.watch = watch
        try:
            with one_interrupt_asks(worker.ending.set, lambda: watch.stepping):
                ended = train()
        except KeyboardInterrupt:
            ended = "interrupted", ""
    if ended is None:
        raise ValueError(f"Run {run.id} is being trained by another process already.")
    state, _ = ended
    if state != "done":
        say_ended(run, watch, ended, arguments)
        return 130 if state == "interrupted" else 1
    if out is not None:
        write_whole(out, run.model_path.read_bytes())
    print_result(run, watch, out or run.model_path, arguments)
    return 0


@contextlib.contextmanager
def one_interrupt_asks(ask: Callable[[], Any], useful: Callable[[], bool]) -> Iterator[None]:
    """Let Ctrl-C ask for an end in good order within a block, while that is of use.

    A second Ctrl-C, or one while asking would not be heard soon, interrupts as always.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    asked = threading.Event()

    def answer(number: int, frame: Any) -> None:
        if asked.is_set() or not useful():
            raise KeyboardInterrupt
        asked.set()
        ask()

    signal.signal(signal.SIGINT, answer)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def say_ended(run: RunFolder, watch: Watch, ended: Ended, arguments: argparse.Namespace) -> None:
    """Say why a run ended early, where its network is, and how to go on."""
    state, message = ended
    print(
        {
            "interrupted": "Stopped.",
            "cancelled": "The run was cancelled.",
            "paused": "The run was paused.",
        }.get(state, f"rnnviz {arguments.command}: {message}"),
        file=sys.stderr,
    )
    if watch.kept:
        print(f"The last whole epoch, number {watch.kept}, is in {watch.out}.", file=sys.stderr)
    elif run.latest_path.is_file():
        print(f"The network as it is now is in {run.latest_path}.", file=sys.stderr)
    else:
        print("Nothing to keep.", file=sys.stderr)
    print(
        f"Run {run.id} can be gone on with: "
        f"rnnviz runs resume {run.id[:SHOWN]}{same_folders(arguments)}",
        file=sys.stderr,
    )


def print_result(run: RunFolder, watch: Watch, path: Path, arguments: argparse.Namespace) -> None:
    """Print where the checkpoint is and what it reaches, as text or as JSON."""
    metrics = load_checkpoint(run.model_path).metrics
    if arguments.json:
        seconds = watch.last.seconds if watch.last else 0.0
        result = {"name": watch.recipe.name, "path": str(path), "metrics": metrics}
        print(json.dumps(result | {"duration_s": seconds, "run": run.id, "folder": str(run.path)}))
        return
    figures = ", ".join(f"{name} {value:.2%}" for name, value in metrics.items())
    print(f"{path}: {figures}")
