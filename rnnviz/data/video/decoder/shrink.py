"""From a frame as it is in the file to a small, grey and upright one."""

from typing import Any

import av
import numpy as np

ALPHA_SIDE = 512
"""Frames with alpha are shrunk to this longest side before they are put on white, in pixels."""


class Shrink:
    """Brings the frames of one stream to their working size, grey and upright."""

    def __init__(self, frame: Any, stream: Any, side: int) -> None:
        """Take the size and the orientation from the first frame; the others follow it."""
        wide = frame.width * pixel_aspect(stream)
        scale = min(1.0, side / max(wide, frame.height))
        self.width = max(1, round(wide * scale))
        self.height = max(1, round(frame.height * scale))
        matrix = frame.side_data.get("DISPLAYMATRIX")
        # Where a point (x, y) of the file is shown: (a x + c y, b x + d y), as fixed-point numbers.
        turn = np.frombuffer(bytes(matrix), np.int32)[[0, 1, 3, 4]] if matrix else (1, 0, 0, 1)
        self.a, self.b, self.c, self.d = (int(number) for number in turn)
        self.turned = abs(self.b) > abs(self.a)

    def __call__(self, frame: Any) -> np.ndarray:
        """Return a frame as uint8, shape (height, width)."""
        return self.upright(self.resize(on_white(frame) if is_see_through(frame) else frame))

    def resize(self, frame: Any) -> np.ndarray:
        """Return a frame at the working size, as it lies in the file."""
        grey = frame.reformat(
            self.width, self.height, "gray", interpolation="AREA", dst_color_range="JPEG", threads=1
        )
        return grey.to_ndarray()

    def upright(self, grey: np.ndarray) -> np.ndarray:
        """Return a frame as the camera was held."""
        if self.turned:
            grey, across, down = grey.T, self.c, self.b
        else:
            across, down = self.a, self.d
        return np.ascontiguousarray(grey[:: -1 if down < 0 else 1, :: -1 if across < 0 else 1])


def pixel_aspect(stream: Any) -> float:
    """Return how wide a pixel is to be shown, in its height; 1 where that is not plausible."""
    aspect = float(stream.sample_aspect_ratio or 1)
    return aspect if 0.1 < aspect < 10 else 1.0


def is_see_through(frame: Any) -> bool:
    """Return whether a frame may have an alpha channel; a palette may hide one."""
    return frame.format.has_palette or any(part.is_alpha for part in frame.format.components)


def on_white(frame: Any) -> Any:
    """Return a frame with an alpha channel as it looks on white paper, grey."""
    scale = min(1.0, ALPHA_SIDE / max(frame.width, frame.height))
    width, height = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
    small = frame.reformat(width, height, "rgba", interpolation="AREA", threads=1)
    pixels = small.to_ndarray().astype(np.float32)
    # The luma of ITU-R BT.601, as everywhere else on this way. Not as a matrix product: where there
    # is little memory, the library for these ends the process instead of saying so.
    red, green, blue = np.moveaxis(pixels[..., :3], -1, 0)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    alpha = pixels[..., 3] / 255
    paper = np.rint(luma * alpha + 255 * (1 - alpha)).astype(np.uint8)
    return av.VideoFrame.from_ndarray(paper, "gray")
