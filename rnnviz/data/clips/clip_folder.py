"""A folder of clips of one's own: one sub-folder a class, as torchvision's ``ImageFolder`` has it.

```
actions/
    wave/   anna.mp4  ben.webm  carla/ 001.png 002.png ...
    clap/   anna.mov  ben.gif
```
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnnviz.data.clips.clipset import ClipSet
from rnnviz.data.dataset import SIDE
from rnnviz.data.errors import ClipError
from rnnviz.data.video.pictures import frames_of_folder, is_inside, natural
from rnnviz.data.video.prepare import Polarity, prepare_clip
from rnnviz.data.video.read import read_video
from rnnviz.data.video.video import DEFAULT_LIMITS, VideoLimits

MOST_CLASSES = 64
MOST_CLIPS = 2_000
FEWEST_CLASSES = 2
FEWEST_CLIPS = 2
"""Of each class, as many must be readable: one to learn from and one to test with."""
AT_ONCE = 2
"""Clips that are decoded at the same time."""
OTHER_FILES = (".txt", ".md", ".csv", ".json", ".xml", ".html", ".ini", ".db", ".log")
"""Endings of notes that people keep beside their clips; such files are left alone."""


@dataclass(frozen=True, eq=False)
class FolderClips(ClipSet):
    """Clips from a folder, and what could not be read of it.

    Attributes:
        problems: One line for each file that isn't among the clips: where it lies, and why.
    """

    problems: tuple[str, ...] = ()


def read_clip_folder(
    path: Path,
    frames: int,
    polarity: Polarity = "as is",
    limits: VideoLimits = DEFAULT_LIMITS,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> FolderClips:
    """Return the clips in a folder, its sub-folders being the classes.

    Args:
        path: The folder. In each sub-folder lie videos, or folders of pictures. Hidden files,
            notes (``OTHER_FILES``) and links that lead out of the folder are left alone.
        frames: How many frames each clip is to have; see ``prepare_clip``.
        polarity: Whether clips on bright ground are inverted; see ``prepare_clip``.
        limits: How much of each file is read at most.
        report: Called with the number of clips that are read, and of all.

    Returns:
        The clips by class, in the order of their names (2 before 10), the classes sorted by
        name. ``names`` says where each clip lies within the folder, and ``problems`` which of
        them could not be read, and why.

    Raises:
        ClipError: There is no such folder, it has fewer than 2 classes or more than 64, more than
            2,000 clips, or a class with fewer than 2 clips that can be read.
    """
    classes = class_folders(path)
    files = [(label, file) for label, one in enumerate(classes) for file in clips_in(one, path)]
    if len(files) > MOST_CLIPS:
        raise ClipError(
            f"'{path.name}' holds {len(files):,} clips, but at most {MOST_CLIPS:,} are read. "
            "Take some out, or put them into a second folder."
        )
    kept, labels, names, problems = [], [], [], []

    def read(file: Path) -> np.ndarray | ClipError:
        try:
            return read_clip(file, frames, polarity, limits)
        except ClipError as error:
            return error

    # The work is done in the processes that decode; a thread only waits for one.
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        answers = zip(files, pool.map(read, [file for _, file in files]), strict=True)
        for done, ((label, file), found) in enumerate(answers, start=1):
            name = file.relative_to(path).as_posix()
            if isinstance(found, ClipError):
                problems.append(f"{name}: {found}")
            else:
                kept.append(found)
                labels.append(label)
                names.append(name)
            report(done, len(files))
    finally:
        # Whoever stops the reading isn't to wait for all clips that are left.
        pool.shutdown(cancel_futures=True)
    check_enough(classes, labels, problems)
    return FolderClips(
        name=path.name,
        split="all",
        frames=np.stack(kept),
        lengths=np.full(len(kept), frames, np.int64),
        labels=np.array(labels, np.int64),
        classes=tuple(one.name for one in classes),
        source=f"The folder '{path.name}'.",
        names=tuple(names),
        problems=tuple(problems),
    )


def class_folders(path: Path) -> list[Path]:
    """Return the sub-folders that are the classes, sorted by name."""
    try:
        classes = sorted(one for one in path.iterdir() if is_inside(one, path) and one.is_dir())
    except OSError as error:
        raise ClipError(f"The folder '{path.name}' cannot be read: {error.strerror}.") from error
    if not FEWEST_CLASSES <= len(classes) <= MOST_CLASSES:
        raise ClipError(
            f"A folder of clips has one sub-folder for each class, {FEWEST_CLASSES} to "
            f"{MOST_CLASSES} of them, but '{path.name}' has {len(classes)}. Put the clips of each "
            "class into a sub-folder that is called like the class."
        )
    return classes


def clips_in(folder: Path, top: Path) -> list[Path]:
    """Return what may be a clip of one class: files, and folders of pictures."""
    try:
        # A link may lead to another class: a clip belongs to the folder that names it.
        inside = [one for one in folder.iterdir() if is_inside(one, top)]
    except OSError as error:
        raise ClipError(f"The folder '{folder.name}' cannot be read: {error.strerror}.") from error
    return sorted((one for one in inside if one.suffix.lower() not in OTHER_FILES), key=natural)


def read_clip(file: Path, frames: int, polarity: Polarity, limits: VideoLimits) -> np.ndarray:
    """Return one clip, uint8, shape (frame, 28, 28); raise a ClipError where it isn't one."""
    is_folder = file.is_dir()
    video = frames_of_folder(file, limits) if is_folder else read_video(file, file.name, limits)
    clip = prepare_clip(video, frames, SIDE, polarity=polarity)
    return np.rint(clip.frames * 255).astype(np.uint8)


def check_enough(classes: list[Path], labels: list[int], problems: list[str]) -> None:
    """Raise a ClipError where a class has too few clips to learn from."""
    for label, folder in enumerate(classes):
        count = labels.count(label)
        if count >= FEWEST_CLIPS:
            continue
        failed = [one for one in problems if one.startswith(f"{folder.name}/")]
        raise ClipError(
            f"Each class needs {FEWEST_CLIPS} clips or more that can be read, but '{folder.name}' "
            f"has {count}. " + ("Add some." if not failed else f"Not read, for one: {failed[0]}")
        )
