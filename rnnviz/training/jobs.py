"""Experiments in processes of their own, so that no page waits for a training.

A job is a child process (``python -m rnnviz.training.job``) at low priority, which reports in
JSON, a line each, and ends when its standard input closes: with whoever started it, however that
ended. Equal settings are one job: a class that clicks at once watches the same run, which goes on
until the last one who asked for it has stopped it.
"""

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from rnnviz.training.experiments import Report, as_json

State = Literal["queued", "running", "done", "failed", "stopped"]

ENDED: tuple[State, ...] = ("done", "failed", "stopped")
KEPT_JOBS = 64
"""Ended jobs that are remembered; the longest untouched one goes first."""
MOST_WAITING = 32
"""Jobs that may wait; one more is refused."""
MOST_OF_ONE = 3
"""Jobs that may wait for one person alone."""
PRIORITY = 10
"""How nice a job is to what else the machine does (0 to 19)."""
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class BusyError(ValueError):
    """No more jobs are taken at the moment."""


@dataclass(eq=False)
class Job:
    """One run of an experiment, as far as it has got."""

    key: str
    """Tells it from all other jobs: a digest of the experiment and its settings."""
    experiment: str
    """Registry name of the experiment."""
    settings: Any
    """Its settings."""
    state: State = "queued"
    """How it stands."""
    reports: list[Report] = field(default_factory=list)
    """What it has reported; only ever appended to."""
    message: str = ""
    """Why it failed, empty otherwise."""
    wanted_by: set[str] = field(default_factory=set)
    """Who has asked for it and hasn't stopped it."""
    ended_at: float = 0.0
    """When it ended, in seconds since the epoch; 0 before that."""

    @property
    def progress(self) -> float:
        """The share of the training steps that is done, 0 to 1."""
        if not self.reports:
            return 0.0
        return min(self.reports[-1]["done"] / max(self.reports[-1]["total"], 1), 1.0)


def job_key(experiment: str, settings: Any) -> str:
    """Return what tells a job from all others, the same for equal settings."""
    return hashlib.sha256(f"{experiment} {as_json(settings)}".encode()).hexdigest()[:16]


