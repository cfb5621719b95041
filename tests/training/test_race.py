"""A race is fair, repeats itself, measures real networks, and goes on without who has to leave."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnviz.analysis.variants import VARIANTS
from rnnviz.core.race import CHANCE
from rnnviz.training.data import as_floats, load_pictures
from rnnviz.training.experiments import race, settings_of
from rnnviz.training.experiments.race import (
    Settings,
    gather,
    learn,
    memory_race,
    reach,
    starter,
    training_plan,
    with_blank_rows,
)
from rnnviz.training.step import accuracy

QUICK = Settings(
    dataset="digits",
    runners=("rnn", "gru-1"),
    blank_rows=3,
    training_steps=12,
    batch=32,
    units=8,
    learning_rate=3e-3,
    reports=3,
)


def overflow(model):
    """Make every answer of a model infinite."""
    with torch.no_grad():
        next(model.readout.parameters()).fill_(float("inf"))


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    return list(race.run(QUICK, tmp_path_factory.mktemp("data")))


def test_a_race_reports_everybody_evenly_and_before_any_training(reports):
    found = gather(QUICK, reports)
    assert found.steps.tolist() == [0, 4, 8, 12]
    assert found.over
    assert np.isfinite(found.validation).all()
    assert np.isfinite(found.flow).all()
    assert np.isnan(found.training[:, :, 0]).all()
    assert np.isfinite(found.training[:, :, 1:]).all()
    assert np.array_equal(found.flow[..., -1], np.zeros((2, 3, 4)))


def test_the_reports_are_strict_json_and_repeat(reports, tmp_path):
    assert json.loads(json.dumps(reports, allow_nan=False)) == list(race.run(QUICK, tmp_path))
    assert [one["total"] for one in reports] == [12] * 4


def test_a_part_of_the_reports_makes_the_race_as_it_stood_then(reports):
    whole, part = gather(QUICK, reports), gather(QUICK, reports[:2])
    assert np.array_equal(part.validation, whole.until(2).validation)
    assert np.array_equal(part.flow, whole.until(2).flow)
    assert gather(QUICK, []).reports == 0


def test_who_races_beside_a_runner_changes_nothing_for_it(reports, tmp_path):
    """The same start and the same batches: only then is a race fair."""
    together = gather(QUICK, reports)
    alone = memory_race(tmp_path, **vars(replace(QUICK, runners=("gru-1",))))
    assert np.array_equal(together.validation[1], alone.validation[0])
    assert np.array_equal(together.flow[1], alone.flow[0])


def test_what_is_reported_is_what_a_plain_loop_measures(reports, tmp_path):
    """One run written out: the same pictures, Adam's steps, the clip and the measurements."""
    found = gather(QUICK, reports)
    training, validation = load_pictures(training_plan(QUICK), tmp_path)
    validation = replace(validation, images=with_blank_rows(validation.images, 3))
    model = starter(QUICK, "gru-1", 2).model
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
    order = torch.randperm(len(training), generator=torch.Generator().manual_seed(2))
    for step in range(12):
        chosen = order[step * 32 : step * 32 + 32]
        images = torch.zeros(32, 31, 28)
        images[:, :28] = as_floats(training.images[chosen])
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(model(images), training.labels[chosen]).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
    assert found.validation[1, 2, -1] == pytest.approx(accuracy(model, validation), abs=1e-3)
    assert found.flow[1, 2, -1] == pytest.approx(reach(model, validation), abs=2e-3)


def test_without_blank_rows_a_network_learns_what_with_them_it_does_not(tmp_path):
    """The point of the race, small: the plain RNN loses the digit among the blank rows."""
    settings = replace(
        QUICK, runners=("rnn",), training_steps=120, units=32, reports=1, learning_rate=5e-3
    )
    near, far = (
        memory_race(tmp_path, **vars(replace(settings, blank_rows=rows))) for rows in (0, 40)
    )
    assert near.accuracy("rnn")[1, -1] > 0.5
    assert far.accuracy("rnn")[1, -1] < CHANCE + 0.1


def test_blank_rows_stand_below_the_picture():
    images = torch.full((2, 28, 28), 255, dtype=torch.uint8)
    padded = with_blank_rows(images, 5)
    assert padded.shape == (2, 33, 28)
    assert (padded[:, :28] == 255).all()
    assert (padded[:, 28:] == 0).all()


