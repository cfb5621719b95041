"""``rnnviz trace``: write down everything that a network did with one picture."""

import argparse
import json
from pathlib import Path

import numpy as np

from rnnviz.analysis.reading import Reading, read
from rnnviz.cli import options, picture
from rnnviz.models.checkpoint import Checkpoint
from rnnviz.models.store import read_named

NAME = "trace"
HELP = "record every state and gate while a network reads one picture"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("name", help="a shipped model's name, or the path of a checkpoint")
    picture.add_picture(parser)
    parser.add_argument("--out", type=Path, help="write all arrays into this .npz file")
    options.add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the answer and what was known when; write the arrays where asked."""
    checkpoint = read_named(arguments.name)
    image = picture.chosen_image(arguments)
    reading = read(checkpoint.model(), checkpoint.probes, image)
    if arguments.out is not None:
        write_arrays(arguments.out, reading, image)
    result = summary(checkpoint, reading)
    print(json.dumps(result) if arguments.json else sentence(result))
    return 0


def summary(checkpoint: Checkpoint, reading: Reading) -> dict:
    """Return the answer, its probabilities and when it was settled, as JSON-able data."""
    route = reading.trace.route
    return {
        "name": checkpoint.name,
        "answer": reading.answer,
        "probabilities": [round(float(p), 6) for p in reading.trace.probabilities],
        "steps": route.steps,
        "depths": route.depths,
        "settled": reading.settled,
        "beliefs": [
            {"depth": int(depth), "probabilities": [round(float(p), 6) for p in belief]}
            for depth, belief in zip(reading.belief_depths, reading.beliefs, strict=True)
        ],
    }


def sentence(result: dict) -> str:
    """Return the summary for a person."""
    share = max(result["probabilities"])
    line = f"{result['name']} reads a {result['answer']} ({share:.1%})"
    if result["settled"] is None:
        return line + "; its probes don't agree on the answer along the way."
    return line + f", settled after step {result['settled'] + 1} of {result['depths']}."


def write_arrays(path: Path, reading: Reading, image: np.ndarray) -> None:
    """Write every array of a reading into one .npz file without pickles."""
    seen = reading.trace
    arrays = {"image": image, "inputs": seen.inputs, "logits": seen.logits}
    arrays |= {f"state.{name}": state for name, state in seen.states.items()}
    arrays |= {f"gate.{name}": gate for name, gate in seen.gates.items()}
    arrays |= {"route.gather": seen.route.gather, "route.parents": seen.route.parents}
    arrays |= {"belief.depths": reading.belief_depths, "beliefs": reading.beliefs}
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
