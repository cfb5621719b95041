"""A folder of numbered pictures as a video."""

import re
from pathlib import Path

import numpy as np
from PIL import Image

from rnnviz.data.errors import ClipError, PictureError
from rnnviz.data.uploads import read_picture
from rnnviz.data.video.prepare import FRAME_S
from rnnviz.data.video.video import DEFAULT_LIMITS, Original, Video, VideoLimits

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".gif")


def frames_of_folder(path: Path, limits: VideoLimits = DEFAULT_LIMITS) -> Video:
    """Return the pictures in a folder as the frames of a video, ``FRAME_S`` apart.

    Args:
        path: The folder. Its pictures are read in the order of the numbers in their names (2
            before 10); hidden files, other files, and links that lead out of it are left alone.
        limits: How many frames are kept at most, and how large.

    Returns:
        Of more than ``limits.frames`` pictures so many, evenly; grey, on white where they are
        transparent.

    Raises:
        ClipError: There are fewer than two pictures, one cannot be read, or their sizes differ.
    """
    files = pictures_in(path)
    if len(files) < 2:
        raise ClipError(
            f"A folder of frames holds 2 pictures or more (png, jpg, bmp, webp), but "
            f"'{path.name}' holds {len(files)}."
        )
    # A picture that stands for several lasts as long as these.
    step = max(1.0, len(files) / limits.frames)
    count = round(len(files) / step)
    chosen = [files[int((k + 0.5) * step)] for k in range(count)]
    pictures = [as_grey(file) for file in chosen]
    for file, picture in zip(chosen, pictures, strict=True):
        if picture.size != pictures[0].size:
            raise ClipError(
                "The frames of a clip are all of one size, but "
                f"'{chosen[0].name}' has {as_size(pictures[0])} pixels and '{file.name}' "
                f"{as_size(picture)}. Save them alike."
            )
    width, height = pictures[0].size
    return Video(
        frames=np.stack([shrunk(picture, limits.side) for picture in pictures]),
        times_s=np.arange(count) * FRAME_S * step,
        duration_s=count * FRAME_S * step,
        name=path.name,
        original=Original(width, height, "pictures", frames=len(files)),
    )


def pictures_in(path: Path) -> list[Path]:
    """Return the pictures that lie in a folder, in the order of the numbers in their names."""
    try:
        files = [file for file in path.iterdir() if is_inside(file, path) and file.is_file()]
    except OSError as error:
        raise ClipError(f"The folder '{path.name}' cannot be read: {error.strerror}.") from error
    return sorted((one for one in files if one.suffix.lower() in SUFFIXES), key=natural)


def is_inside(file: Path, folder: Path) -> bool:
    """Return whether a file isn't hidden and, wherever it links to, lies in a folder."""
    try:
        leads_to = file.resolve()
    except (OSError, RuntimeError):  # a link that leads to itself
        return False
    return not file.name.startswith(".") and leads_to.is_relative_to(folder.resolve())


def natural(file: Path) -> list[tuple[int, int, str]]:
    """Return what sorts names as people do: numbers by their value."""
    parts = re.findall(r"(\d+)|(\D+)", file.name.lower())
    return [(0, int(digits), "") if digits else (1, 0, text) for digits, text in parts]


def as_grey(file: Path) -> Image.Image:
    """Return one picture, grey, on white where it is transparent."""
    try:
        array = read_picture(file.read_bytes())
    except OSError as error:
        raise ClipError(f"'{file.name}' cannot be opened: {error.strerror}.") from error
    except PictureError as error:
        raise ClipError(f"'{file.name}': {error}") from error
    picture = Image.fromarray(array)
    if picture.mode == "RGBA":
        paper = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(paper, picture)
    return picture.convert("L")


def shrunk(picture: Image.Image, side: int) -> np.ndarray:
    """Return a picture with its longest side at most ``side``, averaged over areas."""
    scale = min(1.0, side / max(picture.size))
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    return np.asarray(picture.resize(size, Image.Resampling.BOX))


def as_size(picture: Image.Image) -> str:
    """Return the size of a picture in words."""
    return f"{picture.width} × {picture.height}"
