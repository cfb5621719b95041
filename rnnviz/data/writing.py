"""A drawing as a clip: the picture as it is being written."""

import numpy as np

from rnnviz.core.clip import Clip
from rnnviz.data.dataset import SIDE
from rnnviz.data.preprocess import place_strokes
from rnnviz.data.raster import rasterise_lines
from rnnviz.data.strokes import Drawing


def writing_clip(drawing: Drawing, frames: int) -> Clip:
    """Return the clip of a drawing being written, from its strokes and their times.

    Args:
        drawing: A drawing; its first point is its beginning.
        frames: How many frames; frame k shows what was on the canvas after the share
            (k + 1) / frames of the writing time, so the last one is the whole drawing, exactly as
            ``prepare_drawing`` shows it.

    Raises:
        EmptyPictureError: Nothing is drawn, or only a dot.

    The camera stands still: all frames are framed as the whole drawing is. Pauses between strokes
    are part of the time.
    """
    start, end = float(drawing.strokes[0][0, 2]) if drawing.strokes else 0.0, drawing.duration_ms
    times = start + (end - start) * np.arange(1, frames + 1) / frames
    return Clip(
        frames=writing_frames(drawing, times),
        times_s=(times - start) / 1000,
        source="drawing",
        caption=f"Written in {(end - start) / 1000:.1f} s.",
    )


def writing_frames(drawing: Drawing, times_ms: np.ndarray) -> np.ndarray:
    """Return what was on the canvas at ascending times, float32 in [0, 1], (time, 28, 28).

    Raises:
        EmptyPictureError: Nothing is drawn, or only a dot.
    """
    placed = place_strokes(drawing)
    clocks = [stroke[:, 2] for stroke in drawing.strokes]
    found = np.zeros((len(times_ms), SIDE, SIDE), np.float32)
    before, shown = -np.inf, np.zeros((SIDE, SIDE), np.float32)
    for index, now in enumerate(times_ms):
        pieces = [
            piece
            for line, clock in zip(placed.lines, clocks, strict=True)
            if len(piece := written_between(line, clock, before, now))
        ]
        # What is covered falls with the distance to the nearest ink alone, so the ink of the new
        # piece joins what was there by the larger of both.
        if pieces:
            shown = np.maximum(shown, rasterise_lines(pieces, placed.thickness, SIDE))
        if all(clock[-1] <= now for clock in clocks):
            # Thinned as a whole, for the network's answer to be that to the picture itself.
            shown = rasterise_lines(placed.lines, placed.thickness, SIDE)
        found[index] = shown
        before = now
    return found


def written_between(line: np.ndarray, clock: np.ndarray, after: float, until: float) -> np.ndarray:
    """Return the part of a line that was written in a span of time, (point, 2), maybe empty.

    It begins where the line was at the span's beginning, so that the parts join.

    Args:
        line: (point, 2).
        clock: When each point was reached, never running back, (point,).
        after: The span's beginning, itself not part of it.
        until: Its end, itself part of it.
    """
    first, last = np.searchsorted(clock, (after, until), side="right")
    if last == 0 or clock[-1] <= after:
        return line[:0]
    begin = [at_time(line, clock, after)] if 0 < first else []
    end = [at_time(line, clock, until)] if last < len(line) else []
    return np.concatenate([np.reshape(begin, (-1, 2)), line[first:last], np.reshape(end, (-1, 2))])


def at_time(line: np.ndarray, clock: np.ndarray, time: float) -> np.ndarray:
    """Return where a pen that moves evenly between a line's points is at a time, (2,)."""
    return np.array([np.interp(time, clock, line[:, axis]) for axis in (0, 1)])
