"""Work in forks and in threads: its status comes back, and it learns of the end."""

import os
import sys
import time
from pathlib import Path

import pytest

from rnnviz.training.runs.offspring import Forks, Offspring, Threads

KINDS = [Threads, *([Forks] if hasattr(os, "fork") else [])]


def status_of(offspring: Offspring, number: int) -> int:
    deadline = time.monotonic() + 30
    while (status := offspring.ended(number)) is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return status


def fails() -> int:
    raise ValueError("meant")


@pytest.mark.parametrize("kind", KINDS)
def test_the_status_of_what_was_done_comes_back(kind):
    offspring = kind()
    numbers = [offspring.begin(work) for work in (lambda: 0, lambda: 3, fails)]
    assert [status_of(offspring, number) for number in numbers] == [0, 3, 1]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_done_learns_of_the_end(kind):
    offspring = kind()

    def work() -> int:
        offspring.wait_for_end()
        return 7

    number = offspring.begin(work)
    time.sleep(0.1)
    assert offspring.ended(number) is None
    offspring.tell_end()
    assert status_of(offspring, number) == 7


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system can't fork")
def test_a_fork_can_be_killed():
    forks = Forks()
    number = forks.begin(lambda: time.sleep(60) or 0)
    forks.kill(number)
    assert status_of(forks, number) < 0


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone is told who is to go first")
def test_a_fork_is_ended_before_the_pages_when_memory_runs_out():
    score = Path("/proc/self/oom_score_adj")
    forks = Forks()
    assert status_of(forks, forks.begin(lambda: int(score.read_text() == "1000\n"))) == 1
    assert score.read_text() != "1000\n"
