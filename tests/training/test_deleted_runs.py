"""A run that is deleted while it is under way comes to an end, and its files go with it."""

import time
from pathlib import Path

from rnnviz.training.loop import Report
from rnnviz.training.runs.folder import RunFolder
from rnnviz.training.runs.service import new_id
from rnnviz.training.runs.upkeep import find_interrupted, purge
from rnnviz.training.runs.worker import Worker
from tests.training.test_runs import QUICK, made


def test_a_run_that_is_deleted_while_it_is_measured_is_done_and_can_be_purged(tmp_path: Path):
    run = RunFolder(tmp_path / new_id())

    def delete(report: Report) -> None:
        # After its last step it is measured, whatever it is asked to do.
        if report.step == report.steps:
            worker.ledger.ask(run.id, "cancel")
            worker.ledger.hide(run.id)

    worker = Worker(tmp_path, tmp_path, watch=delete)
    assert worker.train_new(run, QUICK, "ann") == ("done", "")
    hidden = worker.ledger.hidden(run.id)
    assert hidden is not None and hidden.state == "done"
    assert {"loss", "digits/test/accuracy"} <= set(hidden.figures)
    purge(worker.ledger, tmp_path, time.time() + 1)
    assert not run.path.exists()


def test_a_deleted_run_whose_process_is_gone_can_be_brought_back_or_purged(tmp_path: Path):
    ledger = Worker(tmp_path, tmp_path).ledger
    for _ in "12":
        run = made(tmp_path, QUICK)
        ledger.add(run.id, QUICK, "ann", "running")
        ledger.hide(run.id)
    back, gone = [found.id for found in ledger.in_state("running")]
    assert find_interrupted(ledger, tmp_path) == [back, gone]
    assert ledger.restore(back) and ledger.get(back).state == "interrupted"
    purge(ledger, tmp_path, time.time() + 1)
    assert (tmp_path / back).exists() and not (tmp_path / gone).exists()
