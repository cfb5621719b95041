"""``rnnviz runs``: look at runs, go on with them, take their results elsewhere, clear them away."""

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import torch

from rnnviz.cli import options
from rnnviz.cli.run_words import as_json, describe, listing
from rnnviz.cli.terminal import SHOWN, plain
from rnnviz.cli.training import add_runs_folder, check_writable, train_here, worker_of
from rnnviz.files import whole_lines, write_whole
from rnnviz.training.runs.errors import RunError, no_such_run
from rnnviz.training.runs.folder import ID, RunFolder
from rnnviz.training.runs.ledger import Ledger
from rnnviz.training.runs.limits import runs_folder
from rnnviz.training.runs.metrics import COLUMNS
from rnnviz.training.runs.run import Run, State
from rnnviz.training.runs.service import UNDO_S
from rnnviz.training.runs.upkeep import find_interrupted, purge

NAME = "runs"
HELP = "list runs, show one, go on with it, export it, cancel or delete it"
CLOSEST = 5
"""Runs that are named where the beginning of an ID is that of several."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the commands on runs and their arguments."""
    commands = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    for name, do, text in (
        ("list", list_runs, "list all runs, the youngest first"),
        ("show", show_run, "show a run's settings, state, figures and files"),
        ("resume", resume_run, "go on with a run, in this process"),
        ("export", export_run, "write a run's results where others can use them"),
        ("cancel", cancel_run, "end a run; what it has learned is kept"),
        ("delete", delete_run, "delete a run; for a day it can be restored"),
        ("restore", restore_run, "bring back a run that was deleted less than a day ago"),
    ):
        one = commands.add_parser(name, help=text, description=text)
        if do is not list_runs:
            one.add_argument("id", metavar="ID", help="the run, or a beginning that only it has")
        add_runs_folder(one)
        options.add_json(one)
        one.set_defaults(do=do)
        if do is list_runs:
            one.add_argument("--state", choices=get_args(State), help="only the runs in this state")
        elif do is resume_run:
            add_resume(one)
        elif do is export_run:
            add_export(one)


def add_resume(parser: argparse.ArgumentParser) -> None:
    """Declare what ``resume`` takes."""
    parser.add_argument("--out", type=Path, help="keep a copy of the newest checkpoint there")
    parser.add_argument(
        "--threads", type=options.positive, help="processor threads (default: those it began with)"
    )
    options.add_data_folder(parser)


def add_export(parser: argparse.ArgumentParser) -> None:
    """Declare what ``export`` takes."""
    parser.add_argument("--notebook", type=Path, metavar="FILE", help="a notebook that repeats it")
    parser.add_argument("--tensorboard", type=Path, metavar="FOLDER", help="event files")
    parser.add_argument("--checkpoint", type=Path, metavar="FILE", help="its newest network")
    parser.add_argument("--metrics", type=Path, metavar="FILE", help="every step, as CSV")


def run(arguments: argparse.Namespace) -> int:
    """Do what is asked with the runs of a folder."""
    return arguments.do(arguments)


@dataclass(frozen=True)
class Shelf:
    """The runs of a folder, to whoever sits at the command line: all of them, to see and change."""

    folder: Path
    """The folder of all runs."""
    ledger: Ledger
    """Its ledger."""

    def files(self, run: Run) -> RunFolder:
        """Return the files of a run."""
        return RunFolder(self.folder / run.id)

    def find(self, beginning: str) -> Run:
        """Return the only run whose ID begins so.

        Raises:
            UnknownRunError: If there is none.
            RunError: If there are several.
        """
        wanted = beginning.lower()
        found = [one for one in self.ledger.everything() if one.id.startswith(wanted)]
        if not found or not wanted:
            raise no_such_run(beginning)
        if len(found) > 1:
            some = ", ".join(one.id[: max(SHOWN, len(wanted) + 4)] for one in found[:CLOSEST])
            raise RunError(
                f"{len(found)} runs begin with '{wanted}': {some}"
                f"{', ...' if len(found) > CLOSEST else ''}. Give more of the ID."
            )
        return found[0]


def shelf_of(arguments: argparse.Namespace) -> Shelf:
    """Return the runs of the folder that is asked for, those whose process is gone found out."""
    folder = runs_folder(arguments.runs)
    ledger = Ledger(folder)
    find_interrupted(ledger, folder)
    return Shelf(folder, ledger)


def list_runs(arguments: argparse.Namespace) -> int:
    """Print a line for each run."""
    shelf = shelf_of(arguments)
    found = [one for one in shelf.ledger.everything() if arguments.state in (None, one.state)]
    if arguments.json:
        print(json.dumps({"folder": str(shelf.folder), "runs": [as_json(one) for one in found]}))
    elif found:
        print(listing(found))
    else:
        which = f"that is {arguments.state} " if arguments.state else ""
        print(f"There is no run {which}in {shelf.folder}. Begin one with: rnnviz train")
    return 0


