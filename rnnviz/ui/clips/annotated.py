"""The annotated clip: each frame enlarged, with the belief and the answer written below it."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from rnnviz.core.clip import Clip
from rnnviz.ui.shares import short_percent

SCALE = 12
"""How many pixels one pixel of a frame takes."""
MARGIN = 16
LINE = 30
MOST_BARS = 5
"""Classes whose belief is drawn: those that were once believed in most."""
LONGEST_NAME = 18
"""Letters of a class's name that there is room for."""
SLOWEST, FASTEST = 4.0, 12.0
"""Frames a second between which a clip is written, so that one can follow the bars."""
PAPER, TEXT, FAINT = (255, 255, 255), (21, 32, 43), (221, 228, 234)
BEST, OTHER = (0, 103, 163), (140, 152, 163)


def annotated_frames(
    clip: Clip, beliefs: np.ndarray, classes: Sequence[str], changed: str = ""
) -> np.ndarray:
    """Return the frames enlarged with the belief after each of them drawn below.

    Args:
        clip: What was read.
        beliefs: Probability of every class after every frame, (frame, class).
        classes: What the answers are called.
        changed: In a word or two, what was done to the clip; empty if nothing was.

    Returns:
        uint8, RGB, shape (frame, height, width, 3).
    """
    shown = np.sort(np.argsort(-beliefs.max(axis=0), kind="stable")[:MOST_BARS])
    pages = []
    for number, (frame, belief) in enumerate(zip(clip.frames, beliefs, strict=True), 1):
        best = int(belief.argmax())
        sure = short_percent(float(belief[best]))
        heading = f"Frame {number} of {len(clip)}: {short(classes[best])} {sure}"
        bars = [(str(classes[k]), float(belief[k]), int(k) == best) for k in shown]
        lines = [heading, f"The clip is changed: {changed}."] if changed else [heading]
        pages.append(annotated_frame(frame, lines, bars))
    return np.stack(pages)


def annotated_frame(
    frame: np.ndarray, lines: Sequence[str], bars: Sequence[tuple[str, float, bool]]
) -> np.ndarray:
    """Return one frame with lines and its bars below it, uint8 (height, width, 3).

    Args:
        frame: (height, width), values in [0, 1].
        lines: What stands below it, from the top down.
        bars: Name, share and whether it is the largest, from the top down.
    """
    grey = np.rint(np.clip(frame, 0, 1) * 255).astype(np.uint8)
    large = np.kron(grey, np.ones((SCALE, SCALE), np.uint8))
    height, width = large.shape
    size = (width + 2 * MARGIN, height + 3 * MARGIN + LINE * (len(lines) + len(bars)))
    page = Image.new("RGB", size, PAPER)
    page.paste(Image.fromarray(large), (MARGIN, MARGIN))
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(18)
    top = height + 2 * MARGIN
    for place, line in enumerate(lines):
        draw.text((MARGIN, top + place * LINE), line, TEXT, font)
    for place, (name, share, is_best) in enumerate(bars, len(lines)):
        bar(draw, font, top + place * LINE, size[0], name, share, is_best)
    return np.asarray(page)


def bar(
    draw: ImageDraw.ImageDraw,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
    top: int,
    width: int,
    name: str,
    share: float,
    is_best: bool,
) -> None:
    """Draw the belief in one class: its name, and a bar as long as it is likely."""
    left, right = MARGIN + 170, width - MARGIN
    draw.text((MARGIN, top), short(name), TEXT, font)
    draw.rectangle((left, top + 3, right, top + LINE - 11), FAINT)
    end = left + round((right - left) * share)
    draw.rectangle((left, top + 3, end, top + LINE - 11), BEST if is_best else OTHER)


def short(name: str) -> str:
    """Return a name that has room beside its bar."""
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def speed(clip: Clip) -> float:
    """Return how many frames a second the annotated clip shows."""
    natural = len(clip) / clip.duration_s if clip.duration_s > 0 else FASTEST
    return float(np.clip(natural, SLOWEST, FASTEST))
