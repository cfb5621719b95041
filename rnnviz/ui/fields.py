"""What can be chosen on a page, and how a choice stands in a link. Pure data, no Streamlit.

Whatever stands in an address, reading it gives a value for every field: what means nothing is left
at its default, with a notice for the person who followed the link.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rnnviz.ui.link import safe

LONGEST = 2_000
"""Characters of a parameter that are looked at."""


@dataclass(frozen=True)
class OneOf:
    """A choice of one name among several."""

    name: str
    """How the link calls it."""
    label: str
    """What stands above the widget."""
    options: Sequence[str]
    """The names to choose from."""
    default: str
    """The name that is chosen at first."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """What is shown for a name, where that is something else."""
    help: str = ""
    """One sentence for who points at it."""
    menu: bool = False
    """A menu even where the names would fit side by side."""

    def read(self, text: str) -> str | None:
        """Return the choice that a link's text means, None if it means nothing."""
        return text if text in self.options else None

    def write(self, value: str) -> str:
        """Return a choice as it stands in a link."""
        return value


@dataclass(frozen=True)
class SomeOf:
    """A choice of several names: at least one, unless none are chosen at first."""

    name: str
    """How the link calls it."""
    label: str
    """What stands above the widget."""
    options: Sequence[str]
    """The names to choose from."""
    default: tuple[str, ...]
    """The names that are chosen at first."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """What is shown for a name, where that is something else."""
    most: int = 8
    """How many may be chosen."""
    help: str = ""
    """One sentence for who points at it."""

    def read(self, text: str) -> tuple[str, ...] | None:
        """Return the known names in a link's text, None if there are none."""
        named = dict.fromkeys(text[:LONGEST].split(","))
        found = tuple(name for name in self.options if name in named)
        return found[: self.most] or None

    def write(self, value: tuple[str, ...]) -> str:
        """Return a choice as it stands in a link."""
        return ",".join(value)


@dataclass(frozen=True)
class Number:
    """A number within bounds."""

    name: str
    """How the link calls it."""
    label: str
    """What stands above the widget."""
    low: float
    """The smallest value."""
    high: float
    """The largest value."""
    default: float
    """The value at first."""
    step: float
    """The grid of the slider."""
    help: str = ""
    """One sentence for who points at it."""
    digits: int | None = None
    """Digits after the point that are shown; as many as ``step`` has if None."""
    typed: bool = False
    """Entered in a field, where its bounds lie too far apart for a slider."""

    def read(self, text: str) -> float | None:
        """Return the number that a link's text means, None if it is none within the bounds."""
        if not re.fullmatch(r"[-+]?\d{0,12}(\.\d{0,12})?(e[-+]?\d{1,2})?", text, re.ASCII):
            return None
        try:
            value = float(text)
        except ValueError:
            return None
        return value if self.low <= value <= self.high else None

    def write(self, value: float) -> str:
        """Return a number as it stands in a link: the shortest text that means it."""
        return f"{value:.10g}"

    @property
    def format(self) -> str:
        """How the slider writes its value."""
        digits = self.digits
        if digits is None:
            digits = max(0, -math.floor(math.log10(self.step) + 1e-9)) if self.step < 1 else 0
        return f"%.{digits}f"


@dataclass(frozen=True)
class Whole:
    """A whole number within bounds."""

    name: str
    """How the link calls it."""
    label: str
    """What stands above the widget."""
    low: int
    """The smallest value."""
    high: int
    """The largest value."""
    default: int
    """The value at first."""
    step: int = 1
    """The grid of the slider."""
    help: str = ""
    """One sentence for who points at it."""
    typed: bool = False
    """Entered in a field, where its bounds lie too far apart for a slider."""

    def read(self, text: str) -> int | None:
        """Return the number that a link's text means, None if it is none within the bounds."""
        if not re.fullmatch(r"-?\d{1,9}", text, re.ASCII):
            return None
        return int(text) if self.low <= int(text) <= self.high else None

    def write(self, value: int) -> str:
        """Return a number as it stands in a link."""
        return str(value)


@dataclass(frozen=True)
class Switch:
    """Something that is on or off."""

    name: str
    """How the link calls it."""
    label: str
    """What stands beside the widget."""
    default: bool = False
    """Whether it is on at first."""
    help: str = ""
    """One sentence for who points at it."""

    def read(self, text: str) -> bool | None:
        """Return what a link's text means, None if it is neither 1 nor 0."""
        return {"1": True, "0": False}.get(text)

    def write(self, value: bool) -> str:
        """Return a switch as it stands in a link."""
        return "1" if value else "0"


Field = OneOf | SomeOf | Number | Whole | Switch


def read_fields(
    fields: Sequence[Field], parameters: Mapping[str, str]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return a value for every field, and a notice for each parameter that means nothing."""
    values, notices = {}, []
    for one in fields:
        text = parameters.get(one.name, "")
        value = one.read(text) if text else None
        if text and value is None:
            notices.append(
                f"'{one.label}' can't be '{safe(text)}' as this link says, so it is at its default."
            )
        values[one.name] = one.default if value is None else value
    return values, tuple(notices)


def write_fields(fields: Sequence[Field], values: Mapping[str, Any]) -> dict[str, str]:
    """Return the query parameters from which ``read_fields`` makes these values again.

    What stands at its default is left out, so that links stay short.
    """
    return {
        one.name: one.write(values[one.name]) for one in fields if values[one.name] != one.default
    }
