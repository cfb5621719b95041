import json
import math
from dataclasses import replace
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from rnnviz.models.unroll import unroll
from rnnviz.training.data import endless_batches, load_pictures
from rnnviz.training.experiments import clipping, settings_of
from rnnviz.training.experiments.clipping import Settings, clip_twins, gather, run_on, twins_of
from rnnviz.training.twins import (
    clip_by_norm,
    clip_by_value,
    flat_gradient,
    flat_weights,
    flow_around_the_clip,
    make_twins,
    no_clip,
    pull,
)

QUICK = Settings(
    variant="rnn-relu",
    length=8,
    units=12,
    gain=1.5,
    learning_rate=0.2,
    batch=16,
    steps=12,
    tau_norm=0.2,
    tau_value=0.05,
    precision="float64",
)
EXPLODES = replace(QUICK, length=0, gain=3.5, steps=10, learning_rate=1.0, precision="float32")


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # these networks are too small to share out
    yield
    torch.set_num_threads(before)


@cache
def digits():
    return load_pictures(clipping.pictures_wanted(QUICK), Path("nowhere"))


def measure(settings):
    """Return all that a run of these settings measures."""
    return gather(settings, list(run_on(settings, *digits())))


def first_batch():
    return next(endless_batches(digits()[0], QUICK.batch, QUICK.seed))


def size(model):
    """Return the total norm of the gradient, in the plainest way."""
    squares = [(w.grad**2).sum().item() for w in model.parameters() if w.grad is not None]
    return math.sqrt(sum(squares))


def by_hand(settings, clip):
    """Train with torch's own clip in the plainest of loops; return the weights and all norms."""
    model = clipping.first_twin(settings)
    kind = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[settings.optimiser]
    optimiser = kind(model.parameters(), lr=settings.learning_rate)
    training = digits()[0]
    generator = torch.Generator().manual_seed(settings.seed)
    order = torch.randperm(len(training), generator=generator)
    norms = []
    for at in range(settings.steps):
        chosen = order[at * settings.batch : (at + 1) * settings.batch]
        logits = unroll(model, training.images[chosen] / 255).logits
        loss = nn.functional.cross_entropy(logits, training.labels[chosen])
        optimiser.zero_grad()
        loss.backward()
        before = size(model)
        clip(model)
        norms.append((before, size(model)))
        optimiser.step()
    weights = torch.cat([w.detach().flatten() for w in model.parameters()])
    return weights, np.array(norms).T


CLIPS_BY_HAND = {
    "none": lambda model: None,
    "norm": lambda model: nn.utils.clip_grad_norm_(model.parameters(), QUICK.tau_norm),
    "value": lambda model: nn.utils.clip_grad_value_(model.parameters(), QUICK.tau_value),
}


