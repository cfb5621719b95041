"""Clips of moving digits to order show what was ordered."""

from dataclasses import replace

import numpy as np
import pytest

from rnnviz.core.clip import Clip
from rnnviz.data.clips.changes import change_clip
from rnnviz.data.clips.motions import MOTIONS, Scene
from rnnviz.data.clips.staged import staged_clip
from rnnviz.data.dataset import DIGITS
from rnnviz.data.sets import digits

PLAIN = Scene(noise=0.0, clutter=0, contrast=(1.0, 1.0), background=0.0)


@pytest.fixture(scope="module")
def data():
    return digits.load("test")


def centre(clip: Clip) -> np.ndarray:
    """Return where the ink's middle lies in every frame, (frame, 2): x and y."""
    rows, columns = np.mgrid[0:28, 0:28]
    mass = clip.frames.sum(axis=(1, 2))
    across = (clip.frames * columns).sum(axis=(1, 2)) / mass
    return np.stack([across, (clip.frames * rows).sum(axis=(1, 2)) / mass], 1)


@pytest.mark.parametrize(
    ("motion", "direction"),
    [("left", (-1, 0)), ("right", (1, 0)), ("up", (0, -1)), ("down", (0, 1)), ("still", (0, 0))],
)
def test_a_digit_goes_where_it_is_told(data, motion, direction):
    clip = staged_clip(data, 3, [motion], PLAIN, seed=5)
    gone = centre(clip)[-1] - centre(clip)[0]
    assert np.array_equal(np.sign(np.where(np.abs(gone) < 0.5, 0, gone)), direction)
    assert clip.label == MOTIONS.index(motion) and clip.frame_labels is None


@pytest.mark.parametrize(("motion", "sign"), [("growing", 1), ("shrinking", -1)])
def test_a_digit_changes_its_size(data, motion, sign):
    ink = staged_clip(data, 8, [motion], PLAIN, seed=1).frames.sum(axis=(1, 2))
    assert sign * (ink[-1] - ink[0]) > 0.1 * ink[0]


def test_motions_follow_one_another_in_equal_parts(data):
    clip = staged_clip(data, 3, ["right", "still", "up"], replace(PLAIN, frames=24), seed=2)
    assert clip.frame_labels is not None
    assert [MOTIONS[k] for k in clip.frame_labels[[1, 7, 8, 15, 16, 23]]] == [
        "right",
        "right",
        "still",
        "still",
        "up",
        "up",
    ]
    assert clip.frame_labels[0] == -1
    x, y = centre(clip).T
    assert x[7] > x[0] + 1 and np.allclose(x[8:16], x[8], atol=0.1) and y[23] < y[16] - 1


def test_the_label_answers_what_is_asked(data):
    assert staged_clip(data, 7, ["left"], PLAIN, 0, DIGITS).label == 7
    assert staged_clip(data, 7, ["left"], PLAIN, 0, ("wave", "clap")).label is None


def test_the_same_order_gives_the_same_clip_and_another_seed_another(data):
    order = (data, None, ["clockwise"], replace(PLAIN, noise=0.2, clutter=2))
    first, again, other = (staged_clip(*order, seed) for seed in (4, 4, 5))
    assert np.array_equal(first.frames, again.frames)
    assert not np.array_equal(first.frames, other.frames)


def test_noise_and_clutter_are_meant_exactly(data):
    plain = staged_clip(data, 1, ["still"], PLAIN, 3)
    noisy = staged_clip(data, 1, ["still"], replace(PLAIN, noise=0.2), 3)
    dark = plain.frames == 0
    # Half of what is added to black is cut off, so a half-normal distribution is left.
    expected = 0.2 * np.sqrt(1 / 2 - 1 / (2 * np.pi))
    assert noisy.frames[dark].std() == pytest.approx(expected, rel=0.03)
    scraps = staged_clip(data, 1, ["still"], replace(PLAIN, clutter=6), 3)
    assert scraps.frames.sum() > 1.5 * plain.frames.sum()


def test_too_many_motions_or_an_unknown_one_are_refused(data):
    with pytest.raises(ValueError, match="1 to 4 motions"):
        staged_clip(data, 1, ["left"] * 5, PLAIN, 0)
    with pytest.raises(ValueError, match="sideways"):
        staged_clip(data, 1, ["sideways"], PLAIN, 0)


def test_backwards_the_motions_of_a_clip_are_their_opposites_in_the_opposite_order(data):
    clip = staged_clip(data, 3, ["right", "growing"], PLAIN, seed=2)
    changed = change_clip(clip, "reversed", MOTIONS)
    forwards = staged_clip(data, 3, ["shrinking", "left"], PLAIN, seed=2)
    assert changed.frame_labels is not None and forwards.frame_labels is not None
    assert [MOTIONS[k] for k in changed.frame_labels[[1, -1]]] == ["shrinking", "left"]
    assert changed.label == MOTIONS.index("left")
    x = centre(changed)[:, 0]
    assert x[-1] < x[9] - 1, "it really goes to the left in the second half"
