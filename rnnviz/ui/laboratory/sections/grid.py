"""Two dimensions: the gradient over the picture, a beam along the diagonal, beside the rows."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch

from rnnviz import plots
from rnnviz.analysis.beam import beam, gained_model
from rnnviz.core.beam import BALANCE, CORNERS, Beam, expected_decades, path_decades
from rnnviz.data.errors import InputError
from rnnviz.models.model import Model
from rnnviz.plots.looks import FAR_DOTS, Look, look
from rnnviz.ui import cache, session
from rnnviz.ui.cache import Reader
from rnnviz.ui.fields import Field, Number, OneOf, Switch
from rnnviz.ui.laboratory import compute_flow, trained
from rnnviz.ui.laboratory.numbers_in_words import fraction
from rnnviz.ui.laboratory.panel import DRAWING, Panel
from rnnviz.ui.laboratory.pictures import Batch
from rnnviz.ui.link import Picture

NAME = "grid"
LABEL = "Two dimensions"
ORDER = 60
QUESTION = "How does the gradient travel in two dimensions?"
LOOK = (
    "The gradient starts at the yellow star. On the grid it stays alive in a beam along the "
    "diagonal, where it adds up over countless ways; along the edges, and in the network that "
    "reads rows, there is a single way, and before training it fades there."
)

FRESH, FRESH_ROWS = "fresh", "fresh-rows"
STARTS = {FRESH: "2-D RNN at the start", FRESH_ROWS: "RNN · rows at the start"}
ROWS = {"rnn-grid": "rnn-rows", "lstm-grid": "lstm-rows", "gru-grid": "gru-rows"}
"""The row network that stands beside a trained grid."""
BESIDE = {
    "rnn_2d": "rnn-rows",
    "lstm_2d": "lstm-rows",
    "lstm_2d_mixed": "lstm-rows",
    "gru_2d": "gru-rows",
}
"""The one that stands beside a grid of a cell that somebody trained here."""
DIAGONAL, EDGE = "grid, along the diagonal", "grid, along the edge"
ALONG_EDGE = FAR_DOTS
"""The dash of the edge: one network has two curves here."""
DIGITS = tuple(str(digit) for digit in range(10))
LOOKED_AT = 200
"""Among so many test digits there is one of each class."""
CASES = {
    "It fades: gain 0.4": 0.4,
    "In balance: 1/√2 ≈ 0.707": 0.707,
    "It grows: gain 1.1": 1.1,
}
STORY = r"""
**Why a beam.** $\delta_{i,j} = J_\uparrow^{\!\top} \delta_{i+1,j} + J_\leftarrow^{\!\top}
\delta_{i,j+1}$: the gradient of a step sums over *all* lattice paths to the last one. From a step
that is $i$ rows and $j$ columns away there are $\binom{i+j}{i}$ of them: one along an edge, and
about $2^n \sqrt{2/\pi n}$ for $n$ steps along the diagonal. With recurrent weights of *gain* times
orthogonal each path shrinks by gain$^n$, but their random directions add up like a random walk, to
gain$^n\sqrt{\textstyle\binom{i+j}{i}}$. So along the diagonal a gain of $1/\sqrt{2} \approx 0.707$
is in balance: about $(2/\pi n)^{1/4}$ is left after $n$ steps, FAR after all STEPS, where the edge
and a row network lose half of it every two steps. Before training the grey curve shows this
estimate, for a linear net whose paths are independent. The measured one departs from it: tanh′ < 1
shrinks every path, and paths share their weights. A trained network has learned what to keep, along
its rows or along its diagonals.
"""
"""With the places FAR and STEPS, for what ``story`` computes."""


@dataclass(frozen=True)
class Subject:
    """The picture that is read."""

    picture: Picture
    """Its pixels."""
    target: int
    """The class whose cross-entropy is the loss."""
    caption: str
    """What it is."""


def fields() -> tuple[Field, ...]:
    """Return what can be chosen: the trained grids, their corners, a digit."""
    shipped = [name for name in ROWS if name in cache.shipped() and ROWS[name] in cache.shipped()]
    labels = {name: network_name(name) for name in (FRESH, *shipped)}
    own = {n: label for n, label in trained.labels(trained.grids).items() if n not in ROWS}
    labels |= {name: f"{label}, trained" for name, label in own.items()}
    names = {corner: corner.replace("-", " ") for corner in CORNERS}
    return (
        OneOf("network", "Network", tuple(labels), FRESH, labels),
        Number("gain", "Recurrent gain", 0.1, 1.5, 0.7, 0.001, "Times orthogonal, at the start."),
        OneOf("corner", "Sweep from the", CORNERS, CORNERS[0], names),
        OneOf("digit", "Picture", (*DIGITS, DRAWING), "7", {DRAWING: "my drawing"}),
        Switch(
            "mean",
            "With what the mean hands to every step",
            help="The readout of these networks reads the last step and the mean of all steps.",
        ),
    )


def show(panel: Panel) -> None:
    """Show the section: choose, the three maps, how it fades, why."""
    choose(panel)
    subject = subject_of(panel)
    grid, rows = measured(panel, subject)
    panel.facts(
        {
            "left at the far corner": fraction(grid.decades[0, 0]),
            "left along the edge": fraction(grid.decades[-1, 0]),
            "rows: left at the first": fraction(rows.decades[0, 0]),
            "ways to the far corner": fraction(path_decades(*grid.norms.shape)[0, 0]),
        }
    )
    show_maps(panel, grid, rows, subject)
    curves = {DIAGONAL: grid.diagonal, EDGE: grid.edge, "rows": rows.edge}
    if panel["network"] == FRESH:
        curves["diagonal: gain^n·√ways"] = expected_diagonal(panel["gain"], grid)
    figure = plots.distance_curves(curves, looks(panel["network"]))
    panel.figure(figure, "distance", curve_table(curves))
    st.markdown(story(*grid.norms.shape))


def story(rows: int, columns: int) -> str:
    """Return why there is a beam, with what the estimate leaves of it over a whole diagonal."""
    far = fraction(expected_decades(BALANCE, rows, columns)[0, 0])
    return STORY.replace("FAR", far).replace("STEPS", str(rows + columns - 2))


def looks(name: str) -> dict[str, Look]:
    """Return how the curves of a grid, and of the row network beside it, are drawn."""
    if name == FRESH:
        grid, rows = look(FRESH, "rnn_2d"), look(FRESH_ROWS, "rnn")
    else:
        found = trained.looks((name, row_network(name)))
        grid, rows = found[name], found[row_network(name)]
    return {DIAGONAL: grid, EDGE: grid._replace(dash=ALONG_EDGE), "rows": rows}


def choose(panel: Panel) -> None:
    """Show what can be chosen; the gain for a fresh network, the corner for a trained one."""
    wide = st.columns(3)
    fresh = panel.control("network", wide[0]) == FRESH
    if fresh:
        panel.control("gain", wide[1])
    else:
        panel.control("corner", wide[1])
    panel.control("digit", wide[2])
    with st.container(horizontal=True, key="lab-grid-cases"):
        if fresh:
            for label, gain in CASES.items():
                panel.button(label, {"gain": gain})
        else:
            panel.control("mean")


def subject_of(panel: Panel) -> Subject:
    """Return the chosen picture and the class that its loss asks for."""
    if panel["digit"] == DRAWING:
        picture = panel.drawing()
        answer = compute_flow.read_digit(picture)
        return Subject(picture, answer, f"the picture of the page Draw, read as a {answer}")
    digit = int(panel["digit"])
    batch = panel.picture_batch(LOOKED_AT)
    return Subject(Picture.of(first_of(batch, digit)), digit, f"a {digit} of the test digits")


def first_of(batch: Batch, digit: int) -> np.ndarray:
    """Return the first picture of a class, shape (28, 28)."""
    return batch.images[int(np.argmax(batch.labels == digit))]


def measured(panel: Panel, subject: Subject) -> tuple[Beam, Beam]:
    """Return the gradient over the chosen grid, and over the row network beside it."""
    pixels, target = subject.picture.pixels, subject.target
    if panel["network"] == FRESH:
        gain = panel["gain"]
        return fresh_beam("grid", gain, pixels, target), fresh_beam("rows", gain, pixels, target)
    name, last_only = panel["network"], not panel["mean"]
    return (
        beam_of(name, panel["corner"], last_only, pixels, target),
        beam_of(row_network(name), CORNERS[0], last_only, pixels, target),
    )


def row_network(name: str) -> str:
    """Return the trained row network that stands beside a trained grid."""
    if name in ROWS:
        return ROWS[name]
    return BESIDE.get(session.shelf().config(name).cell, ROWS["rnn-grid"])


def show_maps(panel: Panel, grid: Beam, rows: Beam, subject: Subject) -> None:
    """Show the grid, the rows on the same colour scale, and the count of ways."""
    image = subject.picture.image
    reach = plots.common_range({"grid": grid, "rows": rows})
    left, middle, right = st.columns(3)
    name = panel["network"]
    beside = FRESH_ROWS if name == FRESH else row_network(name)
    for kind, shown, one, place in (("map", name, grid, left), ("rows", beside, rows, middle)):
        figure = plots.beam_map(one, network_name(shown), reach, image)
        panel.figure(figure, kind, map_table(one), place)
    panel.figure(plots.path_map(grid), "ways", ways_table(grid), right)
    st.caption(
        f"Colours: the size of ∂L/∂h at each step relative to the last one, in powers of ten, both "
        f"networks on one scale; blue is less, orange more. The outline is {subject.caption}. "
        f"Measured in float64."
    )


def network_name(name: str) -> str:
    """Return what a network is called on the screen."""
    if name in STARTS:
        return STARTS[name]
    return f"{session.shelf().label(name)}, trained"


def expected_diagonal(gain: float, grid: Beam) -> tuple[np.ndarray, np.ndarray]:
    """Return the estimate for a linear net along the diagonal, as ``Beam.diagonal`` has it."""
    steps, _ = grid.diagonal
    back = np.arange(len(steps))
    return steps, expected_decades(gain, *grid.norms.shape)[::-1, ::-1][back, back]


def map_table(one: Beam) -> dict[str, np.ndarray]:
    """Return a map as a table, one row a pixel, counted from 1."""
    return pixel_table("log10 of ratio", one.picture)


def ways_table(one: Beam) -> dict[str, np.ndarray]:
    """Return how many ways lead from each pixel to the last step, likewise."""
    return pixel_table("log10 of ways", one.ways)


def pixel_table(name: str, values: np.ndarray) -> dict[str, np.ndarray]:
    """Return the values of all pixels, shape (height, width), as columns."""
    row, column = np.indices(values.shape) + 1
    return {"row": row.ravel(), "column": column.ravel(), name: values.ravel()}


def curve_table(curves: dict[str, tuple[np.ndarray, np.ndarray]]) -> dict[str, list]:
    """Return curves as a table, one row a point."""
    return {
        "way": [name for name, (steps, _) in curves.items() for _ in steps],
        "steps back": [int(step) for steps, _ in curves.values() for step in steps],
        "log10 of ratio": [float(value) for _, values in curves.values() for value in values],
    }


@st.cache_resource(show_spinner=False, max_entries=64)
def fresh_beam(route: str, gain: float, pixels: bytes, target: int) -> Beam:
    """Return the gradient over a network at its start."""
    return measure(gained_model(route, gain), CORNERS[0], True, pixels, target)


def beam_of(name: str, corner: str, last_only: bool, pixels: bytes, target: int) -> Beam:
    """Return the gradient over one sweep of a trained network.

    Raises:
        InputError: If it is gone, or none of its sweeps starts at that corner.
    """
    readers = session.shelf()
    if name not in readers:
        raise InputError(readers.why(name))
    reader = readers[name]
    try:
        return trained_beam(reader, reader.identity, corner, last_only, pixels, target)
    except ValueError as error:
        raise InputError(f"{reader.label}: {error}") from error


@st.cache_resource(show_spinner=False, max_entries=64)
def trained_beam(
    _reader: Reader, identity: str, corner: str, last_only: bool, pixels: bytes, target: int
) -> Beam:
    """Return the gradient over one sweep of a trained network, which ``identity`` names."""
    return measure(_reader.model, corner, last_only, pixels, target)


def measure(model: Model, corner: str, last_only: bool, pixels: bytes, target: int) -> Beam:
    """Return the gradient over one sweep of a network."""
    # As for readings: every run has a thread of its own, for which torch would start a pool.
    torch.set_num_threads(1)
    return beam(model, Picture(pixels).image, target, corner, last_only)
