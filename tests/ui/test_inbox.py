import random

import numpy as np
import pytest

from rnnviz.data.errors import DrawingError
from rnnviz.data.strokes import Drawing
from rnnviz.ui.inbox import Inbox, keep_to, take
from rnnviz.ui.link import Pin, Position, Reference, View

LINE = [[0.25, 0.25, 0], [0.5, 0.5, 100], [0.75, 0.75, 200]]


def strokes(serial: int, *lines: list, final: bool = True, action: str = "draw") -> dict:
    message = {"strokes": list(lines), "width": 0.0625, "final": final, "serial": serial}
    return {"strokes": message | {"action": action}}


def test_strokes_become_a_drawing():
    view, inbox = take(View(), Inbox(), strokes(1, LINE))
    assert view.shown == Drawing((np.array(LINE),), 0.0625)
    assert inbox.final and inbox.pen_width == 0.0625


def test_a_drawing_under_way_is_not_final():
    _, inbox = take(View(), Inbox(), strokes(1, LINE, final=False))
    assert not inbox.final


def test_a_message_is_taken_once():
    view, inbox = take(View(), Inbox(), strokes(1, LINE))
    example = View(shown=Reference("digits", "test", 3))
    assert take(example, inbox, strokes(1, LINE)) == (example, inbox)
    assert take(example, inbox, strokes(2, LINE))[0].shown == view.shown


def test_clearing_the_canvas_shows_nothing_of_ones_own():
    view, inbox = take(View(), Inbox(), strokes(1, LINE))
    assert take(view, inbox, strokes(2, action="clear"))[0].shown is None


def test_another_pen_leaves_an_example_as_it_is():
    example = View(shown=Reference("digits", "test", 3))
    view, inbox = take(example, Inbox(), strokes(1, action="width"))
    assert view == example and inbox.pen_width == 0.0625


def test_a_unit_is_pinned_and_let_go():
    view, inbox = take(View(), Inbox(), {"pin": {"reader": "lstm-rows", "unit": 7, "serial": 1}})
    assert view.pin == Pin("lstm-rows", 7)
    view, inbox = take(view, inbox, {"pin": {"reader": None, "unit": None, "serial": 2}})
    assert view.pin is None


def test_the_step_counts_from_one_in_a_view():
    view, _ = take(View(), Inbox(), {"step": {"fraction": 0.63, "step": 17, "of": 28}})
    assert view.position == Position(18, 28)


def test_gates_are_those_of_the_named_readers():
    view, _ = take(View(), Inbox(), {"gates": ["lstm-rows", "gru-rows", "lstm-rows"]})
    assert view.gates == ("lstm-rows", "gru-rows")


def test_what_belongs_to_readers_that_left_goes_too():
    view = View(("a",), None, Pin("b", 1), Position(1, 2), ("a", "b"))
    assert keep_to(view, ("a",)) == View(("a",), None, None, Position(1, 2), ("a",))


def test_a_drawing_beyond_all_limits_is_refused_and_nothing_is_taken():
    with pytest.raises(DrawingError):
        take(View(), Inbox(), strokes(1, *[LINE] * 500))


def test_whatever_the_browser_sends_the_view_stays_or_the_drawing_is_refused():
    chance = random.Random(0)
    things = [None, True, -1, 0, 10**400, 1.5, float("nan"), "", "x", [], [[]], {}, LINE, [LINE]]
    names = ["strokes", "pin", "step", "gates"]
    keys = ["strokes", "width", "final", "serial", "reader", "unit", "step", "of", "action"]
    before = View(("rnn-rows",), Reference("digits", "test", 1))
    for _ in range(3000):
        message = {key: chance.choice(things) for key in chance.sample(keys, 5)}
        sent = {chance.choice(names): chance.choice([message, *things])}
        try:
            view, _ = take(before, Inbox(), sent)
        except DrawingError:
            continue
        assert view.readers == before.readers
        assert view.pin is None or 0 <= view.pin.unit < 10_000
        assert all(isinstance(name, str) for name in view.gates)
