"""Whatever is in a file: a clear message or a sensible result, and nothing else is touched."""

import os
import re
import signal
import threading
import time
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from rnnviz.data.video import ClipError, VideoLimits, read_video
from rnnviz.data.video import read as reading
from tests.data.videos import (
    elsewhere,
    encode,
    moving_square,
    mp4,
    promising,
    sound_only,
    tiny_gif,
)

FRAMES = moving_square()
SECRET = 255 - FRAMES
"""What no file is to bring to light; its corner is bright, that of the others dark."""


def picture(kind):
    file = BytesIO()
    Image.fromarray(FRAMES[0]).save(file, kind)
    return file.getvalue()


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret.mov"
    path.write_bytes(encode(SECRET, "mov", "mjpeg", "yuvj420p"))
    return path


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"Dear diary, this is no clip at all.\n" * 50, "not a clip that can be read"),
        (b"#!/bin/sh\nrm -rf /\n", "name that ends in .mp4 does not make"),
        (np.random.default_rng(0).bytes(5000), "not a clip that can be read"),
        (picture("PNG"), "page Draw"),
        (picture("JPEG"), "page Draw"),
        (picture("WEBP"), "page Draw"),
        (picture("BMP"), "page Draw"),
        (b"\0\0\0\x18ftypheic" + bytes(100), "page Draw"),
        (picture("GIF"), "one picture, not a clip"),
        (mp4(FRAMES[:1]), "one picture, not a clip"),
        (sound_only(), "sound but no pictures"),
        (encode(FRAMES[:, :64], "avi", "asv1"), "stored as asv1, which isn't read"),
        (promising(tiny_gif(40, 30, 5), 0, 0), "no pixels"),
        (promising(tiny_gif(40, 30, 5), 30_000, 30_000), "30,000 × 30,000"),
        (promising(encode(FRAMES[:3], "avi", "rawvideo", "bgr24"), 0, 0), "no pixels"),
        (promising(encode(FRAMES[:3], "avi", "rawvideo", "bgr24"), 30_000, 30_000), "far too"),
        (promising(tiny_gif(40, 30, 5), 7680, 4320), "7,680 × 4,320"),
        (bytes(21_000_000), r"21\.0 MB, but at most 20 MB"),
        (b"\x1a\x45\xdf\xa3" + bytes(1000), "damaged or cut off"),
        (b"\0\0\0\x18ftypisom" + bytes(1000), "damaged or cut off"),
        (b"\0\0\0\x08moov\xff\xff\xff\xffmoov" * 40, "holds no video"),
        (b"RIFF\xff\xff\xff\xffAVI LIST" + bytes(1000), "damaged or cut off"),
        (b"GIF89a\x10\0\x10\0\0\0\0", "damaged or cut off"),
        (b"GIF89a", "no pixels"),
    ],
    ids=lambda value: None if isinstance(value, bytes) else value,
)
def test_what_is_no_clip_is_refused_with_a_word_on_what_to_do(data, said):
    with pytest.raises(ClipError, match=said) as refused:
        read_video(data)
    assert re.search(r"Choose|choose|Save|Cut", str(refused.value))


def test_frames_of_8k_are_refused():
    black = np.zeros((2, 4320, 7680), np.uint8)
    data = encode(black, "matroska", "mjpeg", "yuvj420p")
    with pytest.raises(ClipError, match=r"7,680 × 4,320 pixels, but at most 16\.8 million"):
        read_video(data)


def test_frames_that_grow_within_a_file_do_not_pass_the_limit():
    """Two files of H.264 in one: a small frame's header, then frames of twice the size."""
    small = encode(FRAMES, "h264", "libx264", options={"g": "1"})
    large = encode(FRAMES.repeat(4, 1).repeat(4, 2), "h264", "libx264", options={"g": "1"})
    file = BytesIO()
    raw = av.open(BytesIO(small + large), mode="r", format="h264")
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream_from_template(raw.streams.video[0])
        for index, packet in enumerate(raw.demux(video=0)):
            if packet.size:
                packet.pts = packet.dts = index * int(1 / packet.time_base / 20)
                packet.stream = stream
                out.mux(packet)
    both = read_video(file.getvalue())
    only_small = read_video(file.getvalue(), limits=VideoLimits(pixels=100 * 100))
    assert len(both) == 40
    assert len(only_small) == 20
    assert "damaged" in only_small.note


