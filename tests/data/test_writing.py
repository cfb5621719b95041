"""A drawing as a clip shows what was on the canvas at each moment."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rnnviz.data.clips import load_clips
from rnnviz.data.errors import DataError, EmptyPictureError
from rnnviz.data.preprocess import prepare_drawing
from rnnviz.data.strokes import Drawing
from rnnviz.data.writing import writing_clip, writing_frames, written_between

DOWN = np.array([[0.5, 0.2, 0.0], [0.5, 0.8, 1000.0]])
ACROSS = np.array([[0.3, 0.5, 1500.0], [0.7, 0.5, 2000.0]])
PLUS = Drawing((DOWN, ACROSS))


def test_the_last_frame_is_the_picture_that_the_page_draw_reads():
    for frames in (2, 7, 20):
        clip = writing_clip(PLUS, frames)
        assert np.array_equal(clip.frames[-1], prepare_drawing(PLUS).image)
        assert len(clip) == frames and clip.source == "drawing"
        np.testing.assert_allclose(clip.times_s, 2 * np.arange(1, frames + 1) / frames)


def test_ink_comes_as_it_was_written_and_stays():
    frames = writing_frames(PLUS, np.array([0.0, 500.0, 1000.0, 1400.0, 1750.0, 2000.0]))
    assert (np.diff(frames, axis=0) >= -0.2).all(), "but for the thinning of the points it stays"
    rows = [np.flatnonzero(frame.max(1) > 0.5) for frame in frames]
    assert len(rows[0]) <= 3, "a dot where the pen came down"
    half, whole = rows[1].max() - rows[1].min(), rows[2].max() - rows[2].min()
    assert abs(half - whole / 2) <= 1.5
    assert np.array_equal(frames[2], frames[3]), "nothing is written in a pause"
    columns = [np.flatnonzero(frame.max(0) > 0.5) for frame in frames]
    assert columns[2].max() - columns[2].min() <= 4
    assert columns[4].max() <= 15 < columns[5].max(), "half of the stroke across"


def test_times_begin_with_the_first_point():
    later = Drawing(tuple(stroke + np.array([0, 0, 5000.0]) for stroke in PLUS.strokes))
    assert np.array_equal(writing_clip(later, 9).frames, writing_clip(PLUS, 9).frames)


def test_a_drawing_that_took_no_time_is_there_at_once():
    sudden = Drawing((DOWN * [1, 1, 0], ACROSS * [1, 1, 0]))
    clip = writing_clip(sudden, 4)
    assert (clip.frames == prepare_drawing(sudden).image).all() and clip.duration_s == 0


def test_parts_of_a_line_join():
    line, clock = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]]), np.array([0.0, 10.0, 20.0])
    first = written_between(line, clock, -np.inf, 5.0)
    second = written_between(line, clock, 5.0, 15.0)
    last = written_between(line, clock, 15.0, 99.0)
    np.testing.assert_allclose(first, [[0, 0], [5, 0]])
    np.testing.assert_allclose(second, [[5, 0], [10, 0], [10, 5]])
    np.testing.assert_allclose(last, [[10, 5], [10, 10]])
    assert len(written_between(line, clock, 20.0, 30.0)) == 0
    assert len(written_between(line, clock + 50, -np.inf, 30.0)) == 0


@pytest.mark.parametrize("drawing", [Drawing(), Drawing((DOWN[:1],))])
def test_where_nothing_is_written_there_is_no_clip(drawing):
    with pytest.raises(EmptyPictureError):
        writing_clip(drawing, 5)


UNIPEN = """.SEGMENT DIGIT 0 ? "1"
.COMMENT 1 {writer} 0
.PEN_DOWN
 100 100
 100 200
 100 300
.PEN_UP
.DT 100
"""


def test_pen_clips_keep_writers_apart_and_come_in_any_number_of_frames(tmp_path):
    folder = tmp_path / "pendigits"
    folder.mkdir()
    text = "".join(UNIPEN.format(writer=writer) for writer in (1, 2, 5, 7, 10))
    (folder / "pendigits-orig.tra").write_text(text)
    train, test = (
        load_clips("pen-clips", split, tmp_path, frames=3) for split in ("train", "test")
    )
    assert train.groups is not None and train.groups.tolist() == [1, 2, 7]
    assert test.groups is not None and test.groups.tolist() == [5, 10]
    assert train.frames.shape == (3, 3, 28, 28) and (train.labels == 1).all()
    ink = train.frames.astype(float).sum((2, 3))
    assert (np.diff(ink, axis=1) > 0).all()
    assert load_clips("pen-clips", "train", tmp_path, frames=8, count=2).frames.shape[:2] == (2, 8)


def test_pen_clips_that_are_not_there_say_where_to_get_them():
    with pytest.raises(DataError, match="UCI"):
        load_clips("pen-clips", "train", Path("/nowhere"))


def test_a_wider_pen_writes_more_ink():
    thin, wide = (writing_clip(replace(PLUS, width=width), 3).frames for width in (0.03, 0.15))
    assert wide.sum() > thin.sum()
