"""The address of a page holds what the page shows: from a view to its link and back.

Pure data, no Streamlit. Whatever stands in an address, reading it gives a view: parts that mean
nothing are left out, each with a notice for the person who followed the link.
"""

import base64
import binascii
import re
import zlib
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import numpy as np

from rnnviz.data.dataset import SIDE
from rnnviz.data.errors import DrawingError
from rnnviz.data.stroke_text import decode, encode
from rnnviz.data.strokes import Drawing

MOST_READERS = 4
"""More heat maps than these don't fit side by side."""
MOST_NAMED = 16
"""Names of models in a link that are looked at."""
LAST_STEP = 99_999
"""No route is longer."""
LAST_UNIT = 9_999
LONGEST_PICTURE = 2_000
"""The 784 values of a picture take at most this many characters, packed or not."""


@dataclass(frozen=True)
class Reference:
    """One example of a data set, by its place."""

    dataset: str
    """Name of the data set."""
    split: str
    """Name of the split."""
    index: int
    """Place in the split, from 0."""


@dataclass(frozen=True)
class Picture:
    """A picture as the networks see it, which came from a file, a camera or the clipboard."""

    pixels: bytes
    """28 rows of 28 values from 0 (background) to 255 (ink)."""

    def __post_init__(self) -> None:
        """Check the size."""
        if len(self.pixels) != SIDE * SIDE:
            raise ValueError(f"A picture has {SIDE * SIDE} values, got {len(self.pixels)}.")

    @property
    def image(self) -> np.ndarray:
        """The picture as floats in [0, 1], shape (28, 28)."""
        flat = np.frombuffer(self.pixels, np.uint8)
        return flat.reshape(SIDE, SIDE).astype(np.float32) / 255

    @classmethod
    def of(cls, image: np.ndarray) -> "Picture":
        """Return the picture of floats in [0, 1], shape (28, 28), rounded to 256 levels."""
        return cls(np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8).tobytes())


@dataclass(frozen=True)
class Pin:
    """One hidden unit that somebody looks at."""

    reader: str
    """Name of the model it belongs to."""
    unit: int
    """Its number, from 0."""


@dataclass(frozen=True)
class Position:
    """Where the clock stands, in steps of one of the readers."""

    step: int
    """The step that is being read, from 1."""
    steps: int
    """How many there are."""

    def __post_init__(self) -> None:
        """Check that there is such a step."""
        if not 1 <= self.step <= self.steps:
            raise ValueError(f"There is no step {self.step} of {self.steps}: they count from 1.")

    @property
    def fraction(self) -> float:
        """The share of the reading that is done: to the middle of the step, or to the end."""
        return 1.0 if self.step == self.steps else (self.step - 0.5) / self.steps


Shown = Drawing | Reference | Picture | None
"""What is read: strokes, an example, a picture; None before anything was chosen."""


@dataclass(frozen=True)
class View:
    """All that decides what the page "Draw" shows."""

    readers: tuple[str, ...] = ()
    """Names of the models that read, one to four; empty for the page's own choice."""
    shown: Shown = None
    """What they read."""
    pin: Pin | None = None
    """The unit that is looked at."""
    position: Position | None = None
    """Where the clock stands; None lets it play from the beginning."""
    gates: tuple[str, ...] = ()
    """Names of the readers that show their gates."""


def query_of(view: View) -> str:
    """Return what stands after the question mark of the link to a view."""
    return urlencode(write_link(view), safe="/,")


def write_link(view: View) -> dict[str, str]:
    """Return the query parameters from which ``read_link`` makes this view again.

    What stands at its default is left out, so that links stay short.
    """
    parameters = {"models": ",".join(view.readers)} | write_shown(view.shown)
    if view.pin is not None:
        parameters["unit"] = f"{view.pin.reader}.{view.pin.unit}"
    if view.position is not None:
        parameters["step"] = f"{view.position.step}/{view.position.steps}"
    parameters["gates"] = ",".join(view.gates)
    return {name: text for name, text in parameters.items() if text}


def write_shown(shown: Shown) -> dict[str, str]:
    """Return the one query parameter that says what is read, or none."""
    match shown:
        case Drawing():
            return {"drawing": encode(shown)} if shown.strokes else {}
        case Reference():
            return {"example": f"{shown.dataset}.{shown.split}.{shown.index}"}
        case Picture():
            return {"picture": pack(shown.pixels)}
        case None:
            return {}


Why = Callable[[str], str]
"""Given the name of a model that isn't there, returns why, empty if that isn't known."""


def read_link(
    parameters: Mapping[str, str], known: Container[str], why: Why = lambda name: ""
) -> tuple[View, tuple[str, ...]]:
    """Return the view that query parameters describe, and a notice for each part left out.

    Args:
        parameters: Any names and texts.
        known: Names of the models there are.
        why: What is said of one that isn't.

    Never raises, and takes no more time or memory than an honest link would.
    """
    notices: list[str] = []
    view = View(
        readers=read_readers(parameters.get("models", ""), known, notices, why),
        shown=read_shown(parameters, notices),
        pin=read_pin(parameters.get("unit", ""), known, notices),
        position=read_position(parameters.get("step", ""), notices),
        gates=tuple(name for name in split(parameters.get("gates", "")) if name in known),
    )
    return view, tuple(notices)


def read_readers(
    text: str, known: Container[str], notices: list[str], why: Why = lambda name: ""
) -> tuple[str, ...]:
    """Return the models named in a link, each once and four at most."""
    named = split(text)
    found = [name for name in named if name in known]
    reasons = {name: why(name) for name in named if name not in found}
    notices += dict.fromkeys(reason for reason in reasons.values() if reason)
    missing = [name for name, reason in reasons.items() if not reason]
    if missing:
        shortened = ", ".join(f"'{safe(name)}'" for name in missing[:3])
        notices.append(f"This link names models that aren't here: {shortened}. Choose among these.")
    if len(found) > MOST_READERS:
        notices.append(f"This link names {len(found)} models; the first {MOST_READERS} are shown.")
    return tuple(found[:MOST_READERS])


def read_shown(parameters: Mapping[str, str], notices: list[str]) -> Shown:
    """Return what a link shows: its strokes, or its example, or its picture."""
    if text := parameters.get("drawing", ""):
        try:
            return decode(text)
        except DrawingError as error:
            notices.append(str(error))
    if text := parameters.get("example", ""):
        example = re.fullmatch(r"([a-z0-9_-]{1,40})\.([a-z]{1,20})\.(\d{1,7})", text, re.ASCII)
        if example:
            return Reference(example[1], example[2], int(example[3]))
        notices.append("The example in this link is unreadable. Choose another one.")
    if text := parameters.get("picture", ""):
        pixels = unpack(text)
        if pixels is not None:
            return Picture(pixels)
        notices.append("The picture in this link is damaged. Open the picture itself.")
    return None


def read_pin(text: str, known: Container[str], notices: list[str]) -> Pin | None:
    """Return the unit that a link pins, written as model.unit."""
    if not text:
        return None
    reader, _, unit = text.rpartition(".")
    number = whole_number(unit, LAST_UNIT)
    if reader in known and number is not None:
        return Pin(reader, number)
    notices.append("The pinned unit in this link is unknown. Click a row of a heat map to pin one.")
    return None


def read_position(text: str, notices: list[str]) -> Position | None:
    """Return where a link's clock stands, written as step/steps."""
    if not text:
        return None
    before, _, after = text.partition("/")
    step, steps = whole_number(before, LAST_STEP), whole_number(after, LAST_STEP)
    if step and steps and step <= steps:
        return Position(step, steps)
    notices.append("The step in this link is unreadable, so the clock starts by itself.")
    return None


def whole_number(text: str, last: int) -> int | None:
    """Return the number from 0 to ``last`` that a text is, or None."""
    if not re.fullmatch(r"\d{1,6}", text, re.ASCII):
        return None
    return int(text) if int(text) <= last else None


def split(text: str) -> list[str]:
    """Return the first names in a text with commas, each once."""
    return list(dict.fromkeys(filter(None, text.split(","))))[:MOST_NAMED]


def safe(text: str) -> str:
    """Return what may be shown of a text from an address: short, letters and digits only."""
    return re.sub(r"[^A-Za-z0-9 ._-]", "?", text[:40])


def pack(pixels: bytes) -> str:
    """Return bytes as short text that stands in a link as it is."""
    return base64.urlsafe_b64encode(zlib.compress(pixels, 9)).decode().rstrip("=")


def unpack(text: str) -> bytes | None:
    """Return the 784 bytes that ``pack`` made this text of, or None."""
    if len(text) > LONGEST_PICTURE or not re.fullmatch(r"[A-Za-z0-9_-]+", text):
        return None
    unpacker = zlib.decompressobj()
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        pixels = unpacker.decompress(packed, SIDE * SIDE + 1)
    except (binascii.Error, zlib.error):
        return None
    return pixels if unpacker.eof and len(pixels) == SIDE * SIDE else None
