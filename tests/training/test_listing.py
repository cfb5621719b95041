"""The experiment of the bug laboratory: it learns, repeats itself, and finds what must be there."""

import json
from dataclasses import replace

import numpy as np
import pytest

from rnnviz.data.errors import InputError
from rnnviz.training.experiments import listing, run_experiment, settings_of, shipped

QUICK = listing.Settings(dataset="digits", seeds=(1,), units=24, steps=25, batch=32)


@pytest.fixture(scope="module")
def reports(tmp_path_factory) -> list[dict]:
    return list(run_experiment("listing", QUICK, tmp_path_factory.mktemp("data")))


def test_reports_are_strict_json_and_count_up_to_the_end(reports):
    json.dumps(reports, allow_nan=False)
    done = [report["done"] for report in reports]
    assert done == sorted(done)
    assert done[-1] == reports[-1]["total"] == len(listing.PATIENTS) * QUICK.steps


def test_the_same_settings_give_the_same_reports(reports, tmp_path):
    again = run_experiment("listing", QUICK, tmp_path)
    for report in reports[:12]:
        assert next(again) == report


def test_every_run_is_measured_before_and_after(reports):
    repairs = listing.gather(QUICK, reports)
    runs = {(patient.name, 1) for patient in listing.PATIENTS}
    assert repairs.before.keys() == repairs.after.keys() == repairs.courses.keys() == runs


def test_what_the_faults_must_do_is_what_was_found(reports):
    repairs = listing.gather(QUICK, reports)
    assert repairs.weight_gradient("listing", "from_state.weight") == 0
    assert repairs.weight_gradient("repaired-1", "from_state.weight") > 0
    assert repairs.last_state_gradient("late-1") == 0 < repairs.last_state_gradient("repaired-1")
    assert (repairs.flows("late-1", "inputs")[:, -1] == 0).all()
    assert max(repairs.bend("listing"), repairs.bend("straight-1")) < 1e-12
    assert repairs.bend("repaired-1") > 1e-3
    blind = repairs.found("blind")[0]
    assert {value for name, value in blind.weights.items() if name != "answer.bias"} == {0.0}


def test_whole_pictures_are_learned_by_all_but_the_blind(reports):
    repairs = listing.gather(QUICK, reports)
    assert min(repairs.accuracy(name) for name in ("listing", "linear", "repaired-28")) > 0.5
    assert max(repairs.accuracy(name) for name in ("blind", "late-28")) < 0.2


def test_a_part_of_the_reports_is_gathered_too(reports):
    few = listing.gather(QUICK, reports[:3])
    assert few.after == {} and list(few.before) == [("repaired-1", 1)]
    assert few.courses["repaired-1", 1].shape == (2, 3)
    assert np.isnan(few.accuracy("repaired-1"))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"seeds": ()}, "seeds"),
        ({"seeds": (1, 1)}, "each once"),
        ({"units": 0}, "units"),
        ({"steps": 10**6}, "steps"),
        ({"learning_rate": float("nan")}, "learning_rate"),
        ({"clip": 0.0}, "clip"),
    ],
)
def test_settings_that_make_no_sense_are_refused_by_name(wrong, told):
    with pytest.raises(InputError, match=told):
        replace(QUICK, **wrong)


def test_a_batch_that_cannot_be_filled_is_refused(tmp_path):
    # digits keeps some 1,400 pictures to learn from, more than the largest batch.
    settings = replace(QUICK, batch=1024)
    next(run_experiment("listing", settings, tmp_path))
    assert settings_of("listing", {"seeds": [3, 4]}).seeds == (3, 4)


@pytest.mark.parametrize("preset", listing.PRESETS)
def test_what_is_shipped_is_finished_and_shows_what_the_page_says(preset):
    settings = listing.PRESETS[preset]
    record = shipped("listing", settings)
    assert record is not None, f"rnnviz experiment listing --preset {preset} makes it"
    repairs = listing.gather(settings, record.reports)
    assert len(repairs.after) == len(listing.PATIENTS) * len(settings.seeds)
    assert repairs.weight_gradient("listing", "from_state.weight") == 0
    assert repairs.last_state_gradient("late-1") == 0
    # A linear network in disguise does as well as one linear layer.
    assert repairs.accuracy("listing") == pytest.approx(repairs.accuracy("linear"), abs=0.02)
    assert repairs.accuracy("blind") < 0.15 > repairs.accuracy("late-28")
    # Row by row the late answer costs next to nothing, with 14 rows a step much.
    assert repairs.accuracy("late-1") == pytest.approx(repairs.accuracy("repaired-1"), abs=0.02)
    assert repairs.accuracy("late-14") < repairs.accuracy("repaired-14") - 0.03