@pytest.mark.parametrize("optimiser", ["sgd", "adam"])
@pytest.mark.parametrize("name", CLIPS_BY_HAND)
def test_each_twin_takes_the_way_of_a_plain_loop_with_torchs_own_clip(optimiser, name):
    settings = replace(QUICK, optimiser=optimiser, learning_rate=0.02)
    expected, norms = by_hand(settings, CLIPS_BY_HAND[name])
    twins = {twin.name: twin for twin in twins_of(settings)}
    measured = []
    stream = islice(endless_batches(digits()[0], settings.batch, settings.seed), settings.steps)
    for number, (images, labels) in enumerate(stream, 1):
        for twin in twins.values():
            step = pull(twin, images, labels, number)
            twin.optimiser.step()
            if twin.name == name:
                measured.append((step.before, step.after))
    torch.testing.assert_close(flat_weights(twins[name].model), expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(np.array(measured).T, norms, rtol=1e-9)


@pytest.fixture(scope="module")
def twins():
    return measure(QUICK)


def test_what_is_reported_are_the_norms_of_the_plain_loop(twins):
    for name, clip in CLIPS_BY_HAND.items():
        _, (before, after) = by_hand(QUICK, clip)
        np.testing.assert_allclose(twins.runs[name].before, before, rtol=1e-6)
        np.testing.assert_allclose(twins.runs[name].after, after, rtol=1e-6)


def test_a_clip_by_norm_keeps_the_direction_and_one_by_value_does_not(twins):
    assert np.allclose(twins.runs["norm"].cosines, 1.0, rtol=0, atol=1e-9)
    value = twins.runs["value"]
    assert value.clipped.any()
    assert value.cosines[value.clipped].max() < 1.0 - 1e-6


def test_no_norm_after_a_clip_exceeds_its_ceiling(twins):
    norm = twins.runs["norm"]
    assert norm.clipped.any()
    assert norm.after.max() <= norm.threshold * (1 + 1e-9)
    np.testing.assert_allclose(norm.after[norm.clipped], norm.threshold, rtol=1e-5)
    assert twins.runs["value"].after.max() <= twins.runs["value"].ceiling


def test_the_run_without_a_clip_keeps_every_gradient(twins):
    raw = twins.runs["none"]
    assert not raw.clipped.any()
    assert (raw.before == raw.after).all()
    assert (raw.apart == 0).all()


def test_twins_are_one_until_the_first_clipped_step():
    settings = replace(QUICK, learning_rate=0.05)
    measured = measure(settings)
    norms = measured.runs["none"].before
    # A threshold just below the norm of the fourth step, which is the first to exceed it.
    settings = replace(settings, tau_norm=float(norms[3]) * 0.999)
    assert norms[:3].max() < settings.tau_norm, "choose a seed whose fourth step is the largest"
    clipped = measure(settings).runs["norm"]
    assert clipped.clipped.tolist()[:4] == [False] * 3 + [True]
    assert (clipped.apart[:3] == 0).all()
    assert (clipped.apart[3:] > 0).all()


def test_a_threshold_that_nothing_reaches_changes_nothing():
    settings = replace(QUICK, tau_norm=1e9, tau_value=1e9, learning_rate=0.01)
    measured = measure(settings)
    for name in ("norm", "value"):
        assert (measured.runs[name].apart == 0).all()
        assert not len(measured.runs[name].clip_log()["factor"])


def test_the_flow_through_time_is_the_same_before_and_after_a_clip(twins):
    assert {check.run for check in twins.checks} == {"norm", "value"}
    assert min(check.factor for check in twins.checks) < 0.5, "something was clipped hard"
    for check in twins.checks:
        assert check.difference == 0
        assert (check.before == check.after).all()
        assert check.entries == QUICK.batch * QUICK.length * QUICK.units


def test_the_flow_is_that_of_each_pictures_own_loss():
    (twin,) = make_twins(
        clipping.first_twin(QUICK),
        {"norm": clip_by_norm(0.01)},
        lambda weights: torch.optim.SGD(weights, lr=0.1),
    )
    images, labels = first_batch()
    check = flow_around_the_clip(twin, images, labels, 1)
    norms = []
    for image, label in zip(images, labels, strict=True):
        way = unroll(twin.model, image[None])
        loss = nn.functional.cross_entropy(way.logits, label[None])
        hidden = [level.states["h"] for level in way.levels]
        norms.append([float(g.norm()) for g in torch.autograd.grad(loss, hidden)])
    np.testing.assert_allclose(check.before, np.median(norms, axis=0), rtol=1e-9)
    assert check.parameters[1] == pytest.approx(0.01, rel=1e-4)
    assert check.parameters[0] > 0.1


def test_the_check_would_tell_if_a_clip_reached_into_the_flow():
    """A clip that moves the weights themselves is no clip; the check must not call it one."""

    def moves_the_weights(parameters):
        with torch.no_grad():
            for weight in parameters:
                weight.mul_(0.5)

    (twin,) = make_twins(
        clipping.first_twin(QUICK),
        {"norm": moves_the_weights},
        lambda weights: torch.optim.SGD(weights, lr=0.1),
    )
    images, labels = first_batch()
    before = flat_weights(twin.model).clone()
    assert flow_around_the_clip(twin, images, labels, 1).difference > 0
    assert torch.equal(flat_weights(twin.model), before), "the twin itself is left alone"


def test_measuring_the_flow_does_not_disturb_the_run():
    def stepped(measure):
        twin = twins_of(QUICK)[1]
        images, labels = first_batch()
        pull(twin, images, labels, 1)
        if measure:
            flow_around_the_clip(twin, images, labels, 1)
        gradient = flat_gradient(twin.model)
        twin.optimiser.step()
        return gradient, flat_weights(twin.model)

    for with_check, without in zip(stepped(True), stepped(False), strict=True):
        assert torch.equal(with_check, without)


def test_a_loss_that_is_not_finite_ends_its_own_run_and_no_other():
    reports = list(run_on(EXPLODES, *digits()))
    json.dumps(reports, allow_nan=False)
    measured = gather(EXPLODES, reports)
    raw, norm = measured.runs["none"], measured.runs["norm"]
    assert raw.stopped is not None and 1 < raw.stopped < EXPLODES.steps
    assert len(raw.losses) == raw.stopped
    assert f"is not finite from step {raw.stopped}" in raw.event
    assert np.isfinite(raw.losses[:-1]).all()
    assert norm.stopped is None and len(norm.losses) == EXPLODES.steps
    assert np.isfinite(norm.losses).all()
    assert np.isnan(norm.apart[raw.stopped - 1 :]).all(), "there is nothing left to compare with"
    assert np.isfinite(norm.apart[: raw.stopped - 1]).all()


def test_a_gain_that_overflows_at_once_stops_all_runs_at_the_first_step():
    settings = replace(EXPLODES, gain=1000.0)
    reports = list(run_on(settings, *digits()))
    measured = gather(settings, reports)
    assert measured.overflows_at_once
    assert {twin.event for twin in measured.runs.values()} == {"loss is not finite from step 1"}
    assert len(reports) == 1
    assert measured.checks == ()
    json.dumps(reports, allow_nan=False)


def test_a_gradient_that_overflows_is_told_from_a_loss_that_does():
    model = clipping.first_twin(replace(QUICK, variant="rnn", precision="float32"))
    (twin,) = make_twins(model, {"none": no_clip}, lambda w: torch.optim.SGD(w, lr=0.1))
    with torch.no_grad():
        # At h = 0 a tanh has slope 1: the loss stays near ln 10, and 1e7**7 is beyond float32.
        cell = twin.model.cells[0]
        cell.bias.zero_()
        cell.weight_h[0] = 1e7 * torch.eye(QUICK.units)
    step = pull(twin, torch.zeros(4, 28, 28), torch.arange(4), 7)
    assert step.loss == pytest.approx(math.log(10), rel=0.2)
    assert (twin.stopped, twin.cause) == (7, "gradient")
    assert math.isnan(step.before)


def test_a_part_of_the_reports_is_a_part_of_the_runs():
    reports = list(run_on(QUICK, *digits()))
    part, whole = gather(QUICK, reports[:5]), gather(QUICK, reports)
    assert part.done == reports[4]["done"] < whole.done == QUICK.steps
    for name, twin in part.runs.items():
        assert np.array_equal(twin.losses, whole.runs[name].losses[: part.done])
    assert gather(QUICK, []).done == 0


def test_the_same_settings_give_the_same_reports():
    first, again = (json.dumps(list(run_on(QUICK, *digits()))) for _ in range(2))
    other = json.dumps(list(run_on(replace(QUICK, seed=1), *digits())))
    assert first == again != other


def test_python_gets_the_plain_data():
    measured = clip_twins(variant="gru-1", length=4, units=4, batch=8, steps=3, tau_norm=0.1)
    assert measured.done == 3
    assert set(measured.runs) == {"none", "norm", "value"}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"tau_norm": 0.0}, "positive number, got 0.0.*Try the mean norm"),
        ({"tau_value": -1.0}, "τ by value must be a positive number"),
        ({"tau_norm": math.nan}, "positive number, got nan"),
        ({"variant": "elman"}, "Choose one of: rnn, rnn-relu"),
        ({"dataset": "cifar"}, "Choose one of: digits, mnist"),
        ({"optimiser": "lion"}, "Choose one of: sgd, adam"),
        ({"learning_rate": 0.0}, "learning rate lies above 0"),
        ({"gain": -1.0}, "'gain'.*between 0 and 1000"),
        ({"gain": math.inf}, "'gain'.*between 0 and 1000"),
        ({"steps": 0}, "'steps'.*between 1 and"),
        ({"length": 29}, "length can be 2 to 28, got 29"),
        ({"route": "patches", "patch": 5, "length": 9}, "5x5 don't tile"),
        ({"speed": 1}, "no setting 'speed'"),
        (
            {"variant": "lstm-1", "route": "patches", "patch": 2, "units": 128, "steps": 2000},
            "about .. minutes on one core.*Take fewer training steps",
        ),
    ],
)
def test_settings_that_cannot_be_say_how_to_mend_them(changed, told):
    with pytest.raises(ValueError, match=told):
        settings_of("clipping", changed)


