"""From decoded frames to what a network reads."""

import numpy as np
import pytest

from rnnviz.data.video import Crop, Original, Video, prepare_clip
from rnnviz.data.video.prepare import averages, letterbox


def video_of(frames, fps=10, **facts):
    frames = np.asarray(frames, np.uint8)
    return Video(frames, np.arange(len(frames)) / fps, len(frames) / fps, **facts)


def shades(values, height=28, width=28):
    """Return a video whose frames have one grey each."""
    return video_of(np.tile(np.array(values)[:, None, None], (1, height, width)))


def test_a_clip_of_the_right_size_comes_back_as_it_is():
    frames = np.random.default_rng(0).integers(0, 256, (6, 28, 28), np.uint8)
    clip = prepare_clip(video_of(frames), 6)
    assert clip.frames.dtype == np.float32
    np.testing.assert_allclose(clip.frames * 255, frames, atol=1e-4)
    assert clip.times_s == pytest.approx(np.arange(6) / 10)
    assert clip.duration_s == pytest.approx(0.6)


def test_fewer_frames_are_chosen_evenly_and_more_are_repeats():
    video = shades([0, 50, 100, 150, 200, 250])
    assert (prepare_clip(video, 3).frames[:, 0, 0] * 255).round().tolist() == [50, 150, 250]
    assert (prepare_clip(video, 12).frames[:, 0, 0] * 255).round().tolist() == [
        *(0, 0, 50, 50, 100, 100, 150, 150, 200, 200, 250, 250)
    ]


def test_time_counts_and_not_the_number_of_frames():
    """Of 2 seconds the first frame takes three quarters, so three of four frames show it."""
    frames = np.array([10, 90, 170], np.uint8)[:, None, None] * np.ones((1, 28, 28), np.uint8)
    clip = prepare_clip(Video(frames, np.array([0, 1.5, 1.6]), 2.0), 4)
    assert (clip.frames[:, 0, 0] * 255).round().tolist() == [10, 10, 10, 170]
    assert clip.times_s.tolist() == [0, 0.5, 1.0, 1.5]


def test_the_speed_of_the_file_does_not_reach_the_network():
    frames = np.random.default_rng(1).integers(0, 256, (20, 40, 60), np.uint8)
    slow, fast = (prepare_clip(video_of(frames, fps), 8) for fps in (5, 60))
    assert (slow.frames == fast.frames).all()


def test_the_size_of_the_file_does_not_reach_the_network():
    small = np.random.default_rng(2).integers(0, 256, (4, 28, 14), np.uint8)
    large = small.repeat(3, axis=1).repeat(3, axis=2)
    clips = [prepare_clip(video_of(frames), 4) for frames in (small, large)]
    np.testing.assert_allclose(clips[0].frames, clips[1].frames, atol=1e-5)


@pytest.mark.parametrize(("height", "width"), [(54, 96), (96, 54), (7, 5), (96, 1), (1, 96)])
def test_the_proportions_are_kept(height, width):
    clip = prepare_clip(video_of(np.full((2, height, width), 255)), 2)
    # On a brighter border than the median nothing would be seen, so ask the parts themselves.
    squares = letterbox(np.ones((2, height, width), np.float32), 28, 0.0)
    rows, columns = squares[0].any(axis=1), squares[0].any(axis=0)
    longest = 28 / max(height, width)
    assert rows.sum() == max(1, round(height * longest))
    assert columns.sum() == max(1, round(width * longest))
    # In the middle, to the pixel: what is over on one side is over by one at most.
    for used in (rows, columns):
        before, after = np.argmax(used), np.argmax(used[::-1])
        assert abs(before - after) <= 1
    assert clip.frames.shape == (2, 28, 28)


def test_what_is_filled_in_shows_no_edge_and_does_not_move():
    frames = np.full((10, 20, 40), 90, np.uint8)
    for index in range(10):
        frames[index, 8:12, 2 * index : 2 * index + 8] = 250
    clip = prepare_clip(video_of(frames), 10)
    above = clip.frames[:, :7]
    assert np.ptp(above) == 0
    np.testing.assert_allclose(above, 90 / 255, atol=1e-6)
    np.testing.assert_allclose(clip.frames[:, 8], 90 / 255, atol=1e-6)