def show_run(arguments: argparse.Namespace) -> int:
    """Print all about one run."""
    shelf = shelf_of(arguments)
    found = shelf.find(arguments.id)
    print(describe(found, shelf.files(found), arguments.json))
    return 0


def resume_run(arguments: argparse.Namespace) -> int:
    """Train a run on in this process."""
    shelf = shelf_of(arguments)
    found = shelf.find(arguments.id)
    files = shelf.files(found)
    recipe = files.recipe()
    if found.state == "done":
        raise RunError(f"Run {found.id} is done. Its network is in {files.model_path}.")
    if arguments.out is not None:
        check_writable(arguments.out)
    torch.set_num_threads(arguments.threads or threads_of(found, files))
    worker = worker_of(arguments)
    return train_here(worker, files, recipe, lambda: worker.go_on(files), arguments, arguments.out)


def threads_of(run: Run, files: RunFolder) -> int:
    """Return with how many threads a run was trained so far: with others it rounds otherwise."""
    if not run.of_command_line:
        return 1
    threads = files.content().get("provenance", {}).get("threads", 1)
    return max(int(threads), 1)


def export_run(arguments: argparse.Namespace) -> int:
    """Write what is asked for of a run."""
    shelf = shelf_of(arguments)
    files = shelf.files(shelf.find(arguments.id))
    written = {}
    if arguments.notebook is not None:
        written["notebook"] = export_notebook(files, arguments.notebook)
    if arguments.tensorboard is not None:
        written["tensorboard"] = export_events(files, arguments.tensorboard)
    if arguments.checkpoint is not None:
        check_writable(arguments.checkpoint)
        write_whole(arguments.checkpoint, files.network_path().read_bytes())
        written["checkpoint"] = arguments.checkpoint
    if arguments.metrics is not None:
        written["metrics"] = export_metrics(files, arguments.metrics)
    if not written:
        raise ValueError(
            "Say what to write: --notebook FILE, --tensorboard FOLDER, --checkpoint FILE or "
            "--metrics FILE."
        )
    if arguments.json:
        print(json.dumps({"run": files.id} | {name: str(path) for name, path in written.items()}))
    else:
        print("\n".join(f"{name}: {path}" for name, path in written.items()))
    return 0


def export_notebook(files: RunFolder, path: Path) -> Path:
    """Write a notebook that repeats a run; return where it is."""
    # Imported here: no other command needs it.
    from rnnviz.training.runs.notebook import notebook_of

    check_writable(path)
    write_whole(path, notebook_of(files))
    return path


def export_events(files: RunFolder, folder: Path) -> Path:
    """Write a run as event files of TensorBoard; return where they are."""
    from rnnviz.training.runs.events import write_events

    return write_events(files, folder)


def export_metrics(files: RunFolder, path: Path) -> Path:
    """Write the metrics so far as CSV; return where they are.

    Raises:
        RunError: If the run has not taken a training step.
    """
    check_writable(path)
    lines = list(whole_lines(files.metrics_path))
    if len(lines) < 2:
        raise RunError(f"Run {files.id} has no training step yet, so nothing was measured.")
    write_whole(path, "".join(f"{line}\n" for line in [",".join(COLUMNS), *lines[1:]]).encode())
    return path


def cancel_run(arguments: argparse.Namespace) -> int:
    """End a run: at once if it waits, otherwise after its next training steps."""
    shelf = shelf_of(arguments)
    found = shelf.find(arguments.id)
    if found.state in ("done", "failed", "cancelled"):
        raise RunError(f"Run {found.id} is {found.state}, so there is nothing to cancel.")
    shelf.ledger.ask(found.id, "cancel")
    state = shelf.ledger.get(found.id).state
    how = "is cancelled" if state == "cancelled" else "is asked to end, and does so in a moment"
    told(arguments, found, f"Run {found.id} {how}. What it has learned is kept.")
    return 0


def delete_run(arguments: argparse.Namespace) -> int:
    """Delete a run, and the files of those that were deleted a day ago."""
    shelf = shelf_of(arguments)
    found = shelf.find(arguments.id)
    shelf.ledger.ask(found.id, "cancel")
    shelf.ledger.hide(found.id)
    purge(shelf.ledger, shelf.folder, time.time() - UNDO_S)
    told(
        arguments,
        found,
        f"Run {found.id}, '{plain(found.name)}', is deleted. For a day it can be brought back: "
        f"rnnviz runs restore {found.id}",
    )
    return 0


def restore_run(arguments: argparse.Namespace) -> int:
    """Bring a deleted run back; its whole ID is needed."""
    shelf = shelf_of(arguments)
    hidden = shelf.ledger.hidden(arguments.id) if ID.fullmatch(arguments.id) else None
    if hidden is None or not shelf.ledger.restore(arguments.id):
        raise no_such_run(arguments.id)
    told(arguments, hidden, f"Run {hidden.id}, '{plain(hidden.name)}', is back.")
    return 0


def told(arguments: argparse.Namespace, run: Run, message: str) -> None:
    """Say what was done with a run."""
    print(json.dumps({"run": run.id, "message": message}) if arguments.json else message)
