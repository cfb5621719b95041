"""The section "Teach it your own actions" as Streamlit runs it, from a clip to an answer."""

import base64
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.core.clip import Clip
from rnnviz.data.clips.clip_file import clips_bytes, parse_clips
from rnnviz.data.video.write import video_bytes
from rnnviz.models.clips.checkpoint import parse_clip_checkpoint
from rnnviz.ui.clips import networks
from rnnviz.ui.clips.teach import lessons, state, training, trial, words
from rnnviz.ui.clips.teach.collection import FRAMES, Collection, add_clips, as_clips, begin, rename
from rnnviz.ui.clips.visit import VISIT
from rnnviz.ui.components import webcam
from rnnviz.ui.visitor import WHO
from tests.ui.running import checked

EVIL = "<b>*x*</b> $y$ :red[z]"
STEPS = 3
"""Of each training: enough to run through all of it, not enough to learn."""
DEADLINE_S = 300


def section():
    from rnnviz.ui.clips import teach

    teach.show()


def opened(who: str) -> AppTest:
    """Return the section as one visitor sees it in a new session."""
    app = AppTest.from_function(section, default_timeout=120)
    app.session_state[WHO] = who
    return checked(app.run())


def visitor(number: int) -> str:
    return f"{number:032x}"


def moving(label: int, number: int) -> np.ndarray:
    """Return grey bytes (frame, height, width): a bright square that moves or stands still."""
    frames = np.random.default_rng(number).integers(20, 40, (FRAMES, 28, 28)).astype(np.uint8)
    for frame in range(FRAMES):
        left = 10 + round(8 * np.sin(frame + number)) * label
        frames[frame, 10:18, left : left + 8] = 220
    return frames


def collected(*counts: int) -> Collection:
    """Return a collection with so many clips of each of two actions."""
    there = begin()
    for label, count in enumerate(counts):
        frames = [moving(label, 10 * label + n).astype(np.float32) / 255 for n in range(count)]
        clips = [(f"clip {n}", Clip(one, np.arange(FRAMES) * 0.1)) for n, one in enumerate(frames)]
        there = add_clips(there, there.actions[label].key, clips)
    return there


def given(who: str, there: Collection) -> AppTest:
    """Return the section of a visitor who has collected this."""
    state.desks().change(who, lambda desk: replace(desk, collection=there))
    return opened(who)


def the(app: AppTest, key: str) -> Any:
    """Return the widget of a key."""
    for kind in ("button", "text_input", "selectbox", "file_uploader", "button_group"):
        for one in app.get(kind):
            if one.key == key or str(one.key).startswith(f"{key}-"):
                return one
    raise AssertionError(f"There is no '{key}' on the page.")


def told(app: AppTest) -> list[str]:
    """Return the warnings on the page, without the marks against Markdown."""
    return [one.value.replace("\\", "") for one in app.warning]


def labels(app: AppTest) -> list[str]:
    return the(app, "teach-choose").options


def has_button(app: AppTest, key: str) -> bool:
    return any(one.key == key for one in app.button)


