"""The route of a clip: one step a frame, each hears from the one before it."""

from functools import lru_cache

from rnnviz.core.route import Route, chain, volume_indices

NAME = "frames"


@lru_cache(maxsize=64)
def frames_route(frames: int, height: int, width: int) -> Route:
    """Return the route that reads a clip frame by frame.

    What a step reads are the pixels of its frame. A spatial network reads them first, by a route of
    its own, and the step is taken on what that network made of them.

    Raises:
        ValueError: If there is no frame, or nothing in it.
    """
    shape = (frames, height, width)
    if min(shape) < 1:
        raise ValueError(f"A clip has at least one frame of one pixel, got {shape}.")
    return chain(NAME, shape, volume_indices(shape).reshape(frames, height * width))
