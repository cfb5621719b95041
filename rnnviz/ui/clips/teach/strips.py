"""Clips as film strips: HTML with small pictures in it. No Streamlit."""

import base64
import io
from collections.abc import Sequence
from html import escape

import numpy as np
from PIL import Image

SHOWN = 8
"""Frames of a small strip."""
STYLE = """
<style>
.teach-strip { display: block; width: 100%; max-width: 17rem; image-rendering: pixelated;
  border-radius: 2px; }
.teach-belief { display: grid; align-items: center; gap: 3px 1px; font-size: 0.85rem;
  grid-template-columns: minmax(3rem, max-content) repeat(var(--frames), minmax(0, 1fr)); }
.teach-belief img { width: 100%; grid-column: 2 / -1; image-rendering: pixelated;
  border-radius: 2px; }
.teach-belief b { padding-right: 0.6rem; font-weight: 400; overflow-wrap: anywhere; }
.teach-belief b.best { font-weight: 700; }
.teach-belief i { height: 1.3rem; background: rgb(43 136 194 / var(--share));
  border-bottom: 1px solid rgb(128 128 128 / 50%); }
.teach-wrong { display: grid; gap: 0.9rem 1.2rem;
  grid-template-columns: repeat(auto-fill, minmax(min(15rem, 100%), 1fr)); }
.teach-wrong div { font-size: 0.85rem; line-height: 1.3; overflow-wrap: anywhere; }
.teach-table { border-collapse: collapse; font-size: 0.9rem; }
.teach-table :is(th, td) { padding: 0.25rem 0.7rem; text-align: center; font-weight: 400;
  max-width: 9rem; overflow-wrap: break-word; border: 1px solid rgb(128 128 128 / 40%); }
.teach-frame { overflow-x: auto; }
.teach-table :is(thead, tbody) th { text-align: left; }
.teach-table td.right { font-weight: 700; }
.st-key-teach-clips [data-testid="stVerticalBlock"] { gap: 0; padding: 0.6rem 0.6rem 0.2rem; }
.st-key-teach-clips button { padding: 0; min-height: 2.2rem; }
</style>
"""


def picture(frames: np.ndarray) -> str:
    """Return frames side by side as the address of a PNG.

    Args:
        frames: Grey, uint8, shape (frame, height, width).
    """
    file = io.BytesIO()
    Image.fromarray(np.concatenate(list(frames), axis=1)).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def strip(frames: np.ndarray, words: str) -> str:
    """Return some of a clip's frames as an HTML picture.

    Args:
        frames: Grey, uint8, shape (frame, height, width).
        words: What they are, for those who can't see them; "" where it stands beside it.
    """
    some = np.linspace(0, len(frames) - 1, min(SHOWN, len(frames))).round().astype(int)
    address = picture(np.pad(frames[some], ((0, 0), (0, 0), (0, 1)), constant_values=128))
    return f'<img class="teach-strip" src="{address}" alt="{escape(words)}">'


def gallery(clips: Sequence[tuple[np.ndarray, str]]) -> str:
    """Return an HTML list of clips, each a strip with its words beneath."""
    items = [
        f'<div role="listitem">{strip(frames, "")}{escape(words)}</div>' for frames, words in clips
    ]
    return f'<div class="teach-wrong" role="list">{"".join(items)}</div>'


def beliefs(frames: np.ndarray, values: np.ndarray, classes: Sequence[str], answer: int) -> str:
    """Return a clip's frames with, under each, how much every class was believed, as HTML.

    Args:
        frames: Grey, uint8, shape (frame, height, width).
        values: Probability of every class after every frame, (frame, class).
        classes: What they are called.
        answer: Which one the network answered.
    """
    rows = []
    for number, name in enumerate(classes):
        best = ' class="best"' if number == answer else ""
        cells = "".join(
            f'<i style="--share:{share:.3f}" title="frame {frame + 1}: {100 * share:.0f} %"></i>'
            for frame, share in enumerate(values[:, number])
        )
        rows.append(f"<b{best}>{escape(name)}</b>{cells}")
    words = f"The frames of the clip, and the belief in {', '.join(classes)} after each of them"
    return (
        f'<div class="teach-belief" style="--frames:{len(frames)}" role="img" '
        f'aria-label="{escape(words)}"><b></b><img src="{picture(frames)}" alt="">'
        f"{''.join(rows)}</div>"
    )


def confusion_table(counts: np.ndarray, classes: Sequence[str]) -> str:
    """Return how often each class (row) was answered as each (column), as an HTML table."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in classes)
    rows = []
    for row, name in enumerate(classes):
        cells = "".join(
            f"<td{' class=right' if row == column else ''}>{count}</td>"
            for column, count in enumerate(counts[row])
        )
        rows.append(f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>')
    return (
        '<div class="teach-frame"><table class="teach-table"><thead><tr>'
        f'<th scope="col">clip ↓ answer →</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )
