"""The page "Clips" as Streamlit runs it, without a browser: every source, every message."""

from typing import Any
from urllib.parse import parse_qsl

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from rnnviz.data.clips.changes import CHANGES
from rnnviz.data.clips.motions import MOTIONS
from rnnviz.data.stroke_text import encode, quantise
from rnnviz.data.strokes import Drawing
from rnnviz.data.video import prepare_clip, read_video
from rnnviz.data.writing import writing_clip
from rnnviz.models.clips.checkpoint import clip_checkpoint_bytes
from rnnviz.ui.clips.choices import fields
from rnnviz.ui.clips.networks import shipped
from rnnviz.ui.clips.visit import ROOM
from rnnviz.ui.components.common.encoding import decode
from tests.data.videos import moving_square, mp4, sound_only
from tests.ui.clip_models import SHIPPED, shipped_in, tiny_checkpoint
from tests.ui.running import checked, opened, sent_to
from tests.ui.test_draw_page import DOT, SEVEN, strokes
from tests.ui.test_webcam import message, take

LEVEL = 0.5 / 255 + 1e-6
MOVIE = mp4(moving_square())


@pytest.fixture(autouse=True, scope="module")
def networks(tmp_path_factory):
    with shipped_in(tmp_path_factory.mktemp("clips"), list(SHIPPED)):
        yield


def page() -> None:
    from rnnviz.ui.pages import clips

    clips.show()


def open_page(**query: str) -> AppTest:
    return opened(page, **query)


def room(app: AppTest) -> dict[str, Any]:
    """Return what the clip room was given to show."""
    return sent_to(app, "rnnviz_clip_room")


def linked(app: AppTest) -> dict[str, str]:
    """Return the query that the page gives the browser's address."""
    return dict(parse_qsl(sent_to(app, "rnnviz_address")["query"]))


def frames(app: AppTest) -> np.ndarray:
    return decode(room(app)["clip"]["frames"])


def said(app: AppTest) -> str:
    """Return all messages as they read, without the marks that keep Markdown off them."""
    return (
        " ".join(warning.value for warning in app.warning).replace("\\", "").replace("\u2060", "")
    )


def send(app: AppTest, **values: Any) -> AppTest:
    """Run the page as if the browser had sent these values."""
    app.session_state[ROOM] = values
    return checked(app.run())


def choose(app: AppTest, name: str, value: str) -> AppTest:
    """Choose something in one of the page's fields."""
    widgets: list[Any] = [*app.selectbox, *app.button_group, *app.number_input, *app.slider]
    for widget in widgets:
        if (widget.key or "").startswith(f"clips-{name}-"):
            return checked(widget.set_value(value).run())
    raise AssertionError(f"There is no field {name}.")


def upload(app: AppTest, data: bytes, name: str) -> AppTest:
    app.file_uploader(key="clips-upload").upload(name, data, "video/mp4")
    return checked(app.run())


def answer_of(name: str, clip: np.ndarray) -> np.ndarray:
    """Return the probabilities that the model itself gives after the last frame."""
    with torch.no_grad():
        logits = shipped()[name].model.frame_logits(torch.tensor(clip)[None])
    return torch.softmax(logits[0, -1], 0).numpy()


def test_the_first_screen_is_alive():
    shown = room(open_page())
    assert shown["position"] is None, "it plays by itself"
    assert shown["clip"]["frames"].shape == (8, 28, 28)
    assert shown["network"]["classes"] == list(MOTIONS)
    assert shown["mattered"] is None, "what takes long is asked for by the browser"
    assert [change["name"] for change in shown["changes"]] == list(CHANGES)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_network_shows_what_the_model_itself_answers(name):
    app = open_page(network=name, then="growing" if name == "clip-events" else "none")
    shown = room(app)["network"]
    beliefs = decode(shown["beliefs"])
    assert beliefs.shape == (SHIPPED[name][0].frames, len(SHIPPED[name][0].classes))
    np.testing.assert_allclose(shown["probabilities"], answer_of(name, frames(app)), atol=2e-3)
    if shown["everyFrame"]:
        np.testing.assert_allclose(beliefs[-1], shown["probabilities"], atol=1e-5)
        assert "asked after every frame" in shown["measuredText"]
    else:
        assert "probes" in shown["measuredText"]


def test_what_took_long_comes_when_the_browser_asks_for_it():
    app = open_page()
    app = send(app, wants=room(app)["key"])
    mattered = room(app)["mattered"]
    assert decode(mattered["saliency"]).max() == pytest.approx(1)
    assert decode(mattered["patchOcclusion"]).shape == (8, 4, 4)
    assert "gradient and occlusion" in mattered["agreement"]
    assert len(decode(mattered["norms"]["h"])) == 8
    app = send(app, wants="another clip's")
    assert room(app)["mattered"] is None


