"""``rnnviz evaluate``: measure a checkpoint on a data set."""

import argparse
import json
from pathlib import Path

import torch
from tqdm import tqdm

from rnnviz.cli import options
from rnnviz.data.folder import data_folder
from rnnviz.data.sets import load_dataset
from rnnviz.models.model import Model
from rnnviz.models.store import read_named
from rnnviz.training.data import as_floats, as_pictures

NAME = "evaluate"
HELP = "measure a checkpoint's accuracy on a data set"
BATCH = 200


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("name", help="a shipped model's name, or the path of a checkpoint")
    parser.add_argument("--dataset", default="mnist", choices=options.dataset_names())
    parser.add_argument("--split", default="test", choices=("train", "test"))
    parser.add_argument("--limit", type=options.positive, metavar="N", help="take the first N")
    parser.add_argument("--file", type=Path, help="another file of pen strokes (pendigits)")
    options.add_data_folder(parser)
    options.add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the accuracy, and with ``--json`` one object with the confusion matrix as well."""
    if arguments.file is not None and arguments.dataset != "pendigits":
        raise ValueError("--file names a file of pen strokes: use it with --dataset pendigits.")
    checkpoint = read_named(arguments.name)
    extra = {"file": arguments.file} if arguments.file is not None else {}
    data = load_dataset(arguments.dataset, arguments.split, data_folder(arguments.data), **extra)
    part = data.take(arguments.limit)
    pictures = as_pictures(part.images, part.labels)
    confusion = confusion_matrix(checkpoint.model(), pictures.images, pictures.labels)
    correct = int(confusion.diagonal().sum())
    result = {
        "name": checkpoint.name,
        "dataset": arguments.dataset,
        "split": arguments.split,
        "n": len(pictures),
        "accuracy": correct / len(pictures),
        "confusion": confusion.tolist(),
    }
    if arguments.json:
        print(json.dumps(result))
    else:
        print(
            f"{result['name']}: {result['accuracy']:.2%} of {result['n']} pictures of "
            f"{result['dataset']}/{result['split']} right"
        )
    return 0


@torch.no_grad()
def confusion_matrix(model: Model, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return how often each true class (row) got each answer (column), (class, class)."""
    parts = [
        model(as_floats(part)).argmax(1)
        for part in tqdm(images.split(BATCH), desc="evaluate", unit="batch", leave=False)
    ]
    classes = model.config.classes
    answers = torch.cat(parts)
    known = labels < classes
    pairs = labels[known] * classes + answers[known]
    return torch.bincount(pairs, minlength=classes**2).view(classes, classes)
