"""The job that a page starts: it learns from a folder, tells how far it is, leaves a network."""

import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from rnnviz.data.clips.clip_file import save_clips
from rnnviz.data.clips.clipset import ClipSet
from rnnviz.models.clips.checkpoint import load_clip_checkpoint
from rnnviz.training.clips.own import teach
from rnnviz.training.experiments import own_actions, run_experiment, settings_of
from rnnviz.training.experiments.own_actions import Settings, gather, network_path
from rnnviz.training.jobs import ENDED, Job, Jobs
from tests.training.clips.actions import recorded_set

PATIENCE_S = 120


@pytest.fixture(scope="module")
def small() -> ClipSet:
    return recorded_set(5, ("clap", "wave"), frames=4)


def filled(folder: Path, clips: ClipSet, steps: int = 11) -> Settings:
    save_clips(clips, folder / own_actions.CLIPS)
    return Settings(folder=str(folder), steps=steps)


def ended(jobs: Jobs, settings: Settings) -> Job:
    job = jobs.start(own_actions.NAME, settings, "ann")
    until = time.monotonic() + PATIENCE_S
    while job.state not in ENDED:
        assert time.monotonic() < until, "it takes too long"
        time.sleep(0.05)
    return job


def test_a_job_teaches_what_lies_in_its_folder(tmp_path, small):
    settings = filled(tmp_path, small)
    jobs = Jobs(tmp_path)
    job = ended(jobs, settings)
    assert (job.state, job.message, job.progress) == ("done", "", 1.0)
    course = gather(settings, job.reports)
    *_, here = teach(small, settings.own())
    assert course.taught is not None and here.taught is not None and here.checkpoint is not None
    np.testing.assert_allclose(
        course.taught.probabilities, here.taught.probabilities, atol=1e-3, err_msg="two processes"
    )
    assert (course.share, course.judged, course.right) == (1.0, 10, course.taught.right)
    assert (course.part, course.parts) == (11, 11)
    network = load_clip_checkpoint(network_path(settings))
    assert network.metrics == pytest.approx(course.taught.metrics())
    clips = torch.from_numpy(small.frames).float() / 255
    torch.testing.assert_close(
        network.model()(clips), here.checkpoint.model()(clips), atol=1e-3, rtol=0
    )
    jobs.close()


def test_a_course_can_be_shown_from_before_its_first_report_on(tmp_path, small):
    settings = filled(tmp_path, small, steps=1)
    reports = list(run_experiment(own_actions.NAME, settings, tmp_path))
    json.dumps(reports, allow_nan=False)
    shares = [gather(settings, reports[:count]).share for count in range(len(reports) + 1)]
    assert shares == sorted(shares) and (shares[0], shares[-1]) == (0.0, 1.0)
    assert gather(settings, reports[:-1]).taught is None
    assert gather(settings, reports).taught is not None


def test_too_few_clips_fail_the_job_with_words_and_leave_no_network(tmp_path, small):
    settings = filled(tmp_path, small.choose(np.arange(9)))
    jobs = Jobs(tmp_path)
    job = ended(jobs, settings)
    assert job.state == "failed" and "'wave' has 4 clips" in job.message
    assert not network_path(settings).exists()
    jobs.close()


@pytest.mark.parametrize("content", [None, b"not clips"])
def test_a_folder_without_clips_fails_the_job_with_words(tmp_path, content):
    if content is not None:
        (tmp_path / own_actions.CLIPS).write_bytes(content)
    with pytest.raises(ValueError, match=r"can't be read|isn't a file of clips"):
        next(own_actions.run(Settings(folder=str(tmp_path)), tmp_path))


def test_its_settings_survive_json_and_are_checked():
    settings = Settings(folder="/somewhere", input="both", start="", frozen=False, seed=3)
    assert settings_of(own_actions.NAME, vars(settings)) == settings
    assert hash(replace(settings, seed=4)) != hash(settings)
    with pytest.raises(ValueError, match="no input 'colour'"):
        settings_of(own_actions.NAME, {"folder": "x", "input": "colour"})
