"""Answers are worked out one after another; strokes under way do without while others wait."""

import threading
import time

import numpy as np
import pytest

from rnnviz.data.strokes import Drawing
from rnnviz.ui import turns
from rnnviz.ui.pages import draw
from rnnviz.ui.turns import Turns
from tests.ui.test_draw_page import SEVEN, image_of, open_app, room, send, strokes


def wait_for(condition) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


def test_turns_come_one_at_a_time_in_the_order_in_which_they_were_asked_for():
    queue, order, inside = Turns(), [], []

    def visit(number: int) -> None:
        with queue.patient():
            inside.append(number)
            assert len(inside) == 1
            order.append(number)
            time.sleep(0.002)
            inside.remove(number)

    visitors = [threading.Thread(target=visit, args=(number,)) for number in range(12)]
    with queue.patient():
        for number, visitor in enumerate(visitors):
            visitor.start()
            wait_for(lambda count=number + 1: len(queue._waiting) == count)
    for visitor in visitors:
        visitor.join()
    assert order == list(range(12))


def test_the_impatient_go_in_only_where_nobody_is():
    queue = Turns()
    with queue.impatient() as first, queue.impatient() as second:
        assert first and not second
    with queue.impatient() as again:
        assert again


def test_a_turn_ends_with_an_error_too():
    queue = Turns()
    with pytest.raises(RuntimeError), queue.patient():
        raise RuntimeError
    with queue.impatient() as granted:
        assert granted


def test_nobody_waits_for_ever(monkeypatch):
    monkeypatch.setattr(turns, "LONGEST_WAIT_S", 0.05)
    queue = Turns()
    with queue.patient():
        with queue.patient():
            pass
        with queue.impatient() as granted:
            assert not granted
    with queue.impatient() as granted:
        assert granted


def test_a_stroke_under_way_keeps_the_last_answer_while_somebody_elses_is_worked_out():
    part = Drawing((SEVEN.strokes[0],))
    app = send(open_app(), strokes=strokes(part, serial=1))
    before, shown = image_of(app), room(app)
    with draw.turns().impatient() as granted:
        assert granted
        app = send(app, strokes=strokes(SEVEN, serial=2, final=False))
        assert room(app) == shown
    app = send(app, strokes=strokes(SEVEN, serial=3, final=False))
    assert not np.array_equal(image_of(app), before)
