"""What one takes away from the page "Clips": tables, and the clip with what was believed of it."""

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import streamlit as st

from rnnviz.core.clip import Clip
from rnnviz.core.clip_trace import Importance
from rnnviz.core.gradient_flow import GradientFlow
from rnnviz.data.video import VideoFormat, video_bytes
from rnnviz.ui.clips import measure, words
from rnnviz.ui.clips.annotated import annotated_frames, speed
from rnnviz.ui.clips.networks import ClipNetwork


def menu(network: ClipNetwork, clip: Clip, change: str) -> None:
    """Show a menu of files, each made when somebody asks for it.

    Args:
        network: Who reads.
        clip: What is read, after the change that was chosen.
        change: Which of ``CHANGES`` that is; the names of the files say it, and the films.
    """
    place = st.popover(
        "Files", icon=":material/download:", on_change="rerun", key="clips-menu-files"
    )
    if not place.open:
        return
    changed = words.changed_text(change)
    name = "-".join([network.name, *changed.split()])
    offer(place, "Belief after every frame, CSV", f"{name}-belief.csv", belief_maker(network, clip))
    offer(place, "Gradient at every frame, CSV", f"{name}-gradient.csv", gradient(network, clip))
    offer(place, "The annotated clip, GIF", f"{name}-clip.gif", film(network, clip, changed, "gif"))
    offer(place, "The annotated clip, mp4", f"{name}-clip.mp4", film(network, clip, changed, "mp4"))
    place.caption("Each figure has a button of its own that saves it as PNG.")


def offer(place: Any, label: str, file_name: str, make: Callable[[], bytes]) -> None:
    """Show a button that makes a file and hands it over."""
    key = f"clips-file-{file_name.rsplit('-', 1)[-1]}"
    place.download_button(label, make, file_name, key=key, on_click="ignore", width="stretch")


def belief_maker(network: ClipNetwork, clip: Clip) -> Callable[[], bytes]:
    """Return what makes the table of beliefs."""
    return lambda: belief_csv(clip, measure.reading(network, clip).beliefs, network.classes)


def gradient(network: ClipNetwork, clip: Clip) -> Callable[[], bytes]:
    """Return what makes the table of gradients."""

    def make() -> bytes:
        target = measure.reading(network, clip).answer
        flow = measure.flow(network, clip, target)
        return gradient_csv(clip, flow, measure.mattered(network, clip, target))

    return make


def film(network: ClipNetwork, clip: Clip, changed: str, kind: VideoFormat) -> Callable[[], bytes]:
    """Return what makes the annotated clip."""

    def make() -> bytes:
        beliefs = measure.reading(network, clip).beliefs
        frames = annotated_frames(clip, beliefs, network.classes, changed)
        return video_bytes(frames, speed(clip), kind)

    return make


def belief_csv(clip: Clip, beliefs: np.ndarray, classes: Sequence[str]) -> bytes:
    """Return a row a frame: its number from 1, its time, and the probability of every class."""
    rows = [
        [frame, f"{time:.3f}", *(f"{share:.7g}" for share in shares)]
        for frame, (time, shares) in enumerate(zip(clip.times_s, beliefs, strict=True), 1)
    ]
    return as_csv(["frame", "time_s", *classes], rows)


def gradient_csv(clip: Clip, flow: GradientFlow, importance: Importance) -> bytes:
    """Return a row a frame: the norms of dL/dstate and dL/dpixels, its saliency and occlusion."""
    norms = {f"gradient_{name}": flow.norms(name) for name in flow.states}
    columns = norms | {
        "gradient_pixels": np.sqrt((flow.inputs**2).sum(axis=(1, 2))),
        "saliency": importance.frame_saliency,
        "occlusion": importance.frame_occlusion,
    }
    rows = [
        [frame, f"{time:.3f}", *(f"{values[frame - 1]:.9g}" for values in columns.values())]
        for frame, time in enumerate(clip.times_s, 1)
    ]
    return as_csv(["frame", "time_s", *columns], rows)


def as_csv(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """Return a table as CSV text in UTF-8."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([cell_text(name) for name in head])
    writer.writerows(rows)
    return file.getvalue().encode()


def cell_text(name: str) -> str:
    """Return a name that no spreadsheet takes for a formula: classes are called as people like."""
    return f"'{name}" if name[:1] in "=+-@\t\r" else name
