"""From choices to a recipe and back, what fits together, and what a run would cost."""

import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import pytest
import torch

from rnnviz.data.sets import load_dataset
from rnnviz.models.cells import PACKAGE as CELLS
from rnnviz.models.cells import cell_class
from rnnviz.models.model import Model, parameter_count
from rnnviz.registry import discover
from rnnviz.training.data import load_pictures
from rnnviz.training.loop import Training
from rnnviz.training.recipe import Recipe, load_recipe, parse_recipe, recipe_names
from rnnviz.training.runs.limits import Limits
from rnnviz.training.runs.stopwatch import Speed
from rnnviz.training.settings import Stage
from rnnviz.ui.fields import read_fields, write_fields
from rnnviz.ui.studio.fields import IDENTITY, ORTHOGONAL, TORCH, fields
from rnnviz.ui.studio.fit import cells_for, follow, mended, parents, start_of, starts_for
from rnnviz.ui.studio.pictures import watched_pictures
from rnnviz.ui.studio.plan import plan, time_words, too_long
from rnnviz.ui.studio.presets import PRESETS
from rnnviz.ui.studio.recipes import left_out, recipe_of, values_of

NOWHERE = Path("/nonexistent")
FIELDS = fields(NOWHERE)
DEFAULTS = {one.name: one.default for one in FIELDS}
DIGITS = 1437
"""Training pictures of the digits that come with scikit-learn: 80 % of its 1,797."""
ROUTES = tuple(discover("rnnviz.core.routes"))


def chosen(**values):
    found = {**DEFAULTS, **values}
    for name in values:
        found |= {key: value for key, value in follow(name, found).items() if key not in values}
    return found


def through_a_link(values):
    query = urlencode(write_fields(FIELDS, values))
    return read_fields(FIELDS, {name: texts[0] for name, texts in parse_qs(query).items()})


def same_run(first: Recipe, second: Recipe) -> bool:
    return (first.model, first.training) == (second.model, second.training)


def test_the_form_s_fields_have_names_of_their_own_and_stand_in_a_link():
    names = [one.name for one in FIELDS]
    assert len(set(names)) == len(names)
    assert not {"run", "models", "section"} & set(names)
    assert through_a_link(DEFAULTS) == (DEFAULTS, ())


@pytest.mark.parametrize("preset", PRESETS, ids=lambda one: one.name)
def test_a_preset_survives_its_link_and_can_be_trained(preset):
    assert set(preset.values) <= set(DEFAULTS)
    values = DEFAULTS | dict(preset.values)
    assert mended(values) == ({}, ())
    again, notices = through_a_link(values)
    assert (again, notices) == (values, ())
    recipe = recipe_of(values, preset.name)
    assert plan(recipe, DIGITS).training_steps > 0
    assert same_run(
        recipe_of(
            values_of(recipe)
            | {"threshold": values["threshold"]}
            | {k: values[k] for k in values if k not in values_of(recipe)}
        ),
        recipe,
    )


def test_the_pairs_of_presets_differ_in_what_they_are_about_alone():
    by_name = {one.name: dict(one.values) for one in PRESETS}
    explodes, clipped = by_name["It explodes"], by_name["… then clip it"]
    assert {k for k in clipped if clipped[k] != explodes.get(k)} == {"clip", "threshold"}
    rnn, lstm = by_name["A plain RNN forgets"], by_name["An LSTM remembers"]
    assert {k for k in rnn | lstm if rnn.get(k) != lstm.get(k)} == {"cell", "start", "memory"}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("cell", tuple(discover(CELLS)))
def test_whatever_route_and_cell_are_chosen_the_form_makes_a_network_of_it(route, cell):
    values = chosen(route=route)
    values |= {"cell": cell if cell in cells_for(route) else values["cell"]}
    values |= follow("cell", values)
    for start in starts_for(values["cell"]):
        model = Model(recipe_of(values | {"start": start, "units": 4}).model)
        assert model.route.parents.shape[1] == cell_class(values["cell"]).PARENTS


@pytest.mark.parametrize("cell", tuple(discover(CELLS)))
def test_choosing_a_cell_starts_it_as_it_starts_by_itself(cell):
    options = dict(cell_class(cell).OPTIONS)
    values = DEFAULTS | {"cell": cell} | start_of(cell)
    route = "grid" if cell_class(cell).PARENTS == 2 else "rows"
    assert recipe_of(values | {"route": route}).model.cell_options == options


def test_another_route_brings_the_sister_of_the_cell():
    sisters = {"rnn": "rnn_2d", "lstm": "lstm_2d_mixed", "gru": "gru_2d"}
    for cell, expected in sisters.items():
        assert follow("route", DEFAULTS | {"route": "grid", "cell": cell})["cell"] == expected
        back = follow("route", DEFAULTS | {"route": "rows", "cell": expected})
        assert back["cell"] == cell
    assert "cell" not in follow("route", DEFAULTS | {"route": "pixels", "cell": "gru"})