class Browser:
    """What the browser sends from the webcams, by their keys; each message arrives once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent: dict[str, Any] = {}
        self.serial = 0
        monkeypatch.setattr(webcam, "renderer", lambda: self.mount)

    def mount(self, *, key: str, **_: Any) -> dict[str, Any]:
        return {"takes": self.sent.pop(key, None)}

    def record(self, key: str, *takes: np.ndarray) -> None:
        self.serial += 1
        self.sent[key] = {"serial": self.serial, "takes": [self.take(one) for one in takes]}

    def take(self, frames: np.ndarray) -> dict[str, Any]:
        count, height, width = frames.shape
        return {
            "width": width,
            "height": height,
            "times_ms": [100 * i for i in range(count)],
            "length_ms": 100 * count,
            "data": base64.b64encode(frames.tobytes()).decode(),
        }


@pytest.fixture
def browser(monkeypatch) -> Browser:
    return Browser(monkeypatch)


@pytest.fixture
def short_lessons(monkeypatch):
    monkeypatch.setattr(training, "Wish", partial(lessons.Wish, steps=STEPS))


def test_one_begins_with_two_actions_and_is_told_what_is_needed():
    app = opened(visitor(1))
    assert [one.value for one in app.text_input] == ["wave", "nothing"]
    assert the(app, "teach-start").disabled
    assert any("every action has 5 clips" in one.value for one in app.caption)


def test_actions_are_named_added_and_taken_out():
    app = opened(visitor(2))
    app = checked(the(app, "teach-name-0").set_value("clap").run())
    app = checked(the(app, "teach-more").click().run())
    assert [one.value for one in app.text_input] == ["clap", "nothing", "action 3"]
    app = checked(the(app, "teach-name-1").set_value("Clap").run())
    assert told(app) == ["Another action is called 'Clap' already. Choose another name."]
    assert [one.value for one in app.text_input] == ["clap", "nothing", "action 3"]
    app = checked(the(app, "teach-out-0").click().run())
    assert not told(app), "a message is shown once"
    assert [one.value for one in app.text_input] == ["nothing", "action 3"]
    app = checked(the(app, "teach-undo").click().run())
    assert [one.value for one in app.text_input] == ["clap", "nothing", "action 3"]


def test_what_was_typed_is_only_ever_text():
    there = rename(collected(1, 0), 0, EVIL)
    app = given(visitor(3), there)
    assert there.actions[0].name == EVIL
    shown = [
        *[one.value for one in app.markdown],
        *[one.value for one in app.caption],
        *[one.label for one in app.button],
        *labels(app),
    ]
    assert sum("red" in one for one in shown) >= 2, "its name stands there"
    for mark in ("<b>", "*x*", ":red[", "$y$"):
        assert not any(mark in one for one in shown)
    pictures = [one.proto.body for one in app.get("html") if "teach-strip" in one.proto.body]
    assert any("&lt;b&gt;*x*" in one for one in pictures)
    assert not any("<b>*x*" in one for one in pictures)


def test_recordings_go_to_the_chosen_action(browser: Browser):
    app = opened(visitor(4))
    app = checked(the(app, "teach-choose").set_value(1).run())
    browser.record("teach-camera", moving(0, 1), moving(0, 2))
    app = checked(app.run())
    assert labels(app) == ["wave · 0", "nothing · 2"]
    kept = state.desks().of(visitor(4)).collection.actions[1].examples
    assert [each.name for each in kept] == ["recording 1", "recording 2"]
    assert np.array_equal(kept[0].frames, moving(0, 1)), "28×28 and 16 frames stay as they are"


def test_a_damaged_recording_is_told_and_changes_nothing(browser: Browser):
    app = opened(visitor(5))
    browser.sent["teach-camera"] = {"serial": 1, "takes": [{"width": 10**9}]}
    app = checked(app.run())
    assert told(app) == ["The recording came damaged. Record it again."]
    assert labels(app) == ["wave · 0", "nothing · 0"]


def test_several_files_are_read_and_the_bad_ones_named():
    app = opened(visitor(6))
    app = checked(the(app, "teach-way").set_value("Upload files").run())
    film = np.kron(moving(1, 0), np.ones((1, 3, 3), np.uint8))
    files = [
        ("wave.mp4", video_bytes(film, 12, "mp4"), "video/mp4"),
        ("*evil*.mp4", b"not a film", "video/mp4"),
        ("wave.gif", video_bytes(film, 12, "gif"), "image/gif"),
    ]
    app = checked(the(app, "teach-files").set_value(files).run())
    assert labels(app) == ["wave · 2", "nothing · 0"]
    (message,) = told(app)
    assert message.startswith("*evil*.mp4: The file is not a clip that can be read.")
    kept = state.desks().of(visitor(6)).collection.actions[0].examples
    assert [each.name for each in kept] == ["wave.mp4", "wave.gif"]
    assert np.abs(kept[0].frames.astype(int) - moving(1, 0)).mean() < 12


def test_a_clip_is_taken_out_and_put_back():
    app = given(visitor(7), collected(2, 0))
    key = state.desks().of(visitor(7)).collection.actions[0].examples[0].key
    app = checked(the(app, f"teach-drop-{key}").click().run())
    assert labels(app)[0] == "wave · 1"
    app = checked(the(app, "teach-undo").click().run())
    assert labels(app)[0] == "wave · 2"
    assert not has_button(app, "teach-undo")


def test_a_reload_loses_nothing_and_nobody_else_sees_it():
    given(visitor(8), collected(3, 2))
    assert labels(opened(visitor(8))) == ["wave · 3", "nothing · 2"]
    assert labels(opened(visitor(9))) == ["wave · 0", "nothing · 0"]


def test_saved_clips_are_brought_to_another_browser():
    there = collected(3, 2)
    app = given(visitor(10), there)
    app.session_state["teach-keep"] = True
    app = checked(app.run())
    saved = clips_bytes(as_clips(there))
    assert parse_clips(saved, "saved").names == as_clips(there).names
    other = opened(visitor(11))
    other.session_state["teach-keep"] = True
    other = checked(other.run())
    other = checked(the(other, "teach-load").set_value(("mine.safetensors", saved, "")).run())
    assert labels(other) == ["wave · 3", "nothing · 2"]
    other = checked(the(other, "teach-load").set_value(("bad.safetensors", b"{}", "")).run())
    assert "isn't a file of clips" in told(other)[0]
    assert labels(other) == ["wave · 3", "nothing · 2"]


def until_taught(app: AppTest) -> AppTest:
    """Return the section once its training has ended."""
    deadline = time.monotonic() + DEADLINE_S
    while has_button(app, "teach-stop"):
        assert time.monotonic() < deadline, "the training doesn't end"
        time.sleep(0.3)
        app = checked(app.run())
    return app


def test_from_clips_to_an_honest_result_and_a_live_answer(browser: Browser, short_lessons):
    who = visitor(12)
    app = given(who, collected(6, 6))
    app = checked(the(app, "teach-begin").set_value("nothing").run())
    app = checked(the(app, "teach-start").click().run())
    lesson = state.desks().of(who).lesson
    assert lesson is not None
    assert has_button(app, "teach-stop")
    # A reload while it is under way goes on watching, and so does another tab.
    app = until_taught(opened(who))

    outcome = state.desks().of(who).outcome
    assert outcome is not None
    result = outcome.taught
    low, high = result.interval
    assert {one.label: one.value for one in app.metric} == {
        "Right about unseen clips": words.percent(result.right / 12),
        "Likely between": f"{words.percent(low)} and {words.percent(high)}",
        "Guessing": "50 %",
        "A simple rule": words.percent(float((result.baseline == result.labels).mean())),
    }
    assert result.labels.tolist() == [0] * 6 + [1] * 6
    assert result.settings["steps"] == STEPS
    galleries = [one.proto.body for one in app.get("html") if "teach-wrong" in one.proto.body]
    wrong = [body.count('role="listitem"') for body in galleries if "<style>" not in body]
    assert sum(wrong) == 12 - result.right
    assert parse_clip_checkpoint(outcome.data, "mine").config.classes == ("wave", "nothing")
    assert not Path(lesson.settings.folder).exists(), "its folder is cleared away"

    browser.record("teach-try", moving(1, 99))
    app = checked(app.run())
    assert any(" % sure." in one.value.replace("\\", "") for one in app.markdown)
    assert any("teach-belief" in one.proto.body for one in app.get("html"))

    # Who has no camera tries it with a file.
    app = checked(the(app, "teach-try-way").set_value(trial.FILE).run())
    before = app.session_state[trial.TRIAL]
    app = offered(app, "notes.mp4", b"not a film at all")
    assert any("notes.mp4" in one.value for one in app.warning)
    assert app.session_state[trial.TRIAL] is before, "the answer before is kept"
    frames = np.repeat(moving(0, 98), 2, axis=0)
    app = offered(app, "wave.mp4", video_bytes(frames, 20.0))
    now = app.session_state[trial.TRIAL]
    assert now is not before and now.clip.frames.shape == before.clip.frames.shape
    assert not app.warning
    app = checked(the(app, "teach-open").click().run())
    asked = app.session_state[VISIT].asked
    assert asked["source"] == "record"
    assert asked["network"] in app.session_state[networks.OWN]

    assert not opened(visitor(13)).metric, "nobody else sees it"
    again = opened(who)
    assert len(again.metric) == 4, "a reload keeps the result"
    app = checked(the(again, f"teach-drop-{outcome_key(who)}").click().run())
    assert any("changed since" in one.value for one in app.caption)


def offered(app: AppTest, name: str, data: bytes) -> AppTest:
    the(app, "teach-try-file").upload(name, data, "video/mp4")
    return checked(app.run())


def outcome_key(who: str) -> int:
    return state.desks().of(who).collection.actions[0].examples[0].key


def test_a_training_can_be_stopped(short_lessons):
    who = visitor(14)
    app = given(who, collected(5, 5))
    app = checked(the(app, "teach-start").click().run())
    app = checked(the(app, "teach-stop").click().run())
    assert has_button(app, "teach-start")
    desk = state.desks().of(who)
    assert (desk.lesson, desk.outcome) == (None, None)


def test_copies_do_not_count_as_clips():
    there = collected(4, 5)
    frames = there.actions[0].examples[0].frames.astype(np.float32) / 255
    there = add_clips(there, 0, [("a copy", Clip(frames, np.arange(FRAMES) * 0.1))])
    app = checked(the(given(visitor(15), there), "teach-start").click().run())
    assert "of which 4 differ" in told(app)[0]
    assert state.desks().of(visitor(15)).lesson is None
