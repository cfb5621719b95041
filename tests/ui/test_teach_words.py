"""What is said about a teaching follows from what was measured, and is only ever text."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from rnnviz.training.clips.taught import Taught
from rnnviz.training.experiments.own_actions import Course
from rnnviz.ui.clips.teach import strips, words

EVIL = '<img src=x onerror="alert(1)">'


def taught(right: int, count: int, baseline: int, classes: int = 2) -> Taught:
    """Return a result with so many right answers, and so many of the baseline."""
    labels = np.arange(count) % classes
    answers = np.where(np.arange(count) < right, labels, (labels + 1) % classes)
    probabilities = np.full((count, classes), 0.2 / classes)
    probabilities[np.arange(count), answers] += 0.8 - 0.001 * np.arange(count)
    simple = np.where(np.arange(count) < baseline, labels, (labels + 1) % classes)
    return Taught(
        classes=("wave", "clap", "nothing", "jump")[:classes],
        names=tuple(f"clip {n}" for n in range(count)),
        labels=labels,
        folds=np.arange(count) % 5,
        probabilities=probabilities,
        baseline=simple,
        settings={"input": "both", "start": "clip-motion", "frozen": True},
        seconds=12.3,
    )


@pytest.mark.parametrize(
    ("right", "count", "baseline", "says"),
    [
        (6, 10, 5, "not clearly better than guessing"),
        (7, 10, 5, "not clearly better than guessing"),
        (11, 20, 20, "A simple rule on where something moves does better."),
        (16, 20, 20, "a simple rule on where something moves does better still"),
        (38, 40, 37, "is about as good on these clips"),
        (39, 40, 25, "better than a simple rule"),
        (40, 40, 20, "better than a simple rule"),
    ],
)
def test_the_verdict_weighs_the_interval_against_guessing_and_the_simple_rule(
    right: int, count: int, baseline: int, says: str
):
    assert says in words.verdict(taught(right, count, baseline))


def test_a_class_with_most_of_the_clips_is_no_achievement():
    result = taught(16, 20, 10)
    result.labels[:] = 0
    result.probabilities[:] = [0.9, 0.1]
    assert result.accuracy == 1
    assert "not clearly better than guessing" in words.verdict(result)


def test_the_score_names_all_numbers():
    assert words.score(taught(34, 40, 20)) == (
        "It was right about 34 of 40 clips that it had never seen: 85 %. With so few clips that "
        "says: between 71 % and 93 % (95 % interval)."
    )


def test_mistakes_come_with_the_most_certain_one_first():
    found = words.mistakes(taught(8, 10, 5))
    assert [clip for clip, _ in found] == [8, 9]
    assert found[0][1] == "clip 8: wave, taken for clap (89 % sure)"
    assert words.mistakes(taught(10, 10, 5)) == []


def test_how_it_was_measured_says_the_start_and_what_was_shown():
    text = words.measured(taught(8, 10, 5))
    assert "one of 5 networks that had not seen it" in text
    assert "began with what clip-motion knows, kept as it is, and was" in text
    assert "each frame, and how it differs from the one before" in text


def test_what_is_missing_is_listed_for_every_action():
    assert words.what_is_missing({}) == ""
    assert words.what_is_missing({"a": 2}).endswith("has 5 clips: 'a' needs 2 more.")
    assert words.what_is_missing({"a": 2, "b": 5, "c": 1}).endswith(
        "'a' needs 2 more, 'b' needs 5 more and 'c' needs 1 more."
    )


def test_progress_says_which_training_it_is_and_how_it_goes():
    assert words.progress(Course(0, 1, 0, (), 0, 0, None)) == "Starting…"
    assert words.progress(Course(0.1, 1, 6, (0.5,), 0, 0, None)).startswith("Training 1 of 6: with")
    last = words.progress(Course(0.9, 6, 6, (0.5,), 40, 31, None))
    assert last.startswith("Training 6 of 6: the last one")
    assert last.endswith("Right so far: 31 of 40 that it had never seen.")


def test_an_answer_says_since_when():
    shares = np.array([0.25, 0.75])
    assert words.answered(("a", "b"), shares, 4) == "b: 75 % sure. It held that from frame 5 on."
    assert words.answered(("a", "b"), shares, 0) == "b: 75 % sure. It held that from the start."
    assert words.answered(("a", "b"), shares, None) == "b: 75 % sure."


FRAMES = np.arange(16, dtype=np.uint8)[:, None, None] * 10 + np.zeros((1, 28, 28), np.uint8)


def pictures_in(html: str) -> list[np.ndarray]:
    found = re.findall(r"data:image/png;base64,([^\"]+)", html)
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))) for data in found]


def test_a_strip_shows_frames_from_the_first_to_the_last():
    (picture,) = pictures_in(strips.strip(FRAMES, "a clip"))
    assert picture.shape == (28, 8 * 29)
    assert picture[5, 5::29].tolist() == [0, 20, 40, 60, 90, 110, 130, 150]


def test_beliefs_stand_under_their_frames():
    values = np.linspace(0, 1, 16)[:, None] * [1, -1] + [0, 1]
    html = strips.beliefs(FRAMES, values, ("wave", "clap"), answer=0)
    (picture,) = pictures_in(html)
    assert picture[0, ::28].tolist() == FRAMES[:, 0, 0].tolist()
    shares = [float(share) for share in re.findall(r"--share:([\d.]+)", html)]
    assert shares == pytest.approx([*values[:, 0], *values[:, 1]], abs=1e-3)
    assert 'class="best">wave' in html


def test_nothing_that_was_typed_becomes_html():
    values = np.full((16, 2), 0.5)
    for html in (
        strips.strip(FRAMES, EVIL),
        strips.gallery([(FRAMES, EVIL)]),
        strips.beliefs(FRAMES, values, (EVIL, "clap"), 0),
        strips.confusion_table(np.eye(2, dtype=int), (EVIL, "clap")),
    ):
        assert EVIL not in html
        assert html.count("<img") == len(pictures_in(html)), "only our own pictures"
        assert "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;" in html
