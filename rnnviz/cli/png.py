"""Write a figure as a PNG, drawn by a Chromium."""

from pathlib import Path
from typing import Any, Protocol

from rnnviz.cli.chromium import find_chromium

WIDTH = 1100
SHARPNESS = 2
"""Pixels of the file for each pixel of the figure."""
TIMEOUT_S = 300

MISSING = (
    "A PNG is drawn by a Chromium, and none was found. Install one with your system's packages "
    "(Debian: apt-get install chromium) or with `python -m playwright install chromium`, name one "
    "in the environment variable CHROMIUM, or write the numbers with --csv instead."
)


class Figure(Protocol):
    """What we need of a Plotly figure, which is all that plots make."""

    def to_plotly_json(self) -> dict[str, Any]:
        """Return the figure as plain data."""
        ...


def write_png(figure: Figure, path: Path) -> None:
    """Write a figure with a height of its own as a PNG of ``WIDTH`` times ``SHARPNESS`` pixels.

    Nothing is fetched from the web.

    Raises:
        OSError: If there is no Chromium that starts, or the file can't be written.
    """
    chromium = find_chromium()
    if chromium is None:
        raise FileNotFoundError(MISSING)
    # Imported here: it takes a moment, and no other command needs it.
    import kaleido

    plain = figure.to_plotly_json()
    size = {"width": WIDTH, "height": plain["layout"]["height"], "scale": SHARPNESS}
    # Without a word on MathJax kaleido would fetch it from the web.
    browser = {"path": chromium, "mathjax": False, "timeout": TIMEOUT_S}
    picture = kaleido.calc_fig_sync(plain, opts={"format": "png", **size}, kopts=browser)
    path.write_bytes(picture)
