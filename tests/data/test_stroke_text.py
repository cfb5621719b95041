import base64
import zlib

import numpy as np
import pytest

from rnnviz.data import strokes
from rnnviz.data.errors import DrawingError
from rnnviz.data.stroke_text import MAX_TEXT, decode, encode, quantise, to_varint
from rnnviz.data.strokes import Drawing
from tests.data.scribbles import scribble


def packed(numbers, version="1"):
    content = zlib.compress(b"".join(map(to_varint, numbers)), wbits=-15)
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
    assert len(text) < MAX_TEXT
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
