"""Teach a network one's own actions, as a job: it learns from a folder that a page has filled.

How a page uses it::

    folder = Path(tempfile.mkdtemp(prefix="rnnviz-own-"))  # private, and nobody can guess its name
    save_clips(clips, folder / own_actions.CLIPS)  # rnnviz.data.clips.clip_file; clips: a ClipSet
    settings = own_actions.Settings(folder=str(folder), input="changes")
    job = jobs().start(own_actions.NAME, settings, who())  # or find(...) on the next run
    course = own_actions.gather(settings, list(job.reports))
    course.share, course.part, course.parts  # progress; course.right of course.judged so far
    if job.state == "done":
        course.taught  # rnnviz.training.clips.taught.Taught: the honest accuracy and every answer
        load_clip_checkpoint(own_actions.network_path(settings))  # the network

``job.message`` says why a job failed, in words for people (too few clips of a class, a loss that
overflowed). ``check_clips`` of ``rnnviz.training.clips.own`` tells the former before a job is
started. Whoever made the folder deletes it; equal folders and settings are one job.

It has no presets: what it learns from is what a person brings.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnviz.data.clips.clip_file import load_clip_file
from rnnviz.models.clips.checkpoint import save_clip_checkpoint
from rnnviz.models.clips.config import Sight
from rnnviz.training.clips.own import teach
from rnnviz.training.clips.own_settings import SHIPPED, OwnSettings
from rnnviz.training.clips.taught import Taught, parse_taught

NAME = "own-actions"
LABEL = "Your own actions"
DESCRIPTION = "A clip model learns actions of your own, and every clip is judged unseen."
ORDER = 90
PRESETS: dict[str, "Settings"] = {}

CLIPS = "clips.safetensors"
"""The file in the folder that is learned from."""
NETWORK = "network.safetensors"
"""The file in the folder into which the network is written."""


@dataclass(frozen=True)
class Settings:
    """Everything that the result depends on."""

    folder: str
    """Folder in which the clips lie, as ``CLIPS``, and into which the network is written."""
    input: Sight = OwnSettings.input
    """What the spatial network is shown: "frames", "changes" or "both"."""
    start: str = SHIPPED
    """How the spatial network begins: as a shipped model's, by its name, or "" for fresh
    weights."""
    frozen: bool = True
    """Whether the spatial weights stay as they start."""
    steps: int = OwnSettings.steps
    """Training steps of each of the trainings."""
    seed: int = 0
    """Of everything that is left to chance."""

    def __post_init__(self) -> None:
        """Check the ranges."""
        self.own()

    def own(self) -> OwnSettings:
        """Return what the teaching is asked for."""
        return OwnSettings(
            input=self.input,
            start=self.start,
            frozen=self.frozen,
            steps=self.steps,
            seed=self.seed,
        )


@dataclass(frozen=True, eq=False)
class Course:
    """How far a teaching has got, and its result once it has ended.

    Attributes:
        share: Share of the training steps that is done, 0 to 1.
        part: Which training is under way, from 1; the last one learns from all clips.
        parts: How many trainings there are, 0 before the first report.
        losses: The loss at each report, in nats.
        judged: How many clips have been judged by a network that never saw them.
        right: How many of those were answered right.
        taught: The result; None before the end.
    """

    share: float
    part: int
    parts: int
    losses: tuple[float, ...]
    judged: int
    right: int
    taught: Taught | None


def network_path(settings: Settings) -> Path:
    """Return where the network lies once the job is done."""
    return Path(settings.folder) / NETWORK


def run(settings: Settings, folder: Path) -> Iterator[dict[str, Any]]:
    """Teach, yielding reports; the network is written before the last one.

    Raises:
        ClipError: If the file of clips can't be read.
        InputError: If there are too few clips, or the start doesn't fit.
        FloatingPointError: If a loss overflows.
    """
    del folder
    clips = load_clip_file(Path(settings.folder) / CLIPS)
    for report in teach(clips, settings.own()):
        told = {
            "done": report.done,
            "total": report.total,
            "part": report.part + 1,
            "parts": report.parts,
            "loss": round(report.loss, 6),
            "judged": report.judged,
            "right": report.right,
        }
        if report.taught is not None and report.checkpoint is not None:
            save_clip_checkpoint(report.checkpoint, network_path(settings))
            told["taught"] = report.taught.as_dict()
        yield told


def gather(settings: Settings, reports: Sequence[Mapping[str, Any]]) -> Course:
    """Return what the reports say so far; none yet are a course that has not begun."""
    del settings
    if not reports:
        return Course(0.0, 1, 0, (), 0, 0, None)
    last = reports[-1]
    found = last.get("taught")
    return Course(
        share=last["done"] / max(last["total"], 1),
        part=last["part"],
        parts=last["parts"],
        losses=tuple(report["loss"] for report in reports),
        judged=last["judged"],
        right=last["right"],
        taught=None if found is None else parse_taught(found),
    )
