"""Pen-Based Recognition of Handwritten Digits: real pen strokes, drawn by our own renderer."""

import math
import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from rnnviz.data.dataset import DIGITS, SIDE, Dataset, check_split
from rnnviz.data.errors import DataError, EmptyPictureError, InputError
from rnnviz.data.preprocess import prepare_drawing
from rnnviz.data.strokes import DEFAULT_WIDTH, Drawing

NAME = "pendigits"
LABEL = "Pen strokes"
DESCRIPTION = "7,494 digits by 30 writers on a tablet, as pen strokes with their times"
SPLITS = ("train", "test")
CLASSES = DIGITS

SOURCE = (
    "E. Alpaydin and F. Alimoglu, Pen-Based Recognition of Handwritten Digits, "
    "UCI Machine Learning Repository, 1996; CC BY 4.0"
)
FILE = Path("pendigits") / "pendigits-orig.tra"

TEST_WRITERS = (5, 10, 15, 20, 25, 30)
"""Every fifth of the 30 writers is kept for testing, so no hand is in both splits."""

SAMPLE_MS = 10
"""The tablet gave 100 points a second."""
PAUSE_MS = 100
"""The pause between strokes where the file does not say (.DT)."""
DRAWING_SIDE = 0.6
"""The longest side of a digit on the canvas; about as large as people draw there."""
UNKNOWN_WRITER = -1


@dataclass(frozen=True)
class PenDigit:
    """One digit as somebody wrote it."""

    drawing: Drawing
    """Its strokes, in the middle of the canvas."""
    label: int
    """The digit, 0 to 9."""
    writer: int
    """The writer's number, or -1 where the file does not say."""


def available(folder: Path) -> bool:
    """Return whether the file lies in the data folder."""
    return (folder / FILE).is_file()


def load(
    split: str,
    folder: Path,
    file: Path | str | None = None,
    stroke_width: float | tuple[float, float] = DEFAULT_WIDTH,
    seed: int = 0,
) -> Dataset:
    """Return one split of the pen digits, as pictures.

    Args:
        split: 'train' (24 writers) or 'test' (6 others).
        folder: The data folder.
        file: Another file of the same form; all of it is the test split.
        stroke_width: The pen's width as a fraction of the canvas' side, or the
            two ends of a range from which each digit gets its own.
        seed: Decides which width of the range each digit gets.

    Raises:
        DataError: The file is missing or damaged, or has no such split.
    """
    check_split(NAME, split, SPLITS)
    digits = read_split(split, folder, file)
    low, high = stroke_width if isinstance(stroke_width, tuple) else (stroke_width,) * 2
    widths = np.random.default_rng(seed).uniform(low, high, len(digits))
    images = np.zeros((len(digits), SIDE, SIDE), np.uint8)
    for row, (digit, width) in enumerate(zip(digits, widths, strict=True)):
        drawing = replace(digit.drawing, width=float(width))
        try:
            images[row] = np.rint(prepare_drawing(drawing).image * 255)
        except EmptyPictureError as error:
            raise DataError(
                f"Digit number {row + 1} of the pen digits' {split} split is only a dot, which "
                f"nobody can read. Take it out of the file."
            ) from error
    return Dataset(
        name=NAME,
        split=split,
        images=images,
        labels=np.array([digit.label for digit in digits], np.int64),
        classes=CLASSES,
        source=SOURCE,
        groups=np.array([digit.writer for digit in digits], np.int64),
    )


def read_split(split: str, folder: Path, file: Path | str | None = None) -> list[PenDigit]:
    """Return one split of the pen digits, as drawings; arguments and errors as for `load`."""
    if file is not None:
        if split != "test":
            raise DataError(
                f"All digits of a file given by --file are the test split of '{NAME}', "
                f"but the split '{split}' was asked for. Leave out --file, or ask for 'test'."
            )
        return read_unipen(Path(file))
    path = folder / FILE
    if not path.is_file():
        raise DataError(
            f"The pen digits are not at {path}. Get pendigits-orig.tra from the UCI Machine "
            "Learning Repository (Pen-Based Recognition of Handwritten Digits) and put it there, "
            "name it by --file, or use --dataset digits, which needs no download."
        )
    digits = read_unipen(path)
    return [digit for digit in digits if (digit.writer in TEST_WRITERS) == (split == "test")]


