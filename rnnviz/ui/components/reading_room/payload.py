"""What the reading room shows: plain data in, plain data out, no Streamlit."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from rnnviz.analysis.reading import Reading
from rnnviz.analysis.unit import UnitDetail
from rnnviz.core.route import Route
from rnnviz.core.trace import Trace
from rnnviz.data.dataset import DIGITS
from rnnviz.models.cells import Cell
from rnnviz.ui.components.common.encoding import Packed, digest, encode_counts, encode_floats
from rnnviz.ui.components.reading_room.equations import equations_of

Payload = dict[str, Any]
Source = Literal["drawing", "example", "file"]

MAX_READERS = 4
STEP_WORDS = {
    "rows": "row",
    "columns": "column",
    "patches": "patch",
    "pixels": "pixel",
    "snake": "pixel",
    "permuted": "pixel",
    "grid": "diagonal",
}
PLURALS = {"patch": "patches"}
CORNERS = tuple(
    f"from the {side} {hand}" for side in ("top", "bottom") for hand in ("left", "right")
)
DIRECTIONS = ("forwards", "backwards")


def view(
    canvas: Payload,
    readers: Sequence[Payload],
    pinned: tuple[str, int] | None = None,
    position: float | None = None,
) -> Payload:
    """Return everything that the reading room shows.

    Args:
        canvas: From ``canvas``.
        readers: One to four, each from ``reader``; none is allowed while nothing can be read.
        pinned: Name of a reader and its unit, or None.
        position: Where the clock stands at the start, as the fraction of the reading that is
            done, 0 to 1; None plays the reading from its beginning.

    Raises:
        ValueError: If there are too many readers, or two of one name.
    """
    if len(readers) > MAX_READERS:
        raise ValueError(f"The reading room has room for {MAX_READERS}, got {len(readers)}.")
    names = [reader["name"] for reader in readers]
    if len(set(names)) < len(names):
        raise ValueError(f"Each reader needs a name of its own, got {', '.join(names)}.")
    return {
        "canvas": canvas,
        "readers": list(readers),
        "pinned": None if pinned is None else {"reader": pinned[0], "unit": pinned[1]},
        "position": position,
    }


def canvas(
    drawing: Any,
    image: np.ndarray | None,
    pen_width: float,
    nonce: str | int,
    source: Source = "drawing",
    caption: str = "",
    message: str = "",
) -> Payload:
    """Return what stands on and beside the canvas.

    Args:
        drawing: A ``Drawing``, a list of strokes of ``[x, y, t_ms]``, or None.
        image: What the network sees, (28, 28) in [0, 1], or None.
        pen_width: Thickness of the pen as a fraction of the canvas' side.
        nonce: The browser takes over ``drawing`` whenever this has changed, and otherwise keeps
            its own strokes, which may be ahead of what has arrived here.
        source: Where the picture comes from.
        caption: One line on the picture, for example "Example 12 of MNIST (test): a 7.".
        message: A friendly word on what was wrong with the input; empty if nothing was.
    """
    strokes = getattr(drawing, "strokes", drawing) or ()
    lists = [np.round(np.asarray(stroke, np.float64), 4).tolist() for stroke in strokes]
    return {
        "strokes": lists,
        "image": None if image is None else encode_floats(image),
        "key": "" if image is None else digest(np.asarray(image, np.float32)),
        "penWidth": float(pen_width),
        "nonce": str(nonce),
        "source": source,
        "caption": caption,
        "message": message,
    }


def reader(
    name: str,
    label: str,
    reading: Reading,
    cell: type[Cell],
    pinned: UnitDetail | None = None,
    show_gates: bool = False,
    note: str = "",
    classes: Sequence[str] = DIGITS,
) -> Payload:
    """Return one network's reading as its card shows it.

    Args:
        name: The model's name, which comes back in ``pin`` and ``gates``.
        label: What the card is called.
        reading: What the network did; of ``first_glance`` unless gates or a unit are shown.
        cell: The class of its cell, for the equations.
        pinned: The inside of the pinned unit if it is one of this reader's.
        show_gates: Whether the gates travel as well; they weigh several times the states.
        note: One line under the label, for example the model's test accuracy.
        classes: What its answers are called.
    """
    trace, route = reading.trace, reading.trace.route
    hidden = trace.states["h"]
    word = step_word(route)
    return {
        "name": name,
        "label": label,
        "note": note,
        "key": digest(trace.inputs, trace.logits, reading.beliefs),
        "word": word,
        "words": PLURALS.get(word, word + "s"),
        "depths": route.depths,
        "sweeps": route.sweeps,
        "lattice": list(route.lattice),
        "sweepWord": "directions" if route.both_ways else "corners",
        "sweepNames": list(DIRECTIONS if route.both_ways else CORNERS[: route.sweeps]),
        "units": trace.units,
        "layers": trace.layers,
        "answer": reading.answer,
        "classes": list(classes),
        "probabilities": trace.probabilities.astype(float).tolist(),
        "settled": reading.settled,
        "settledText": settled_text(reading, word),
        "image": encode_floats(picture(trace)),
        "reached": reached(route),
        "hidden": encode_floats(hidden),
        "limit": colour_limit(hidden),
        "beliefDepths": encode_counts(reading.belief_depths),
        "beliefs": encode_floats(reading.beliefs),
        "gateNames": list(cell.GATES),
        "gates": encode_gates(trace) if show_gates else None,
        "pinned": None if pinned is None else unit_payload(trace, cell, pinned),
    }


def step_word(route: Route) -> str:
    """Return what is read at one depth of a route: "row", "pixel", "diagonal"."""
    return STEP_WORDS.get(route.name, "step")


def encode_gates(trace: Trace) -> Payload:
    """Return all gates of a trace by name."""
    return {gate: encode_floats(values) for gate, values in trace.gates.items()}


def settled_text(reading: Reading, word: str) -> str:
    """Return one line on when the answer stood, such as "Answer stands from row 17 of 28."."""
    if not len(reading.belief_depths):
        return "It has no probes, so what it knew on the way isn't measured."
    if reading.settled is None:
        return "Its last probe doesn't agree with the answer it gives."
    last = reading.trace.route.depths
    if reading.settled + 1 == last:
        return f"Answer stands only at the last {word}, {last} of {last}."
    return f"Answer stands from {word} {reading.settled + 1} of {last}."


def picture(trace: Trace) -> np.ndarray:
    """Return the picture as the network was given it, (height, width), from what it read.

    Raises:
        ValueError: If it read several frames.
    """
    route = trace.route
    if route.shape[0] != 1:
        raise ValueError(f"The reading room shows one picture, got {route.shape[0]} frames.")
    flat = np.zeros(int(np.prod(route.shape)), np.float32)
    flat[route.gather] = trace.inputs
    return flat.reshape(route.shape[1:])


@lru_cache(maxsize=64)
def reached(route: Route) -> Packed:
    """Return the depth at which each sweep reads each pixel, (sweep, height, width)."""
    depths = np.zeros((route.sweeps, int(np.prod(route.shape))), np.int64)
    for sweep in range(route.sweeps):
        steps = route.sweep_steps(sweep)
        depths[sweep, route.gather[steps]] = route.depth[steps][:, None]
    return encode_counts(depths.reshape(route.sweeps, *route.shape[1:]))


def colour_limit(states: np.ndarray) -> float:
    """Return the value at which the colours end: 1, or what 99.5 % of larger states stay below.

    Squashed states lie in [-1, 1]; a ReLU's have no bound, and one runaway unit would leave all
    others white.
    """
    if float(np.abs(states).max(initial=0.0)) <= 1:
        return 1.0
    limit = max(float(np.quantile(np.abs(states), 0.995)), 1.0)
    magnitude = 10.0 ** np.floor(np.log10(limit))
    return float(np.ceil(limit / magnitude * 2) / 2 * magnitude)


def unit_payload(trace: Trace, cell: type[Cell], detail: UnitDetail) -> Payload:
    """Return the inside of one unit: the series its curves and equations need, its weights.

    A series has one value a step of the route; a bias has one a sweep.
    """
    series: dict[str, np.ndarray] = {}
    for gate, terms in detail.gates.items():
        for parent, values in enumerate(terms.hidden):
            series[f"{gate}/hidden/{parent}"] = values
        series[f"{gate}/inputs"] = terms.inputs
        series[f"{gate}/bias"] = np.atleast_1d(terms.bias)
        series[f"{gate}/bias_h"] = np.atleast_1d(terms.bias_h)
        series[f"{gate}/value"] = terms.value
    for state, values in trace.states.items():
        own = values[:, detail.unit]
        series[f"state/{state}"] = own
        for parent, steps in enumerate(trace.route.parents.T):
            series[f"state/{state}/{parent}"] = np.where(steps < 0, 0.0, own[np.maximum(steps, 0)])
    return {
        "unit": detail.unit,
        "layer": detail.layer,
        "states": list(trace.states),
        "gates": [gate for gate in detail.gates if gate in trace.gates],
        "series": {key: encode_floats(values) for key, values in series.items()},
        "weights": {
            gate: encode_floats(terms.input_weights) for gate, terms in detail.gates.items()
        },
        "weightShape": weight_shape(trace, detail.layer),
        "equations": equations_of(cell.EQUATIONS, cell.BLOCKS),
    }


def weight_shape(trace: Trace, layer: int = 0) -> list[int]:
    """Return (height, width) of what one step reads, so that its weights stand like the pixels.

    A layer above the first reads the units of the one below it: one row for each sweep.
    """
    route = trace.route
    if layer > 0:
        return [route.sweeps, trace.units // trace.layers]
    if route.name == "columns":
        return [route.features, 1]
    side = route.options.get("patch", 0)
    return [side, side] if side * side == route.features else [1, route.features]