def test_runs_that_overflow_leave_and_the_race_goes_on(tmp_path):
    """Nothing holds a ReLU back: at this learning rate it overflows where the GRU's gates don't."""
    settings = replace(QUICK, runners=("irnn", "gru-1"), blank_rows=20, learning_rate=1.0, clip=0.0)
    reports = list(race.run(settings, tmp_path))
    json.dumps(reports, allow_nan=False)
    found = gather(settings, reports)
    assert [seed for seed, _ in found.runs_left("irnn")] == [0, 1, 2]
    assert all(1 < step <= 12 for _, step in found.runs_left("irnn"))
    assert found.runs_left("gru-1") == ()
    assert np.isfinite(found.validation[0, :, 0]).all()
    assert np.isnan(found.validation[0, :, -1]).all()
    assert np.isfinite(found.validation[1]).all()
    assert found.over


def test_a_run_that_left_learns_no_more(tmp_path):
    run = starter(QUICK, "rnn", 0)
    overflow(run.model)
    before = run.model.cells[0].weight_h.clone()
    for step in (7, 8):
        learn(run, training_plan(QUICK), step, torch.rand(4, 31, 28), torch.arange(4))
    assert run.left == 7
    assert torch.equal(run.model.cells[0].weight_h, before)


def test_a_flow_of_exactly_nothing_is_told_apart_from_none(tmp_path):
    """A ReLU network that is shut: the gradient stands at the last row and gets no further."""
    _, validation = load_pictures(training_plan(QUICK), tmp_path)
    validation = replace(validation, images=with_blank_rows(validation.images, 3))
    settings = replace(QUICK, runners=("rnn-relu",))
    shut = race.starters(settings, "rnn-relu")
    with torch.no_grad():
        for run in shut[:2]:
            run.model.cells[0].bias.fill_(-100.0)
    told = json.dumps(race.report(settings, 0, {"rnn-relu": shut}, validation), allow_nan=False)
    found = gather(settings, [json.loads(told)])
    assert (found.flow[0, :2, 0, :-1] == -np.inf).all()
    assert (found.flow[0, :2, 0, -1] == 0).all()
    assert np.isfinite(found.flow[0, 2]).all()
    assert (found.reach("rnn-relu", 0)[1, :-1] == -np.inf).all(), "two of three: the median too"


def test_a_record_that_holds_none_for_nothing_can_still_be_read(reports):
    old = json.loads(json.dumps(reports[:1]))
    old[0]["runs"]["rnn"][0]["flow"][0] = None
    old[0]["runs"]["rnn"][1]["flow"] = [None] * 31
    flow = gather(QUICK, old).flow
    assert flow[0, 0, 0, 0] == -np.inf
    assert np.isfinite(flow[0, 0, 0, 1:]).all()
    assert np.isnan(flow[0, 1, 0]).all(), "what couldn't be measured at all"


def test_states_beyond_float64_have_no_flow_and_stop_nobody(tmp_path):
    _, validation = load_pictures(training_plan(QUICK), tmp_path)
    validation = replace(validation, images=with_blank_rows(validation.images, 3))
    model = starter(QUICK, "irnn", 0).model
    with torch.no_grad():
        model.cells[0].weight_h.fill_(1e20)
    assert np.isnan(reach(model, validation)).all()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"runners": ("rnn", "crnn")}, "'crnn' is no runner.*Choose one of: .*rnn"),
        ({"runners": ()}, "at least one runner"),
        ({"runners": ("rnn", "rnn")}, "each of them once"),
        ({"dataset": "letters"}, "Choose one of: mnist, digits"),
        ({"blank_rows": 85}, "blank_rows must be from 0 to 84, got 85"),
        ({"blank_rows": -1}, "from 0 to 84"),
        ({"seeds": 2}, "seeds must be from 3 to 9"),
        ({"learning_rate": 0.0}, "learning_rate"),
        ({"learning_rate": float("nan")}, "learning_rate"),
        ({"clip": -1.0}, "clip"),
        ({"training_steps": 5000, "blank_rows": 84, "batch": 256}, "Take fewer training steps"),
    ],
)
def test_settings_that_cannot_be_run_are_refused_with_what_can(change, says):
    with pytest.raises(ValueError, match=says):
        Settings(**change)


@pytest.mark.parametrize("preset", race.PRESETS)
def test_presets_are_settings_that_survive_json(preset):
    settings = race.PRESETS[preset]
    assert settings_of("race", json.loads(json.dumps(vars(settings)))) == settings
    assert set(settings.runners) <= set(VARIANTS)
