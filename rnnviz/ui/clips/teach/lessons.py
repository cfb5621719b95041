"""Trainings on one's own actions: begun, looked after, ended. No Streamlit."""

from dataclasses import dataclass, replace

from rnnviz.data.clips.clip_file import save_clips
from rnnviz.models.checkpoint import CheckpointError
from rnnviz.models.clips.checkpoint import parse_clip_checkpoint
from rnnviz.models.clips.config import Sight
from rnnviz.models.store import shipped_names
from rnnviz.training.clips.own import check_clips
from rnnviz.training.clips.own_settings import SHIPPED
from rnnviz.training.experiments import own_actions
from rnnviz.training.jobs import BusyError, Job, Jobs
from rnnviz.ui.clips.teach.collection import as_clips
from rnnviz.ui.clips.teach.desks import Desk, Desks, Lesson, Outcome, throw_away

KEPT, LEARNED_ON, FROM_NOTHING = "kept", "learned on", "nothing"
"""How the part of a network that reads a frame can begin: as a shipped one's, which stays as it is
or learns on, or from nothing."""
FORGOTTEN = "The training is gone, perhaps because the server was restarted. Train again."
STOPPED = "The training was stopped."


@dataclass(frozen=True)
class Wish:
    """What one can choose about a training."""

    sight: Sight = own_actions.Settings.input
    """What the network is shown of every frame."""
    start: str = KEPT
    """How the part that reads a frame begins, one of ``starts()``."""
    steps: int = own_actions.Settings.steps
    """Training steps of each of the trainings."""


def starts() -> tuple[str, ...]:
    """Return how the part that reads a frame can begin here, the default first."""
    if SHIPPED in shipped_names():
        return (KEPT, LEARNED_ON, FROM_NOTHING)
    return (FROM_NOTHING,)


def begin_lesson(desks: Desks, jobs: Jobs, who: str, wish: Wish) -> None:
    """Start a training on what a visitor has collected.

    Raises:
        InputError: If there are too few clips.
        BusyError: If too many trainings are waiting.
    """
    clips = as_clips(desks.of(who).collection)
    check_clips(clips)
    folder = desks.new_folder()
    known = starts()
    start = wish.start if wish.start in known else known[0]
    settings = own_actions.Settings(
        folder=str(folder),
        input=wish.sight,
        start="" if start == FROM_NOTHING else SHIPPED,
        frozen=start == KEPT,
        steps=wish.steps,
    )
    lesson = Lesson(settings, clips)
    try:
        save_clips(clips, folder / own_actions.CLIPS)
        jobs.start(own_actions.NAME, settings, who)
    except (BusyError, OSError):
        throw_away(lesson)
        raise
    end_lesson(desks, jobs, who)
    desks.change(who, lambda desk: replace(desk, lesson=lesson))


def job_of(jobs: Jobs, lesson: Lesson) -> Job | None:
    """Return the job of a lesson, None if the server has forgotten it."""
    return jobs.find(own_actions.NAME, lesson.settings)


def end_lesson(desks: Desks, jobs: Jobs, who: str) -> None:
    """Stop a visitor's training, if there is one."""

    def without(desk: Desk) -> Desk:
        if desk.lesson is None:
            return desk
        if (job := job_of(jobs, desk.lesson)) is not None:
            jobs.stop(job, who)
        throw_away(desk.lesson)
        return replace(desk, lesson=None)

    desks.change(who, without)


def look_after(desks: Desks, jobs: Jobs, who: str) -> str:
    """Take the result of a visitor's training once it has ended; return what went wrong, or "".

    Whoever asks first, in whichever tab, takes it for all.
    """
    told = ""

    def after(desk: Desk) -> Desk:
        nonlocal told
        if desk.lesson is None:
            return desk
        job = job_of(jobs, desk.lesson)
        if job is not None and job.state in ("queued", "running"):
            return desk
        outcome, told = taken(desk.lesson, job)
        throw_away(desk.lesson)
        return replace(desk, lesson=None, outcome=outcome or desk.outcome)

    desks.change(who, after)
    return told


def taken(lesson: Lesson, job: Job | None) -> tuple[Outcome | None, str]:
    """Return what came of a lesson that has ended, or why nothing did."""
    if job is None:
        return None, FORGOTTEN
    if job.state != "done":
        return None, job.message or STOPPED
    course = own_actions.gather(lesson.settings, list(job.reports))
    try:
        data = own_actions.network_path(lesson.settings).read_bytes()
        checkpoint = parse_clip_checkpoint(data, "your network")
    except (OSError, CheckpointError):
        return None, FORGOTTEN
    if course.taught is None:
        return None, FORGOTTEN
    return Outcome(lesson.clips, course.taught, checkpoint, data, job.ended_at), ""
