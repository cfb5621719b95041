"""``rnnviz predict``: what a clip model says about a video."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from rnnviz.analysis.clips import ClipReading, read_clip
from rnnviz.cli import options
from rnnviz.cli.terminal import percent, plain, table
from rnnviz.core.clip import Clip
from rnnviz.data.errors import ClipError
from rnnviz.data.video import POLARITIES, Polarity, frames_of_folder, prepare_clip, read_video
from rnnviz.models.clips.checkpoint import ClipCheckpoint
from rnnviz.models.clips.store import clip_names, read_clip_model

NAME = "predict"
HELP = "say what a clip shows: one answer, or one a frame"
DECIMALS = 6
"""Digits after the point of the probabilities that are printed for programs."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "clip", type=Path, metavar="CLIP", help="a video, an animated GIF, or a folder of pictures"
    )
    parser.add_argument(
        "--model",
        required=True,
        metavar="FILE|NAME",
        help=f"a checkpoint of 'rnnviz train-clips', or one of: {', '.join(clip_names())}",
    )
    parser.add_argument(
        "--polarity",
        choices=POLARITIES,
        help="whether a clip on bright ground is inverted (default: as the model learned)",
    )
    options.add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the class and the probabilities, or a row for each frame."""
    checkpoint = read_clip_model(arguments.model)
    if checkpoint.config.frame_shape[0] != checkpoint.config.frame_shape[1]:
        raise ValueError(
            f"'{checkpoint.name}' reads frames of {checkpoint.config.frame_shape} pixels, but a "
            f"video is made square here. Choose another model."
        )
    clip, note = prepared(arguments.clip, checkpoint, arguments.polarity)
    if note:
        print(f"Note: {plain(note)}", file=sys.stderr)
    reading = read_clip(checkpoint.model(), checkpoint.probes, clip.frames)
    result = summary(checkpoint, clip, reading) | {"clip": str(arguments.clip), "note": note}
    print(json.dumps(result) if arguments.json else report_of(checkpoint, result))
    return 0


def prepared(path: Path, checkpoint: ClipCheckpoint, polarity: Polarity | None) -> tuple[Clip, str]:
    """Return a clip as a model reads it, and what a person should know about the file.

    Raises:
        ClipError: If there is no such clip, or it can't be read.
    """
    if not path.exists():
        raise ClipError(f"There is no clip '{path}'. Check the path.")
    video = frames_of_folder(path) if path.is_dir() else read_video(path, path.name)
    config = checkpoint.config
    clip = prepare_clip(
        video,
        config.frames,
        config.frame_shape[0],
        polarity=polarity or polarity_of(checkpoint),
    )
    return clip, video.note


def polarity_of(checkpoint: ClipCheckpoint) -> Polarity:
    """Return how the clips were prepared that a model learned from.

    Shipped models learned from bright ink on black, those of one's own from clips as they are.
    """
    told = checkpoint.provenance.get("polarity")
    if told in POLARITIES:
        return told
    return "bright on dark" if "recipe" in checkpoint.provenance else "as is"


def summary(checkpoint: ClipCheckpoint, clip: Clip, reading: ClipReading) -> dict[str, Any]:
    """Return the answer as JSON-able data, with a row for each frame where there are answers."""
    classes = checkpoint.config.classes
    if checkpoint.config.answers == "end":
        return {
            "name": checkpoint.name,
            "answer": classes[reading.answer],
            "probabilities": by_class(classes, reading.probabilities),
            "frames_read": len(clip),
            "settled": reading.settled,
            "measured_by": reading.measured_by,
        }
    rows = [
        {
            "frame": number,
            "time_s": round(float(time_s), 3),
            "answer": classes[int(shares.argmax())],
            "probabilities": by_class(classes, shares),
        }
        for number, (time_s, shares) in enumerate(
            zip(clip.times_s, reading.trace.frame_probabilities, strict=True)
        )
    ]
    return {"name": checkpoint.name, "frames_read": len(clip), "frames": rows}


def by_class(classes: tuple[str, ...], shares: Any) -> dict[str, float]:
    """Return the probability of each class by its name."""
    return {
        name: round(float(share), DECIMALS) for name, share in zip(classes, shares, strict=True)
    }


def report_of(checkpoint: ClipCheckpoint, result: dict[str, Any]) -> str:
    """Return the answer for a person."""
    if "frames" in result:
        rows = [["frame", "time", "answer", "probability"]]
        rows += [
            [
                str(row["frame"] + 1),
                f"{row['time_s']:.2f} s",
                plain(row["answer"]),
                percent(row["probabilities"][row["answer"]]),
            ]
            for row in result["frames"]
        ]
        return table(rows)
    shares = sorted(result["probabilities"].items(), key=lambda item: -item[1])
    settled = result["settled"]
    when = (
        "" if settled is None else f", settled after frame {settled + 1} of {result['frames_read']}"
    )
    head = f"{plain(checkpoint.name)}: {plain(result['answer'])}{when}"
    return "\n".join(
        [head, table([["  " + plain(name), percent(share)] for name, share in shares])]
    )
