"""From a file to its frames, each with its time."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import av
import numpy as np
from av.error import FFmpegError
from av.error import MemoryError as FFmpegMemoryError
from av.stream import Disposition

from .refusal import Refusal
from .shrink import Shrink

CODECS = (
    *("h264", "hevc", "libdav1d", "vp8", "vp9", "libvpx", "libvpx-vp9", "mpeg4", "mjpeg", "gif"),
    *("mpeg1video", "mpeg2video", "msmpeg4v2", "msmpeg4", "h263", "wmv1", "wmv2", "vc1", "theora"),
    *("prores", "dnxhd", "dvvideo", "qtrle", "cinepak", "msvideo1", "msrle", "png", "rawvideo"),
    *("ffv1", "huffyuv", "ffvhuff", "utvideo"),
)
"""The decoders that may be used: what cameras and programs write, not all that FFmpeg knows."""
WITH_ALPHA = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
"""FFmpeg's own decoders of these leave the alpha channel out, the other ones don't."""
MOST_DAMAGED = 100
"""After so many packets that cannot be decoded the rest is given up."""


@dataclass
class Read:
    """What has been decoded so far."""

    frames: list[np.ndarray] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    last_s: float = 0.0
    """How long the last frame is shown, as the file says; 0 where it doesn't."""
    turned: bool = False
    """Whether the frames lie on their side in the file."""
    stop: str = "end"
    damaged: int = 0


def decode(data: BinaryIO, order: dict[str, Any], deadline: float) -> tuple[dict, list[np.ndarray]]:
    """Return the answer's header and the frames; raise a Refusal where there is no clip."""
    with av.open(
        data,
        format=order["container"],
        # No limit of pixels here: the decoders that look for a size would keep a large one to
        # themselves, and nobody could be told what is wrong.
        options={"threads": "1"},
        container_options={"codec_whitelist": ",".join(CODECS), "protocol_whitelist": "none"},
        io_open=open_nothing,
        metadata_errors="replace",
    ) as container:
        stream = video_stream(container, order["pixels"])
        context, rate = stream.codec_context, stream.average_rate
        read = read_frames(container, stream, order, deadline)
        length_s = stated_length_s(container, stream)
        check_enough(read, stream)
        shown_s = read.last_s or float(np.median(np.diff(read.times)))
        stopped = read.stop == "seconds"
        end_s = order["seconds"] if stopped else min(read.times[-1] + shown_s, order["seconds"])
        # Streams end a little apart from each other, and some programs round what they state.
        missing_s = min(length_s or 0.0, order["seconds"]) - end_s
        if read.stop == "end" and missing_s > 0.5 + 0.1 * end_s:
            read.damaged += 1
        if read.stop == "end" and not read.damaged:
            length_s = end_s
        height, width = read.frames[0].shape
        size = (context.width, context.height)
        header = {
            "frames": len(read.frames),
            "height": height,
            "width": width,
            "times_s": read.times,
            "end_s": end_s,
            "stop": read.stop,
            "damaged": bool(read.damaged),
            "codec": context.codec.canonical_name,
            "original": size[::-1] if read.turned else size,
            "count": stream.frames or None,
            "fps": float(rate) if rate else None,
            "length_s": length_s,
        }
        return header, read.frames


def open_nothing(url: str, *_: Any) -> BinaryIO:
    """Refuse what the libraries ask for when a file names another one."""
    raise PermissionError(f"A clip may not open another file, but asked for {url!r}.")


def video_stream(container: Any, most_pixels: int) -> Any:
    """Return the first stream of moving pictures, after a look at what its header says."""
    # The cover of a song is a stream of one picture.
    cover = Disposition.attached_pic
    streams = [one for one in container.streams.video if not one.disposition & cover]
    if not streams:
        raise Refusal("no_video", sound=bool(container.streams.audio))
    context = streams[0].codec_context
    if context is None or context.codec.name not in CODECS:
        raise Refusal("codec", codec=context.codec.canonical_name if context else "")
    if context.width * context.height > most_pixels:
        raise Refusal("pixels", width=context.width, height=context.height)
    return streams[0]


def stated_length_s(container: Any, stream: Any) -> float | None:
    """Return how long the pictures last by the file's own account, None where it has none."""
    if container.format.name == "avi" and stream.frames and stream.average_rate:
        # Of one that is cut off, FFmpeg takes the duration from what is left; the count stays.
        return float(stream.frames / stream.average_rate)
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    # Of the whole file, which may go on with sound alone.
    alone = len(container.streams) == 1 and container.duration
    return container.duration / av.time_base if alone else None


def decoder_of(stream: Any, order: dict[str, Any]) -> Any:
    """Return a decoder for a stream, one that reads the alpha channel where there is one."""
    context = stream.codec_context
    has_alpha = {key.lower(): value for key, value in stream.metadata.items()}.get("alpha_mode")
    if has_alpha == "1" and context.codec.name in WITH_ALPHA:
        context = av.CodecContext.create(WITH_ALPHA[context.codec.name], "r")
    # Frames may grow half-way through.
    context.options = {"max_pixels": str(order["pixels"])}
    context.thread_count = 1
    return context


def read_frames(container: Any, stream: Any, order: dict[str, Any], deadline: float) -> Read:
    """Return the frames from a stream, to its end or to a limit, at working size."""
    read, shrink = Read(), None
    first = None
    step = 1 / float(stream.average_rate or 25)
    for frame in decoded(container, stream, order, read):
        # Broken files give several frames the same time, or none at all.
        at = read.times[-1] + step if read.times else 0.0
        if frame.pts is not None:
            stamp = float(frame.pts * stream.time_base)
            first = stamp if first is None else first
            if not read.times or stamp - first > read.times[-1]:
                at = stamp - first
        if at >= order["seconds"]:
            read.stop = "seconds"
            break
        if shrink is None:
            shrink = Shrink(frame, stream, order["side"])
            read.turned = shrink.turned
        read.frames.append(shrink(frame))
        read.times.append(at)
        read.last_s = float((frame.duration or 0) * stream.time_base)
        read.damaged += frame.is_corrupt
        if len(read.frames) >= order["decoded"]:
            read.stop = "frames"
            break
        if time.monotonic() > deadline:
            read.stop = "deadline"
            break
    return read


def decoded(container: Any, stream: Any, order: dict[str, Any], read: Read) -> Iterator[Any]:
    """Yield the frames of a stream, and go on after a packet that cannot be decoded."""
    decoder = decoder_of(stream, order)
    packets = container.demux(stream)
    while read.damaged < MOST_DAMAGED:
        try:
            packet = next(packets, None)
        except FFmpegError:
            read.damaged += 1
            packet = None
        try:
            # Without a packet the decoder gives the frames that it has held back.
            yield from decoder.decode(packet)
        except EOFError:
            return
        except FFmpegMemoryError:
            raise
        except FFmpegError:
            read.damaged += 1
        if packet is None:
            return


def check_enough(read: Read, stream: Any) -> None:
    """Raise a Refusal unless there are two frames, which make a clip."""
    if len(read.frames) > 1:
        return
    width, height = stream.codec_context.width, stream.codec_context.height
    if read.stop == "deadline":
        raise Refusal("slow")
    if read.frames and not read.damaged and stream.frames < 2:
        raise Refusal("one")
    if not read.frames and 0 in (width, height):
        raise Refusal("no_size")
    raise Refusal("damaged")
