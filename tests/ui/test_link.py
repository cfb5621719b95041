import random
import string

import numpy as np
import pytest

from rnnviz.data.stroke_text import quantise
from rnnviz.data.strokes import Drawing
from rnnviz.ui.link import (
    MOST_READERS,
    Picture,
    Pin,
    Position,
    Reference,
    View,
    query_of,
    read_link,
    unpack,
    write_link,
)

KNOWN = ("rnn-rows", "lstm-rows", "gru-rows", "lstm-grid", "lstm-grid-4x4")


def a_drawing(points: int = 40) -> Drawing:
    turn = np.linspace(0, 2 * np.pi, points)
    circle = np.stack([0.5 + 0.3 * np.cos(turn), 0.5 + 0.4 * np.sin(turn), 10 * turn], axis=1)
    return quantise(Drawing((circle, circle[:5] + np.array([0, 0, 100]))))


def a_picture() -> Picture:
    return Picture.of(np.random.default_rng(1).random((28, 28)))


VIEWS = [
    View(readers=("lstm-rows",)),
    View(readers=KNOWN[:4], shown=a_drawing()),
    View(readers=KNOWN[1:3], shown=Reference("digits", "test", 17), gates=("gru-rows",)),
    View(readers=("lstm-grid-4x4",), shown=a_picture(), pin=Pin("lstm-grid-4x4", 31)),
    View(("rnn-rows",), a_drawing(3), Pin("rnn-rows", 0), Position(28, 28), ("rnn-rows",)),
]


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_comes_back_from_its_link_as_it_was(view):
    assert read_link(write_link(view), KNOWN) == (view, ())


def test_an_address_without_a_query_is_the_empty_view():
    assert read_link({}, KNOWN) == (View(), ())


def test_a_link_says_in_words_what_people_may_want_to_change():
    view = View(("rnn-rows", "lstm-rows"), Reference("mnist", "test", 3), None, Position(18, 28))
    assert query_of(view) == "models=rnn-rows,lstm-rows&example=mnist.test.3&step=18/28"


def test_every_part_of_a_link_but_a_garbled_one_is_kept():
    whole = View(KNOWN[:2], a_drawing(), Pin("rnn-rows", 5), Position(3, 28), ("lstm-rows",))
    for broken, bare in (("drawing", "shown"), ("unit", "pin"), ("step", "position")):
        view, notices = read_link(write_link(whole) | {broken: "%%garbage%%"}, KNOWN)
        assert len(notices) == 1
        assert getattr(view, bare) is None
        for part in {"readers", "shown", "pin", "position", "gates"} - {bare}:
            assert getattr(view, part) == getattr(whole, part)


def test_unknown_models_are_named_and_the_known_ones_stay():
    view, notices = read_link({"models": "lstm-rows,<script>,nobody"}, KNOWN)
    assert view.readers == ("lstm-rows",)
    assert "nobody" in notices[0] and "<" not in notices[0]


def test_more_models_than_there_is_room_for_are_cut_with_a_notice():
    view, notices = read_link({"models": ",".join(KNOWN)}, KNOWN)
    assert view.readers == KNOWN[:MOST_READERS]
    assert len(notices) == 1


@pytest.mark.parametrize("step", ["0/28", "29/28", "-1/28", "3", "a/b", "1/0", "²/³", "9" * 5000])
def test_a_step_that_cannot_be_is_left_out(step):
    view, notices = read_link({"step": step}, KNOWN)
    assert view.position is None and len(notices) == 1


@pytest.mark.parametrize("steps", [1, 7, 28, 784])
def test_the_clock_comes_to_stand_within_the_step_of_the_link(steps):
    for step in {1, steps // 2 or 1, steps}:
        fraction = Position(step, steps).fraction
        assert min(int(fraction * steps), steps - 1) == step - 1


def test_a_packed_picture_that_would_unfold_to_more_is_refused():
    import base64
    import zlib

    for size in (783, 785, 10_000_000):
        text = base64.urlsafe_b64encode(zlib.compress(bytes(size), 9)).decode().rstrip("=")
        assert unpack(text) is None


def test_the_noisiest_picture_still_fits_into_a_link():
    noise = Picture(np.random.default_rng(0).integers(0, 256, 784, dtype=np.uint8).tobytes())
    view, notices = read_link(write_link(View(shown=noise)), KNOWN)
    assert view.shown == noise and not notices


def test_no_text_whatever_makes_reading_a_link_fail():
    chance = random.Random(0)
    names = ["models", "drawing", "example", "picture", "unit", "step", "gates", "other"]
    seeds = [write_link(view) for view in VIEWS]
    letters = string.printable + "äß²٣\x00😀"
    for _ in range(3000):
        parameters = dict(chance.choice(seeds))
        for name in chance.sample(names, chance.randint(1, 4)):
            text = list(parameters.get(name, ""))
            for _ in range(chance.randint(1, 8)):
                at = chance.randint(0, len(text))
                text[at : at + chance.randint(0, 2)] = chance.choice(letters)
            parameters[name] = "".join(text)
        view, notices = read_link(parameters, KNOWN)
        assert set(view.readers) <= set(KNOWN) and len(view.readers) <= MOST_READERS
        assert view.pin is None or view.pin.reader in KNOWN
        assert all(notice.isprintable() for notice in notices)
        # What was understood can be linked to again.
        assert read_link(write_link(view), KNOWN) == (view, ())
