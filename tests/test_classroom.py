"""The pupils of the classroom benchmark talk to a real server; nothing is timed here."""

import asyncio

import pytest

from benchmarks.classroom import growth_of, percentile
from benchmarks.pupils import Plan, lesson
from benchmarks.server import running_app


def test_two_pupils_draw_are_answered_and_see_only_what_is_theirs(tmp_path):
    environment = {"RNNVIZ_RUNS": str(tmp_path / "runs"), "RNNVIZ_DATA": str(tmp_path)}
    with running_app(tmp_path / "log.txt", environment) as server:
        notes = asyncio.run(lesson(Plan(sessions=2, seconds=5, watchers=0), server.url))
        assert server.memory_mb()["server"] > 50
        assert server.cpu_s()["server"] > 0
    # A stroke every two seconds, the first within two seconds.
    assert 4 <= len(notes.waits_ms) <= 6 and not notes.unanswered
    assert not notes.errors and not notes.leaks
    assert notes.refusals == 2
    assert "Traceback" not in server.log


def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed():
    values = list(range(1, 101))
    assert percentile(values, 0.95) == 95
    assert percentile([7.0], 0.95) == 7
    assert percentile([], 0.95) == float("inf")


def test_growth_is_the_slope_of_the_last_minutes_alone():
    times = [2.0 * k for k in range(150)]
    memory = [500.0 if t < 118 else 700 + 0.1 * (t - 118) for t in times]
    assert growth_of(times, memory, 180) == pytest.approx(18 / 700, rel=0.02)
    assert growth_of(times, [700.0] * len(times), 180) == pytest.approx(0, abs=1e-9)
