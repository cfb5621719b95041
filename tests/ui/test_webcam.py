"""What the webcam sends: what arrives is a recording, whatever else is sent is refused in words."""

import base64
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.data.errors import ClipError
from rnnviz.ui.components import webcam
from rnnviz.ui.components.webcam.recording import (
    LONGEST_MS,
    MOST_FRAMES,
    MOST_SIDE,
    MOST_TAKES,
    parse_takes,
)
from tests.ui.running import checked


def take(frames: np.ndarray, **changes: Any) -> dict[str, Any]:
    """Return frames (frame, height, width) as the browser sends them, 15 a second."""
    count, height, width = frames.shape
    sent = {
        "width": width,
        "height": height,
        "times_ms": [round(i * 1000 / 15, 1) for i in range(count)],
        "length_ms": round(count * 1000 / 15, 1),
        "data": base64.b64encode(frames.astype(np.uint8).tobytes()).decode(),
    }
    return sent | changes


def message(*takes: Any, serial: Any = 1) -> dict[str, Any]:
    return {"serial": serial, "takes": list(takes)}


FRAMES = np.random.default_rng(0).integers(0, 256, (30, 72, 96))


def test_a_recording_arrives_pixel_by_pixel():
    (got,) = parse_takes(message(take(FRAMES)))
    assert np.array_equal(got.frames, FRAMES)
    assert got.frames.dtype == np.uint8
    assert got.times_s == pytest.approx(np.arange(30) / 15, abs=1e-4)
    assert got.duration_s == pytest.approx(2)


def test_a_recording_becomes_a_clip_in_a_letterbox_as_files_do():
    bright_left = np.full((30, 72, 96), 40)
    bright_left[:, 30:42, :48] = 240
    (got,) = parse_takes(message(take(bright_left)))
    clip = got.clip(16)
    assert clip.frames.shape == (16, 28, 28)
    assert clip.source == "webcam"
    assert clip.frames[:, 13, :13].min() == pytest.approx(240 / 255, abs=0.01)
    # 96 × 72 leaves seven rows of 28 free; they take the grey of the border.
    assert clip.frames[:, [0, 1, 26, 27]] == pytest.approx(40 / 255, abs=0.01)
    assert clip.duration_s == pytest.approx(2)


def test_the_largest_that_is_taken_is_taken():
    largest = np.zeros((MOST_FRAMES, MOST_SIDE, MOST_SIDE))
    (got,) = parse_takes(message(take(largest)))
    assert got.frames.shape == largest.shape


def test_a_series_arrives_in_its_order():
    got = parse_takes(message(*[take(FRAMES[i : i + 5]) for i in range(MOST_TAKES)]))
    assert [one.frames[0, 0, 0] for one in got] == FRAMES[:MOST_TAKES, 0, 0].tolist()


SMALL = np.zeros((4, 8, 8))
NAN = float("nan")
HOSTILE = {
    "nothing": None,
    "text": "takes",
    "a list": [take(SMALL)],
    "no takes": {"serial": 1},
    "none": message(),
    "too many takes": message(*[take(SMALL)] * (MOST_TAKES + 1)),
    "a take that is text": message("take"),
    "no data": message({"width": 8, "height": 8}),
    "too wide": message(take(np.zeros((4, 8, MOST_SIDE + 1)))),
    "too high": message(take(np.zeros((4, MOST_SIDE + 1, 8)))),
    "no width": message(take(SMALL, width=0)),
    "below nothing": message(take(SMALL, width=-8, height=-8)),
    "a width that is true": message(take(SMALL, width=True)),
    "half a pixel": message(take(SMALL, width=8.0)),
    "other sides": message(take(SMALL, width=9)),
    "too few bytes": message(take(SMALL, data="AAAA")),
    "no base64": message(take(SMALL, data="*" * 344)),
    "letters beyond ASCII": message(take(SMALL, data="é" * 344)),
    "padding in the middle": message(take(SMALL, data="=" * 344)),
    "data of another kind": message(take(SMALL, data=[0] * 256)),
    "times of another kind": message(take(SMALL, times_ms="0123")),
    "a time that is text": message(take(SMALL, times_ms=[0, "1", 2, 3])),
    "a time that is no number": message(take(SMALL, times_ms=[0, 1, NAN, 3])),
    "times that stand still": message(take(SMALL, times_ms=[0, 1, 1, 2])),
    "times that go back": message(take(SMALL, times_ms=[0, 2, 1, 3])),
    "a late start": message(take(SMALL, times_ms=[1, 2, 3, 4])),
    "a huge time": message(take(SMALL, times_ms=[0, 1, 2, 10**400])),
    "too few times": message(take(SMALL, times_ms=[0, 1])),
    "an early end": message(take(SMALL, length_ms=1)),
    "no end": message(take(SMALL, length_ms=None)),
    "an end that is no number": message(take(SMALL, length_ms=NAN)),
    "far too long": message(take(SMALL, length_ms=LONGEST_MS + 1)),
    "too many pictures": message(take(np.zeros((MOST_FRAMES + 1, 8, 8)))),
    "one picture": message(take(np.zeros((1, 8, 8)))),
    "no picture": message(take(np.zeros((0, 8, 8)))),
    "one bad of two": message(take(SMALL), take(SMALL, data="")),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_anything_else_is_refused_with_what_to_do(name: str):
    with pytest.raises(ClipError, match="Record it again"):
        parse_takes(HOSTILE[name])


def page():
    import streamlit as st

    from rnnviz.ui.components.webcam import webcam

    got = webcam("camera")
    st.text("nothing" if got is None else f"{len(got)} pictures")


def shown_with(sent: Any, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Return a page into which the browser has sent something, which AppTest itself can't do."""
    monkeypatch.setattr(webcam, "renderer", lambda: lambda **_: {"takes": sent})
    return checked(AppTest.from_function(page).run())


def test_a_page_gets_a_recording_once(monkeypatch):
    app = shown_with(message(take(FRAMES)), monkeypatch)
    assert [one.value for one in app.text] == ["30 pictures"]
    assert [one.value for one in checked(app.run()).text] == ["nothing"], "the same message again"


def test_a_page_says_what_to_do_about_a_damaged_recording(monkeypatch):
    app = shown_with(message(take(SMALL, data="")), monkeypatch)
    assert [one.value for one in app.text] == ["nothing"]
    assert [one.value for one in app.warning] == ["The recording came damaged. Record it again."]


def test_a_page_gets_nothing_before_anything_is_recorded():
    app = checked(AppTest.from_function(page).run())
    assert [one.value for one in app.text] == ["nothing"]
    assert not app.warning


def test_only_what_the_component_can_do_may_be_asked_for():
    with pytest.raises(ValueError, match="1 to 6 takes"):
        webcam.webcam_takes("camera", most=7)
    with pytest.raises(ValueError, match=r"got 2\.5"):
        webcam.webcam("camera", seconds=2.5)
