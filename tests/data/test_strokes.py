import json

import numpy as np
import pytest

from rnnviz.data import strokes
from rnnviz.data.errors import DrawingError, InputError
from rnnviz.data.strokes import Drawing, from_json, to_json
from tests.data.scribbles import scribble


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
