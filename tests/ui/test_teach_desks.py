"""What the server keeps of each visitor: for that one alone, and within bounds."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rnnviz.core.clip import Clip
from rnnviz.data.clips.clip_file import load_clip_file
from rnnviz.data.errors import InputError
from rnnviz.models.store import shipped_names
from rnnviz.training.clips.own_settings import SHIPPED
from rnnviz.training.experiments import own_actions
from rnnviz.training.jobs import MOST_OF_ONE, BusyError, Jobs
from rnnviz.ui.clips.teach import desks as module
from rnnviz.ui.clips.teach.collection import FRAMES, Collection, add_clips, as_clips, begin
from rnnviz.ui.clips.teach.desks import Desks, Lesson
from rnnviz.ui.clips.teach.lessons import (
    FORGOTTEN,
    FROM_NOTHING,
    KEPT,
    LEARNED_ON,
    STOPPED,
    Wish,
    begin_lesson,
    end_lesson,
    job_of,
    look_after,
    starts,
)


def collected(count: int) -> Collection:
    """Return so many different clips of each of two actions."""
    there = begin()
    for action in there.actions:
        noise = np.random.default_rng(action.key).random((count, FRAMES, 28, 28), np.float32)
        clips = [(f"clip {n}", Clip(one, np.arange(FRAMES) * 0.1)) for n, one in enumerate(noise)]
        there = add_clips(there, action.key, clips)
    return there


@pytest.fixture
def jobs(tmp_path: Path):
    """A queue in which nothing is ever started, so that what waits goes on waiting."""
    queue = Jobs(tmp_path, at_once=0)
    yield queue
    queue.close()


def owned(desks: Desks, who: str, there: Collection) -> None:
    desks.change(who, lambda desk: replace(desk, collection=there))


def folder_of(desks: Desks, who: str) -> Path:
    lesson = desks.of(who).lesson
    assert lesson is not None
    return Path(lesson.settings.folder)


def test_a_visitor_has_one_desk_and_no_part_of_anothers():
    desks = Desks()
    there = collected(3)
    owned(desks, "anna", there)
    assert desks.of("anna").collection is there
    assert len(desks.of("ben").collection) == 0


def test_a_change_that_fails_changes_nothing():
    desks = Desks()
    before = desks.of("anna")

    def fail(_):
        raise InputError("No.")

    with pytest.raises(InputError):
        desks.change("anna", fail)
    assert desks.of("anna") is before


def test_what_was_not_touched_for_longest_makes_room(monkeypatch):
    size = collected(2).size_bytes
    monkeypatch.setattr(module, "MOST_BYTES", 2 * size)
    desks = Desks()
    owned(desks, "anna", collected(2))
    owned(desks, "ben", collected(2))
    desks.of("anna")
    owned(desks, "carla", collected(2))
    counts = {who: len(desks.of(who).collection) for who in ("carla", "anna", "ben")}
    assert counts == {"carla": 4, "anna": 4, "ben": 0}


def test_even_the_largest_desk_is_kept_while_it_is_the_last_one(monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 1)
    desks = Desks()
    owned(desks, "anna", collected(3))
    assert len(desks.of("anna").collection) == 6


def test_what_is_a_day_old_is_cleared_with_the_folder_of_its_lesson(monkeypatch, jobs: Jobs):
    desks = Desks()
    owned(desks, "anna", collected(5))
    begin_lesson(desks, jobs, "anna", Wish())
    folder = folder_of(desks, "anna")
    assert folder.is_dir()
    monkeypatch.setattr(module, "KEPT_S", -1)
    desks.of("ben")
    monkeypatch.undo()
    assert not folder.exists()
    assert desks.of("anna").lesson is None


def test_a_lesson_learns_from_just_these_clips_in_a_private_folder(jobs: Jobs):
    desks = Desks()
    owned(desks, "anna", collected(5))
    begin_lesson(desks, jobs, "anna", Wish(sight="changes", start=FROM_NOTHING, steps=7))
    folder = folder_of(desks, "anna")
    assert folder.stat().st_mode & 0o077 == 0
    written = load_clip_file(folder / own_actions.CLIPS)
    assert written.frames.tobytes() == as_clips(desks.of("anna").collection).frames.tobytes()
    lesson = desks.of("anna").lesson
    assert lesson is not None
    asked = lesson.settings
    assert (asked.input, asked.start, asked.steps) == ("changes", "", 7)
    job = job_of(jobs, lesson)
    assert job is not None
    assert job.state == "queued"


@pytest.mark.parametrize(
    ("start", "asked", "frozen"),
    [(KEPT, SHIPPED, True), (LEARNED_ON, SHIPPED, False), (FROM_NOTHING, "", False)],
)
def test_a_lesson_begins_as_was_wished(jobs: Jobs, start: str, asked: str, frozen: bool):
    desks = Desks()
    owned(desks, "anna", collected(5))
    begin_lesson(desks, jobs, "anna", Wish(start=start))
    lesson = desks.of("anna").lesson
    assert lesson is not None
    assert (lesson.settings.start, lesson.settings.frozen) == (asked, frozen)


def test_a_network_begins_as_a_shipped_one_unless_told_otherwise():
    assert SHIPPED in shipped_names()
    assert starts() == (KEPT, LEARNED_ON, FROM_NOTHING)


def test_too_few_clips_are_told_before_anything_is_started(jobs: Jobs):
    desks = Desks()
    owned(desks, "anna", collected(4))
    with pytest.raises(InputError, match="at least 5"):
        begin_lesson(desks, jobs, "anna", Wish())
    assert desks.of("anna").lesson is None


def test_a_full_queue_is_told_and_leaves_no_folder(jobs: Jobs, monkeypatch):
    desks = Desks()
    owned(desks, "anna", collected(5))
    for seed in range(MOST_OF_ONE):
        jobs.start(own_actions.NAME, own_actions.Settings("nowhere", seed=seed), "anna")
    with pytest.raises(BusyError, match="waiting already"):
        begin_lesson(desks, jobs, "anna", Wish())
    assert desks.of("anna").lesson is None
    assert not list(Path(desks.new_folder()).parent.glob("*/*")), "nothing lies about"


def test_a_lesson_that_is_ended_is_stopped_and_cleared(jobs: Jobs):
    desks = Desks()
    owned(desks, "anna", collected(5))
    begin_lesson(desks, jobs, "anna", Wish())
    lesson, folder = desks.of("anna").lesson, folder_of(desks, "anna")
    assert lesson is not None
    assert look_after(desks, jobs, "anna") == "", "it waits"
    end_lesson(desks, jobs, "anna")
    job = job_of(jobs, lesson)
    assert job is not None
    assert job.state == "stopped"
    assert not folder.exists()
    assert desks.of("anna").lesson is None


def test_a_lesson_that_is_stopped_or_forgotten_is_told_once(jobs: Jobs):
    desks = Desks()
    owned(desks, "anna", collected(5))
    begin_lesson(desks, jobs, "anna", Wish())
    jobs.close()
    assert look_after(desks, jobs, "anna") == STOPPED
    assert look_after(desks, jobs, "anna") == ""
    gone = Lesson(own_actions.Settings("nowhere"), as_clips(collected(1)))
    desks.change("anna", lambda desk: replace(desk, lesson=gone))
    assert look_after(desks, jobs, "anna") == FORGOTTEN
    assert len(desks.of("anna").collection) == 10, "the clips are still there"
