"""Who trains runs that don't wait in the queue, or not in the same one."""

from pathlib import Path

import pytest
from torch.optim.optimizer import register_optimizer_step_post_hook

from rnnviz.training.runs.folder import RunFolder
from rnnviz.training.runs.ledger import Ledger
from rnnviz.training.runs.run import COMMAND_LINE
from rnnviz.training.runs.service import new_id
from rnnviz.training.runs.worker import Worker, held
from tests.training.test_runs import QUICK, assert_same_result, made, whole


@pytest.fixture
def worker(tmp_path: Path) -> Worker:
    return Worker(tmp_path / "runs", tmp_path)


def test_a_new_run_is_trained_at_once(worker: Worker, tmp_path: Path):
    seen = []
    worker.watch = lambda report: seen.append(report.step)
    run = RunFolder(worker.runs / new_id())
    assert worker.train_new(run, QUICK, "ann") == ("done", "")
    found = worker.ledger.get(run.id)
    assert (found.owner, found.state, seen) == ("ann", "done", list(range(1, 25)))
    assert_same_result(run, whole(made(tmp_path, QUICK)))


def test_an_end_that_is_asked_for_comes_after_a_whole_step(worker: Worker, tmp_path: Path):
    worker.watch = lambda report: worker.ending.set() if report.step == 5 else None
    run = RunFolder(worker.runs / new_id())
    state, message = worker.train_new(run, QUICK, COMMAND_LINE)
    assert state == "interrupted" and "Resume it" in message
    assert int(run.load_state()["step"]) == 5  # type: ignore[index]
    worker.ending.clear()
    assert worker.go_on(run) == ("done", "")
    assert_same_result(run, whole(made(tmp_path, QUICK)))


@pytest.mark.parametrize("at", [1, 7, 24])
def test_an_interrupt_in_the_middle_of_a_step_loses_nothing(
    worker: Worker, tmp_path: Path, at: int
):
    steps = []

    def interrupt(*_) -> None:
        # The weights have changed, and nothing yet knows of that.
        steps.append(1)
        if len(steps) == at:
            raise KeyboardInterrupt

    run = RunFolder(worker.runs / new_id())
    hook = register_optimizer_step_post_hook(interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            worker.train_new(run, QUICK, COMMAND_LINE)
    finally:
        hook.remove()
    assert worker.ledger.get(run.id).state == "interrupted"
    assert worker.go_on(run) == ("done", "")
    assert_same_result(run, whole(made(tmp_path, QUICK)))


def test_a_run_that_another_process_trains_is_not_to_be_had(worker: Worker):
    run = RunFolder(worker.runs / new_id())
    run.create(QUICK)
    worker.ledger.add(run.id, QUICK, COMMAND_LINE, "paused")
    with held(run) as mine:
        assert mine and worker.go_on(run) is None
    assert worker.ledger.get(run.id).state == "paused"
    assert worker.go_on(run) == ("done", "")
    assert worker.go_on(run) is None, "there is nothing left to do"


def test_a_server_leaves_what_the_command_line_lets_wait_and_the_other_way_round(tmp_path: Path):
    ledger = Ledger(tmp_path)
    owners = {"ann": made(tmp_path, QUICK), COMMAND_LINE: made(tmp_path, QUICK)}
    for owner, run in owners.items():
        ledger.add(run.id, QUICK, owner)
    for command_line, owner in ((False, "ann"), (True, COMMAND_LINE)):
        worker = Worker(tmp_path, tmp_path, command_line=command_line)
        assert worker.take_one() and not worker.take_one()
        assert ledger.get(owners[owner].id).state == "done"


def test_what_a_runs_link_shows_of_a_failure_names_no_place_on_the_machine(
    worker: Worker, capfd: pytest.CaptureFixture[str]
):
    def break_off(report):
        raise RuntimeError("something unforeseen")

    worker.watch = break_off
    run = RunFolder(worker.runs / new_id())
    state, message = worker.train_new(run, QUICK, "ann")
    assert state == "failed" and "not your doing" in message
    told = run.log_path.read_text()
    assert "failed" in told and "File" not in told and str(worker.runs) not in told
    assert "something unforeseen" in capfd.readouterr().err, "the keeper of the machine sees it"
