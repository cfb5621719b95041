"""What the reading room sends to the browser says the same as the model."""

import math

import numpy as np
import pytest
import torch

from rnnviz.analysis.reading import read
from rnnviz.analysis.unit import unit_detail
from rnnviz.core.route import both_ways
from rnnviz.core.routes import build_route
from rnnviz.data.strokes import Drawing
from rnnviz.models import Model, ModelConfig
from rnnviz.models.cells import PACKAGE, cell_class
from rnnviz.models.probes import Probes
from rnnviz.registry import discover
from rnnviz.ui.components.common import encoding
from rnnviz.ui.components.reading_room import equations, payload

FUNCTIONS = {
    "σ": lambda x: 1 / (1 + math.exp(-x)),
    "tanh": math.tanh,
    "relu": lambda x: max(x, 0.0),
}
IN_PYTHON = {"−": "-", "⊙": "*", "\u2061": "", "\u2062": "*"}


def image():
    return np.random.rand(28, 28).astype(np.float32)


def model_of(cell, units=4, route=None, options=None, **stack):
    parents = cell_class(cell).PARENTS
    route = route or ("rows" if parents == 1 else "grid")
    options = options or ({"patch": 7, "corners": 4} if route == "grid" else {})
    return Model(ModelConfig(route, cell, units, route_options=options, **stack))


def probes_of(model):
    depths = torch.arange(model.route.depths)
    features = model.readout.weight.shape[1]
    weight = torch.randn(len(depths), 10, features)
    return Probes(depths, weight, torch.zeros(len(depths), 10), torch.ones(len(depths)))


def card_of(model, **options):
    reading = read(model, probes_of(model), image())
    cell = cell_class(model.config.cell)
    return reading, payload.reader("name", "Label", reading, cell, **options)


def as_python(tree, numbers) -> str:
    """Return an equation's tree with slots as the two sides of an expression of Python."""
    kind, *rest = tree
    if kind == "slot":
        return f"({numbers(rest[0])!r})"
    if kind == "mo":
        return str(IN_PYTHON.get(rest[0], rest[0]))
    if kind in ("mi", "mn"):
        return "sigma" if rest[0] == "σ" else rest[0]
    return "".join(as_python(child, numbers) for child in rest)


STACKS = [
    pytest.param(cell, stack, unit, id=f"{cell}-{stack}")
    for cell in discover(PACKAGE)
    for stack, unit in (({}, 2), ({"layers": 2}, 6), ({"layers": 2, "directions": 2}, 5))
    if cell_class(cell).PARENTS == 1 or "directions" not in stack
]
"""Every cell with layers and directions, and a unit of the top layer."""


@pytest.mark.parametrize(("cell", "stack", "unit"), STACKS)
def test_the_numbers_under_every_equation_add_up(cell, stack, unit):
    """Both sides, with the unit's numbers in the slots, agree at every step of every sweep."""
    model = model_of(cell, **stack)
    with torch.no_grad():
        for weight in model.parameters():
            weight += 0.3 * torch.randn_like(weight)
    reading = read(model, None, image())
    detail = unit_detail(model, reading.trace, unit)
    sent = payload.unit_payload(reading.trace, cell_class(cell), detail)
    series = {name: encoding.decode(packed) for name, packed in sent["series"].items()}
    names = {"sigma": FUNCTIONS["σ"], "tanh": math.tanh, "relu": FUNCTIONS["relu"]}
    route = model.route
    for step in range(route.steps):
        sweep = step // route.steps_per_sweep

        def number(name, step=step, sweep=sweep):
            return float(series[name][sweep if "/bias" in name else step])

        for equation in sent["equations"]:
            left, right = as_python(equation["numbers"], number).split("=")
            assert eval(left) == pytest.approx(eval(right, names), rel=2e-6, abs=1e-5)


@pytest.mark.parametrize("cell", discover(PACKAGE))
def test_every_equation_can_be_typeset(cell):
    for latex in cell_class(cell).EQUATIONS:
        assert leaves(equations.typeset(latex)).count("=") == 1


def leaves(tree):
    kind, *rest = tree
    if kind in ("mi", "mo", "mn"):
        return rest
    return [leaf for child in rest for leaf in leaves(child)]


def test_subscripts_and_functions_become_mathml():
    tree = equations.typeset(r"h_t = \tanh(W_h h_{t-1} + b)")
    below = ["mrow", ["mi", "t"], ["mo", "−"], ["mn", "1"]]
    assert tree[1] == ["msub", ["mi", "h"], ["mi", "t"]]
    assert ["msub", ["mi", "h"], below] in tree
    assert tree[3:5] == [["mi", "tanh"], equations.APPLY]


def test_unknown_latex_is_refused_by_name():
    with pytest.raises(ValueError, match="frac"):
        equations.typeset(r"h = \frac{1}{2}")


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru", "lstm_2d_mixed"])
def test_a_reader_travels_and_holds_the_states(cell):
    reading, sent = card_of(model_of(cell))
    assert encoding.from_wire(encoding.to_wire(sent)) == sent
    hidden = encoding.decode(sent["hidden"])
    assert np.array_equal(hidden, reading.trace.states["h"])
    assert sent["answer"] == int(np.argmax(sent["probabilities"]))
    assert sum(sent["probabilities"]) == pytest.approx(1)


