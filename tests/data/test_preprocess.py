import numpy as np
import pytest
from PIL import Image

from rnnviz.data import frame
from rnnviz.data.errors import EmptyPictureError, PictureError
from rnnviz.data.preprocess import pen_thickness, prepare, prepare_drawing
from rnnviz.data.raster import rasterise
from rnnviz.data.sets import digits
from rnnviz.data.strokes import Drawing

NEARLY = 0.04
"""Two pictures of a digit are nearly the same up to this mean difference; two digits of
different classes differ by 0.15 and more."""


def timed(points, start_ms=0.0):
    return np.column_stack([points, start_ms + np.arange(len(points)) * 10.0])


def four(width=0.08):
    hook = timed([[0.5, 0.2], [0.3, 0.55], [0.7, 0.55]])
    stem = timed([[0.6, 0.35], [0.6, 0.85]], 100)
    return Drawing((hook, stem), width)


def moved(drawing, factor, offset):
    around = np.array([factor, factor, 1])
    return Drawing(
        tuple(stroke * around + [*offset, 0] for stroke in drawing.strokes),
        drawing.width * factor,
    )


def canvas(size=300):
    """Return the four as a picture of a canvas with a pen that comes out as MNIST's."""
    return rasterise(four(), size)


def difference(one, other):
    return float(np.abs(one - other).mean())


@pytest.fixture(scope="module")
def expected():
    return prepare(canvas()).image


def check_form(image):
    assert image.shape == (28, 28)
    assert image.dtype == np.float32
    assert image.min() == 0
    assert image.max() == pytest.approx(1, abs=0.05)
    left, top, right, bottom = frame.bounding_box(image > 0.1)
    assert 19 <= max(right - left, bottom - top) <= 21


def test_a_picture_takes_mnists_form(expected):
    check_form(expected)
    assert frame.centre_of_mass(expected) == pytest.approx((14.5, 14.5), abs=0.51)


def test_dark_on_light_is_inverted(expected):
    prepared = prepare(1 - canvas())
    assert prepared.inverted
    assert not prepare(canvas()).inverted
    assert difference(prepared.image, expected) < 0.001


def test_brightness_and_contrast_do_not_matter(expected):
    assert difference(prepare(0.3 + 0.2 * canvas()).image, expected) < 0.001
    assert difference(prepare((canvas() * 255).astype(np.uint8)).image, expected) < 0.005
    assert difference(prepare((canvas() * 65535).astype(np.uint16)).image, expected) < 0.001


@pytest.mark.parametrize("size", [120, 200, 700, 1600])
def test_size_does_not_matter(expected, size):
    assert difference(prepare(canvas(size)).image, expected) < NEARLY


def test_place_and_frame_do_not_matter(expected):
    wide = np.zeros((500, 800), np.float32)
    wide[180:480, 20:320] = canvas()
    prepared = prepare(wide)
    assert difference(prepared.image, expected) < NEARLY
    left, top, right, bottom = prepared.box
    assert (left * 800, top * 500) == pytest.approx((20 + 78, 180 + 48), abs=4)
    assert (right * 800, bottom * 500) == pytest.approx((20 + 222, 180 + 267), abs=4)


def test_colours_and_transparency_are_seen_on_paper(expected):
    ink = (canvas() * 255).astype(np.uint8)
    blue = np.dstack([255 - ink, 255 - ink, np.full_like(ink, 255)])
    black_on_nothing = np.dstack([np.zeros((*ink.shape, 3), np.uint8), ink])
    white_on_nothing = np.dstack([np.full((*ink.shape, 3), 255, np.uint8), ink])
    for picture in (blue, black_on_nothing, white_on_nothing, ink[:, :, None]):
        assert difference(prepare(picture).image, expected) < 0.01


def lit(light, contrast, noise):
    """Return a photo of the four on paper under a light, a share of the brightest per pixel."""
    random = np.random.default_rng(0)
    page = np.zeros(light.shape, np.float32)
    page[60:360, 100:400] = canvas()
    return np.clip(light * (1 - contrast * page) + random.normal(0, noise, page.shape), 0, 1)


def photos():
    rows, columns = np.mgrid[0:400, 0:500]
    slope = 0.35 + 0.6 * columns / 500 * (0.5 + 0.5 * rows / 400)
    # The sun is not a point, so a shadow's edge is some pixels wide.
    shadow = 0.5 + 0.4 * np.clip((columns + 0.3 * rows - 315) / 10, 0, 1)
    lamp = 0.9 * np.exp(-((rows - 100) ** 2 + (columns - 100) ** 2) / 300**2)
    return {
        "sloping light": lit(slope, 0.7, 0.02),
        "a faint pencil": lit(slope, 0.35, 0.01),
        "much noise": lit(slope, 0.8, 0.06),
        "a shadow's edge": lit(shadow, 0.7, 0.02),
        "a lamp": lit(lamp, 0.7, 0.01),
    }


