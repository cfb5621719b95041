"""The queue and its workers: nothing taken twice, nothing lost, nobody in another's way."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rnnviz.training.recipe import Recipe
from rnnviz.training.runs.carry_out import carry_out
from rnnviz.training.runs.errors import BusyError, RunError, UnknownRunError
from rnnviz.training.runs.folder import RunFolder
from rnnviz.training.runs.ledger import Ledger
from rnnviz.training.runs.limits import Limits
from rnnviz.training.runs.run import Run, Turn
from rnnviz.training.runs.service import COMMAND_LINE, Service, new_id
from rnnviz.training.runs.worker import Worker
from rnnviz.training.settings import Stage
from tests.training.test_jobs import alive
from tests.training.test_runs import QUICK, assert_same_result, made, whole

LONG = replace(QUICK, name="long", training=replace(QUICK.training, stages=(Stage(5000, 1e-3),)))
PATIENCE_S = 90


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    found = Service(tmp_path, tmp_path / "runs", Limits(at_once=1))
    yield found
    found.close()


def wait_until(true: Callable[[], bool], what: str = "it") -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, f"{what} takes too long"
        time.sleep(0.05)


def reaches(service: Service, run: Run, state: str) -> Callable[[], bool]:
    return lambda: service.get(run.id).state == state


def trained_some(service: Service, run: Run) -> Callable[[], bool]:
    return lambda: service.get(run.id).step > 0


def test_a_submitted_run_is_trained_as_it_would_be_here(service: Service, tmp_path: Path):
    run = service.submit(QUICK, "ann")
    wait_until(reaches(service, run, "done"))
    found = service.get(run.id)
    assert (found.step, found.steps, found.progress, found.message) == (24, 24, 1.0, "")
    assert found.figures["digits/test/accuracy"] > 0
    assert_same_result(service.files(run.id), whole(made(tmp_path, QUICK)))


def test_a_foreman_that_is_ready_is_the_one_that_works(service: Service):
    service.warm()
    ready = service._staff.foreman
    service.warm()
    run = service.submit(QUICK, "ann")
    wait_until(reaches(service, run, "done"))
    assert ready is not None and service._staff.foreman is ready


def test_so_many_train_at_once_as_are_granted(tmp_path: Path):
    service = Service(tmp_path, tmp_path / "runs", Limits(at_once=2))
    runs = [service.submit(LONG, who) for who in ("ann", "bob", "eve")]
    wait_until(lambda: all(service.get(run.id).step > 0 for run in runs[:2]))
    assert service.get(runs[2].id).state == "queued"
    service.close()
    assert [service.get(run.id).state for run in runs] == ["interrupted"] * 2 + ["queued"]


def process_of(service: Service, run: Run) -> int:
    """Return the number of the process that trains a run, as its log says it."""
    return int(service.files(run.id).log_path.read_text().rsplit("in process ", 1)[1].split()[0])


def test_those_who_wait_see_their_place_and_come_in_turn(service: Service):
    first, second, third = (service.submit(LONG, who) for who in ("ann", "bob", "eve"))
    wait_until(reaches(service, first, "running"))
    assert [service.turn(run).before for run in (second, third)] == [0, 1]
    wait_until(lambda: service.turn(third).room_in_s is not None)
    left = service.get(first.id).seconds_left
    assert left is not None and service.turn(second).room_in_s == pytest.approx(left, rel=0.5)
    assert service.turn(first) == Turn(), "it doesn't wait"
    service.cancel(second.id, "bob")
    service.cancel(first.id, "ann")
    wait_until(reaches(service, third, "running"))
    assert service.get(first.id).state == service.get(second.id).state == "cancelled"


def test_a_paused_run_lets_the_next_one_train_and_goes_on_later(service: Service, tmp_path: Path):
    slow = replace(QUICK, training=replace(QUICK.training, stages=(Stage(40, 5e-3, batch=32),)))
    run = service.submit(slow, "ann")
    wait_until(trained_some(service, run))
    service.pause(run.id, "ann")
    wait_until(reaches(service, run, "paused"))
    other = service.submit(QUICK, "bob")
    wait_until(reaches(service, other, "done"))
    service.resume(run.id, "ann")
    wait_until(reaches(service, run, "done"))
    assert_same_result(service.files(run.id), whole(made(tmp_path, slow)))


def test_a_run_whose_worker_is_killed_is_interrupted_and_goes_on(service: Service, tmp_path: Path):
    slow = replace(QUICK, training=replace(QUICK.training, stages=(Stage(40, 5e-3, batch=32),)))
    run = service.submit(slow, "ann")
    wait_until(trained_some(service, run))
    os.kill(process_of(service, run), signal.SIGKILL)
    wait_until(reaches(service, run, "interrupted"))
    assert "Resume" in service.get(run.id).message
    service.resume(run.id, "ann")
    wait_until(reaches(service, run, "done"))
    assert_same_result(service.files(run.id), whole(made(tmp_path, slow)))


def test_a_run_whose_foreman_is_killed_keeps_what_it_has(service: Service):
    run = service.submit(LONG, "ann")
    wait_until(trained_some(service, run))
    assert service._staff.foreman is not None
    service._staff.foreman.kill()
    wait_until(reaches(service, run, "interrupted"))
    other = service.submit(QUICK, "bob")
    wait_until(reaches(service, other, "done"))


def test_after_the_server_was_killed_its_run_is_interrupted_and_goes_on(tmp_path: Path):
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from tests.training.test_service import LONG, process_of\n"
        "from rnnviz.training.runs.service import Service\n"
        "service = Service(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        "run = service.submit(LONG, 'ann')\n"
        "while not service.get(run.id).step: time.sleep(0.05)\n"
        "print(run.id, process_of(service, run), flush=True)\n"
        "time.sleep(600)\n"
    )
    runs = tmp_path / "runs"
    command = [sys.executable, "-c", program, str(tmp_path), str(runs)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    name, worker = server.stdout.readline().split()
    server.kill()
    server.wait()
    server.stdout.close()
    wait_until(lambda: not alive(int(worker)), "the worker's end")
    service = Service(tmp_path, runs, Limits(at_once=1))
    try:
        run = service.get(name)
        assert run.state == "interrupted"
        service.resume(name, "ann")
        wait_until(lambda: service.get(name).step > run.step)
    finally:
        service.close()
    assert service.get(name).state == "interrupted"


def test_no_run_is_ever_taken_twice(tmp_path: Path):
    """Many workers, in processes and threads of their own, take from one full queue."""
    ledger = Ledger(tmp_path)
    names = [new_id() for _ in range(60)]
    for name in names:
        RunFolder(tmp_path / name).create(QUICK)
        ledger.add(name, QUICK, "ann")
    # What is loaded is loaded once; each child has a worker and a connection of its own.
    program = (
        "import multiprocessing, os, sys\n"
        "from pathlib import Path\n"
        "from rnnviz.training.runs.worker import Worker\n"
        "class Taker(Worker):\n"
        "    def advance(self, run):\n"
        # In one piece, for all of them write to the same pipe.
        "        name = multiprocessing.current_process().name\n"
        "        os.write(1, f'{name} {run.id}\\n'.encode())\n"
        "        return 'done', ''\n"
        "def work(ready):\n"
        "    worker = Taker(Path(sys.argv[1]), Path(sys.argv[1]))\n"
        "    ready.wait()\n"
        "    while worker.ledger.in_state('queued'):\n"
        "        worker.take_one()\n"
        "forks = multiprocessing.get_context('fork')\n"
        "ready = forks.Barrier(4)\n"
        "children = [forks.Process(target=work, args=(ready,)) for _ in range(4)]\n"
        "for child in children: child.start()\n"
        "for child in children: child.join()\n"
        "sys.exit(sum(child.exitcode != 0 for child in children))\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    takers, taken = zip(*(line.split() for line in result.stdout.splitlines()), strict=True)
    assert sorted(taken) == sorted(names)
    assert len(set(takers)) > 1, "several had a share"


def test_a_run_that_somebody_trains_does_not_count_as_interrupted(tmp_path: Path):
    run = made(tmp_path, QUICK)
    service = Service(tmp_path, tmp_path, Limits())
    service.ledger.add(run.id, QUICK, COMMAND_LINE, "running")
    lock = run.try_lock()
    assert lock is not None and run.try_lock() is None
    assert service.find_interrupted() == []
    lock.release()
    assert service.find_interrupted() == [run.id]
    service.close()


def test_nobody_changes_what_is_somebody_elses(service: Service):
    run = service.submit(LONG, "ann")
    for change in (service.pause, service.cancel, service.resume, service.delete):
        with pytest.raises(RunError, match="somebody else's"):
            change(run.id, "bob")
    with pytest.raises(RunError, match="somebody else's"):
        service.rename(run.id, "mine now", "bob")
    assert service.runs_of("bob") == []
    assert [one.id for one in service.runs_of("ann")] == [run.id]
    assert service.get(run.id).name == "long", "whoever has the link may look"


def test_the_runs_of_the_command_line_are_there_for_all(service: Service):
    run = made(service.folder, QUICK)
    service.ledger.add(run.id, QUICK, COMMAND_LINE, "done")
    assert [one.id for one in service.runs_of("ann")] == [run.id]


@pytest.mark.parametrize("name", ["", ".", "..", "../runs", "a" * 24 + "/x", "G" * 24, "A" * 24])
def test_what_is_not_the_name_of_a_run_never_becomes_a_path(service: Service, name: str):
    for ask in (service.get, service.files, lambda run: service.restore(run, "ann")):
        with pytest.raises(UnknownRunError):
            ask(name)


def test_any_text_can_be_the_name_of_a_run_and_none_of_it_a_path(service: Service):
    evil = replace(QUICK, name="../../<script>alert(1)</script>\0" + "x" * 500)
    run = service.submit(evil, "ann")
    assert service.files(run.id).path.parent == service.folder
    assert len(service.get(run.id).name) <= 80
    service.rename(run.id, "'; DROP TABLE runs; --", "ann")
    assert service.get(run.id).name == "'; DROP TABLE runs; --"
    service.tag(run.id, ["", "a" * 100, *"bcdefghijk"], "ann")
    assert len(service.get(run.id).tags) == 8


def test_names_of_runs_are_not_to_be_guessed():
    names = {new_id() for _ in range(1000)}
    assert len(names) == 1000 and all(len(name) == 24 for name in names)


def test_one_person_can_not_fill_the_queue(service: Service):
    for _ in range(service.limits.of_one):
        service.submit(LONG, "ann")
    with pytest.raises(BusyError, match="yours"):
        service.submit(LONG, "ann")
    service.submit(LONG, "bob")


def test_a_run_that_lasts_too_long_is_ended_and_kept(tmp_path: Path):
    service = Service(tmp_path, tmp_path / "runs", Limits(longest_min=0.5 / 60))
    run = service.submit(LONG, "ann")
    wait_until(reaches(service, run, "cancelled"))
    assert "limit" in service.get(run.id).message
    assert service.files(run.id).network_path().is_file()
    service.close()


def test_a_full_disk_is_said_before_a_run_begins(tmp_path: Path):
    service = Service(tmp_path, tmp_path / "runs", Limits(free_mb=1e8))
    with pytest.raises(RunError, match="free"):
        service.submit(QUICK, "ann")
    service.close()


@pytest.mark.parametrize("change", [{"units": 10**6}, {"cell": "lstm_2d"}, {"route": "spiral"}])
def test_what_cannot_be_built_or_is_too_large_is_refused(service: Service, change: dict):
    with pytest.raises(RunError, match="can't be trained here"):
        service.submit(replace(QUICK, model=replace(QUICK.model, **change)), "ann")
    assert [path for path in service.folder.iterdir() if path.is_dir()] == []


def test_a_folder_that_is_none_is_said(tmp_path: Path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(RunError, match="RNNVIZ_RUNS"):
        Service(tmp_path, tmp_path / "taken")


def test_a_disk_that_fills_up_fails_the_run_and_loses_nothing(tmp_path: Path, monkeypatch):
    ledger, run = Ledger(tmp_path), made(tmp_path, QUICK)
    ledger.add(run.id, QUICK, "ann")
    reports = carry_out(run, tmp_path)
    for _ in range(6):
        next(reports)
    reports.close()

    def full(self, state):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(RunFolder, "save_state", full)
        assert Worker(tmp_path, tmp_path).take_one()
    found = ledger.get(run.id)
    assert found.state == "failed" and "No space left" in found.message
    assert ledger.enqueue(run.id)
    Worker(tmp_path, tmp_path).take_one()
    assert ledger.get(run.id).state == "done"
    assert_same_result(run, whole(made(tmp_path, QUICK)))


def test_a_deleted_run_can_be_brought_back_until_it_is_purged(service: Service):
    run = service.submit(QUICK, "ann")
    wait_until(reaches(service, run, "done"))
    service.delete(run.id, "ann")
    assert service.runs_of("ann") == []
    with pytest.raises(UnknownRunError):
        service.get(run.id)
    service.purge()
    with pytest.raises(UnknownRunError):
        service.restore(run.id, "bob")
    service.restore(run.id, "ann")
    assert service.get(run.id).state == "done"
    service.delete(run.id, "ann")
    for name in service.ledger.forget(time.time() + 1):
        service.files(name).remove()
    assert not service.files(run.id).path.exists()
    with pytest.raises(UnknownRunError):
        service.restore(run.id, "ann")


def test_deleted_runs_make_room_for_new_ones_of_their_owner_first(tmp_path: Path):
    service = Service(tmp_path, tmp_path / "runs", Limits(kept=2))
    names = []
    for who in ("bob", "ann", "ann", "ann"):
        files = made(service.folder, QUICK)
        service.ledger.add(files.id, QUICK, who, "done")
        service.ledger.hide(files.id)
        names.append(files.id)
    service.submit(QUICK, "ann")
    there = [service.files(name).path.is_dir() for name in names]
    assert there == [True, False, True, True], "the oldest of her own went, the rest can come back"
    with pytest.raises(UnknownRunError):
        service.restore(names[1], "ann")
    service.restore(names[2], "ann")
    service.close()
    full = Service(tmp_path, tmp_path / "runs", Limits(free_mb=1e8))
    with pytest.raises(RunError, match="free"):
        full.submit(QUICK, "eve")
    there = [service.files(name).path.is_dir() for name in names]
    assert there == [False, False, True, False], "on a full disk all that was deleted goes"
    full.close()


def test_a_run_of_endless_steps_is_refused_before_it_begins(tmp_path: Path):
    endless = replace(QUICK, training=replace(QUICK.training, stages=(Stage(10**6, 1e-3),)))
    with pytest.raises(RunError, match="fewer epochs"):
        next(carry_out(made(tmp_path, endless), tmp_path))


def test_what_can_not_be_trained_is_not_measured_either(service: Service):
    answer = service.measure(replace(QUICK, model=replace(QUICK.model, units=10**6)))
    assert isinstance(answer, str) and "can't be trained here" in answer


def test_a_diverging_run_says_what_to_do(service: Service):
    recipe = Recipe(
        "bang",
        replace(QUICK.model, cell="rnn_relu"),
        replace(QUICK.training, stages=(Stage(3, 1e4),), clip=0.0, optimiser="sgd"),
    )
    run = service.submit(recipe, "ann")
    wait_until(reaches(service, run, "failed"))
    assert "lower the learning rate" in service.get(run.id).message.lower()
    steps = service.files(run.id).metrics_path.read_text().splitlines()[1:]
    assert service.get(run.id).step == len(steps) > 0, "the ledger knows of the very last step"


@pytest.mark.skipif(not hasattr(os, "getpriority"), reason="this system has no priorities")
def test_a_worker_is_less_important_than_the_pages(service: Service):
    run = service.submit(LONG, "ann")
    wait_until(trained_some(service, run))
    worker = os.getpriority(os.PRIO_PROCESS, process_of(service, run))
    assert worker > os.getpriority(os.PRIO_PROCESS, 0)
