"""What is collected: named, added to, taken out of, saved, brought back; nothing gets lost."""

import numpy as np
import pytest

from rnnviz.core.clip import Clip
from rnnviz.data.clips.clip_file import clips_bytes, parse_clips
from rnnviz.data.clips.clipset import ClipSet
from rnnviz.data.errors import ClipError
from rnnviz.ui.clips.teach.collection import (
    FRAMES,
    LONGEST_NAME,
    MOST_ACTIONS,
    MOST_CLIPS,
    Collection,
    add_action,
    add_clips,
    as_clips,
    begin,
    join,
    lacking,
    plain_name,
    remove_action,
    remove_clip,
    rename,
)


def clip(number: int) -> Clip:
    """Return a clip of which every frame is another grey, and no other number has the same."""
    grey = (np.arange(FRAMES) + 16.0 * (number % 14)) / 255
    frames = np.broadcast_to(grey[:, None, None], (FRAMES, 28, 28)).astype(np.float32).copy()
    frames[:, 0, 0] = (number // 14) / 255
    return Clip(frames, np.arange(FRAMES) * 0.1)


def clips(first: int, count: int) -> list[tuple[str, Clip]]:
    return [(f"clip {n}", clip(n)) for n in range(first, first + count)]


def filled(*counts: int) -> Collection:
    """Return a collection with so many clips of each action, all different."""
    there = begin()
    while len(there.actions) < len(counts):
        there = add_action(there)
    for action, count in zip(there.actions, counts, strict=True):
        there = add_clips(there, action.key, clips(100 * action.key, count))
    return there


def counts(there: Collection) -> dict[str, int]:
    return {action.name: len(action) for action in there.actions}


def keys(there: Collection) -> list[int]:
    found = [one.key for one in there.actions]
    return found + [each.key for one in there.actions for each in one.examples]


def test_clips_go_to_their_action_unchanged():
    there = filled(2, 3)
    assert counts(there) == {"wave": 2, "nothing": 3}
    (first, _) = there.actions[0].examples
    assert np.array_equal(first.frames / np.float32(255), clip(0).frames)
    made = as_clips(there)
    assert made.frames.shape == (5, FRAMES, 28, 28)
    assert made.labels.tolist() == [0, 0, 1, 1, 1]
    assert made.names is not None
    assert made.names[2] == "clip 100"


def test_keys_are_never_used_twice():
    there = filled(3, 3, 0)
    there = remove_action(there, there.actions[1].key)
    there = add_action(remove_clip(there, there.actions[0].examples[0].key))
    there = add_clips(there, there.actions[-1].key, clips(0, 2))
    assert len(set(keys(there))) == len(keys(there))


def test_taking_out_takes_out_nothing_else():
    there = filled(3, 2)
    left = remove_clip(there, there.actions[0].examples[1].key)
    assert [each.name for each in left.actions[0].examples] == ["clip 0", "clip 2"]
    assert counts(there) == {"wave": 3, "nothing": 2}, "what was there before can be put back"
    assert counts(remove_action(filled(1, 2, 3), there.actions[0].key)) == {
        "nothing": 2,
        "action 3": 3,
    }


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  clap \n hands ", "clap hands"),
        ("a\x00b\u202ec", "a b c"),
        ("x" * 99, "x" * LONGEST_NAME),
        ("<b>*clap*</b>", "<b>*clap*</b>"),
        (" \t\u200b ", ""),
    ],
)
def test_names_are_one_line_of_letters_that_can_be_seen(typed: str, kept: str):
    assert plain_name(typed) == kept


def test_two_actions_never_have_one_name():
    there = begin()
    with pytest.raises(ClipError, match="called 'WAVE' already"):
        rename(there, there.actions[1].key, "WAVE ")
    with pytest.raises(ClipError, match="needs a name"):
        rename(there, there.actions[1].key, "  ")
    assert counts(rename(there, there.actions[0].key, "Wave")) == {"Wave": 0, "nothing": 0}
    there = rename(there, there.actions[0].key, "action 3")
    assert len({action.name for action in add_action(there).actions}) == 3


def test_there_are_two_to_six_actions_of_up_to_forty_clips():
    there = filled(*[0] * MOST_ACTIONS)
    with pytest.raises(ClipError, match="can be 6 actions"):
        add_action(there)
    with pytest.raises(ClipError, match="fewest"):
        remove_action(begin(), 0)
    full = filled(MOST_CLIPS - 1, 0)
    with pytest.raises(ClipError, match="room for 1 more, not for 2"):
        add_clips(full, 0, clips(50, 2))
    assert len(add_clips(full, 0, clips(50, 1)).actions[0]) == MOST_CLIPS
    with pytest.raises(ClipError, match="was taken out"):
        add_clips(full, 99, clips(50, 1))


def test_what_is_lacking_is_counted():
    assert lacking(filled(5, 6)) == {}
    assert lacking(filled(4, 0)) == {"wave": 1, "nothing": 5}


def test_a_saved_collection_comes_back_whole():
    there = rename(filled(3, 0, 2), 0, "höher ⟨3⟩")
    saved = clips_bytes(as_clips(there))
    back = join(begin(), parse_clips(saved, "saved"))
    assert counts(back) == {"höher ⟨3⟩": 3, "nothing": 0, "action 3": 2}
    assert as_clips(back).frames.tobytes() == as_clips(there).frames.tobytes()
    assert as_clips(back).names == as_clips(there).names


def test_bringing_the_same_clips_twice_adds_nothing():
    there = filled(3, 2)
    assert counts(join(there, as_clips(there))) == counts(there)


def test_bringing_clips_keeps_what_is_there():
    there, other = filled(3, 0), filled(2, 4)
    other = add_clips(remove_clip(other, other.actions[0].examples[0].key), 0, clips(70, 1))
    joined = join(there, as_clips(other))
    assert counts(joined) == {"wave": 4, "nothing": 4}
    assert [each.name for each in joined.actions[0].examples][:3] == ["clip 0", "clip 1", "clip 2"]


def test_clips_of_another_length_are_brought_to_sixteen_frames():
    frames = np.arange(32, dtype=np.uint8)[None, :, None, None] + np.zeros((1, 1, 28, 28), np.uint8)
    made = ClipSet("x", "all", frames, np.array([32]), np.array([0]), ("up", "down"), "somebody")
    (example,) = join(begin(), made).actions[0].examples
    assert example.frames[:, 5, 5].tolist() == list(range(1, 32, 2))


def named(*names: str) -> ClipSet:
    count = len(names)
    return ClipSet(
        "x",
        "all",
        np.zeros((count, FRAMES, 28, 28), np.uint8),
        np.full(count, FRAMES),
        np.arange(count),
        names,
        "somebody",
    )


@pytest.mark.parametrize(
    ("brought", "told"),
    [
        (named("a", "A"), "no names that can be told apart"),
        (named("a", " \x00"), "no names that can be told apart"),
        (named(*"abcdefg"), "there would be 9 actions"),
        (named(*"abcde"), "there would be 7 actions"),
    ],
)
def test_a_file_that_does_not_fit_changes_nothing(brought: ClipSet, told: str):
    there = filled(1, 1)
    with pytest.raises(ClipError, match=told):
        join(there, brought)
    assert counts(there) == {"wave": 1, "nothing": 1}
