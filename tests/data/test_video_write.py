"""What is written is read again as it was."""

import numpy as np
import pytest

from rnnviz.data.video import read_video, video_bytes, write_video
from rnnviz.data.video.sniff import container_of
from rnnviz.data.video.write import FORMATS
from tests.data.videos import moving_square

GREY = moving_square()
COLOUR = np.stack([GREY, 255 - GREY, GREY // 2], axis=-1)
LUMA = np.rint(COLOUR @ np.array([0.299, 0.587, 0.114]))


@pytest.mark.parametrize("fps", [10, 12.5, 25])
@pytest.mark.parametrize("format", FORMATS)
def test_frames_come_back_at_their_times(format, fps):
    video = read_video(video_bytes(GREY, fps, format))
    assert video.frames.shape == GREY.shape
    assert np.abs(video.frames.astype(float) - GREY).mean() < 2
    assert video.times_s == pytest.approx(np.arange(20) / fps, abs=0.001)
    assert video.duration_s == pytest.approx(20 / fps, abs=0.001)


@pytest.mark.parametrize("format", FORMATS)
def test_frames_in_colour_come_back(format):
    video = read_video(video_bytes(COLOUR, 10, format))
    assert np.abs(video.frames - LUMA).mean() < 2


def test_a_gif_keeps_every_grey():
    ramp = np.tile(np.arange(96, dtype=np.uint8) * 2, (4, 72, 1))
    frames = np.stack([np.roll(frame, 7 * index, axis=1) for index, frame in enumerate(ramp)])
    assert (read_video(video_bytes(frames, 10, "gif")).frames == frames).all()


def test_a_gif_keeps_the_time_over_all_where_a_hundredth_of_a_second_is_too_coarse():
    """At 30 frames a second each is shown for 3 or 4 hundredths, never 3 all along."""
    video = read_video(video_bytes(moving_square(30), 30, "gif"))
    assert video.times_s == pytest.approx(np.arange(30) / 30, abs=0.0051)
    assert video.duration_s == pytest.approx(1.0)


@pytest.mark.parametrize("format", ["mp4", "webm"])
def test_odd_sides_are_made_even(format):
    video = read_video(video_bytes(GREY[:, :71, :95], 10, format))
    assert video.frames.shape == (20, 72, 96)
    wanted = np.pad(GREY[:, :71, :95], ((0, 0), (0, 1), (0, 1)), mode="edge").astype(float)
    assert np.abs(video.frames - wanted).mean() < 2


@pytest.mark.parametrize("format", FORMATS)
def test_the_ending_says_which_format_is_written(format, tmp_path):
    write_video(tmp_path / f"clip.{format.upper()}", GREY, 10)
    data = (tmp_path / f"clip.{format.upper()}").read_bytes()
    assert container_of(data) == {"mp4": "mov", "webm": "matroska", "gif": "gif"}[format]
    assert len(read_video(data)) == 20


@pytest.mark.parametrize(
    ("frames", "fps", "format", "said"),
    [
        (GREY, 10, "mpg", "Choose one of: mp4, webm, gif"),
        (GREY.astype(float), 10, "mp4", "uint8"),
        (GREY[0], 10, "mp4", "shape"),
        (GREY[:0], 10, "gif", "shape"),
        (COLOUR[..., :2], 10, "mp4", "3 channels"),
        (GREY, 0, "gif", "frames a second"),
        (GREY, float("nan"), "gif", "frames a second"),
    ],
)
def test_what_cannot_be_written_is_refused(frames, fps, format, said):
    with pytest.raises(ValueError, match=said):
        video_bytes(frames, fps, format)


def test_a_file_without_a_known_ending_is_not_written(tmp_path):
    with pytest.raises(ValueError, match="No video is written as 'txt'"):
        write_video(tmp_path / "clip.txt", GREY, 10)
    assert not list(tmp_path.iterdir())
