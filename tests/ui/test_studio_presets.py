"""The presets show what they promise: measured on the digits that come with scikit-learn."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from rnnviz.models.model import Model
from rnnviz.training.data import load_pictures
from rnnviz.training.loop import Training
from rnnviz.training.moments import handful, look
from rnnviz.training.recipe import Recipe
from rnnviz.ui.studio.fields import fields
from rnnviz.ui.studio.presets import PRESETS
from rnnviz.ui.studio.recipes import recipe_of

NOWHERE = Path("/nonexistent")
DEFAULTS = {one.name: one.default for one in fields(NOWHERE)}
GUESS = 0.1
"""How often a guess among ten digits is right."""


def recipe(name: str) -> Recipe:
    (preset,) = [one for one in PRESETS if one.name == name]
    return recipe_of(DEFAULTS | dict(preset.values), name)


def begun(name: str, seed: int = 0) -> Training:
    wanted = recipe(name)
    wanted = replace(wanted, training=replace(wanted.training, seed=seed))
    training, validation = load_pictures(wanted.training, NOWHERE)
    torch.manual_seed(wanted.training.seed)
    return Training(Model(wanted.model), wanted.training, training, validation)


def trained(name: str, most: int = 10**9, seed: int = 0):
    work = begun(name, seed)
    return [work.advance() for _ in range(min(work.steps, most))]


def decades(name: str) -> np.ndarray:
    """Return log10 of the gradient at each kept depth over that at the last, before training."""
    work = begun(name)
    moment = look(work.model, 0, handful(work.validation, 10))
    assert moment is not None
    flow = moment.flow
    return np.array([-np.inf if one is None else one for one in flow]) - (flow[-1] or 0.0)


def test_the_quick_one_learns_ten_digits():
    assert (trained("A quick first one")[-1].validation or 0) > 8 * GUESS


@pytest.mark.parametrize("seed", range(5))
def test_without_a_clip_the_loss_overflows_from_whatever_start(seed):
    with pytest.raises(FloatingPointError, match="overflowed"):
        trained("It explodes", seed=seed)


def test_with_a_clip_the_same_run_learns():
    clipped = trained("… then clip it")
    assert (clipped[-1].validation or 0) > 7 * GUESS
    norms = np.array([(one.norm, one.clipped_norm) for one in clipped])
    assert norms[:, 0].max() > 10 and norms[:, 1].max() <= 1 + 1e-5


def test_both_runs_begin_with_the_same_step_of_which_the_clip_leaves_less():
    loose, clipped = (trained(name, 1)[0] for name in ("It explodes", "… then clip it"))
    assert (loose.loss, loose.norm) == (clipped.loss, clipped.norm)
    assert loose.clipped_norm == loose.norm > 1
    assert clipped.clipped_norm == pytest.approx(1.0, abs=1e-5)


def test_the_gradient_of_the_plain_rnn_starts_40_decades_down_and_that_of_the_lstm_does_not():
    rnn, lstm = decades("A plain RNN forgets"), decades("An LSTM remembers")
    assert rnn[0] < -35
    assert lstm[0] > -6
    assert recipe("A plain RNN forgets").training == recipe("An LSTM remembers").training


def test_a_hundred_pictures_are_learnt_by_heart():
    reports = trained("Learnt by heart")
    seen = float(np.mean([one.accuracy for one in reports[-20:]]))
    assert seen > 0.99
    assert (reports[-1].validation or 0) < seen - 0.1


def test_no_step_of_the_grid_is_further_than_13_from_the_answer():
    route = begun("Two dimensions").model.route
    assert (route.steps_per_sweep, route.sweeps, route.depths) == (49, 4, 13)
    assert decades("Two dimensions")[0] > -3