@pytest.mark.parametrize("name", photos())
def test_a_photo_in_uneven_light_gives_the_same(expected, name):
    prepared = prepare(photos()[name])
    assert prepared.inverted
    check_form(prepared.image)
    assert difference(prepared.image, expected) < 0.05


def test_chalk_on_a_board_in_uneven_light_gives_the_same(expected):
    rows, _ = np.mgrid[0:300, 0:300]
    board = (0.2 + 0.2 * rows / 300) * (1 - canvas()) + 0.8 * canvas()
    prepared = prepare(board)
    assert not prepared.inverted
    assert difference(prepared.image, expected) < 0.05


def test_dirt_and_the_table_beside_the_paper_are_left_out(expected):
    photo = photos()["sloping light"]
    photo[:, :12] = 0.05
    photo[30:36, 440:446] = 0.1
    assert difference(prepare(photo).image, expected) < 0.05


def test_a_picture_of_the_right_form_stays_nearly_as_it_is():
    images = digits.load("test").floats()[:100]
    assert np.mean([difference(prepare(image).image, image) for image in images]) < 0.005


def test_a_hairline_becomes_as_thick_as_a_pen():
    hair = Drawing(four().strokes, 0.005)
    image = prepare(rasterise(hair, 400)).image
    assert frame.thickness(image) >= 1.4
    assert image.max() > 0.9


@pytest.mark.parametrize(
    "picture",
    [
        np.ones((300, 300)),
        np.zeros((28, 28)),
        np.full((1, 1), 0.3),
        np.ones((1, 5000)),
        np.linspace(0.3, 0.9, 300)[None] * np.ones((300, 1)),
        np.clip(np.random.default_rng(0).normal(0.9, 0.03, (300, 300)), 0, 1),
        np.random.default_rng(0).random((300, 300)),
        np.full((50, 50, 4), 255, np.uint8),
    ],
)
def test_an_empty_picture_is_refused(picture):
    with pytest.raises(EmptyPictureError, match="Write one digit"):
        prepare(picture)


@pytest.mark.parametrize(
    "picture", [np.ones(5), np.ones((5, 5, 7)), np.ones((0, 5)), np.full((5, 5), np.nan)]
)
def test_what_is_no_picture_is_refused(picture):
    with pytest.raises(PictureError):
        prepare(picture)


def test_a_drawing_takes_mnists_form():
    prepared = prepare_drawing(four())
    check_form(prepared.image)
    assert frame.centre_of_mass(prepared.image) == pytest.approx((14.5, 14.5), abs=0.1)
    assert not prepared.inverted
    assert prepared.box == pytest.approx((0.26, 0.16, 0.74, 0.89))


def test_where_and_how_large_one_draws_does_not_matter():
    here = prepare_drawing(four()).image
    there = prepare_drawing(moved(four(), 0.5, (0.1, 0.4))).image
    assert there == pytest.approx(here, abs=1e-4)


def test_a_drawing_and_its_picture_give_nearly_the_same(expected):
    assert difference(prepare_drawing(four()).image, expected) < NEARLY


def test_a_small_drawing_with_the_same_pen_is_no_blot():
    small = moved(four(), 0.3, (0.3, 0.3))
    same_pen = Drawing(small.strokes, four().width)
    assert frame.thickness(prepare_drawing(same_pen).image) < 4.5


@pytest.mark.parametrize("extent", [0.1, 0.5, 1.0])
def test_a_wider_pen_draws_thicker_within_mnists_range(extent):
    widths = [pen_thickness(width, extent) for width in (0.01, 0.05, 0.1, 0.2)]
    assert widths == sorted(widths)
    assert 1.5 <= widths[0] < widths[-1] <= 4.5


def test_an_empty_drawing_and_a_dot_say_what_to_do():
    with pytest.raises(EmptyPictureError, match="Draw a digit"):
        prepare_drawing(Drawing())
    with pytest.raises(EmptyPictureError, match="dot"):
        prepare_drawing(Drawing((timed([[0.5, 0.5]]),)))


def test_a_digit_far_from_its_centre_of_mass_stays_within_the_picture():
    heavy = np.linspace([0.1, 0.1], [0.16, 0.9], 2)
    zigzag = np.column_stack([0.1 + 0.05 * (np.arange(200) % 2), np.full(200, 0.1)])
    image = prepare_drawing(Drawing((timed(heavy), timed(zigzag, 500)))).image
    assert not image[0].any()
    assert not image[-1].any()


def test_thickness_is_that_of_a_bar():
    bar = np.zeros((40, 40))
    bar[18:21, 2:38] = 1
    # An axis-parallel outline is the one extreme of what the pi/4 averages over.
    assert frame.thickness(bar) == pytest.approx(3, rel=0.3)


def test_a_picture_from_pillow_is_read_the_same(expected):
    grey = np.asarray(Image.fromarray((255 * (1 - canvas())).astype(np.uint8)).convert("RGB"))
    assert difference(prepare(grey).image, expected) < 0.005