def test_a_generated_clip_is_what_was_ordered():
    app = open_page(digit="7", motion="left", seed="3", noise="0")
    shown = frames(app)
    columns = np.arange(28)
    middle = (shown.sum(axis=1) * columns).sum(axis=1) / shown.sum(axis=(1, 2))
    assert (np.diff(middle) < 0.05).all() and middle[0] - middle[-1] > 2
    assert "moving 7" in room(app)["clip"]["caption"]
    other = choose(app, "motion", "right")
    assert not np.array_equal(frames(other), shown)
    assert linked(other)["motion" if "motion" in linked(other) else "digit"] in ("right", "7")


def test_another_one_is_another_clip():
    app = open_page()
    before = frames(app)
    app = checked(app.button(key="clips-another").click().run())
    assert not np.array_equal(frames(app), before)


def test_motions_that_follow_one_another_are_shown_beside_the_answers():
    app = open_page(network="clip-events", motion="left", then="growing", last="up")
    truth = room(app)["clip"]["truth"]
    assert [MOTIONS[k] for k in truth[1:]] == ["left"] * 3 + ["growing"] * 4 + ["up"] * 4
    assert truth[0] == -1
    assert "of 11 frames" in room(app)["network"]["truthText"]


def test_a_network_brings_the_clips_that_it_learned_from():
    app = choose(open_page(), "network", "clip-pen")
    assert linked(app) == {"network": "clip-pen", "source": "draw"}
    app = choose(app, "network", "clip-events")
    assert room(app)["clip"]["truth"] is not None, "several motions, one after another"
    assert linked(app)["network"] == "clip-events" and "source" not in linked(app)
    app = choose(app, "source", "draw")
    assert linked(app)["network"] == "clip-pen"
    app = choose(app, "source", "generate")
    assert "network" not in linked(app) and "then" not in linked(app)


def test_a_drawing_is_a_clip_of_how_it_was_written():
    app = open_page(network="clip-pen", source="draw")
    assert "Draw a digit" in room(app)["clip"]["caption"], "something is being written at once"
    assert room(app)["pad"]["strokes"] == []
    app = send(app, strokes=strokes(SEVEN))
    expected = writing_clip(quantise(SEVEN), 10).frames
    np.testing.assert_allclose(frames(app), expected, atol=LEVEL)
    app = send(app, strokes=strokes(Drawing(), 2, action="clear"))
    assert "Draw a digit" in room(app)["clip"]["caption"]


def test_a_dot_is_answered_with_what_to_do_and_the_last_clip_stays():
    app = send(open_page(network="clip-pen", source="draw"), strokes=strokes(SEVEN))
    before = frames(app)
    app = send(app, strokes=strokes(DOT, 2))
    assert "Draw a whole digit" in room(app)["pad"]["message"]
    assert np.array_equal(frames(app), before)
    assert len(room(app)["pad"]["strokes"]) == 1


def test_a_drawing_that_is_none_is_refused_in_words():
    app = send(open_page(source="draw"), strokes={"serial": 1, "strokes": "scribble"})
    assert "drawing" in said(app).lower()


def test_an_upload_is_read_as_the_network_gets_it():
    app = upload(open_page(source="upload"), MOVIE, "square.mp4")
    expected = prepare_clip(read_video(MOVIE, "square.mp4"), 8).frames
    np.testing.assert_allclose(frames(app), expected, atol=LEVEL)
    shown = room(app)["clip"]
    assert shown["natural"] and "square.mp4" in shown["caption"]
    assert not said(app)
    for polarity in ("bright", "as-is"):
        same = choose(app, "polarity", polarity)
        assert np.array_equal(frames(same), frames(app)), "its border is dark already"


def test_a_bright_clip_is_inverted_for_networks_that_have_learned_from_dark_ones():
    bright = mp4(255 - moving_square())
    app = upload(open_page(source="upload"), bright, "bright.mp4")
    inverted = frames(app)
    assert inverted[:, 0].max() < 0.3 and "inverted" in room(app)["clip"]["caption"]
    plain = frames(choose(app, "polarity", "as-is"))
    np.testing.assert_allclose(plain, 1 - inverted, atol=2 * LEVEL)


