import math

import numpy as np
import pytest

from rnnviz.core.twins import FlowCheck, TwinRun, Twins


def a_run(name="none", before=(1.0, 2.0, 4.0), after=None, stopped=None, threshold=math.inf):
    before = np.array(before, dtype=float)
    after = before if after is None else np.array(after, dtype=float)
    blank = np.zeros(len(before))
    return TwinRun(
        name=name,
        threshold=threshold,
        weights=100,
        losses=blank + 2.3,
        accuracies=blank,
        before=before,
        after=after,
        cosines=blank + 1,
        clipped=after != before,
        travelled=blank,
        apart=blank,
        checked=np.array([len(before)]),
        held_out=np.array([0.8]),
        stopped=stopped,
        cause="loss" if stopped else "",
    )


def a_check(run, before, after):
    flow = np.ones(4)
    return FlowCheck(run, 1, (before, after), flow, flow, 0.0, 4)


def test_an_even_run_proposes_half_to_ten_times_its_mean_norm():
    norms = np.linspace(1.0, 3.0, 21)
    twins = Twins(21, {"none": a_run(before=norms), "norm": a_run("norm", before=norms * 50)})
    found = twins.suggestion()
    assert found is not None
    assert (found.mean, found.updates, found.run) == (pytest.approx(2.0), 21, "none")
    assert (found.low, found.high) == (pytest.approx(1.0), pytest.approx(20.0))


def test_an_explosion_does_not_count_towards_the_mean():
    norms = [1.0] * 12 + [300.0, 1e12]
    found = Twins(99, {"none": a_run(before=norms)}).suggestion()
    assert found is not None
    assert (found.mean, found.updates) == (1.0, 12)


def test_a_run_that_bursts_out_at_once_leaves_the_proposal_to_the_clipped_one():
    runs = {"none": a_run(before=[1.0, 1e9]), "norm": a_run("norm", before=[3.0] * 15)}
    found = Twins(99, runs).suggestion()
    assert found is not None
    assert (found.mean, found.updates, found.run) == (3.0, 15, "norm")


def test_too_few_updates_propose_nothing():
    assert Twins(99, {"none": a_run(), "norm": a_run("norm")}).suggestion() is None


def test_the_step_that_could_not_be_taken_is_no_update():
    run = a_run(before=[1.0] * 11 + [math.nan], stopped=12)
    assert (run.updates, run.calm()) == (11, 11)
    assert run.event == "loss is not finite from step 12"
    assert math.isnan(run.accuracy)


def test_the_log_holds_the_clipped_steps_alone():
    run = a_run("norm", before=[0.5, 4.0, 1.0, 10.0], after=[0.5, 2.0, 1.0, 2.0], threshold=2.0)
    log = run.clip_log()
    assert log["training step"].tolist() == [2, 4]
    assert log["factor"].tolist() == [0.5, 0.2]


def test_the_ceiling_of_a_clip_by_value_is_reached_when_every_entry_is_cut():
    run = a_run("value", threshold=0.5)
    assert run.ceiling == pytest.approx(np.linalg.norm(np.full(run.weights, 0.5)))
    assert a_run("norm", threshold=0.5).ceiling == 0.5
    assert a_run().ceiling == math.inf


def test_the_hardest_check_is_the_one_that_shortened_most():
    checks = (a_check("norm", 2.0, 1.0), a_check("norm", 900.0, 1.0), a_check("value", 5.0, 1.0))
    twins = Twins(9, {"none": a_run()}, checks)
    assert twins.hardest_check() is checks[1]
    assert Twins(9, {}).hardest_check() is None
    assert a_check("norm", 0.0, 0.0).factor == 1.0


def test_only_a_start_that_no_run_survives_overflows_at_once():
    bad, good = a_run(before=[math.nan], stopped=1), a_run("norm")
    assert Twins(9, {"none": bad, "norm": bad}).overflows_at_once
    assert not Twins(9, {"none": bad, "norm": good}).overflows_at_once
    assert not Twins(9, {}).overflows_at_once, "nothing was measured yet"


def test_the_table_has_a_row_for_each_run_and_step():
    twins = Twins(9, {"none": a_run(before=[1.0, 2.0]), "norm": a_run("norm", before=[3.0])})
    table = twins.table()
    assert table["run"].tolist() == ["none", "none", "norm"]
    assert table["training step"].tolist() == [1, 2, 1]
    assert table["norm before"].tolist() == [1.0, 2.0, 3.0]
    assert {len(column) for column in table.values()} == {3}
