import base64
import json
import zlib

import numpy as np
import pytest

from rnnviz.data import strokes
from rnnviz.data.errors import DrawingError, InputError
from rnnviz.data.strokes import Drawing, decode, encode, from_json, quantise, to_json


def scribble(points=80, strokes=2, seed=0):
    """Return a drawing that moves about as a hand does, 60 points a second."""
    random = np.random.default_rng(seed)
    turns = np.cumsum(random.normal(0, 0.3, points))
    path = np.cumsum(np.stack([np.cos(turns), np.sin(turns)], axis=1) * 0.02, axis=0)
    path = (path - path.min(axis=0)) / np.ptp(path, axis=0).max() * 0.8 + 0.1
    times = np.arange(points) * 16.7
    return Drawing(tuple(np.array_split(np.column_stack([path, times]), strokes)), 0.07)


def packed(numbers, version="1"):
    content = zlib.compress(b"".join(map(strokes.to_varint, numbers)), wbits=-15)
    return version + base64.urlsafe_b64encode(content).decode().rstrip("=")


@pytest.mark.parametrize("seed", range(5))
def test_a_link_gives_back_the_drawing_on_its_grid(seed):
    drawing = scribble(strokes=seed + 1, seed=seed)
    assert decode(encode(drawing)) == quantise(drawing)


def test_what_is_on_the_grid_comes_back_exactly():
    once = decode(encode(scribble()))
    assert decode(encode(once)) == once
    assert encode(once) == encode(scribble())


def test_the_grid_is_fine():
    drawing = scribble()
    for before, after in zip(drawing.strokes, quantise(drawing).strokes, strict=True):
        assert np.abs(before - after)[:, :2].max() <= 0.5 / 1024 + 1e-12
        assert np.abs(before - after)[:, 2].max() <= 5 + 1e-9


def test_an_empty_drawing_and_a_dot_survive():
    dot = Drawing((np.array([[0.5, 0.25, 0.0]]),), 0.0625)
    assert decode(encode(dot)) == dot
    assert decode(encode(Drawing((), 0.0625))) == Drawing((), 0.0625)


def test_a_digit_fits_into_a_short_link():
    text = encode(scribble(points=100))
    assert len(text) <= 400
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_the_longest_drawing_of_all_comes_back():
    random = np.random.default_rng(0)
    n = strokes.MAX_POINTS
    times = np.sort(random.uniform(0, strokes.MAX_DURATION_MS, n))
    points = np.column_stack([random.integers(0, 2, (n, 2)) * 1.0, times])
    drawing = Drawing(tuple(np.array_split(points, strokes.MAX_STROKES)))
    assert decode(encode(drawing)) == quantise(drawing)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "2" + encode(scribble())[1:],
        "1%%%%",
        "1é",
        "1AAAA",
        encode(scribble())[:-9],
        encode(scribble()) + "AAAA",
        "1" + "A" * 100_000,
        packed([72, 1, 2, 0, 0, 0, 0, 0]),  # one time is missing
        packed([72, 1, 1, 0, 0, 0, 0]),  # one number too many
        packed([72, 1, 0]),  # a stroke without points
        packed([72, 10**6]),  # too many strokes
        packed([72, 1, 10**6]),  # too many points
        packed([72, 1, 1, 1, 0, 0]),  # x is -1/1024
        packed([72, 1, 1, 4000, 0, 0]),  # x is nearly 2
        packed([72, 1, 1, 0, 0, 2**20]),  # three hours
        packed([2**40, 0]),  # a number of too many bytes
    ],
)
def test_any_other_text_is_refused(text):
    with pytest.raises(DrawingError):
        decode(text)


def test_a_bomb_is_not_unpacked():
    bomb = zlib.compress(bytes(20_000_000), wbits=-15)
    text = "1" + base64.urlsafe_b64encode(bomb).decode().rstrip("=")
    assert len(text) < strokes.MAX_TEXT
    with pytest.raises(DrawingError, match="too long"):
        decode(text)


def test_random_text_never_does_anything_but_be_refused():
    random = np.random.default_rng(0)
    good = encode(scribble())
    for _ in range(300):
        characters = list(good)
        for place in random.integers(1, len(good), 3):
            characters[place] = chr(random.integers(48, 58))
        try:
            drawing = decode("".join(characters))
        except DrawingError:
            continue
        assert drawing.points <= strokes.MAX_POINTS


def test_json_gives_back_the_drawing():
    drawing = scribble()
    assert from_json(to_json(drawing)) == drawing
    assert from_json(json.dumps(to_json(drawing))) == drawing


def test_what_a_browser_sends_is_brought_onto_the_canvas():
    drawing = from_json([[[-0.5, 0.5, 1000], [1.5, 2, 1016], [0.5, 0.5, 900]], []], width=3)
    (stroke,) = drawing.strokes
    assert stroke.tolist() == [[0, 0.5, 0], [1, 1, 16], [0.5, 0.5, 16]]
    assert drawing.width == strokes.MAX_WIDTH


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        "not json",
        "[" * 100_000,
        {"strokes": 7},
        {"width": "wide", "strokes": []},
        {"width": float("nan"), "strokes": []},
        [[0.1, 0.2, 0.3]],
        [[[0.1, 0.2]]],
        [[[0.1, 0.2, 0], [0.3]]],
        [[["a", "b", "c"]]],
        [[[0.1, None, 0]]],
        [[[0.1, float("nan"), 0]]],
        [[[0.1, float("inf"), 0]]],
        [[[0.1, 10**400, 0]]],
        ["abc"],
        [[[0, 0, 0]]] * 201,
        [[[0, 0, 0]] * 4001],
    ],
)
def test_what_no_browser_sends_is_refused(value):
    with pytest.raises(DrawingError):
        from_json(value)


def test_a_drawing_holds_its_limits():
    with pytest.raises(DrawingError, match="beside the canvas"):
        Drawing((np.array([[0, 1.1, 0]]),))
    with pytest.raises(DrawingError, match="run back"):
        Drawing((np.array([[0, 0, 10], [0, 0, 5]]),))
    with pytest.raises(DrawingError, match="width"):
        Drawing((), 0.9)
    assert issubclass(DrawingError, InputError)


def test_a_drawing_cannot_be_changed():
    points = np.zeros((2, 3))
    drawing = Drawing((points,))
    points[0, 0] = 1
    assert drawing.strokes[0][0, 0] == 0
    with pytest.raises(ValueError, match="read-only"):
        drawing.strokes[0][0, 0] = 1


def test_equal_drawings_hash_alike():
    assert hash(scribble()) == hash(scribble())
    assert scribble() != scribble(seed=1)