def test_a_link_whose_choices_do_not_fit_is_mended_and_says_so():
    changes, notices = mended(DEFAULTS | {"route": "grid", "cell": "lstm", "directions": "2"})
    assert changes["cell"] == "lstm_2d_mixed" and changes["directions"] == "1"
    assert any("2 others" in one and "LSTM" in one for one in notices)
    assert any("four corners" in one for one in notices)
    fixed = DEFAULTS | {"route": "grid"} | changes
    assert mended(fixed) == ({}, ()), "mended once, it stays"
    changes, notices = mended(DEFAULTS | {"cell": "irnn", "start": TORCH})
    assert changes == {"start": IDENTITY} and len(notices) == 1


@pytest.mark.parametrize("start", [IDENTITY, ORTHOGONAL])
def test_a_start_without_a_gain_is_refused_with_what_to_do(start):
    with pytest.raises(ValueError, match="Choose a gain above 0"):
        recipe_of(DEFAULTS | {"start": start, "gain": 0.0})
    assert recipe_of(DEFAULTS | {"start": TORCH, "gain": 0.0})


def test_a_batch_larger_than_the_data_is_refused_with_what_to_do():
    with pytest.raises(ValueError, match="can't be filled from 100"):
        plan(recipe_of(DEFAULTS | {"pictures": 100, "batch": 128}), DIGITS)
    with pytest.raises(ValueError, match="fewer pictures a step"):
        plan(recipe_of(DEFAULTS | {"batch": 1024}), 1000)


def test_pytorch_s_start_is_that_of_pytorch():
    torch.manual_seed(0)
    model = Model(recipe_of(DEFAULTS | {"cell": "rnn", "start": TORCH, "units": 64}).model)
    bound = 1 / 64**0.5
    for weight in model.cells[0].parameters():
        assert float(weight.detach().abs().max()) <= bound
        assert float(weight.detach().std()) == pytest.approx(bound / 3**0.5, rel=0.15)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"cell": "gru", "start": TORCH, "update_bias": 1.5},
        {"cell": "rnn", "start": IDENTITY, "gain": 0.9, "layers": 2, "directions": "2"},
        {"route": "permuted", "order": 7, "clip": "off", "optimiser": "sgd"},
        {"route": "patches", "patch": "7", "clip": "value", "threshold": 0.01, "pictures": 500},
        {"shift": 2, "turn": 10, "scale": 0.1, "thickness": 0.5, "schedule": "cosine"},
        {"route": "grid", "patch": "2", "corners": "4", "readout": "last+mean"},
    ],
    ids=lambda one: ",".join(one) or "default",
)
def test_another_like_it_is_the_same_run(changes):
    recipe = recipe_of(chosen(**changes))
    stored = parse_recipe(json.loads(json.dumps(recipe.as_dict())))
    values = DEFAULTS | values_of(stored)
    assert same_run(recipe_of(values), recipe)
    assert not left_out(stored, values)


@pytest.mark.parametrize("name", recipe_names())
def test_of_a_shipped_recipe_the_form_takes_what_it_can(name):
    recipe = load_recipe(name)
    values = DEFAULTS | values_of(recipe)
    made = recipe_of(values)
    assert made.model.cell == recipe.model.cell and made.model.units == recipe.model.units
    assert parents(made.model.route) == parents(recipe.model.route)
    assert left_out(recipe, values), "these have validation, stages or smoothing of their own"


@pytest.mark.parametrize("changes", [{}, {"pictures": 100, "batch": 16}, {"cell": "gru"}])
def test_a_plan_is_what_the_training_then_does(changes):
    recipe = recipe_of(chosen(**changes, units=8))
    found = plan(recipe, len(load_dataset("digits", "train", NOWHERE)))
    training, validation = load_pictures(recipe.training, NOWHERE)
    work = Training(Model(recipe.model), recipe.training, training, validation)
    assert (found.pictures, found.training_steps) == (len(training), work.steps)
    assert found.size.parameters == parameter_count(work.model)
    assert (found.size.steps, found.size.depths) == (28, 28)


def test_the_watched_pictures_are_those_that_the_moments_are_measured_on():
    recipe = recipe_of(DEFAULTS)
    _, validation = load_pictures(recipe.training, NOWHERE)
    found = watched_pictures(load_dataset("digits", "train", NOWHERE), recipe.training)
    assert found.labels.tolist() == list(range(10))
    for image, label in zip(found.images, found.labels, strict=True):
        first = int((validation.labels == label).nonzero()[0])
        assert torch.equal(image, validation.images[first])


def test_a_run_beyond_the_server_s_limit_is_told_before_it_starts():
    recipe = recipe_of(DEFAULTS)
    speed = Speed((1.0,), 0.0, 0.0, 1150, 287, 360)
    assert speed.total_s(recipe) == pytest.approx(20 * 35)
    assert too_long(speed, recipe, Limits(longest_min=12)) == ""
    told = too_long(speed, recipe, Limits(longest_min=5))
    assert "12 minutes" in told and "after 5 minutes" in told and "fewer epochs" in told
    longer = replace(recipe, training=replace(recipe.training, stages=(Stage(5, 1e-3, batch=32),)))
    assert too_long(speed, longer, Limits(longest_min=5)) == ""


@pytest.mark.parametrize(
    "seconds, words",
    [(0.2, "1 second"), (40, "40 seconds"), (89.4, "89 seconds"), (360, "6 minutes")],
)
def test_times_are_told_as_people_tell_them(seconds, words):
    assert time_words(seconds) == words
