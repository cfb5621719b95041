"""Options that several commands share."""

import argparse
from pathlib import Path

from rnnviz.core.routes import PACKAGE as ROUTES
from rnnviz.data.sets import PACKAGE as DATASETS
from rnnviz.models.cells import PACKAGE as CELLS
from rnnviz.registry import discover


def add_data_folder(parser: argparse.ArgumentParser) -> None:
    """Add ``--data``."""
    parser.add_argument(
        "--data",
        type=Path,
        metavar="FOLDER",
        help="folder of the data sets (default: $RNNVIZ_DATA, or a folder in the user's cache)",
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add ``--json``."""
    parser.add_argument("--json", action="store_true", help="print one JSON object for programs")


def dataset_names() -> list[str]:
    """Return the names of all data sets."""
    return list(discover(DATASETS))


def route_names() -> list[str]:
    """Return the names of all routes."""
    return list(discover(ROUTES))


def cell_names() -> list[str]:
    """Return the names of all cells."""
    return list(discover(CELLS))


def positive(text: str) -> int:
    """Return a whole number above zero, for argparse."""
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got {text!r}")
    return value
