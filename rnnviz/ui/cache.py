"""What stays in memory between runs: models, data sets and readings.

Everything kept here is plain data or a model that nobody changes, so all visitors share it as it
is; nothing is pickled on the way in or out.
"""

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import streamlit as st
import torch

from rnnviz.analysis.reading import Reading, glance, read
from rnnviz.analysis.unit import UnitDetail, unit_detail
from rnnviz.core.routes import PACKAGE as ROUTES
from rnnviz.data.dataset import Dataset
from rnnviz.data.folder import data_folder
from rnnviz.data.sets import class_names
from rnnviz.models.cells import cell_class
from rnnviz.models.checkpoint import Checkpoint, CheckpointError
from rnnviz.models.config import ModelConfig
from rnnviz.models.model import Model, parameter_count
from rnnviz.models.store import read_named, shipped_names
from rnnviz.registry import discover, find
from rnnviz.training.runs.brought import digest_of, parse_brought
from rnnviz.ui.kept import Kept
from rnnviz.ui.link import Picture
from rnnviz.ui.turns import Turns

DATASETS = "rnnviz.data.sets"
READINGS = 32
"""So many readings are kept, and as many without gates."""
FIRST = ("rnn-rows", "lstm-rows", "gru-rows", "lstm-grid")
"""The readers that come first, in menus and side by side."""
FAILS_BELOW = 0.5
"""A network that is right less often than this has not learned its task."""
FAILURE = "It has not learned its task: most of its answers are wrong."
TEST_ACCURACY = ("test", "accuracy")
DATASET_NAMES = {
    "mnist": "MNIST",
    "fashion-mnist": "Fashion-MNIST",
    "kmnist": "Kuzushiji-MNIST",
    "pendigits": "pen strokes",
    "digits": "digits 8×8",
}


@dataclass(frozen=True, eq=False)
class Reader:
    """A model that is ready to read."""

    name: str
    """How links call it."""
    identity: str
    """Tells it from every other reader, also from others of the same name."""
    checkpoint: Checkpoint
    """Where it comes from."""
    model: Model
    """The network, in evaluation mode."""
    called: str = ""
    """What tells it from others of its kind, in letters that mean nothing to Markdown or HTML;
    empty for a shipped one."""

    @property
    def label(self) -> str:
        """What it is, in a few words: "LSTM · rows", with what it is called if it isn't shipped.

        Menus and figures tell readers apart by these words alone, so no two may share them.
        """
        return full_label(self.checkpoint.config, self.called)

    @property
    def description(self) -> str:
        """What it is, in a sentence or two."""
        config = self.checkpoint.config
        route = find(ROUTES, config.route, "route")
        text = f"{cell_class(config.cell).DESCRIPTION} {route.DESCRIPTION}"
        return f"{text} {FAILURE}" if self.fails else text

    @property
    def size(self) -> str:
        """How large it is: "128 units, 85,002 weights", or "2 layers of 64 units, …"."""
        config = self.checkpoint.config
        layers = f"{config.layers} layers of " if config.layers > 1 else ""
        return f"{layers}{config.units} units, {parameter_count(self.model):,} weights"

    @property
    def classes(self) -> tuple[str, ...]:
        """What its answers are called: as in the data it learned from, or else just numbers."""
        count = self.checkpoint.config.classes
        learned = self.checkpoint.provenance.get("datasets")
        names = class_names(learned) if isinstance(learned, list) else None
        if names is not None and len(names) == count:
            return names
        return tuple(str(answer) for answer in range(count))

    @property
    def fails(self) -> bool:
        """Whether it was measured and has not learned its task."""
        accuracies = test_accuracies(self.checkpoint.metrics)
        return bool(accuracies) and max(accuracies.values()) < FAILS_BELOW

    @property
    def accuracy(self) -> str:
        """How often it is right on test pictures: "99.4 % of MNIST", or that nobody measured it."""
        measured = [
            f"{100 * value:.1f} % of {DATASET_NAMES.get(name, name)}"
            for name, value in test_accuracies(self.checkpoint.metrics).items()
        ]
        return ", ".join(measured) or "accuracy not measured"


def test_accuracies(metrics: Mapping[str, float]) -> dict[str, float]:
    """Return the accuracies on test splits by data set, from "mnist/test/accuracy" and the like."""
    parts = {tuple(key.split("/")): value for key, value in metrics.items()}
    return {
        key[0]: value for key, value in parts.items() if len(key) == 3 and key[1:] == TEST_ACCURACY
    }


