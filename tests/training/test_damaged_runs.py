"""Files of a run that were changed by hand, or left by a power cut, cost no more than they must."""

import threading
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from rnnviz.training.runs.carry_out import carry_out
from rnnviz.training.runs.errors import RunError
from rnnviz.training.runs.folder import RunFolder
from rnnviz.training.runs.metrics import MetricsReader
from tests.training.test_runs import QUICK, assert_same_result, made, whole

LINES = [b"garb\0age\n", b"\xff\xfe\n", b"[1]\n", b"5,1\n"]


def begun(folder: Path, steps: int) -> RunFolder:
    run = made(folder, QUICK)
    with closing(carry_out(run, folder)) as reports:
        list(islice(reports, steps))
    return run


@pytest.mark.parametrize("line", LINES[:3])
def test_a_run_goes_on_in_spite_of_a_damaged_line(tmp_path: Path, line: bytes):
    run = begun(tmp_path, 7)
    for path in (run.metrics_path, run.moments_path):
        first, *others = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join([first, line, *others]))
    assert_same_result(whole(run), whole(made(tmp_path, QUICK)))


@pytest.mark.parametrize("line", LINES)
def test_damaged_metrics_are_named_and_read_once_they_are_mended(tmp_path: Path, line: bytes):
    run = begun(tmp_path, 7)
    reader = MetricsReader(run.metrics_path)
    before = run.metrics_path.read_bytes()
    run.metrics_path.write_bytes(before + line)
    for _ in range(2):
        with pytest.raises(RunError, match="measurements"):
            reader.read()
    run.metrics_path.write_bytes(before)
    assert reader.read()["step"].tolist() == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("line", [b"{\n", b"[1]\n", b'{"a": 1}\n', b"\0\n"])
def test_damaged_moments_are_named(tmp_path: Path, line: bytes):
    run = begun(tmp_path, 7)
    run.moments_path.write_bytes(run.moments_path.read_bytes() + line)
    with pytest.raises(RunError, match="moments"):
        run.moments()


def test_a_moment_that_cannot_be_kept_is_said(tmp_path: Path):
    run = begun(tmp_path, 7)
    (run.path / "checkpoints").write_bytes(b"in the way")
    with pytest.raises(RunError, match="can't be kept"):
        run.keep_moment()
    run.latest_path.write_bytes(b"damaged")
    with pytest.raises(RunError, match="safetensors"):
        run.keep_moment()


def test_one_moment_can_be_kept_from_two_tabs_at_once(tmp_path: Path):
    run = begun(tmp_path, 7)
    kept: list[int] = []
    for _ in range(25):
        threads = [threading.Thread(target=lambda: kept.append(run.keep_moment())) for _ in "1234"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        run.network_path(7).unlink()
    assert kept == [7] * 100
    assert not list(run.path.rglob("*.partial"))