def read_unipen(path: Path) -> list[PenDigit]:
    """Return the digits in a UNIPEN file, in the file's order.

    Raises:
        DataError: The file cannot be read, or is of another form; the message
            names the line.

    Of UNIPEN (Guyon et al. 1994) this reads what the pen digits use:
    `.SEGMENT DIGIT ... "8"` begins a digit, `.COMMENT digit writer index`
    names its writer, `.PEN_DOWN` begins a stroke, of which each line is a point
    `x y` with y pointing up, `.PEN_UP` ends it, `.DT` is a pause in
    milliseconds. Other keywords are passed over, and so are empty lines.
    """
    try:
        lines = Path(path).read_text(encoding="latin-1").splitlines()
    except OSError as error:
        raise DataError(f"The pen digits at {path} cannot be read: {error}.") from error
    starts = [number for number, line in enumerate(lines) if line.split()[:1] == [".SEGMENT"]]
    if not starts:
        raise DataError(
            f"{path} holds no line that begins with .SEGMENT, so it is not a UNIPEN file of digits."
        )
    try:
        return [
            read_segment(lines, start, end)
            for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)
        ]
    except InputError as error:
        raise DataError(f"{path} is not as expected: {error}") from error


def read_segment(lines: list[str], start: int, end: int) -> PenDigit:
    """Return the digit that the lines from `start` to before `end` describe."""
    label = read_label(lines[start], start + 1)
    writer = UNKNOWN_WRITER
    strokes: list[list[tuple[float, float, float]]] = []
    down = False
    time = 0.0
    for number in range(start + 1, end):
        words = lines[number].split()
        match words:
            case []:
                continue
            case [".COMMENT", _, name, *_] if name.isdecimal():
                writer = int(name)
            case [".PEN_DOWN", *_]:
                strokes.append([])
                down = True
            case [".PEN_UP", *_]:
                down = False
            case [".DT", *rest]:
                time += read_pause(rest)
            case [keyword, *_] if keyword.startswith("."):
                continue
            case _ if down:
                strokes[-1].append((*read_point(words, number + 1), time))
                time += SAMPLE_MS
            case _:
                raise DataError(f"line {number + 1} is outside of any stroke: {lines[number]!r}.")
    strokes = [stroke for stroke in strokes if stroke]
    if not strokes:
        raise DataError(f"the digit that begins in line {start + 1} has no points.")
    return PenDigit(centred([np.array(stroke) for stroke in strokes]), label, writer)


def read_label(line: str, number: int) -> int:
    """Return the digit that a .SEGMENT line names last, in quotes or without."""
    match = re.search(r'"\s*(\d)\s*"\s*$', line) or re.search(r"\s(\d)\s*$", line)
    if match is None:
        raise DataError(f'line {number} should end in a digit such as "8", but is {line!r}.')
    return int(match[1])


def read_pause(words: list[str]) -> float:
    """Return the milliseconds of a .DT line, the usual pause where it has no number."""
    try:
        return min(max(float(words[0]), 0.0), 10_000.0)
    except (IndexError, ValueError):
        return PAUSE_MS


def read_point(words: list[str], number: int) -> tuple[float, float]:
    """Return x and y of a point, which may be followed by more, such as the pressure."""
    try:
        x, y = float(words[0]), float(words[1])
    except (IndexError, ValueError) as error:
        raise DataError(
            f"line {number} should hold a point 'x y', but is {' '.join(words)!r}."
        ) from error
    if not (math.isfinite(x) and math.isfinite(y)):
        raise DataError(f"line {number} should hold finite numbers, but is {' '.join(words)!r}.")
    return x, y


def centred(strokes: list[np.ndarray]) -> Drawing:
    """Return strokes of a tablet, y up, as a drawing in the middle of the canvas, y down."""
    points = np.concatenate(strokes)
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    scale = DRAWING_SIDE / max(float((high - low).max()), 1e-9)
    shift = np.array([*(low + high) / 2, points[0, 2]])
    moved = ((stroke - shift) * [scale, -scale, 1] + [0.5, 0.5, 0] for stroke in strokes)
    return Drawing(tuple(moved))