def full_label(config: ModelConfig, called: str) -> str:
    """Return what a model is in a few words, and what it is called if that isn't empty."""
    return f"{config_label(config)} ({called})" if called else config_label(config)


def config_label(config: ModelConfig) -> str:
    """Return what a model is in a few words: its cell, its route and how many layers it has."""
    patch = config.route_options.get("patch", 1)
    words = [config.route]
    if config.route == "patches" or patch > 1:
        words.append(f"{patch}×{patch}")
    if config.directions == 2:
        words.append("both ways")
    layers = f" · {config.layers} layers" if config.layers > 1 else ""
    return f"{cell_class(config.cell).LABEL} · {' '.join(words)}{layers}"


@st.cache_resource(show_spinner=False)
def turns() -> Turns:
    """Return the one queue in which all visitors' answers are worked out."""
    return Turns()


@st.cache_resource(show_spinner=False)
def shipped() -> dict[str, Reader]:
    """Return the shipped models that can be used, by name."""
    torch.set_num_threads(1)
    found = {}
    for name in sorted(shipped_names(), key=menu_place):
        # A damaged file must not take the sound ones with it; the command line names it.
        try:
            found[name] = reader_of(read_named(name), name, name)
        except CheckpointError:
            continue
    # What lives as long as the app need not be looked at in every garbage collection.
    gc.collect()
    gc.freeze()
    return found


def menu_place(name: str) -> tuple[int, str]:
    """Return by what names are sorted: the first ones in their order, then all others."""
    return (FIRST.index(name) if name in FIRST else len(FIRST), name)


def uploaded(data: bytes, file_name: str) -> Reader:
    """Return the model in an uploaded checkpoint, for this session alone.

    Raises:
        CheckpointError: If it can't be used, or reads pictures of another size than 28×28.
    """
    digest = digest_of(data)
    name = f"own-{digest[:8]}"
    return reader_of(parse_brought(data, file_name), name, digest, name)


def reader_of(checkpoint: Checkpoint, name: str, identity: str, called: str = "") -> Reader:
    """Return a checkpoint's model, ready to read."""
    return Reader(name, identity, checkpoint, checkpoint.model(), called)


_readings: Kept[Reading] = Kept(READINGS)
_glances: Kept[Reading] = Kept(READINGS)


def reading(reader: Reader, picture: Picture) -> Reading:
    """Return how a model reads a picture."""
    return kept_reading(_readings, read, reader, picture)


def first_glance(reader: Reader, picture: Picture) -> Reading:
    """Return how a model reads a picture, without the gates: what a card shows at first."""
    return kept_reading(_glances, glance, reader, picture)


def kept_reading(
    kept: Kept[Reading], look: Callable[..., Reading], reader: Reader, picture: Picture
) -> Reading:
    """Return what ``look`` makes of a picture, worked out unless it is kept."""

    def work_out() -> Reading:
        # A picture is too little work to share out, and every run has a thread of its own, for
        # which torch would start a pool of workers.
        torch.set_num_threads(1)
        return look(reader.model, reader.checkpoint.probes, picture.image)

    return kept.get((reader.identity, picture.pixels), work_out)


def detail(reader: Reader, picture: Picture, unit: int) -> UnitDetail:
    """Return the inside of one unit of a model while it reads a picture."""
    return unit_detail(reader.model, reading(reader, picture).trace, unit)


def available_datasets() -> list[str]:
    """Return the names of the data sets that need no download."""
    folder = data_folder()
    return [name for name, file in discover(DATASETS).items() if file.available(folder)]


@st.cache_resource(show_spinner="Opening the data set…", max_entries=4)
def dataset(name: str, split: str) -> Dataset:
    """Return one split of a data set; DataError if it can't be read."""
    return find(DATASETS, name, "data set").load(split, data_folder())


@lru_cache(maxsize=16)
def training_pictures(data: str) -> int:
    """Return how many training pictures a data set has; InputError if it can't be read here."""
    module = find(DATASETS, data, "data set")
    # Strokes are counted before anybody draws them, which takes seconds.
    read = getattr(module, "read_split", module.load)
    return len(read("train", data_folder()))
