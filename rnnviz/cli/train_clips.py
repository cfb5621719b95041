"""``rnnviz train-clips``: teach a network the actions in a folder, or a shipped clip model anew."""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from rnnviz.cli import options
from rnnviz.cli.terminal import percent, plain, table
from rnnviz.cli.training import check_writable
from rnnviz.data.clips.clip_folder import FolderClips, read_clip_folder
from rnnviz.data.folder import data_folder
from rnnviz.data.sets import digits
from rnnviz.data.video import POLARITIES
from rnnviz.models.clips.checkpoint import ClipCheckpoint, save_clip_checkpoint
from rnnviz.models.clips.config import FEWEST_FRAMES, MOST_FRAMES, SIGHTS
from rnnviz.training.clips import baseline
from rnnviz.training.clips.loop import ClipReport
from rnnviz.training.clips.own import check_clips, teach
from rnnviz.training.clips.own_settings import SHIPPED, OwnSettings
from rnnviz.training.clips.recipe import load_clip_recipe
from rnnviz.training.clips.result import digits_of, run_clip_recipe
from rnnviz.training.clips.start import start_of
from rnnviz.training.clips.taught import Taught

NAME = "train-clips"
HELP = "teach a network your own actions from a folder of clips, or train a shipped clip model"
NO_START = "none"
OF_FOLDER = ("input", "start", "fine_tune", "frames", "polarity", "steps", "seed")
"""Options that a recipe answers by itself."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "folder",
        type=Path,
        nargs="?",
        metavar="FOLDER",
        help="one sub-folder for each action, and in it five or more clips: videos, or folders "
        "of pictures",
    )
    parser.add_argument(
        "--recipe", metavar="NAME", help="train this shipped clip model by its recipe instead"
    )
    parser.add_argument("--out", type=Path, help="the checkpoint (default: FOLDER.safetensors)")
    parser.add_argument(
        "--input", choices=tuple(SIGHTS), help="what the network is shown (default: changes)"
    )
    parser.add_argument(
        "--start",
        metavar="NAME",
        help="shipped model, or file of one, as whose spatial network it begins, or 'none' "
        f"(default: {SHIPPED})",
    )
    parser.add_argument(
        "--fine-tune", action="store_true", default=None, help="let the spatial network learn too"
    )
    parser.add_argument(
        "--frames", type=frame_count, help="frames that each clip is brought to (default: 16)"
    )
    parser.add_argument(
        "--polarity", choices=POLARITIES, help="whether clips on bright ground are inverted"
    )
    parser.add_argument(
        "--steps", type=options.positive, help=f"of each training (default: {OwnSettings.steps})"
    )
    parser.add_argument("--seed", type=int, help="of everything left to chance (default: 0)")
    parser.add_argument("--threads", type=options.positive, help="processor threads to use")
    options.add_data_folder(parser)
    options.add_json(parser)


def frame_count(text: str) -> int:
    """Return to how many frames clips are brought, for argparse."""
    count = options.positive(text)
    if not FEWEST_FRAMES <= count <= MOST_FRAMES:
        raise argparse.ArgumentTypeError(f"expected {FEWEST_FRAMES} to {MOST_FRAMES}, got {text}")
    return count


def run(arguments: argparse.Namespace) -> int:
    """Train with a progress bar and print what was measured; Ctrl-C leaves no file."""
    if (arguments.folder is None) == (arguments.recipe is None):
        raise ValueError("Give either a folder of clips, or --recipe NAME.")
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    return by_recipe(arguments) if arguments.recipe is not None else from_folder(arguments)


def by_recipe(arguments: argparse.Namespace) -> int:
    """Train a clip model by its recipe."""
    for name in OF_FOLDER:
        if getattr(arguments, name) is not None:
            raise ValueError(
                f"The recipe says everything about the training. Leave out "
                f"--{name.replace('_', '-')}, or train from a folder of clips."
            )
    recipe = load_clip_recipe(arguments.recipe)
    out = arguments.out or Path(f"{recipe.name}.safetensors")
    check_writable(out)
    folder = data_folder(arguments.data)
    if digits_of(recipe, folder) == digits.NAME:
        print(
            f"MNIST isn't in {folder}, so the digits move that come with scikit-learn; the shipped "
            f"model learned from MNIST. --data names another folder.",
            file=sys.stderr,
        )
    with tqdm(desc=recipe.name, unit="step", file=sys.stderr) as bar:

        def show(report: ClipReport) -> None:
            bar.total = report.steps
            bar.update(report.step - bar.n)

        checkpoint = run_clip_recipe(recipe, folder, show)
    save_clip_checkpoint(checkpoint, out)
    if arguments.json:
        result = {"name": checkpoint.name, "path": str(out), "metrics": checkpoint.metrics}
        print(json.dumps(result | {"duration_s": checkpoint.provenance["duration_s"]}))
    else:
        figures = (f"  {name}  {value:.2%}" for name, value in checkpoint.metrics.items())
        print("\n".join([f"{out}:", *figures]))
    return 0


def from_folder(arguments: argparse.Namespace) -> int:
    """Teach a network the actions in a folder."""
    settings = settings_of(arguments)
    folder = arguments.folder
    out = arguments.out or Path(f"{folder.resolve().name or 'own-actions'}.safetensors")
    check_writable(out)
    # Sooner than after all clips have been decoded.
    start_of(settings.start, settings.input)
    polarity = arguments.polarity or "as is"
    with tqdm(desc="reading", unit="clip", file=sys.stderr) as bar:

        def read(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        clips = read_clip_folder(folder, arguments.frames or 16, polarity, report=read)
    for problem in clips.problems:
        print(f"Left out: {plain(problem)}", file=sys.stderr)
    check_clips(clips)
    taught, checkpoint = teach_with_bar(clips, settings)
    made = {"polarity": polarity, "unreadable": len(clips.problems)}
    checkpoint = replace(checkpoint, name=out.stem, provenance=checkpoint.provenance | made)
    save_clip_checkpoint(checkpoint, out)
    if arguments.json:
        print(json.dumps(summary(taught, clips, out)))
    else:
        print(report_of(taught, out))
    return 0


def settings_of(arguments: argparse.Namespace) -> OwnSettings:
    """Return what is asked for, the rest as it is by default."""
    asked: dict[str, Any] = {
        name: getattr(arguments, name)
        for name in ("input", "steps", "seed")
        if getattr(arguments, name) is not None
    }
    start = arguments.start or SHIPPED
    return OwnSettings(
        **asked, start="" if start == NO_START else start, frozen=not arguments.fine_tune
    )


def teach_with_bar(clips: FolderClips, settings: OwnSettings) -> tuple[Taught, ClipCheckpoint]:
    """Return the result of a teaching and the network, after a progress bar."""
    with tqdm(desc="training", unit="step", file=sys.stderr) as bar:
        report = None
        for report in teach(clips, settings):
            bar.total = report.total
            bar.update(report.done - bar.n)
            if report.judged:
                bar.set_postfix_str(f"unseen clips right: {report.right}/{report.judged}")
    assert report is not None and report.taught is not None and report.checkpoint is not None
    return report.taught, report.checkpoint


def mistakes(taught: Taught) -> list[dict[str, Any]]:
    """Return the clips that were answered wrong, the most certain mistakes first."""
    sure = taught.probabilities.max(1)
    wrong = [
        int(index) for index in (-sure).argsort() if taught.answers[index] != taught.labels[index]
    ]
    return [
        {
            "clip": taught.names[index],
            "class": taught.classes[taught.labels[index]],
            "answer": taught.classes[taught.answers[index]],
            "probability": round(float(sure[index]), 6),
        }
        for index in wrong
    ]


def summary(taught: Taught, clips: FolderClips, out: Path) -> dict[str, Any]:
    """Return everything that was measured as JSON-able data."""
    low, high = taught.interval
    return {
        "name": out.stem,
        "path": str(out),
        "clips": len(taught),
        "right": taught.right,
        "accuracy": taught.accuracy,
        "interval": [low, high],
        "chance": taught.chance,
        "largest": taught.largest,
        "baseline": taught.baseline_accuracy,
        "baseline_is": baseline.NAME,
        "folds": int(taught.folds.max()) + 1,
        "classes": list(taught.classes),
        "confusion": taught.confusion.tolist(),
        "mistakes": mistakes(taught),
        "settings": taught.settings,
        "problems": list(clips.problems),
        "notes": list(taught.notes),
        "duration_s": round(taught.seconds, 1),
    }


def report_of(taught: Taught, out: Path) -> str:
    """Return what was measured for a person."""
    low, high = taught.interval
    settings = taught.settings
    begins = (
        f"begins as that of {settings['start']}" if settings["start"] else "begins from nothing"
    )
    stays = " and stays so" if settings["start"] and settings["frozen"] else " and learns"
    names = [plain(name) for name in taught.classes]
    rows = [["", *names]]
    rows += [
        [name, *map(str, counts)] for name, counts in zip(names, taught.confusion, strict=True)
    ]
    lines = [
        f"{out}: {taught.right} of {len(taught)} clips right that it had never seen, "
        f"{percent(taught.accuracy)} (95 % interval: {percent(low)} to {percent(high)})",
        f"  chance {percent(taught.chance)}, always the largest class {percent(taught.largest)}, "
        f"{baseline.NAME} {percent(taught.baseline_accuracy)}",
        f"  {int(taught.folds.max()) + 1} trainings with clips left out, then one with all of "
        f"them: {taught.seconds:.0f} s",
        f"  shown: {SIGHTS[settings['input']]}; its spatial network {begins}{stays}",
        "",
        "What each action (row) was taken for (column):",
        table(rows),
    ]
    lines += [f"Note: {note}" for note in taught.notes]
    wrong = mistakes(taught)
    if wrong:
        lines += ["", "Wrong:"]
    lines += [
        f"  {plain(one['clip'])}: taken for {plain(one['answer'])} ({percent(one['probability'])})"
        for one in wrong
    ]
    return "\n".join(lines)
