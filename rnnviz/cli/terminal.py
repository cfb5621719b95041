"""Text for a terminal."""

import time
from collections.abc import Mapping, Sequence

SHOWN = 8
"""Letters of a run's ID that are shown where it is to be typed."""


def plain(text: str) -> str:
    """Return text without letters that would move a terminal's cursor or colour it."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as text whose columns stand below each other."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def section(title: str, values: Mapping[str, str]) -> list[str]:
    """Return the lines of a part with a title, none without values."""
    if not values:
        return []
    width = max(map(len, values))
    return ["", title, *(f"  {name:<{width}}  {value}" for name, value in values.items())]


def percent(share: float | None) -> str:
    """Return a share as it is read, a dash for None."""
    return "–" if share is None else f"{100 * share:.1f} %"


def when(moment: float) -> str:
    """Return a moment as it is read here."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(moment))