@pytest.mark.parametrize(
    ("route", "options"),
    [
        ("rows", {}),
        ("columns", {}),
        ("patches", {"patch": 4}),
        ("permuted", {}),
        ("grid", {"patch": 4, "corners": 4}),
    ],
)
def test_the_picture_comes_back_from_what_was_read(route, options):
    cell = "rnn_2d" if route == "grid" else "rnn"
    model, shown = model_of(cell, route=route, options=options), image()
    assert np.array_equal(payload.picture(read(model, None, shown).trace), shown)


def test_each_corner_reads_its_own_pixel_first_and_the_opposite_one_last():
    found = encoding.decode(payload.reached(build_route("grid", (1, 28, 28), patch=4, corners=4)))
    corners = [(0, 0), (0, 27), (27, 0), (27, 27)]
    for sweep, (row, column) in enumerate(corners):
        assert found[sweep, row, column] == 0
        assert found[sweep, 27 - row, 27 - column] == 12


def test_a_chain_that_is_read_both_ways_reads_the_last_row_first_as_well():
    route = both_ways(build_route("rows", (1, 28, 28)))
    forwards, backwards = encoding.decode(payload.reached(route))
    for row in range(28):
        assert (forwards[row] == row).all()
        assert (backwards[row] == 27 - row).all()


@pytest.mark.parametrize(
    ("cell", "stack", "word", "names"),
    [
        ("lstm", {"directions": 2}, "directions", ["forwards", "backwards"]),
        ("lstm", {}, "corners", ["from the top left"]),
        (
            "rnn_2d",
            {},
            "corners",
            [f"from the {place}" for place in ("top left", "top right", "bottom left")]
            + ["from the bottom right"],
        ),
    ],
)
def test_every_sweep_has_a_name(cell, stack, word, names):
    _, sent = card_of(model_of(cell, **stack))
    assert (sent["sweepWord"], sent["sweepNames"], sent["sweeps"]) == (word, names, len(names))


@pytest.mark.parametrize(("cell", "stack", "unit"), STACKS)
def test_the_weights_of_a_unit_stand_like_what_it_reads(cell, stack, unit):
    model = model_of(cell, **stack)
    reading, _ = card_of(model)
    detail = unit_detail(model, reading.trace, unit)
    _, sent = card_of(model, pinned=detail)
    layer = unit // 4
    assert (sent["units"], sent["layers"]) == (4 * model.config.layers, model.config.layers)
    assert (sent["pinned"]["unit"], sent["pinned"]["layer"]) == (unit, layer)
    height, width = sent["pinned"]["weightShape"]
    if layer:
        assert (height, width) == (model.route.sweeps, 4)
    for packed in sent["pinned"]["weights"].values():
        assert encoding.decode(packed).shape == (model.route.sweeps, height * width)


def test_gates_travel_on_demand_only():
    reading, without = card_of(model_of("lstm"))
    assert without["gates"] is None
    assert without["gateNames"] == list(reading.trace.gates)
    reading, with_gates = card_of(model_of("lstm"), show_gates=True)
    forget = encoding.decode(with_gates["gates"]["forget"])
    assert np.array_equal(forget, reading.trace.gates["forget"])


def test_the_key_changes_with_the_picture_and_stays_with_it():
    model, probes = model_of("gru"), None
    one, other = image(), image()
    keys = [
        payload.reader("n", "l", read(model, probes, shown), cell_class("gru"))["key"]
        for shown in (one, one, other)
    ]
    assert keys[0] == keys[1] != keys[2]


@pytest.mark.parametrize(
    ("settled", "text"),
    [
        (16, "Answer stands from row 17 of 28."),
        (27, "Answer stands only at the last row, 28 of 28."),
        (None, "Its last probe doesn't agree with the answer it gives."),
    ],
)
def test_when_the_answer_stood_is_said_in_words(settled, text):
    reading, _ = card_of(model_of("rnn"))
    changed = type(reading)(
        reading.trace, reading.answer, reading.belief_depths, reading.beliefs, settled
    )
    assert payload.settled_text(changed, "row") == text


def test_colours_end_at_one_unless_states_go_far_beyond():
    assert payload.colour_limit(np.array([[0.2, -0.9]])) == 1
    runaway = np.concatenate([np.linspace(0, 8, 1000), [1e6]])
    assert 8 <= payload.colour_limit(runaway) <= 10


def test_a_drawing_travels_as_its_strokes():
    drawing = Drawing((np.array([[0.25, 0.5, 0.0], [0.75, 0.5, 16.0]]),))
    sent = payload.canvas(drawing, image(), 0.08, nonce=3)
    assert sent["strokes"] == [[[0.25, 0.5, 0.0], [0.75, 0.5, 16.0]]]
    assert payload.canvas(None, None, 0.08, nonce=3)["strokes"] == []


def test_the_room_refuses_a_fifth_reader_and_two_of_a_name():
    canvas = payload.canvas(None, None, 0.08, nonce=0)
    cards = [{"name": str(number)} for number in range(5)]
    with pytest.raises(ValueError, match="4"):
        payload.view(canvas, cards)
    with pytest.raises(ValueError, match="name of its own"):
        payload.view(canvas, [cards[0], cards[0]])
