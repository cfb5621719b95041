"""What can be chosen for a training, as fields that stand in the page's link."""

from collections.abc import Sequence
from pathlib import Path

from rnnviz.core.routes import PACKAGE as ROUTES
from rnnviz.data.sets import PACKAGE as DATASETS
from rnnviz.models.cells import PACKAGE as CELLS
from rnnviz.models.config import MOST_LAYERS, READOUTS
from rnnviz.registry import discover
from rnnviz.training.settings import CLIPS, OPTIMISERS, SCHEDULES
from rnnviz.ui.fields import Field, Number, OneOf, Whole

NO_CLIP = "off"
TORCH, ORTHOGONAL, IDENTITY = "torch", "orthogonal", "identity"
STARTS = {
    TORCH: "PyTorch's default",
    ORTHOGONAL: "orthogonal, times the gain",
    IDENTITY: "the identity, times the gain",
}
"""How recurrent weights can start, and what a menu shows."""
PATCHES = ("1", "2", "4", "7", "14")
READOUT_LABELS = {"last": "the last state", "last+mean": "the last state and the mean of all"}
MOST_UNITS = 256
SHARED_OPTIONS = ("gain", "identity")
"""Options of cells that the choice of the start holds; every other one has a field of its own."""
OPTION_LABELS = {
    "forget_bias": "Bias of the forget gate",
    "update_bias": "Bias of the update gate",
    "memory": "Remembers at first, in steps (0: off)",
    "input_scale": "Size of the input weights",
}
OPTION_HELP = {
    "forget_bias": "At 0 half of the memory is lost at every step at first; at 3 about 5 % is.",
    "update_bias": "At 0 half of the state is lost at every step at first; at 3 about 5 % is.",
    "memory": "Gates start so that units remember for 1 to this many steps (Tallec and Ollivier "
    "2018). 0 takes the bias instead.",
    "input_scale": "Standard deviation of the input weights at the start.",
}
OPTION_BOUNDS = {"memory": (0.0, 1000.0, 1.0), "input_scale": (0.0, 10.0, 0.001)}
BIAS_BOUNDS = (-10.0, 10.0, 0.5)


def fields(folder: Path) -> tuple[Field, ...]:
    """Return all that can be chosen; data sets whose files aren't in ``folder`` are left out."""
    return (*network_fields(), *training_fields(folder), *change_fields())


def network_fields() -> tuple[Field, ...]:
    """Return what decides on the network."""
    return (
        OneOf("route", "It reads", tuple(discover(ROUTES)), "rows", labels(ROUTES)),
        OneOf("patch", "Side of a patch", PATCHES, "4", {one: f"{one}×{one}" for one in PATCHES}),
        OneOf("corners", "From", ("1", "4"), "1", {"1": "one corner", "4": "all four corners"}),
        Whole("order", "Which order", 0, 99, 0, typed=True, help="Seed of the random order."),
        OneOf("cell", "Cell", tuple(discover(CELLS)), "lstm", cell_labels()),
        Whole("units", "Hidden units", 2, MOST_UNITS, 48, 8, typed=True),
        Whole("layers", "Layers", 1, MOST_LAYERS, 1),
        OneOf("directions", "Directions", ("1", "2"), "1", {"1": "one", "2": "both ways"}),
        OneOf("readout", "The answer is read from", READOUTS, "last", READOUT_LABELS, menu=True),
        OneOf("start", "Recurrent weights start as", tuple(STARTS), ORTHOGONAL, STARTS, menu=True),
        Number("gain", "Gain", 0.0, 20.0, 1.0, 0.1, "Factor on the start.", typed=True),
        *option_fields(),
    )


def option_fields() -> tuple[Field, ...]:
    """Return a field for every option that only some cells have."""
    found: dict[str, Field] = {}
    for module in discover(CELLS).values():
        for name, default in module.CELL.OPTIONS.items():
            if name not in SHARED_OPTIONS and name not in found:
                low, high, step = OPTION_BOUNDS.get(name, BIAS_BOUNDS)
                label = OPTION_LABELS[name] if name in OPTION_LABELS else name.replace("_", " ")
                note = OPTION_HELP.get(name, "")
                found[name] = Number(name, label, low, high, default, step, note, typed=True)
    return tuple(found.values())


def training_fields(folder: Path) -> tuple[Field, ...]:
    """Return what decides on the pictures and on how the network learns from them."""
    clips = {NO_CLIP: "off"} | CLIPS
    return (
        OneOf("data", "Data set", available(folder), "digits", labels(DATASETS), menu=True),
        Whole("epochs", "Epochs", 1, 1000, 20, typed=True, help="Times all pictures are read."),
        Number("rate", "Learning rate", 1e-6, 10.0, 5e-3, 0.001, PEAK, typed=True),
        Whole("batch", "Pictures a step", 1, 1024, 32, 8, typed=True),
        Whole("pictures", "Training pictures (0: all)", 0, 100_000, 0, 100, FIRST, typed=True),
        OneOf("optimiser", "Optimiser", tuple(OPTIMISERS), "adamw", OPTIMISERS, menu=True),
        OneOf("schedule", "Learning rate over time", tuple(SCHEDULES), "one-cycle", SCHEDULES),
        Number("decay", "Weight decay", 0.0, 1.0, 0.01, 0.01, typed=True),
        OneOf("clip", "Clip the gradient", tuple(clips), "norm", clips),
        Number("threshold", "Threshold of the clip", 1e-6, 1e6, 1.0, 0.1, typed=True),
        Whole("seed", "Seed", 0, 9999, 0, typed=True, help="Of all chance in the run."),
    )


PEAK = "Its peak, where it changes over time."
FIRST = "So many of the first ones; 0 for all."


def change_fields() -> tuple[Field, ...]:
    """Return how far training pictures are changed at random."""
    return (
        Whole("shift", "Moved by up to, px", 0, 6, 0),
        Whole("turn", "Turned by up to, degrees", 0, 45, 0),
        Number("scale", "Grown or shrunk by up to", 0.0, 0.5, 0.0, 0.05),
        Number("shear", "Slanted by up to", 0.0, 1.0, 0.0, 0.05),
        Number("thickness", "Thicker or thinner by up to, px", 0.0, 1.0, 0.0, 0.1),
    )


def labels(package: str) -> dict[str, str]:
    """Return what menus show for the parts of a package."""
    return {name: module.LABEL for name, module in discover(package).items()}


def cell_labels() -> dict[str, str]:
    """Return what menus show for the cells."""
    return {name: module.CELL.LABEL for name, module in discover(CELLS).items()}


def available(folder: Path) -> tuple[str, ...]:
    """Return the data sets whose files are there."""
    return tuple(name for name, file in discover(DATASETS).items() if file.available(folder))


def missing(folder: Path) -> Sequence[str]:
    """Return the data sets whose files aren't there."""
    there = available(folder)
    return [name for name in discover(DATASETS) if name not in there]
