"""Reading picture files that people bring, whatever is in them."""

import struct
import warnings
import zlib
from io import BytesIO

import numpy as np
from PIL import Image, ImageOps

from rnnviz.data.errors import PictureError

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")
MAX_BYTES = 20_000_000
MAX_PIXELS = 50_000_000
"""More than any phone's usual photo. Decoding one takes 270 MB for a moment, and 450 MB where it
is transparent."""
KEPT_SIDE = 1600
"""Pictures come back no larger than this on their longest side, in pixels."""

# Pillow's decoders meet broken files with whatever their parsing stumbles over.
DECODING_ERRORS = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    NotImplementedError,
    struct.error,
    zlib.error,
)


def read_picture(data: bytes) -> np.ndarray:
    """Return the picture in a file, as uint8.

    Args:
        data: What the file holds: PNG, JPEG, GIF or WebP (of a moving one the first
            picture), or BMP.

    Returns:
        Shape (height, width) for grey, (height, width, 3) for RGB and
        (height, width, 4) for RGB and alpha; upright as the camera was held,
        and shrunk to KEPT_SIDE where it is larger.

    Raises:
        PictureError: It is no such file, damaged, or too large. The size is
            checked before any pixel is decoded.
    """
    if not data:
        raise PictureError("The file is empty. Choose another one.")
    if len(data) > MAX_BYTES:
        raise PictureError(
            f"The file has {len(data) / 1e6:.0f} MB, but at most {MAX_BYTES / 1e6:.0f} MB are "
            "read. Save the picture smaller, or crop it to the digit."
        )
    with open_picture(data) as picture:
        check_size(*picture.size)
        try:
            # A large JPEG can be decoded at a fraction of its size, which spares time and memory.
            picture.draft(None, (KEPT_SIDE, KEPT_SIDE))
            picture.load()
            # In place, as each copy of a large picture takes as much memory as the picture.
            ImageOps.exif_transpose(picture, in_place=True)
            plain = to_plain_mode(picture)
            plain.thumbnail((KEPT_SIDE, KEPT_SIDE), Image.Resampling.BOX)
            return np.asarray(plain)
        except DECODING_ERRORS as error:
            raise PictureError(
                f"The {picture.format} file is damaged or cut off ({error}). Was it copied or "
                "uploaded to its end? Save the picture anew, or choose another one."
            ) from error


def open_picture(data: bytes) -> Image.Image:
    """Return the picture with its header read and no pixel decoded, or raise PictureError."""
    try:
        with warnings.catch_warnings():
            # Pillow warns long before it refuses; check_size decides in between.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return Image.open(BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise PictureError(too_large("far too many pixels")) from error
    except DECODING_ERRORS as error:
        raise PictureError(
            "The file is not a picture that can be read. Choose a PNG, JPEG, GIF, WebP or BMP "
            "file; a name that ends in .png does not make a file one, and photos in HEIC must be "
            "saved as JPEG first."
        ) from error


def check_size(width: int, height: int) -> None:
    """Raise PictureError where a picture has more pixels than are decoded."""
    if width * height > MAX_PIXELS:
        raise PictureError(too_large(f"{width:,} × {height:,} pixels"))


def too_large(came: str) -> str:
    """Return the message for a picture of too many pixels."""
    return (
        f"The picture has {came}, but at most {MAX_PIXELS / 1e6:.0f} million are read. "
        "Save it smaller, or crop it to the digit."
    )


def to_plain_mode(picture: Image.Image) -> Image.Image:
    """Return the picture as grey, RGB or RGB with alpha, 8 bits each; itself where it is."""
    mode = picture.mode
    if mode.startswith("I;16"):
        return Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
    if mode == "I":
        return Image.fromarray((np.clip(np.asarray(picture), 0, 65535) >> 8).astype(np.uint8))
    wanted = "L" if mode in ("1", "L") else "RGBA" if picture.has_transparency_data else "RGB"
    return picture if mode == wanted else picture.convert(wanted)