@pytest.mark.parametrize(("old", "new"), [(96, 28), (54, 16), (28, 28), (5, 28), (1, 28), (28, 1)])
def test_averages_over_areas_keep_the_mean_and_weigh_every_pixel_alike(old, new):
    weights = averages(old, new)
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(weights.sum(axis=0), new / old, rtol=1e-5)
    assert (weights >= 0).all()


def test_averages_are_those_of_blocks_where_the_sizes_divide():
    row = np.random.default_rng(3).random(84)
    np.testing.assert_allclose(averages(84, 28) @ row, row.reshape(28, 3).mean(axis=1), rtol=1e-5)


def test_dark_on_bright_is_inverted_where_that_is_asked_for():
    frames = np.full((4, 28, 28), 230, np.uint8)
    frames[:, 10:18, 10:18] = 20
    as_is = prepare_clip(video_of(frames), 4)
    inverted = prepare_clip(video_of(frames), 4, polarity="bright on dark")
    np.testing.assert_allclose(inverted.frames, 1 - as_is.frames, atol=1e-6)
    assert "inverted" in inverted.caption
    assert "inverted" not in as_is.caption


def test_bright_on_dark_stays_as_it_is():
    frames = np.full((4, 20, 28), 30, np.uint8)
    frames[:, 10:18, 10:18] = 240
    as_is = prepare_clip(video_of(frames), 4)
    asked = prepare_clip(video_of(frames), 4, polarity="bright on dark")
    assert (asked.frames == as_is.frames).all()
    assert asked.caption == as_is.caption


def test_a_crop_is_a_part_of_the_picture_and_of_the_time():
    video = shades([0, 50, 100, 150, 200, 250], height=40, width=40)
    video.frames[:, :20, 20:] = 7
    corner = prepare_clip(video, 6, crop=Crop(left=0.5, bottom=0.5))
    np.testing.assert_allclose(corner.frames * 255, 7, atol=1e-4)
    later = prepare_clip(video, 2, crop=Crop(right=0.5, start_s=0.2, end_s=0.4))
    assert (later.frames[:, 14, 14] * 255).round().tolist() == [100, 150]
    assert later.duration_s == pytest.approx(0.2)


def test_a_crop_behind_the_end_or_between_two_pixels_leaves_something():
    video = shades([10, 20], height=4, width=4)
    assert prepare_clip(video, 2, crop=Crop(start_s=99)).frames.shape == (2, 28, 28)
    thin = Crop(left=0.999, top=0.51, bottom=0.52)
    assert prepare_clip(video, 2, crop=thin).frames.shape == (2, 28, 28)


def test_frames_alone_are_a_tenth_of_a_second_apart():
    clip = prepare_clip(np.zeros((5, 28, 28), np.uint8), 5, source="webcam")
    assert clip.times_s == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])
    assert clip.source == "webcam"


def test_the_caption_says_what_the_file_was():
    video = video_of(
        np.zeros((30, 48, 64)), name="wave.mp4", original=Original(640, 480, "h264", 30, 10.0)
    )
    said = prepare_clip(video, 16).caption
    assert said == "wave.mp4: 3 s, 640 × 480 pixels, 16 frames evenly in time."


@pytest.mark.parametrize(
    "wrong", [{"frames": 0}, {"frames": 4, "side": 0}, {"frames": 4, "polarity": "negative"}]
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match=r"frame|polarity"):
        prepare_clip(shades([1, 2]), **wrong)


@pytest.mark.parametrize(
    "wrong",
    [{"left": 0.5, "right": 0.5}, {"top": -0.1}, {"bottom": 1.1}, {"start_s": 2, "end_s": 1}],
)
def test_a_crop_of_nothing_is_refused(wrong):
    with pytest.raises(ValueError, match="crop reaches"):
        Crop(**wrong)
