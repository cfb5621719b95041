import numpy as np
import pytest

from rnnviz.data.errors import DataError
from rnnviz.data.sets import pendigits

SEVEN = """.SEGMENT DIGIT    0 ? "7"
.COMMENT 7 {writer}  224
.PEN_DOWN
 100  200
 150  200
 200  200
 150  100
.PEN_UP
.DT 100
.PEN_DOWN
 130  150
 170  150
.PEN_UP
.DT 100
"""
HEADER = '.INCLUDE        dene.doc\n\n.LEXICON "0" "1"\n.HIERARCHY      DIGIT\n\n'


def writers(dataset):
    assert dataset.groups is not None
    return set(dataset.groups.tolist())


@pytest.fixture
def write(tmp_path):
    def written(text, name="strokes.tra"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(text.encode())
        return path

    return written


def test_a_digit_has_its_label_writer_and_strokes(write):
    (digit,) = pendigits.read_unipen(write(HEADER + SEVEN.format(writer=12)))
    assert (digit.label, digit.writer) == (7, 12)
    assert [len(stroke) for stroke in digit.drawing.strokes] == [4, 2]


def test_y_points_up_in_the_file_and_down_on_the_canvas(write):
    (digit,) = pendigits.read_unipen(write(SEVEN.format(writer=12)))
    first = digit.drawing.strokes[0]
    # 100 units wide and high become 0.6 of the canvas, around its middle.
    assert first[:, :2] == pytest.approx(np.array([[0.2, 0.2], [0.5, 0.2], [0.8, 0.2], [0.5, 0.8]]))


def test_times_are_the_tablets(write):
    (digit,) = pendigits.read_unipen(write(SEVEN.format(writer=12)))
    first, second = digit.drawing.strokes
    assert first[:, 2].tolist() == [0, 10, 20, 30]
    assert second[:, 2].tolist() == [140, 150]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace(" ", "\t "),
        lambda text: text.replace("\n", "\n\n"),
        lambda text: text.replace("200\n", "200 512\n"),
        lambda text: text.replace('"7"', "7"),
        lambda text: text.replace("100\n.PEN_UP", "100.0\n.PEN_UP"),
        lambda text: text + ".PEN_DOWN\n.PEN_UP\n",
    ],
)
def test_small_differences_in_form_change_nothing(write, change):
    text = HEADER + SEVEN.format(writer=3)
    expected = pendigits.read_unipen(write(text))
    assert pendigits.read_unipen(write(change(text))) == expected


def test_without_comments_writers_are_unknown(write):
    (digit,) = pendigits.read_unipen(write(SEVEN.replace(".COMMENT 7 {writer}  224\n", "")))
    assert digit.writer == -1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a UNIPEN file"),
        ("\x89PNG\r\n\x1a\n", "not a UNIPEN file"),
        ('.SEGMENT DIGIT 0 ? "x"\n', "line 1 should end in a digit"),
        ('.SEGMENT DIGIT 0 ? "7"\n', "line 1 has no points"),
        ('.SEGMENT DIGIT 0 ? "7"\n.PEN_DOWN\n1 one\n', "line 3 should hold a point"),
        ('.SEGMENT DIGIT 0 ? "7"\n1 2\n', "line 2 is outside of any stroke"),
        ('.SEGMENT DIGIT 0 ? "7"\n.PEN_DOWN\n1 nan\n', "finite"),
        ('.SEGMENT DIGIT 0 ? "7"\n.PEN_DOWN\n1 1e999\n', "finite"),
    ],
)
def test_a_file_of_another_form_is_explained(write, text, message):
    with pytest.raises(DataError, match=message):
        pendigits.read_unipen(write(text))


def test_a_digit_that_is_only_a_dot_is_named(write, tmp_path):
    dot = '.SEGMENT DIGIT 0 ? "1"\n.PEN_DOWN\n5 5\n.PEN_UP\n'
    path = write(SEVEN.format(writer=1) + dot)
    with pytest.raises(DataError, match=r"Digit number 2 .* only a dot"):
        pendigits.load("test", tmp_path, file=path)


def test_a_missing_file_is_explained(tmp_path):
    assert not pendigits.available(tmp_path)
    with pytest.raises(DataError, match="--dataset digits"):
        pendigits.load("test", tmp_path)
    with pytest.raises(DataError, match="cannot be read"):
        pendigits.load("test", tmp_path, file=tmp_path / "nothing.tra")


def test_no_writer_is_in_both_splits(write, tmp_path):
    text = "".join(SEVEN.format(writer=writer) for writer in range(1, 31))
    write(text, str(pendigits.FILE))
    assert pendigits.available(tmp_path)
    train, test = (pendigits.load(split, tmp_path) for split in pendigits.SPLITS)
    assert writers(test) == set(pendigits.TEST_WRITERS) == {5, 10, 15, 20, 25, 30}
    assert writers(train) == set(range(1, 31)) - set(pendigits.TEST_WRITERS)


def test_all_of_a_file_of_ones_own_is_for_testing(write, tmp_path):
    path = write("".join(SEVEN.format(writer=writer) for writer in range(1, 8)))
    assert len(pendigits.load("test", tmp_path, file=path)) == 7
    with pytest.raises(DataError, match="test split"):
        pendigits.load("train", tmp_path, file=path)


def test_a_wider_pen_leaves_more_ink(write, tmp_path):
    path = write(SEVEN.format(writer=1))
    ink = [
        int(pendigits.load("test", tmp_path, file=path, stroke_width=width).images.sum())
        for width in (0.04, 0.08, 0.16)
    ]
    assert ink[0] < ink[1] < ink[2]


def test_a_range_of_pens_gives_each_digit_its_own_always_the_same(write, tmp_path):
    path = write("".join(SEVEN.format(writer=writer) for writer in range(1, 8)))
    first, again = (
        pendigits.load("test", tmp_path, file=path, stroke_width=(0.04, 0.2)).images
        for _ in range(2)
    )
    assert np.array_equal(first, again)
    assert len({image.tobytes() for image in first}) == 7