@pytest.mark.parametrize(
    ("more", "factor"),
    [({"steps": 800}, 2), ({"length": 14}, 0.5), ({"precision": "float64"}, 1.5)],
)
def test_the_time_that_runs_take_grows_with_what_they_do(more, factor):
    base = clipping.Settings(variant="lstm-1")
    assert replace(base, **more).duration_s == pytest.approx(factor * base.duration_s, rel=0.3)


@pytest.mark.parametrize("preset", clipping.PRESETS)
def test_the_finished_runs_take_much_less_than_may_be_taken(preset):
    assert clipping.PRESETS[preset].duration_s < clipping.LONGEST_S / 5


def test_a_batch_that_cannot_be_filled_is_refused():
    training, held_out = digits()
    few = type(training)(training.images[:15], training.labels[:15])
    with pytest.raises(ValueError, match="batch of 16 pictures can't be filled from 15"):
        next(run_on(QUICK, few, held_out))


def test_clips_by_value_and_norm_are_torchs_own():
    weight = nn.Parameter(torch.zeros(3))
    weight.grad = torch.tensor([3.0, -4.0, 0.0])
    clip_by_norm(1.0)([weight])
    torch.testing.assert_close(weight.grad, torch.tensor([0.6, -0.8, 0.0]))
    clip_by_value(0.7)([weight])
    torch.testing.assert_close(weight.grad, torch.tensor([0.6, -0.7, 0.0]))
