"""Every kind of file, written by the test, comes back as what was written, at its times."""

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from io import BytesIO

import av
import numpy as np
import pytest
from PIL import Image

from rnnviz.data.video import Video, VideoLimits, read_video
from rnnviz.data.video.video import sample_evenly
from tests.data.videos import encode, moving_square, mp4, see_through, turned

FRAMES = moving_square()
FINE = {"crf": "10"}
FINE_VPX = {"crf": "10", "b": "2000000", "deadline": "realtime", "cpu-used": "8"}


def difference(video, frames):
    """Return the mean difference between a video and what was written, in greys."""
    assert video.frames.shape == frames.shape
    return np.abs(video.frames.astype(float) - frames).mean()


@pytest.mark.parametrize(
    ("container", "codec", "pixels", "options", "name"),
    [
        ("mp4", "libx264", "yuv420p", FINE, "h264"),
        ("mp4", "mpeg4", "yuv420p", {"b": "2000000"}, "mpeg4"),
        ("mp4", "libx265", "yuv420p10le", FINE | {"x265-params": "log-level=none"}, "hevc"),
        ("mov", "prores_ks", "yuv422p10le", None, "prores"),
        ("mov", "qtrle", "rgb24", None, "qtrle"),
        ("avi", "mjpeg", "yuvj420p", {"q": "2"}, "mjpeg"),
        ("avi", "rawvideo", "bgr24", None, "rawvideo"),
        ("webm", "libvpx", "yuv420p", FINE_VPX, "vp8"),
        ("webm", "libvpx-vp9", "yuv420p", FINE_VPX, "vp9"),
        ("matroska", "libx264", "yuv444p", FINE, "h264"),
        ("matroska", "ffv1", "gray", None, "ffv1"),
        ("gif", "gif", "gray", None, "gif"),
    ],
)
def test_every_container_and_codec_is_read(container, codec, pixels, options, name):
    video = read_video(encode(FRAMES, container, codec, pixels, options=options), "square")
    assert difference(video, FRAMES) < 2.5
    assert video.times_s == pytest.approx(np.arange(20) / 20, abs=0.001)
    assert video.duration_s == pytest.approx(1.0, abs=0.001)
    assert video.note == ""
    assert video.original is not None
    assert (video.original.width, video.original.height) == (96, 72)
    assert (video.original.codec, video.original.fps) == (name, 20)


@pytest.mark.parametrize(
    ("container", "codec", "pixels", "options"),
    [
        ("mov", "qtrle", "argb", None),
        ("mov", "prores_ks", "yuva444p10le", None),
        ("mov", "png", "rgba", None),
        ("webm", "libvpx", "yuva420p", FINE_VPX | {"auto-alt-ref": "0"}),
        ("webm", "libvpx-vp9", "yuva420p", FINE_VPX),
    ],
)
def test_what_is_transparent_is_white_paper(container, codec, pixels, options):
    colours = see_through(FRAMES)
    video = read_video(encode(colours, container, codec, pixels, options=options))
    paper = FRAMES.copy()
    paper[:, -24:] = 255
    assert difference(video, paper) < 3


def test_what_is_transparent_in_a_gif_is_white_paper():
    pictures = [Image.fromarray(colours) for colours in see_through(FRAMES)]
    file = BytesIO()
    pictures[0].save(
        file, "GIF", save_all=True, append_images=pictures[1:], disposal=2, loop=0, duration=50
    )
    video = read_video(file.getvalue())
    paper = FRAMES.copy()
    paper[:, -24:] = 255
    assert difference(video, paper) < 1
    assert video.duration_s == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("matrix", "as_seen"),
    [
        # As phones write them: held upright, upside down, the other way round.
        ((0, 1, -1, 0), lambda frame: np.rot90(frame, -1)),
        ((-1, 0, 0, -1), lambda frame: np.rot90(frame, 2)),
        ((0, -1, 1, 0), lambda frame: np.rot90(frame, 1)),
        # And mirrored, as from a camera at the front.
        ((-1, 0, 0, 1), np.fliplr),
        ((0, 1, 1, 0), np.transpose),
    ],
)
def test_a_turned_video_is_upright(matrix, as_seen):
    video = read_video(turned(mp4(FRAMES), *matrix))
    assert difference(video, np.stack([as_seen(frame) for frame in FRAMES])) < 2.5
    assert video.original is not None
    assert (video.original.height, video.original.width) == video.frames.shape[1:]


