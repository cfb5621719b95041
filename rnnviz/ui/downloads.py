"""Files to take away: a trace as table or arrays, a picture as PNG. Pure data, no Streamlit."""

import csv
import io
import json
from typing import Any

import numpy as np
from PIL import Image

from rnnviz.analysis.reading import Reading
from rnnviz.core.route import Route
from rnnviz.core.trace import Trace

PICTURE_SCALE = 20
"""How many pixels of a PNG one pixel of a 28×28 picture takes."""


def trace_table(trace: Trace) -> dict[str, np.ndarray]:
    """Return a trace as columns with one row for each step and unit.

    Returns:
        "step", "sweep", "row", "column" (where in the lattice of its sweep the step stands),
        "unit", then a column for each state and each gate; all of shape (step * unit,). With
        several layers there is a "layer" before "unit": layers count from 1, and in each of them
        units from 0.
    """
    units = trace.units
    layer, unit = np.divmod(np.arange(units), units // trace.layers)
    sweep, row, column = lattice_places(trace.route)
    per_step = {
        "step": np.arange(trace.route.steps),
        "sweep": sweep,
        "row": row,
        "column": column,
    }
    columns = {name: np.repeat(values, units) for name, values in per_step.items()}
    if trace.layers > 1:
        columns["layer"] = np.tile(layer + 1, trace.route.steps)
    columns["unit"] = np.tile(unit, trace.route.steps)
    return columns | {name: v.ravel() for name, v in (trace.states | trace.gates).items()}


def lattice_places(route: Route) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return each step's sweep, and its row and column in that sweep's lattice, each (step,)."""
    step = np.arange(route.steps)
    sweep, within = np.divmod(step, route.steps_per_sweep)
    row, column = np.divmod(within, route.lattice[1])
    return sweep, row, column


def trace_csv(trace: Trace) -> bytes:
    """Return a trace as CSV text in UTF-8, one line for each step and unit."""
    columns = trace_table(trace)
    # Six digits are what float32 has, so nothing that was measured is lost.
    texts = [
        [f"{value:.7g}" for value in values.tolist()]
        if values.dtype.kind == "f"
        else values.tolist()
        for values in columns.values()
    ]
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*texts, strict=True))
    return file.getvalue().encode()


def reading_npz(reading: Reading, image: np.ndarray, config: dict[str, Any]) -> bytes:
    """Return a reading as a compressed NPZ, to go on with it in numpy.

    Args:
        reading: What a model did with the picture.
        image: The picture, floats in [0, 1], shape (28, 28).
        config: The model's configuration, kept as JSON text under "config".

    The file holds no pickled objects: ``numpy.load`` reads it as it is.
    """
    trace = reading.trace
    arrays: dict[str, Any] = {
        "image": image,
        "inputs": trace.inputs,
        "logits": trace.logits,
        "gather": trace.route.gather,
        "parents": trace.route.parents,
        "belief_depths": reading.belief_depths,
        "beliefs": reading.beliefs,
        "config": np.array(json.dumps(config)),
    }
    arrays |= {f"state_{name}": values for name, values in trace.states.items()}
    arrays |= {f"gate_{name}": values for name, values in trace.gates.items()}
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def picture_png(image: np.ndarray, scale: int = PICTURE_SCALE) -> bytes:
    """Return floats in [0, 1], shape (height, width), as a grey PNG with enlarged pixels."""
    grey = np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(np.kron(grey, np.ones((scale, scale), np.uint8))).save(file, "PNG")
    return file.getvalue()
