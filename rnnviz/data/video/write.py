"""Frames written as a file that every player shows."""

from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Literal, cast, get_args

import av
import numpy as np
from PIL import Image

from rnnviz.files import write_whole

VideoFormat = Literal["mp4", "webm", "gif"]
FORMATS: tuple[VideoFormat, ...] = get_args(VideoFormat)
GIF_TICKS = 100
"""A GIF counts its time in hundredths of a second."""
GIF_SHORTEST = 2
"""Ticks; what is shown shorter, browsers show for ten."""

# Codec, and what it is asked for: fine pictures (a difference of 2 or 3 of 255), soon.
CODECS: dict[VideoFormat, tuple[str, dict[str, str]]] = {
    "mp4": ("libx264", {"crf": "16", "preset": "veryfast"}),
    "webm": ("libvpx-vp9", {"crf": "16", "b": "0", "deadline": "realtime", "cpu-used": "8"}),
}


def video_bytes(frames: np.ndarray, fps: float, format: VideoFormat = "mp4") -> bytes:
    """Return frames as a video file.

    Args:
        frames: uint8, grey of shape (frame, height, width) or RGB of shape (frame, height, width,
            3).
        fps: How many are shown in a second. A GIF shows at most 50.
        format: "mp4" (H.264), "webm" (VP9) or "gif", which plays without end.

    Returns:
        What such a file holds. mp4 and webm store colour for squares of 2 × 2 pixels, so frames
        of an odd height or width get their last row or column twice.

    Raises:
        ValueError: The frames aren't such an array, ``fps`` isn't above 0, or there is no such
            format.
    """
    check(frames, fps, format)
    return gif_bytes(frames, fps) if format == "gif" else encoded(frames, fps, format)


def write_video(path: Path, frames: np.ndarray, fps: float) -> None:
    """Write frames to a file, whole or not at all; its format is that of the path's ending.

    Raises:
        ValueError: As ``video_bytes`` does.
    """
    ending = path.suffix.lower().removeprefix(".")
    write_whole(path, video_bytes(frames, fps, cast(VideoFormat, ending)))


def check(frames: np.ndarray, fps: float, format: str) -> None:
    """Raise a ValueError for what cannot be written."""
    if format not in FORMATS:
        raise ValueError(f"No video is written as '{format}'. Choose one of: {', '.join(FORMATS)}.")
    if frames.dtype != np.uint8 or frames.ndim not in (3, 4) or 0 in frames.shape:
        raise ValueError(
            "Frames to be written are uint8 of shape (frame, height, width) or (frame, height, "
            f"width, 3), got {frames.dtype} of shape {frames.shape}."
        )
    if frames.ndim == 4 and frames.shape[3] != 3:
        raise ValueError(f"Frames in colour have 3 channels (RGB), got {frames.shape[3]}.")
    if not 0 < fps <= 1000:
        raise ValueError(f"A video shows more than 0 and at most 1,000 frames a second, not {fps}.")


def encoded(frames: np.ndarray, fps: float, format: VideoFormat) -> bytes:
    """Return frames as mp4 or webm."""
    codec, options = CODECS[format]
    _, height, width = frames.shape[:3]
    even = [(0, 0), (0, height % 2), (0, width % 2), (0, 0)][: frames.ndim]
    padded = np.pad(frames, even, mode="edge")
    file = BytesIO()
    with av.open(file, "w", format=format) as container:
        rate = Fraction(fps).limit_denominator(1001)
        stream = container.add_stream(codec, rate=rate, options=options)
        assert isinstance(stream, av.VideoStream)  # for the type checker: both codecs are of video
        stream.height, stream.width = padded.shape[1:3]
        stream.pix_fmt = "yuv420p"
        # Two threads of an encoder wait for each other longer than these frames take.
        stream.codec_context.thread_count = 1
        for picture in padded:
            kind = "gray" if frames.ndim == 3 else "rgb24"
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), kind)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.getvalue()


def gif_bytes(frames: np.ndarray, fps: float) -> bytes:
    """Return frames as a GIF that plays without end; grey ones keep every value."""
    ticks = np.rint(np.arange(len(frames) + 1) * (GIF_TICKS / fps))
    shown = np.maximum(np.diff(ticks), GIF_SHORTEST) * (1000 / GIF_TICKS)
    pictures = [as_palette(picture) for picture in frames]
    file = BytesIO()
    pictures[0].save(
        file,
        "GIF",
        save_all=True,
        append_images=pictures[1:],
        duration=[int(milliseconds) for milliseconds in shown],
        loop=0,
        optimize=False,
    )
    return file.getvalue()


def as_palette(picture: np.ndarray) -> Image.Image:
    """Return a picture with the 256 colours that suit it best."""
    image = Image.fromarray(picture)
    return image if image.mode == "L" else image.quantize(256, dither=Image.Dither.NONE)
