"""Small tables as HTML in which everything that people typed is text."""

from collections.abc import Sequence
from html import escape

from rnnviz.plots.style import PALETTE


def html_table(head: Sequence[str], rows: Sequence[Sequence[str]], colours: Sequence[int]) -> str:
    """Return a table as HTML.

    Args:
        head: What stands above each column.
        rows: The cells of each row.
        colours: The number of the colour of each column but the first; empty for none.
    """
    swatches = ["", *(swatch(number) for number in colours)] if colours else [""] * len(head)
    above = "".join(
        f'<th scope="col">{mark}{escape(text)}</th>'
        for mark, text in zip(swatches, head, strict=True)
    )
    body = "".join(
        "<tr>"
        + f'<th scope="row">{escape(first)}</th>'
        + "".join(f"<td>{escape(text)}</td>" for text in others)
        + "</tr>"
        for first, *others in rows
    )
    return (
        f'<div class="runs-frame"><table class="runs-facts"><thead><tr>{above}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def swatch(number: int) -> str:
    """Return a mark in one of the palette's colours, as HTML."""
    colour = PALETTE[number % len(PALETTE)]
    return f'<span class="runs-swatch" style="background:{colour}"></span>'
