"""The options that choose one picture, and the picture that they choose."""

import argparse
from pathlib import Path

import numpy as np

from rnnviz.cli import options
from rnnviz.data.folder import data_folder
from rnnviz.data.preprocess import prepare
from rnnviz.data.sets import load_dataset
from rnnviz.data.uploads import read_picture


def add_picture(parser: argparse.ArgumentParser) -> None:
    """Add ``--image``, or ``--index`` of ``--dataset``, and the data folder."""
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--image", type=Path, help="a picture file, prepared as a drawing is")
    source.add_argument(
        "--index", type=int, default=0, help="which test picture of --dataset (default: 0)"
    )
    parser.add_argument("--dataset", default="digits", choices=options.dataset_names())
    options.add_data_folder(parser)


def chosen_image(arguments: argparse.Namespace) -> np.ndarray:
    """Return the picture to read, (28, 28) in [0, 1]."""
    if arguments.image is not None:
        return prepare(read_picture(arguments.image.read_bytes())).image
    data = load_dataset(arguments.dataset, "test", data_folder(arguments.data))
    if not 0 <= arguments.index < len(data):
        raise ValueError(
            f"{arguments.dataset} has test pictures 0 to {len(data) - 1}, got {arguments.index}."
        )
    return data[arguments.index].image
