"""Experiments run in processes of their own: one at a time, shared, stoppable, never outliving."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rnnviz.training.experiments import clipping, run_experiment, shipped
from rnnviz.training.jobs import ENDED, MOST_OF_ONE, MOST_WAITING, BusyError, Job, Jobs, job_key

QUICK = clipping.Settings(dataset="digits", units=8, batch=16, steps=4)
LONG = replace(QUICK, steps=10_000)
PATIENCE_S = 90


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Jobs]:
    found = Jobs(tmp_path)
    yield found
    found.close()


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.05)


def ended(job: Job) -> Callable[[], bool]:
    return lambda: job.state in ENDED


def test_a_job_reports_what_the_experiment_reports_here(jobs: Jobs, tmp_path: Path):
    job = jobs.start("clipping", QUICK)
    wait_until(ended(job))
    assert (job.state, job.message, job.progress) == ("done", "", 1.0)
    assert job.reports == list(run_experiment("clipping", QUICK, tmp_path))


def test_a_class_that_clicks_at_once_shares_one_job_and_others_wait(jobs: Jobs):
    first = jobs.start("clipping", LONG)
    assert all(jobs.start("clipping", LONG) is first for _ in range(30))
    second = jobs.start("clipping", replace(LONG, seed=1))
    third = jobs.start("clipping", replace(LONG, seed=2))
    assert [job.state for job in (first, second, third)] == ["running", "queued", "queued"]
    assert (jobs.place(second), jobs.place(third)) == (0, 1)
    jobs.stop(second)
    jobs.stop(first)
    wait_until(lambda: third.state == "running")
    assert [first.state, second.state] == ["stopped", "stopped"]


def test_a_stopped_job_keeps_its_reports_and_can_begin_anew(jobs: Jobs):
    job = jobs.start("clipping", LONG)
    wait_until(lambda: len(job.reports) > 0)
    jobs.stop(job)
    kept = len(job.reports)
    assert kept and 0 < job.progress < 1
    assert jobs.find("clipping", LONG) is job
    again = jobs.start("clipping", LONG)
    assert again is not job and len(job.reports) >= kept


def test_a_job_that_fails_says_why(tmp_path: Path):
    # Where the data folder should be there is a file, so no data set can be got into it.
    (tmp_path / "taken").write_text("")
    jobs = Jobs(tmp_path / "taken")
    job = jobs.start("clipping", replace(QUICK, dataset="mnist"))
    wait_until(ended(job))
    assert job.state == "failed"
    assert "taken" in job.message


def test_a_job_whose_process_is_killed_fails_and_the_next_one_runs(jobs: Jobs):
    job = jobs.start("clipping", LONG)
    after = jobs.start("clipping", QUICK)
    wait_until(lambda: len(job.reports) > 0)
    jobs._processes[job].kill()
    wait_until(ended(after))
    assert (job.state, after.state) == ("failed", "done")
    assert "memory" in job.message and "is shown" in job.message and job.reports


def test_too_many_waiting_jobs_are_refused_and_nothing_is_lost(jobs: Jobs):
    stopped = jobs.start("clipping", replace(LONG, seed=5000), "ann")
    jobs.stop(stopped, "ann")
    wait_until(lambda: stopped not in jobs._processes)
    for seed in range(MOST_WAITING + 1):
        jobs.start("clipping", replace(LONG, seed=seed), f"student {seed}")
    with pytest.raises(BusyError, match="waiting"):
        jobs.start("clipping", stopped.settings, "ann")
    assert jobs.find("clipping", stopped.settings) is stopped


def test_one_person_can_not_fill_the_queue(jobs: Jobs):
    for seed in range(MOST_OF_ONE + 1):
        jobs.start("clipping", replace(LONG, seed=seed), "ann")
    with pytest.raises(BusyError, match="yours"):
        jobs.start("clipping", replace(LONG, seed=1000), "ann")
    jobs.start("clipping", replace(LONG, seed=1000), "bob")


def test_a_run_goes_on_until_the_last_who_wants_it_has_stopped_it(jobs: Jobs):
    job = jobs.start("clipping", LONG, "ann")
    assert jobs.start("clipping", LONG, "bob") is job
    jobs.stop(job, "ann")
    jobs.stop(job, "somebody who only looks on")
    assert job.state == "running"
    jobs.stop(job, "bob")
    assert job.state == "stopped"


def test_a_job_begun_anew_at_once_is_another_process_that_can_be_stopped(tmp_path: Path):
    jobs = Jobs(tmp_path, at_once=2)
    first = jobs.start("clipping", LONG)
    wait_until(lambda: len(first.reports) > 0)
    jobs.stop(first)
    second = jobs.start("clipping", LONG)
    wait_until(lambda: len(second.reports) > 0 and first not in jobs._processes)
    process = jobs._processes[second]
    jobs.stop(second)
    wait_until(lambda: process.poll() is not None)
    third = jobs.start("clipping", QUICK)
    wait_until(ended(third))
    assert third.state == "done"
    jobs.close()


def test_a_job_ends_with_whoever_started_it(tmp_path: Path):
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from rnnviz.training.experiments import clipping\n"
        "from rnnviz.training.jobs import Jobs\n"
        "settings = clipping.Settings(dataset='digits', units=8, batch=16, steps=10_000)\n"
        "jobs = Jobs(Path(sys.argv[1]))\n"
        "job = jobs.start('clipping', settings)\n"
        "while not job.reports: time.sleep(0.05)\n"
        "print(jobs._processes[job].pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    wait_until(lambda: not alive(child))
    parent.stdout.close()


def alive(process: int) -> bool:
    """Return whether a process still runs; one that waits to be buried doesn't."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rsplit(")", 1)[1].split()[0] != "Z"


def test_equal_settings_are_one_key_and_others_are_not():
    assert job_key("clipping", QUICK) == job_key("clipping", replace(QUICK))
    assert job_key("clipping", QUICK) != job_key("clipping", replace(QUICK, seed=1))
    assert job_key("clipping", QUICK) != job_key("race", QUICK)


def test_what_is_shipped_is_only_given_for_its_very_settings():
    assert shipped("clipping", replace(QUICK, seed=7)) is None