def test_of_two_hours_the_first_minute_is_read():
    video = read_video(mp4(moving_square(720, 24, 32), fps=0.1))
    assert video.times_s == pytest.approx(np.arange(6) * 10)
    assert video.duration_s == 60
    assert video.note == "The clip lasts 2 h; only the first 60 s were read."


def test_of_an_endless_gif_the_first_minute_is_read():
    video = read_video(tiny_gif(40, 30, 7000))
    assert len(video) == 600
    assert video.times_s[-1] < video.duration_s == 60
    assert "11 min 40 s; only the first 60 s" in video.note


def test_a_gif_that_loops_without_end_is_read_once():
    pictures = [Image.fromarray(frame) for frame in FRAMES]
    file = BytesIO()
    pictures[0].save(file, "GIF", save_all=True, append_images=pictures[1:], loop=0, duration=50)
    video = read_video(file.getvalue())
    assert len(video) == 20
    assert video.note == ""


def test_of_too_many_frames_the_first_ones_are_read():
    video = read_video(tiny_gif(40, 30, 900, delay=2), limits=VideoLimits(decoded=50))
    assert len(video) == 50
    assert "only the first 1 s were read, as these are 50 frames" in video.note


def test_what_takes_too_long_is_read_as_far_as_it_gets():
    """27 bytes a frame become 64 MB each, 20,000 times."""
    limits = VideoLimits()
    order = reading.order_of("gif", limits) | {"deadline_s": 1}
    bomb = tiny_gif(4000, 4000, 20_000, delay=2)
    video = reading.as_video(reading.ask_worker(order, bomb, limits), "", limits)
    assert 2 <= len(video) < 2_000
    assert "as decoding it takes so long" in video.note


def test_what_never_answers_is_ended():
    limits = VideoLimits(wall_s=0.01)
    with pytest.raises(ClipError, match="takes too long"):
        read_video(mp4(FRAMES), limits=limits)
    assert no_child_is_left()


def test_what_takes_too_much_memory_is_refused():
    limits = VideoLimits(memory_bytes=300_000_000)
    with pytest.raises(ClipError, match="too much memory"):
        read_video(tiny_gif(4000, 4000, 20), limits=limits)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds the worker in /proc")
def test_a_worker_that_is_killed_is_a_message_and_the_next_one_works():
    found = threading.Event()

    def kill_the_worker():
        while not found.is_set():
            for child in workers():
                os.kill(child, signal.SIGKILL)
                found.set()
            time.sleep(0.002)

    killer = threading.Thread(target=kill_the_worker)
    killer.start()
    try:
        with pytest.raises(ClipError, match="makes the decoder fail"):
            read_video(tiny_gif(4000, 4000, 20_000, delay=2))
    finally:
        found.set()
        killer.join()
    assert len(read_video(mp4(FRAMES))) == 20
    assert no_child_is_left()


