"""Videos for tests: written with PyAV, or byte by byte where a file is to be wrong."""

import struct
from fractions import Fraction
from io import BytesIO

import av
import numpy as np

TICKS = 1000
"""Times of frames are given to this part of a second."""


def moving_square(count=20, height=72, width=96, step=3):
    """Return frames, uint8, (frame, height, width): a bright square goes right on dark ground."""
    frames = np.full((count, height, width), 40, np.uint8)
    for index, frame in enumerate(frames):
        left = 4 + step * index % (width - 24)
        frame[height // 3 : height // 3 + 20, left : left + 20] = 220
    return frames


def see_through(frames):
    """Return frames as RGBA, the lower third of them not there; its colour is black."""
    alpha = np.full(frames.shape, 255, np.uint8)
    alpha[:, -(frames.shape[1] // 3) :] = 0
    return np.stack([frames, frames, frames, alpha], axis=-1) * (alpha[..., None] > 0)


def encode(frames, container, codec, pixels="yuv420p", fps=20, times_s=None, options=None):
    """Return a video file.

    Args:
        frames: uint8, (frame, height, width), or with 4 channels (RGBA).
        container: FFmpeg's name of the format.
        codec: FFmpeg's name of the encoder.
        pixels: FFmpeg's name of the pixel format that is stored.
        fps: How many frames are shown in a second.
        times_s: When each is shown instead.
        options: What the encoder is asked for.
    """
    file = BytesIO()
    with av.open(file, "w", format=container) as out:
        stream = out.add_stream(codec, rate=Fraction(fps).limit_denominator(1000), options=options)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = pixels
        stream.codec_context.thread_count = 1
        if times_s is not None:
            stream.codec_context.time_base = Fraction(1, TICKS)
        for index, picture in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(picture, "gray" if picture.ndim == 2 else "rgba")
            if times_s is not None:
                frame.time_base = Fraction(1, TICKS)
                frame.pts = round(times_s[index] * TICKS)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return file.getvalue()


def mp4(frames, **options):
    """Return an mp4 with H.264."""
    return encode(frames, "mp4", "libx264", options={"crf": "10"}, **options)


def sound_only():
    """Return an mp4 that holds half a second of silence."""
    file = BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("aac", rate=8000)
        for _ in range(4):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
            frame.sample_rate = 8000
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return file.getvalue()


def turned(file, a, b, c, d):
    """Return an mp4 that asks to be shown turned: (x, y) at (a x + c y, b x + d y)."""
    # After the box's name: version and flags, 5 numbers, 8 reserved bytes, 4 short numbers.
    start = file.index(b"tkhd") + 4 + 4 + 20 + 8 + 8
    one = 1 << 16
    matrix = (a * one, b * one, 0, c * one, d * one, 0, 0, 0, 1 << 30)
    return file[:start] + struct.pack(">9i", *matrix) + file[start + 36 :]


def tiny_gif(width, height, count, delay=10):
    """Return a GIF of a promised size; each of its frames changes one pixel, and has 27 bytes."""
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0)
    colours = bytes([0, 0, 0, 255, 255, 255])
    frames = []
    for index in range(count):
        control = b"\x21\xf9\x04\x04" + struct.pack("<H", delay) + b"\x00\x00"
        place = struct.pack("<HHHHB", index % max(width, 1), 0, 1, 1, 0)
        # Codes of 3 bits: clear (4), the pixel (0 or 1), end (5).
        codes = 4 | (1 - index % 2) << 3 | 5 << 6
        pixel = b"\x02\x02" + struct.pack("<H", codes) + b"\x00"
        frames.append(control + b"\x2c" + place + pixel)
    return head + colours + b"".join(frames) + b";"


def promising(file, width, height):
    """Return a GIF or an AVI whose header promises another size."""
    if file.startswith(b"GIF"):
        return file[:6] + struct.pack("<HH", width, height) + file[10:]
    start = file.index(b"strf") + 8 + 4
    return file[:start] + struct.pack("<ii", width, height) + file[start + 8 :]


def elsewhere(file, path):
    """Return a mov that says its pictures lie in another file, as QuickTime's aliases do."""
    name = path.encode()
    name += b"\0" * (len(name) % 2)
    alias = struct.pack(">I", 0) + bytes(10)  # version and flags, then the alias's own head
    alias += bytes(28) + bytes(12) + bytes(64) + bytes(16)  # volume, its dates, file name, its type
    alias += struct.pack(">hh", -1, -1) + bytes(16)  # levels up to what both files share
    alias += struct.pack(">HH", 2, len(name)) + name  # the absolute path
    alias += struct.pack(">HH", 0xFFFF, 0)
    box = struct.pack(">I", 8 + len(alias)) + b"alis" + alias
    start = file.index(b"dref") + 4 + 8  # behind version, flags and the number of entries
    (old,) = struct.unpack(">I", file[start : start + 4])
    longer = bytearray(file[:start] + box + file[start + old :])
    for around in (b"dref", b"dinf", b"minf", b"mdia", b"trak", b"moov"):
        at = file.rindex(around, 0, start) - 4
        (size,) = struct.unpack(">I", longer[at : at + 4])
        longer[at : at + 4] = struct.pack(">I", size + len(box) - old)
    return bytes(longer)
