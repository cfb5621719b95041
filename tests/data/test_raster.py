import itertools
import math

import numpy as np
import pytest

from rnnviz.data.raster import rasterise, rasterise_lines
from rnnviz.data.strokes import Drawing


def line(*points):
    return np.array(points, float)


def drawn(*lines, width=0.1):
    return Drawing(tuple(np.column_stack([one, np.zeros(len(one))]) for one in lines), width)


def test_nothing_drawn_is_black():
    assert not rasterise(Drawing()).any()


@pytest.mark.parametrize("angle", [0, 20, 45, 90, 137])
@pytest.mark.parametrize("width", [1.5, 2.5, 7.3])
def test_the_ink_of_a_line_is_its_area(angle, width):
    along = np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))]) * 20
    ink = rasterise_lines([np.stack([32.3 - along, 32.3 + along])], width, 64).sum()
    assert ink == pytest.approx(40 * width + math.pi * width**2 / 4, rel=0.05)


def test_a_level_line_covers_the_pixels_it_covers():
    picture = rasterise_lines([line([5, 10.25], [25, 10.25])], 3, 30)
    # It reaches from 8.75 to 11.75.
    assert picture[7:13, 15] == pytest.approx([0, 0.25, 1, 1, 0.75, 0])


def test_a_single_point_is_a_round_dot():
    picture = rasterise(drawn(line([0.5, 0.5]), width=0.2), 100)
    assert picture.sum() == pytest.approx(math.pi * 10**2, rel=0.01)
    assert picture[50, 50] == 1
    assert np.array_equal(picture, picture.T)


def test_caps_are_round():
    picture = rasterise_lines([line([20, 20], [40, 20])], 10, 60)
    assert picture[20, 14] == 0
    assert picture[20, 15:45] == pytest.approx(1, abs=0.05)
    assert picture[16, 15] == 0


def test_lines_that_cross_do_not_add_up():
    cross = rasterise_lines([line([5, 15], [25, 15]), line([15, 5], [15, 25])], 4, 30)
    assert cross.max() == 1
    one = rasterise_lines([line([5, 15], [25, 15])], 4, 30)
    other = rasterise_lines([line([15, 5], [15, 25])], 4, 30)
    assert cross == pytest.approx(np.maximum(one, other))


def test_a_moved_line_is_a_moved_picture():
    lines = [line([10.2, 8.1], [17.7, 12.4], [11.3, 21.9])]
    moved = [one + np.array([5, 3]) for one in lines]
    here, there = rasterise_lines(lines, 2.5, 40), rasterise_lines(moved, 2.5, 40)
    assert there[3:, 5:] == pytest.approx(here[:-3, :-5], abs=1e-6)


def test_points_along_a_line_change_nothing():
    few = [line([3.3, 4.4], [25.5, 20.2])]
    many = [np.linspace(few[0][0], few[0][1], 500)]
    assert rasterise_lines(many, 3, 30) == pytest.approx(rasterise_lines(few, 3, 30), abs=1e-6)


def test_it_agrees_with_the_distance_to_every_segment():
    random = np.random.default_rng(0)
    points = random.uniform(2, 26, (12, 2))
    rows, columns = np.mgrid[0:28, 0:28] + 0.5
    nearest = np.full((28, 28), np.inf)
    for (ax, ay), (bx, by) in itertools.pairwise(points):
        length = math.hypot(bx - ax, by - ay)
        share = ((columns - ax) * (bx - ax) + (rows - ay) * (by - ay)) / length**2
        share = share.clip(0, 1)
        distance = np.hypot(columns - ax - share * (bx - ax), rows - ay - share * (by - ay))
        nearest = np.minimum(nearest, distance)
    expected = np.clip(2.5 / 2 + 0.5 - nearest, 0, 1)
    assert rasterise_lines([points], 2.5, 28) == pytest.approx(expected, abs=1e-6)


def test_lines_across_the_edge_are_cut_there():
    picture = rasterise(drawn(line([0, 0], [1, 0]), width=0.2), 50)
    assert picture[:5].min() == 1
    assert not picture[6:].any()


def test_the_same_drawing_gives_the_same_picture():
    drawing = drawn(line([0.1, 0.3], [0.8, 0.4], [0.2, 0.9]), line([0.5, 0.5]))
    assert np.array_equal(rasterise(drawing), rasterise(drawing))