BAD = {
    "text": (b"This is not a film. " * 40, "wave.mp4", "not a clip"),
    "sound": (sound_only(), "song.mp4", "sound"),
    "cut": (MOVIE[: len(MOVIE) // 4], "cut.mp4", ""),
    "markup": (b"<script>alert(1)</script>", "<b>x</b>.mp4", "<b>x</b>.mp4"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_file_that_is_no_clip_is_told_and_nothing_is_lost(kind):
    data, name, words = BAD[kind]
    app = upload(open_page(source="upload"), MOVIE, "square.mp4")
    before = frames(app)
    app = upload(app, data, name)
    assert words.lower() in said(app).lower() and "clip before" in said(app)
    assert np.array_equal(frames(app), before)
    app = choose(app, "polarity", "bright")
    assert "clip before" in said(app), "it is still said"
    assert not said(upload(app, MOVIE, "again.mp4"))


def test_a_recording_is_read():
    app = open_page(network="clip-motion", source="record")
    assert "can't travel in a link" in said(app).replace("\n", " ")
    recorded = moving_square(30)
    app.session_state["clips-webcam"] = {"takes": message(take(recorded))}
    app = checked(app.run())
    clip = frames(app)
    assert clip.shape == (8, 28, 28) and clip.max() > 0.8
    assert "recording" in room(app)["clip"]["caption"]
    app.session_state["clips-webcam"] = {"takes": message({"width": 3}, serial=2)}
    app = checked(app.run())
    assert "damaged" in said(app)
    assert np.array_equal(frames(app), clip)


def test_examples_are_what_test_writers_wrote(pen_strokes):
    app = open_page(network="clip-pen", source="example", number="1")
    drawing, label = pen_strokes
    np.testing.assert_allclose(frames(app), writing_clip(drawing, 10).frames, atol=LEVEL)
    assert f"a {label}" in room(app)["clip"]["caption"]
    assert room(app)["network"]["truthText"] in ("That is correct.", f"In truth: {label}.")
    app = checked(app.button(key="clips-random").click().run())
    assert linked(app).get("number", "0") in ("0", "1")


@pytest.fixture
def pen_strokes(tmp_path, monkeypatch):
    """Strokes of two test writers in a data folder of their own, and what the second wrote."""
    from rnnviz.data.sets.pendigits import PenDigit
    from rnnviz.ui.clips import subject

    written = [PenDigit(SEVEN, 7, 5), PenDigit(Drawing((SEVEN.strokes[1],)), 1, 10)]
    monkeypatch.setattr(subject, "written_digits", lambda: written)
    monkeypatch.setattr("rnnviz.ui.clips.controls.written_digits", lambda: written)
    monkeypatch.setattr("rnnviz.ui.pages.clips.written_digits", lambda: written)
    return written[1].drawing, written[1].label


def test_without_pen_strokes_the_examples_say_where_they_belong(monkeypatch):
    monkeypatch.setattr("rnnviz.ui.clips.subject.written_digits", lambda: [])
    monkeypatch.setattr("rnnviz.ui.clips.controls.written_digits", lambda: [])
    monkeypatch.setattr("rnnviz.ui.pages.clips.written_digits", lambda: [])
    app = open_page(source="example")
    assert "pendigits-orig.tra" in room(app)["message"]


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_shows_the_frames_in_its_order(name):
    app = open_page()
    before = frames(app)
    app = send(app, change={"name": name, "serial": 1})
    assert np.array_equal(frames(app), before[CHANGES[name].order(8)])
    assert linked(app).get("change", "none") == name
    (chosen,) = [change for change in room(app)["changes"] if change["chosen"]]
    assert chosen["name"] == name
    assert room(app)["changed"] == ("" if name == "none" else CHANGES[name].label.lower())
    assert (CHANGES[name].label in room(app)["clip"]["caption"]) == (name != "none")
    expected = answer_of("clip-motion", frames(app))
    assert chosen["answer"] == expected.argmax()
    assert chosen["share"] == pytest.approx(float(expected.max()), abs=2e-3)


def test_a_change_that_is_none_changes_nothing():
    app = open_page()
    before = room(app)
    for change in ("reversed", {"name": "sideways", "serial": 1}, {"name": 3, "serial": 2}):
        assert room(send(app, change=change)) == before


@pytest.mark.parametrize(
    "query",
    [
        {"digit": "any", "motion": "shrinking", "speed": "2", "bounce": "1", "clutter": "2"},
        {"network": "clip-events", "then": "up", "last": "still", "change": "reversed"},
        {"network": "clip-pen", "source": "draw", "drawing": encode(SEVEN), "frame": "3/10"},
    ],
)
def test_the_link_opens_the_same_view_elsewhere(query):
    here = open_page(**query)
    assert linked(here) == query
    there = open_page(**linked(here))
    assert room(there) == room(here)
    assert not here.warning


def test_the_frame_that_is_looked_at_stands_in_the_link_until_there_is_another_clip():
    app = send(open_page(), step={"frame": 2, "of": 8})
    assert linked(app)["frame"] == "3/8"
    assert room(open_page(**linked(app)))["position"] == pytest.approx(2.5 / 8)
    app = checked(app.button(key="clips-another").click().run())
    assert "frame" not in linked(app)


def test_garbage_in_a_link_leaves_a_page_that_works():
    names = [field.name for field in fields(shipped(), 10)]
    query = dict.fromkeys([*names, "frame", "drawing"], "\x00<b>")
    app = open_page(**query)
    assert len(app.warning) == len(query)
    assert room(app)["key"] == room(open_page())["key"]
    assert "<b>" not in said(app)


def test_a_network_of_ones_own_reads_for_this_session_alone():
    checkpoint = tiny_checkpoint("clip-motion")
    data = clip_checkpoint_bytes(checkpoint)
    app = open_page()
    app.session_state["clips-menu-your-own-network"] = True
    app = checked(app.run())
    app.file_uploader(key="clips-model").upload(
        "mine.safetensors", data, "application/octet-stream"
    )
    app = checked(app.run())
    assert "(mine)" in room(app)["network"]["label"]
    there = open_page(**linked(app))
    assert "(mine)" not in room(there)["network"]["label"]
    assert "network of this link was somebody's own" in said(there) and len(there.warning) == 1


def test_a_file_that_is_no_network_is_told():
    app = open_page()
    app.session_state["clips-menu-your-own-network"] = True
    app = checked(app.run())
    app.file_uploader(key="clips-model").upload("bad.safetensors", b"\x80\x04pickle", "x/y")
    assert "bad.safetensors" in said(checked(app.run()))


def test_states_too_many_to_send_come_for_the_frame_that_is_looked_at(monkeypatch):
    monkeypatch.setattr("rnnviz.ui.clips.measure.MOST_WITHIN", 100)
    app = open_page(seed="99")
    assert room(app)["inside"]["frames"] == [0]
    app = send(app, step={"frame": 5, "of": 8})
    inside = room(app)["inside"]
    assert inside["frames"] == [5] and inside["hidden"].shape == (1, 28, 6)


def test_what_was_measured_about_the_network_is_told():
    app = open_page()
    told = " ".join(one.value for one in app.markdown).replace("\\", "")
    assert "50.0 %" in told and "dark on bright" in told and "25.0 %" in told


def test_without_networks_the_page_says_what_to_do(tmp_path):
    with shipped_in(tmp_path, []):
        app = open_page()
        assert "no networks for clips" in app.markdown[0].value


HOSTILE = [
    {"strokes": {"serial": 1, "strokes": [[[0, 0, float("nan")]]]}},
    {"strokes": ["<b>"], "step": {"frame": -1, "of": 8}, "change": {"serial": "1"}, "wants": 5},
    {"step": {"frame": True, "of": 10**9}, "change": [], "wants": "x" * 10**6},
    "nothing of ours",
]


@pytest.mark.parametrize("sent", HOSTILE, ids=range(len(HOSTILE)))
def test_what_a_stranger_sends_changes_nothing(sent):
    app = open_page()
    before = room(app)
    app.session_state[ROOM] = sent
    assert room(checked(app.run())) == before


def test_another_section_opens_a_recording_with_its_network():
    def asking() -> None:
        import numpy as np
        import streamlit as st

        from rnnviz.data.video import Video
        from rnnviz.ui.clips import networks, visit
        from rnnviz.ui.pages import clips
        from tests.ui.clip_models import tiny_checkpoint

        def ask() -> None:
            name = networks.keep(tiny_checkpoint("clip-motion"), "0123456789", "mine")
            frames = np.full((4, 28, 28), 99, np.uint8)
            visit.open_recording(Video(frames, np.arange(4.0), 4.0, "Your recording"), name)

        st.button("ask", key="ask", on_click=ask)
        clips.show()

    app = opened(asking)
    app = checked(app.button(key="ask").click().run())
    assert "(mine)" in room(app)["network"]["label"]
    assert frames(app) == pytest.approx(99 / 255, abs=1e-6)
    assert "recording" in room(app)["clip"]["caption"]


def test_the_section_on_ones_own_actions_opens_on_the_page():
    app = open_page()
    before = len(app.button)
    app.session_state["clips-teach"] = True
    assert len(checked(app.run()).button) > before