class Jobs:
    """All jobs of one server: a queue, of which ``at_once`` run at a time. Safe to share."""

    def __init__(self, folder: Path, at_once: int = 1) -> None:
        """Make an empty queue; ``folder`` is the data folder that the experiments read."""
        self.folder, self.at_once = folder, at_once
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._processes: dict[Job, subprocess.Popen[str]] = {}
        self._lock = threading.RLock()

    def find(self, experiment: str, settings: Any) -> Job | None:
        """Return the job of these very settings, in whatever state, None if there is none."""
        with self._lock:
            return self._jobs.get(job_key(experiment, settings))

    def start(self, experiment: str, settings: Any, who: str = "") -> Job:
        """Return the job of these settings: the one under way or done, otherwise a new one.

        A job that failed or was stopped is begun anew; until then its reports stay.

        Args:
            experiment: Registry name of an experiment.
            settings: Its settings.
            who: Whoever asks, as ``stop`` will call them.

        Raises:
            BusyError: If too many are waiting.
        """
        with self._lock:
            key = job_key(experiment, settings)
            known = self._jobs.get(key)
            if known is not None and known.state not in ("failed", "stopped"):
                if known.state != "done":
                    known.wanted_by.add(who)
                return known
            self._check_room(who)
            self._forget()
            job = Job(key, experiment, settings, wanted_by={who})
            self._jobs[key] = job
            self._jobs.move_to_end(key)
            self._next()
            return job

    def _check_room(self, who: str) -> None:
        """Raise a BusyError if no more may wait, of all or of this person; the lock is held."""
        waiting = [job for job in self._jobs.values() if job.state == "queued"]
        if len(waiting) >= MOST_WAITING:
            raise BusyError(
                f"{MOST_WAITING} runs are waiting already. Try again in some minutes, or "
                f"watch one of the finished runs."
            )
        if sum(job.wanted_by == {who} for job in waiting) >= MOST_OF_ONE:
            raise BusyError(
                f"{MOST_OF_ONE} runs of yours are waiting already. Stop one of them, or wait "
                f"until it has ended."
            )

    def place(self, job: Job) -> int:
        """Return how many jobs are before this one in the queue."""
        with self._lock:
            waiting = [one for one in self._jobs.values() if one.state == "queued"]
            return waiting.index(job) if job in waiting else 0

    def stop(self, job: Job, who: str = "") -> None:
        """Stop a job, unless others want it as well; what it has reported stays."""
        with self._lock:
            job.wanted_by.discard(who)
            if not job.wanted_by:
                self._end(job)
                self._next()

    def close(self) -> None:
        """Stop all jobs, whoever wants them."""
        with self._lock:
            for job in list(self._jobs.values()):
                self._end(job)

    def _end(self, job: Job) -> None:
        """End a job that hasn't ended yet; the lock is held."""
        if job.state in ENDED:
            return
        job.state, job.ended_at = "stopped", time.time()
        process = self._processes.get(job)
        if process is not None:
            process.terminate()

    def _forget(self) -> None:
        """Forget the oldest of the ended jobs, if there are too many; the lock is held."""
        ended = [key for key, job in self._jobs.items() if job.state in ENDED]
        for key in ended[: max(len(ended) - KEPT_JOBS + 1, 0)]:
            del self._jobs[key]

    def _next(self) -> None:
        """Start waiting jobs as long as there is room; the lock is held."""
        for job in list(self._jobs.values()):
            if len(self._processes) >= self.at_once:
                return
            if job.state == "queued":
                self._open(job)

    def _open(self, job: Job) -> None:
        """Start the process of a job; the lock is held."""
        try:
            process = open_process(job, self.folder)
        except OSError as error:
            job.state, job.ended_at = "failed", time.time()
            job.message = f"The run can't be started: {error}. Try again in some minutes."
            return
        job.state = "running"
        self._processes[job] = process
        threading.Thread(target=self._follow, args=(job, process), daemon=True).start()

    def _follow(self, job: Job, process: "subprocess.Popen[str]") -> None:
        """Read what a process reports until it ends, then start the next."""
        assert process.stdout is not None
        message = ""
        for line in process.stdout:
            answer = parse(line)
            if "report" in answer:
                job.reports.append(answer["report"])
            message = answer.get("error", message)
        code = process.wait()
        if process.stdin is not None:
            process.stdin.close()
        with self._lock:
            if job.state == "running":
                job.message = message or ("" if code == 0 else ended_early(code, job))
                job.state, job.ended_at = "done" if code == 0 else "failed", time.time()
            del self._processes[job]
            self._next()


def open_process(job: Job, folder: Path) -> "subprocess.Popen[str]":
    """Start the process of a job and tell it what to do."""
    process = subprocess.Popen(
        [sys.executable, "-m", "rnnviz.training.job"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=os.environ | ONE_THREAD,
    )
    assert process.stdin is not None
    order = {"experiment": job.experiment, "settings": json.loads(as_json(job.settings))}
    try:
        process.stdin.write(json.dumps(order | {"folder": str(folder)}) + "\n")
        process.stdin.flush()
    except BrokenPipeError:
        # It ended before it listened; whoever follows it learns with which status.
        pass
    return process


def parse(line: str) -> dict[str, Any]:
    """Return what a line of a job says; nothing for a line that isn't of ours."""
    try:
        answer = json.loads(line)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def ended_early(code: int, job: Job) -> str:
    """Return what a person is told of a process that ended without a word.

    A negative status is a signal: the system ends what takes too much memory by one.
    """
    kept = "What was measured so far is shown." if job.reports else "Nothing was measured yet."
    if code < 0:
        return f"The system ended the run, perhaps for want of memory. {kept} Try smaller settings."
    return f"The run broke off, and it is not your doing: the app's log says where. {kept}"
