"""Which kind of file something is, by what it holds and never by its name."""

import struct

from rnnviz.data.errors import ClipError

CONTAINERS = ("mov", "matroska", "avi", "gif")
"""FFmpeg's names of the formats that are read: mp4 is a kind of mov, and webm one of matroska.

None of them is a playlist or a list of other files. FFmpeg is told which one it is to read, so it
doesn't guess, and thereby take a text file for a list of files to open.
"""

MOV_ATOMS = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
PICTURE_BRANDS = (b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis", b"crx ")
"""How pictures in the frame of an mp4 call themselves: HEIC, AVIF, Canon's raw files."""

PICTURE = (
    "The file is one picture, not a clip. Choose a video or an animated GIF; single pictures are "
    "read by the page Draw."
)
UNKNOWN = (
    "The file is not a clip that can be read. Choose an mp4, mov, webm, mkv, avi or gif file; a "
    "name that ends in .mp4 does not make a file one."
)


def container_of(data: bytes) -> str:
    """Return FFmpeg's name of the format of a file, one of ``CONTAINERS``.

    Raises:
        ClipError: It is empty, a picture, or none of them.
    """
    if not data:
        raise ClipError("The file is empty. Choose another one.")
    if data.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if data.startswith(b"RIFF") and data[8:12] == b"AVI ":
        return "avi"
    if is_picture(data):
        raise ClipError(PICTURE)
    if data[4:8] in MOV_ATOMS:
        return "mov"
    raise ClipError(UNKNOWN)


def is_picture(data: bytes) -> bool:
    """Return whether this is a file of a single picture."""
    if data.startswith((b"\x89PNG", b"\xff\xd8\xff", b"BM")):
        return True
    if data.startswith(b"RIFF"):
        return data[8:12] == b"WEBP"
    return data[4:8] == b"ftyp" and data[8:12] in PICTURE_BRANDS


def gif_size(data: bytes) -> tuple[int, int]:
    """Return the width and the height that a GIF promises; 0 where it is cut off before them.

    FFmpeg finds them out by decoding, which is too late to refuse them.
    """
    return struct.unpack("<HH", data[6:10]) if len(data) >= 10 else (0, 0)


def is_cut_off_gif(data: bytes) -> bool:
    """Return whether the mark at the end of a GIF is missing."""
    return not data.rstrip(b"\0").endswith(b";")
