"""Who is drawn how where gradients are shown: a colour says the cell, a dash which one of it.

The same network looks the same in every figure. No two of the variants share a dash, so that they
are told apart without colours too: by the colour-blind, and on paper.
"""

import zlib
from collections.abc import Collection, Mapping
from typing import NamedTuple

from rnnviz.plots.style import PALETTE

BLUE, GREEN, PINK, VERMILION = PALETTE[0], PALETTE[2], PALETTE[3], PALETTE[5]
PURPLE, OCHRE, SKY, GREY = "#8a63d2", "#a87f00", "#2f93d1", PALETTE[7]
"""Like those before them they keep a contrast of 3 to the white and to the dark page."""

SOLID, SHORT, LONG = "solid", "8px,4px", "18px,5px"
DOTS, FAR_DOTS = "3px,4px", "3px,9px"
DASH_DOT, LONG_DOT = "10px,4px,3px,4px", "18px,4px,3px,4px"
TWO_DOTS, LONG_SHORT = "10px,4px,3px,4px,3px,4px", "18px,4px,7px,4px"
DASHES = (SOLID, LONG, DASH_DOT, SHORT, DOTS, LONG_DOT, LONG_SHORT, FAR_DOTS, TWO_DOTS)


class Look(NamedTuple):
    """How a curve is drawn."""

    colour: str
    """Of CSS, the same on the light and on the dark page."""
    dash: str = SOLID
    """As Plotly wants it: "solid", or the lengths of strokes and gaps."""

    def line(self, width: float) -> dict[str, str | float]:
        """Return it as a line of Plotly."""
        return {"color": self.colour, "dash": self.dash, "width": width}


VARIANTS = {
    "rnn": Look(VERMILION, DASH_DOT),
    "rnn-relu": Look(PINK, FAR_DOTS),
    "irnn": Look(PINK, DOTS),
    "lstm-0": Look(BLUE, LONG),
    "lstm-1": Look(BLUE, TWO_DOTS),
    "lstm-3": Look(BLUE, SOLID),
    "lstm-5": Look(BLUE, LONG_SHORT),
    "gru-0": Look(GREEN, LONG_DOT),
    "gru-1": Look(GREEN, SHORT),
}
"""By the names of ``rnnviz.analysis.variants``."""
CELLS = {
    "rnn": VARIANTS["rnn"],
    "rnn_relu": VARIANTS["rnn-relu"],
    "irnn": VARIANTS["irnn"],
    "lstm": VARIANTS["lstm-3"],
    "gru": VARIANTS["gru-1"],
    "rnn_2d": Look(PURPLE, SOLID),
    "lstm_2d": Look(PURPLE, LONG),
    "lstm_2d_mixed": Look(PURPLE, LONG),
    "gru_2d": Look(PURPLE, LONG_SHORT),
}
"""By registry name, of a cell without the name of a variant: a trained network's, for one."""
OTHER = Look(GREY, SOLID)
READERS = {
    (): VARIANTS["rnn"],
    ("late",): Look(VERMILION, DOTS),
    ("straight",): Look(OCHRE, LONG_DOT),
    ("whole", "straight"): Look(OCHRE, LONG),
    ("whole", "straight", "late"): Look(OCHRE, SOLID),
}
"""By its faults, a row reader: a plain RNN with a tanh, unless nothing bends its state."""
CLIPS = {
    "none": Look(OCHRE, SHORT),
    "norm": Look(SKY, SOLID),
    "value": Look(PURPLE, DOTS),
}
"""By its clip, one of the runs of a network that differ in nothing else."""


def look(name: str, cell: str = "") -> Look:
    """Return the look of a network by its name; by its cell where it is no variant."""
    return VARIANTS.get(name) or CELLS.get(cell, OTHER)


def looks(cells: Mapping[str, str], settled: Collection[str] = ()) -> dict[str, Look]:
    """Return the looks of networks that are shown together.

    Args:
        cells: By their names, the registry names of their cells.
        settled: Names that have the look of their cell to themselves, as variants have their own.

    Any other network has its cell's colour and a dash that its name decides, so that it looks the
    same whoever stands beside it; only where that is taken it gets the next one.
    """
    found = {name: look(name, cells[name]) for name in cells if name in VARIANTS or name in settled}
    for name, cell in cells.items():
        if name not in found:
            taken = {*found.values(), *CELLS.values()}
            found[name] = free_look(name, look(name, cell).colour, taken)
    return {name: found[name] for name in cells}


def free_look(name: str, colour: str, taken: set[Look]) -> Look:
    """Return a look in a colour that isn't taken, the first from the one that a name decides."""
    start = zlib.crc32(name.encode())
    options = [Look(colour, DASHES[(start + k) % len(DASHES)]) for k in range(len(DASHES))]
    return next((option for option in options if option not in taken), options[0])