def test_frames_keep_their_own_times_where_the_speed_changes():
    times_s = [0, 0.1, 0.5, 0.6, 1.5, 1.6]
    video = read_video(mp4(FRAMES[:6], times_s=times_s))
    assert video.times_s == pytest.approx(times_s, abs=0.002)
    assert difference(video, FRAMES[:6]) < 2.5


def test_a_large_frame_is_shrunk_and_keeps_its_proportions():
    video = read_video(mp4(moving_square(3, height=360, width=640)))
    assert video.frames.shape == (3, 54, 96)
    assert video.original is not None
    assert (video.original.width, video.original.height) == (640, 360)


def test_a_pixel_may_be_wider_than_it_is_high():
    file = BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=20)
        stream.height, stream.width, stream.pix_fmt = 72, 48, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(2, 1)
        for frame in FRAMES:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(frame[:, ::2].copy(), "gray")))
        out.mux(stream.encode())
    assert read_video(file.getvalue()).frames.shape == (20, 72, 96)


def test_of_many_frames_those_are_kept_that_lie_evenly_in_time():
    video = read_video(mp4(FRAMES), limits=VideoLimits(frames=5))
    assert len(video) == 5
    assert np.diff(video.times_s) == pytest.approx(0.2)
    assert video.duration_s == pytest.approx(1.0)


def test_several_threads_read_at_the_same_time(tmp_path):
    wanted = [np.roll(FRAMES, 10 * k, axis=1) for k in range(6)]
    paths = [tmp_path / f"{k}.mp4" for k in range(6)]
    for path, frames in zip(paths, wanted, strict=True):
        path.write_bytes(mp4(frames))
    with ThreadPoolExecutor(6) as pool:
        videos = list(pool.map(read_video, paths))
    assert all(difference(video, one) < 2.5 for video, one in zip(videos, wanted, strict=True))


def test_every_frame_is_chosen_once_where_as_many_are_asked_for():
    for fps in (23.976, 25, 29.97, 30, 60):
        times_s = np.arange(90) / fps
        assert sample_evenly(times_s, 90 / fps, 90).tolist() == list(range(90))


@pytest.mark.parametrize("times", ["exact", "in milliseconds"])
@pytest.mark.parametrize("fps", [10, 23.976, 25, 29.97, 30, 60])
@pytest.mark.parametrize("every", [2, 3, 4, 5, 6])
def test_every_second_or_third_frame_is_chosen_without_a_stumble(every, fps, times):
    times_s = np.arange(120) / fps
    if times == "in milliseconds":
        times_s = times_s.round(3)
    chosen = sample_evenly(times_s, 120 / fps, 120 // every)
    assert np.diff(chosen).tolist() == [every] * (120 // every - 1)


def test_the_frame_that_is_shown_at_a_moment_is_chosen():
    # One second, then two tenths, then the rest of two seconds; moments at 0.25, 0.75, 1.25, 1.75.
    assert sample_evenly(np.array([0, 1.0, 1.2]), 2.0, 4).tolist() == [0, 0, 2, 2]


@pytest.mark.parametrize(
    ("frames", "times_s", "duration_s"),
    [
        (np.zeros((2, 4, 4)), [0, 1], 2),
        (np.zeros((2, 4), np.uint8), [0, 1], 2),
        (np.zeros((2, 4, 4), np.uint8), [0], 2),
        (np.zeros((2, 4, 4), np.uint8), [1, 2], 3),
        (np.zeros((2, 4, 4), np.uint8), [0, 0], 2),
        (np.zeros((2, 4, 4), np.uint8), [0, 1], 0.5),
    ],
)
def test_a_video_whose_parts_do_not_belong_together_is_refused(frames, times_s, duration_s):
    with pytest.raises(ValueError, match="video"):
        Video(frames, np.array(times_s, float), duration_s)


def test_a_limit_of_nothing_is_refused():
    with pytest.raises(ValueError, match="most_bytes"):
        VideoLimits(most_bytes=0)
