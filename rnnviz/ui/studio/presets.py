"""Trainings that teach, each one click away. Their figures were measured on the digits 8x8."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rnnviz.ui.studio.fields import NO_CLIP, TORCH


@dataclass(frozen=True)
class Preset:
    """Choices that show something."""

    name: str
    """Names its run."""
    icon: str
    """Of Material Symbols."""
    watch: str
    """One sentence on what to watch."""
    values: Mapping[str, Any]
    """What differs from the defaults of the form."""


LONG_WAY = {"route": "patches", "patch": "2", "epochs": 60, "rate": 0.01}
"""196 steps, of which the first hundred or so decide on the digit."""
EXPLODING = {
    "cell": "rnn_relu",
    "units": 64,
    "gain": 1.3,
    "optimiser": "sgd",
    "schedule": "cosine",
    "rate": 0.2,
    "epochs": 40,
}

PRESETS = (
    Preset(
        "A quick first one",
        "bolt",
        "A GRU reads 28 rows and learns ten digits in seconds: watch the answers below the "
        "pictures turn from guesses into digits.",
        {"cell": "gru"},
    ),
    Preset(
        "A plain RNN forgets",
        "cloud_off",
        "196 steps are too many for it: the gradient reaches the first ones some 40 powers of ten "
        "smaller at the start, and after a few leaps on the way 20 or more at the end. It then "
        "knows about one digit in four.",
        LONG_WAY | {"cell": "rnn", "start": TORCH},
    ),
    Preset(
        "An LSTM remembers",
        "memory",
        "The same 196 steps and pictures, but its gates start by keeping: the flow reaches the "
        "first steps, and it learns what the plain RNN can't.",
        LONG_WAY | {"cell": "lstm", "memory": 196.0},
    ),
    Preset(
        "It explodes",
        "local_fire_department",
        "Without a clip the norm of the gradient leaps up by powers of ten, until within a "
        "hundred steps the loss overflows and the run fails.",
        EXPLODING | {"clip": NO_CLIP},
    ),
    Preset(
        "… then clip it",
        "content_cut",
        "The same run from the same start, its gradient clipped: watch the norm before and after "
        "the clip, and the loss go on falling.",
        EXPLODING | {"clip": "norm", "threshold": 1.0},
    ),
    Preset(
        "Learnt by heart",
        "menu_book",
        "With 100 pictures alone it soon knows each of them: the training accuracy reaches 100 %, "
        "that on other pictures stays far below.",
        {"pictures": 100, "batch": 20, "epochs": 120, "units": 64},
    ),
    Preset(
        "Two dimensions",
        "grid_on",
        "A 2-D LSTM reads 4×4 patches from all four corners: 49 of them, yet none is further than "
        "13 steps from the answer, and the gradient soon reaches every one.",
        {
            "route": "grid",
            "patch": "4",
            "corners": "4",
            "cell": "lstm_2d_mixed",
            "units": 24,
            "gain": 0.7,
        },
    ),
)
