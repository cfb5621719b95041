"""Reading videos that people bring, whatever is in them, in a process that cannot hurt this one."""

import contextlib
import json
import logging
import math
import os
import subprocess
import sys
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from rnnviz.data.errors import ClipError
from rnnviz.data.video.refusals import refusal, remarks, too_large
from rnnviz.data.video.sniff import container_of, gif_size, is_cut_off_gif
from rnnviz.data.video.video import DEFAULT_LIMITS, Original, Video, VideoLimits, shown_at

FOLDER = Path(__file__).parent
START = "import sys; sys.path.append(sys.argv[1]); from decoder.worker import main; main()"
"""Starts a worker. The folder comes last, so that nothing in it passes for a library."""
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
AT_ONCE = 4
"""Clips that are decoded at the same time in one process of the app; the others wait."""
MOST_HEADER_BYTES = 1_000_000
DEADLINE_SHARE = 0.7
"""The share of the wall clock after which the worker stops by itself and answers what it has."""

log = logging.getLogger(__name__)
_turns = threading.BoundedSemaphore(AT_ONCE)


def read_video(data: bytes | Path, name: str = "", limits: VideoLimits = DEFAULT_LIMITS) -> Video:
    """Return the frames of a video file, decoded in a process of their own.

    That process has no more time, memory and files than ``limits`` and its order give it, so
    whatever a file does to the decoder, the caller only waits a while. What kind of file it is is
    decided by what it holds.

    Args:
        data: What the file holds, or where it lies: mp4, mov, webm, mkv, avi or GIF.
        name: What a person calls it; kept in the answer and used for nothing else.
        limits: How much of it is read at most.

    Returns:
        At most ``limits.frames`` frames, chosen evenly in time where there are more, their longest
        side at most ``limits.side``; upright as the camera was held, grey (luma), on white where
        they are transparent. Where only a part could be read, ``note`` says so.

    Raises:
        ClipError: It isn't a clip that can be read; the message says what to do.
    """
    content = contents(data, limits)
    container = container_of(content)
    if container == "gif":
        check_size(*gif_size(content), limits)
    if not _turns.acquire(timeout=2 * limits.wall_s):
        raise ClipError("Many clips are being decoded at the moment. Try again in half a minute.")
    try:
        answered = ask_worker(order_of(container, limits), content, limits)
    finally:
        _turns.release()
    video = as_video(answered, name, limits)
    if container == "gif" and not video.note and is_cut_off_gif(content):
        # FFmpeg takes the end of such a file for the end of the clip.
        return replace(video, note=remarks(answered.header | {"damaged": True}, 0, limits))
    return video


def order_of(container: str, limits: VideoLimits) -> dict[str, Any]:
    """Return what a worker is told to do with a file of some format."""
    return {
        "container": container,
        "pixels": limits.pixels,
        "seconds": limits.seconds,
        "decoded": limits.decoded,
        "side": limits.side,
        "deadline_s": limits.wall_s * DEADLINE_SHARE,
        "cpu_s": math.ceil(limits.wall_s) + 1,
        "memory_bytes": limits.memory_bytes,
    }


def contents(data: bytes | Path, limits: VideoLimits) -> bytes:
    """Return what a file holds, or raise a ClipError where it is too large or no file."""
    if isinstance(data, bytes):
        content, size = data, len(data)
    else:
        try:
            # A pipe or a device would be read without end.
            if not data.is_file():
                raise ClipError(f"'{data.name}' is not a file. Choose a video or an animated GIF.")
            size = data.stat().st_size
            content = data.read_bytes() if size <= limits.most_bytes else b""
        except OSError as error:
            raise ClipError(f"'{data.name}' cannot be opened: {error.strerror}.") from error
    if max(size, len(content)) > limits.most_bytes:
        raise ClipError(too_large(size, limits))
    return content


def check_size(width: int, height: int, limits: VideoLimits) -> None:
    """Raise a ClipError where frames are too large, or have no size."""
    facts = {"width": width, "height": height}
    if width * height > limits.pixels:
        raise ClipError(refusal({"refusal": "pixels", **facts}, limits))
    if 0 in (width, height):
        raise ClipError(refusal({"refusal": "no_size"}, limits))


@dataclass(frozen=True, eq=False)
class Answer:
    """What a worker answers: its header, and all decoded frames, (frame, height, width)."""

    header: dict[str, Any]
    frames: np.ndarray


def ask_worker(order: dict[str, Any], content: bytes, limits: VideoLimits) -> Answer:
    """Return what a new worker answers to an order.

    Raises:
        ClipError: It refuses the file, fails over it, or doesn't answer in time.
    """
    most = MOST_HEADER_BYTES + limits.decoded * limits.side**2
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", START, str(FOLDER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | ONE_THREAD,
    )
    assert process.stdin and process.stdout  # for the type checker: both are pipes
    late = threading.Event()
    clock = threading.Timer(limits.wall_s, lambda: (late.set(), process.kill()))
    letter = json.dumps(order).encode() + b"\n" + content
    sender = threading.Thread(target=send, args=(process.stdin, letter), daemon=True)
    try:
        clock.start()
        sender.start()
        said = process.stdout.read(most)
    finally:
        clock.cancel()
        process.kill()
        sender.join()
        process.stdout.close()
        process.wait()
    try:
        answer = understand(said)
    except (ValueError, KeyError) as error:
        if late.is_set():
            raise ClipError(refusal({"refusal": "slow"}, limits)) from error
        log.warning("A decoding worker ended without an answer, by %s.", process.returncode)
        raise ClipError(refusal({"refusal": "crash"}, limits)) from error
    if "crash" in answer.header:
        log.error("A decoding worker failed.\n%s", answer.header["crash"])
        raise ClipError(refusal({"refusal": "crash"}, limits))
    if "refusal" in answer.header:
        raise ClipError(refusal(answer.header, limits))
    return answer


def send(pipe: BinaryIO, letter: bytes) -> None:
    """Write to a worker, who may have ended by then, and close the pipe."""
    # Closing writes the rest, so it can fail in the same way.
    with contextlib.suppress(OSError), pipe:
        pipe.write(letter)


def understand(said: bytes) -> Answer:
    """Return an answer taken apart; raise a ValueError or a KeyError where it isn't whole."""
    line, _, rest = said.partition(b"\n")
    header = json.loads(line)
    if "refusal" in header or "crash" in header:
        return Answer(header, np.zeros((0, 0, 0), np.uint8))
    shape = (header["frames"], header["height"], header["width"])
    return Answer(header, np.frombuffer(rest, np.uint8).reshape(shape))


def as_video(answer: Answer, name: str, limits: VideoLimits) -> Video:
    """Return what a worker has decoded, thinned out to the frames that are kept."""
    header, frames = answer.header, answer.frames
    times_s, end_s = np.array(header["times_s"]), header["end_s"]
    if len(frames) > limits.frames:
        # The first frame is among them, as the times are counted from it.
        kept = np.unique(shown_at(times_s, np.arange(limits.frames) * (end_s / limits.frames)))
        frames, times_s = frames[kept], times_s[kept]
    width, height = header["original"]
    return Video(
        frames=np.array(frames),
        times_s=times_s,
        duration_s=end_s,
        name=name,
        original=Original(
            width=width,
            height=height,
            codec=header["codec"],
            frames=header["count"],
            fps=header["fps"],
            duration_s=header["length_s"],
        ),
        note=remarks(header, end_s, limits),
    )