def workers():
    """Yield the process ids of the workers that this process has started."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):  # it has ended by now
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == os.getpid() and b"decoder.worker" in (entry / "cmdline").read_bytes():
                    yield int(entry.name)


def no_child_is_left():
    return not Path("/proc").is_dir() or not list(workers())


@pytest.mark.parametrize(
    ("container", "codec", "pixels"),
    [
        ("webm", "libvpx", "yuv420p"),
        ("matroska", "libx264", "yuv420p"),
        ("avi", "mjpeg", "yuvj420p"),
        ("gif", "gif", "gray"),
    ],
)
def test_of_a_file_that_is_cut_off_what_is_there_is_read(container, codec, pixels):
    whole = encode(moving_square(60), container, codec, pixels)
    video = read_video(whole[: len(whole) * 6 // 10])
    assert 10 < len(video) < 50
    assert video.note == "The file is damaged or cut off; what could be read of it is shown."
    with pytest.raises(ClipError, match="cut off"):
        read_video(whole[: len(whole) * 3 // 100])


def test_an_mp4_without_its_end_is_refused():
    """Its table of contents is there."""
    whole = mp4(moving_square(60))
    with pytest.raises(ClipError, match="uploaded to its end"):
        read_video(whole[: len(whole) * 6 // 10])


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("kind", ["mp4", "webm", "avi", "gif"])
def test_a_damaged_file_is_a_clip_or_a_message(kind, seed):
    codec, pixels = {
        "mp4": ("libx264", "yuv420p"),
        "webm": ("libvpx", "yuv420p"),
        "avi": ("mjpeg", "yuvj420p"),
        "gif": ("gif", "gray"),
    }[kind]
    random = np.random.default_rng(seed)
    data = np.frombuffer(encode(FRAMES, kind, codec, pixels), np.uint8).copy()
    where = random.integers(12, len(data), 30)
    data[where] = random.integers(0, 256, 30)
    try:
        video = read_video(data.tobytes())
    except ClipError as error:
        assert "makes the decoder fail" not in str(error)
    else:
        assert len(video) >= 2


def test_lists_of_other_files_are_no_clips(secret):
    for text in (
        f"ffconcat version 1.0\nfile '{secret}'\n",
        f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{secret}\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXTINF:1,\n/etc/passwd\n",
        f"<?xml version='1.0'?><MPD><BaseURL>{secret}</BaseURL></MPD>",
    ):
        with pytest.raises(ClipError, match="not a clip that can be read"):
            read_video(text.encode(), "playlist.mp4")


def test_even_where_the_worker_is_told_to_read_a_list_it_opens_nothing(secret):
    """The first line of defence left out: the worker is told that it is such a list."""
    script = f"ffconcat version 1.0\nfile '{secret}'\n".encode()
    # Elsewhere, with nothing to hold it back, this script does bring the secret to light.
    path = secret.with_suffix(".ffconcat")
    path.write_bytes(script)
    with av.open(str(path), format="concat", options={"safe": "0"}) as container:
        assert next(container.decode(video=0)).to_ndarray(format="gray")[0, 0] > 200
    limits = VideoLimits()
    order = reading.order_of("concat", limits)
    with pytest.raises(ClipError):
        reading.ask_worker(order, script, limits)


def test_a_mov_that_names_another_file_does_not_get_it(secret):
    data = elsewhere(encode(FRAMES, "mov", "mjpeg", "yuvj420p"), str(secret))
    # FFmpeg follows it where it is allowed to, so this is such a file.
    allowed = {"enable_drefs": "1", "use_absolute_path": "1"}
    path = secret.with_name("names-it.mov")
    path.write_bytes(data)
    with av.open(str(path), options=allowed) as container:
        assert next(container.decode(video=0)).to_ndarray(format="gray")[0, 0] > 200
    with pytest.raises(ClipError):
        read_video(path)


def test_a_file_that_is_not_there_or_no_file_is_a_message(tmp_path):
    with pytest.raises(ClipError, match=r"'none.mp4' is not a file"):
        read_video(tmp_path / "none.mp4")
    with pytest.raises(ClipError, match="is not a file"):
        read_video(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this platform has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(ClipError, match="is not a file"):
        read_video(tmp_path / "pipe.mp4")


def test_a_large_file_is_refused_by_its_size(tmp_path):
    path = tmp_path / "large.mp4"
    with path.open("wb") as file:
        file.truncate(50_000_000_000)
    with pytest.raises(ClipError, match=r"50000\.0 MB"):
        read_video(path)


def test_where_many_clips_are_decoded_one_more_is_asked_to_come_back():
    limits = VideoLimits(wall_s=0.01)
    for _ in range(reading.AT_ONCE):
        reading._turns.acquire()
    try:
        with pytest.raises(ClipError, match="Try again"):
            read_video(mp4(FRAMES), limits=limits)
    finally:
        reading._turns.release(reading.AT_ONCE)
