import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from rnnviz.data import uploads
from rnnviz.data.errors import EmptyPictureError, InputError, PictureError
from rnnviz.data.preprocess import prepare
from rnnviz.data.uploads import read_picture


def file_of(picture, kind="PNG", **options):
    stream = BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def page(mode="L"):
    """Return a picture (40, 60) of a dark bar, left of the middle, on white."""
    grey = np.full((40, 60), 255, np.uint8)
    grey[8:32, 10:16] = 0
    return Image.fromarray(grey).convert(mode)


def empty_png(width, height):
    """Return a PNG whose header promises a size, with no pixels to speak of."""

    def chunk(kind, content):
        checksum = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def bar_is_dark(array):
    grey = array[..., :3].mean(axis=2) if array.ndim == 3 else array
    return grey[20, 13] < 30 and grey[20, 40] > 225


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
def test_every_kind_of_file_is_read(kind):
    array = read_picture(file_of(page(), kind))
    assert array.shape[:2] == (40, 60)
    assert array.dtype == np.uint8
    assert bar_is_dark(array)


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("1", "PNG"),
        ("P", "PNG"),
        ("LA", "PNG"),
        ("RGB", "PNG"),
        ("RGBA", "WEBP"),
        ("I;16", "PNG"),
        ("CMYK", "JPEG"),
        ("P", "GIF"),
    ],
)
def test_every_kind_of_pixel_is_read(mode, kind):
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(page()).astype(np.uint16) * 257)
    else:
        picture = page(mode)
    assert bar_is_dark(read_picture(file_of(picture, kind)))


def test_a_transparent_colour_of_a_palette_becomes_paper():
    picture = page("P")
    white = picture.getpixel((0, 0))
    array = read_picture(file_of(picture, transparency=white))
    assert array.shape == (40, 60, 4)
    assert array[0, 0, 3] == 0
    assert prepare(array).inverted


def test_a_moving_picture_gives_its_first():
    other = Image.new("L", (60, 40), 128)
    data = file_of(page(), "GIF", save_all=True, append_images=[other, other], duration=50)
    assert bar_is_dark(read_picture(data))


def test_a_photo_stands_as_the_camera_was_held():
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: the picture is to be turned back by 90 degrees
    array = read_picture(file_of(page(), "JPEG", exif=exif))
    assert array.shape == (60, 40)
    assert np.array_equal(array < 128, np.rot90(np.asarray(page()), -1) < 128)


@pytest.mark.parametrize("value", [0, 256, 40_000, 65_535])
def test_sixteen_bits_are_brought_to_eight(value):
    picture = Image.fromarray(np.full((3, 4), value, np.uint16))
    assert read_picture(file_of(picture)) == pytest.approx(value / 65_535 * 255, abs=1)


def test_a_large_transparent_picture_comes_back_smaller_too():
    array = read_picture(file_of(Image.new("RGBA", (2000, 1000), (9, 9, 9, 0))))
    assert array.shape == (800, 1600, 4)
    assert not array[..., 3].any()


def test_a_large_photo_comes_back_smaller():
    array = read_picture(file_of(Image.new("RGB", (5000, 3000), "white"), "JPEG"))
    assert max(array.shape) <= uploads.KEPT_SIDE
    assert array.shape[1] / array.shape[0] == pytest.approx(5 / 3, rel=0.01)


@pytest.mark.parametrize("size", [(20_000, 20_000), (9_000, 9_000), (100_000, 1_000)])
def test_too_many_pixels_are_refused_before_any_is_decoded(size):
    with pytest.raises(PictureError, match="Save it smaller"):
        read_picture(empty_png(*size))


def test_too_large_a_file_is_refused():
    with pytest.raises(PictureError, match="20 MB"):
        read_picture(bytes(uploads.MAX_BYTES + 1))


@pytest.mark.parametrize(
    "data",
    [
        b"this is a text file named picture.png",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"GIF89a",
        b"%PDF-1.7",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        bytes(1000),
    ],
)
def test_what_is_no_picture_says_what_to_choose(data):
    with pytest.raises(PictureError, match="Choose a PNG, JPEG"):
        read_picture(data)


def test_an_empty_file_is_said_to_be_empty():
    with pytest.raises(PictureError, match="empty"):
        read_picture(b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP"])
def test_a_cut_off_file_is_refused(kind):
    noise = np.random.default_rng(0).integers(0, 255, (80, 80), np.uint8)
    data = file_of(Image.fromarray(noise).convert("RGB"), kind)
    with pytest.raises(PictureError):
        read_picture(data[: len(data) // 2])


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
def test_a_file_with_wrong_bytes_is_read_or_refused_but_nothing_else(kind):
    good = file_of(page("RGB"), kind)
    random = np.random.default_rng(0)
    for _ in range(60):
        data = bytearray(good)
        for place in random.integers(0, len(good), 4):
            data[place] = random.integers(256)
        try:
            array = read_picture(bytes(data))
        except PictureError:
            continue
        assert max(array.shape[:2]) <= uploads.KEPT_SIDE


def test_a_picture_of_one_pixel_is_read_and_found_empty():
    array = read_picture(file_of(Image.new("L", (1, 1), 7)))
    assert array.shape == (1, 1)
    with pytest.raises(EmptyPictureError):
        prepare(array)


def test_all_errors_are_about_what_a_person_gave():
    assert issubclass(EmptyPictureError, PictureError)
    assert issubclass(PictureError, InputError)
