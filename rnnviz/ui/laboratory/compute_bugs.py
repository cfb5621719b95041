"""What the bug laboratory measures on the spot, kept between two looks."""

import streamlit as st

from rnnviz.analysis.row_reader import gain_flow, refusal
from rnnviz.core.repairs import ReaderFlow
from rnnviz.models.cells import cell_class
from rnnviz.models.row_reader import SIDE, Faults
from rnnviz.ui.laboratory.pictures import Batch

CLAIMED = ("forget", "input")
"""The gates that a GRU is said to have."""


@st.cache_resource(show_spinner=False)
def refused() -> str:
    """Return what PyTorch says when the exhibit is given the 28 values of a row."""
    return refusal(SIDE, Faults(whole=True, straight=True))


@st.cache_resource(show_spinner=False, max_entries=64)
def gain_flows(gain: float, _batch: Batch, identity: str) -> dict[str, ReaderFlow]:
    """Return the flows of an untrained reader that nothing bends, and of one with a tanh.

    Args:
        gain: Every singular value of the recurrent weights.
        _batch: The pictures.
        identity: The batch's identity.
    """
    del identity
    return {
        name: gain_flow(Faults(straight=bool(name)), gain, _batch.images, _batch.labels)
        for name in ("straight", "")
    }


def gates(cell: str) -> tuple[str, ...]:
    """Return the gates that a cell declares; the candidate is what they let through."""
    return tuple(gate for gate in cell_class(cell).GATES if gate != "candidate")


def gate_table() -> list[dict[str, str]]:
    """Return a row for each gated cell: its gates, and which of the claimed ones it has."""
    rows = []
    for name in ("gru", "lstm"):
        own = gates(name)
        row = {"cell": cell_class(name).LABEL, "its gates": ", ".join(own)}
        rows.append(row | {f"a {gate} gate?": "yes" if gate in own else "no" for gate in CLAIMED})
    return rows


def equations(cell: str) -> str:
    """Return the equations of a cell as one block of LaTeX."""
    lines = [line.replace(" = ", " &= ", 1) for line in cell_class(cell).EQUATIONS]
    return "$$\n\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}\n$$"
