"""Training learns, repeats itself, keeps what it has, and says when it can't go on."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnviz.data.augment import Augmentation
from rnnviz.models import Model, ModelConfig
from rnnviz.training.data import as_pictures, load_pictures
from rnnviz.training.loop import shrunk, train
from rnnviz.training.optimiser import make_optimiser
from rnnviz.training.recipe import load_recipe, recipe_names
from rnnviz.training.settings import Stage, TrainingSettings
from rnnviz.training.step import accuracy, one_step

MODEL = ModelConfig("rows", "gru", 24)
QUICK = TrainingSettings(
    stages=(Stage(epochs=4, learning_rate=1e-2, batch=32),),
    datasets=("digits",),
    validation=100,
    augmentation=None,
)


def digits(tmp_path):
    return load_pictures(QUICK, tmp_path)


def test_a_few_epochs_on_real_digits_beat_chance_by_far(tmp_path):
    training, validation = digits(tmp_path)
    torch.manual_seed(0)
    model = Model(MODEL)
    before = accuracy(model, validation)
    *_, last = train(model, QUICK, training, validation)
    assert before < 0.3
    assert last.validation is not None and last.validation > 0.7
    assert last.model is model
    assert (last.step, last.epoch) == (last.steps, last.epochs)


def test_the_same_seed_gives_the_same_weights_and_another_one_does_not(tmp_path):
    training, validation = digits(tmp_path)
    settings = replace(QUICK, stages=(Stage(1, 1e-3, batch=200),), augmentation=Augmentation())
    results = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        model = Model(MODEL)
        for _ in train(model, replace(settings, seed=seed), training, validation):
            pass
        results.append(torch.cat([weight.flatten() for weight in model.parameters()]))
    assert torch.equal(results[0], results[1])
    assert not torch.equal(results[0], results[2])


def test_the_validation_pictures_are_not_trained_on(tmp_path):
    training, validation = digits(tmp_path)
    seen = {image.numpy().tobytes() for image in training.images}
    assert len(validation) == 100
    assert not any(image.numpy().tobytes() in seen for image in validation.images)


def test_the_reported_norm_is_that_before_the_clip():
    torch.manual_seed(0)
    images, labels = torch.rand(16, 28, 28), torch.randint(10, (16,))
    norms = []
    for clip in (0.0, 1e-3):
        torch.manual_seed(0)
        model = Model(MODEL)
        settings = replace(QUICK, clip=clip)
        optimiser, _ = make_optimiser(model, settings, QUICK.stages[0], 10)
        taken = one_step(model, optimiser, settings, images, labels)
        norm = taken.norm
        norms.append(norm)
        kept = torch.cat([w.grad.flatten() for w in model.parameters() if w.grad is not None])
        assert float(kept.norm()) == pytest.approx(clip or norm, rel=1e-3)
        assert taken.clipped_norm == pytest.approx(float(kept.norm()), rel=1e-5)
    assert norms[0] == pytest.approx(norms[1], rel=1e-6)


def test_a_run_that_overflows_leaves_the_weights_of_the_last_whole_epoch():
    model = Model(replace(MODEL, cell="irnn", cell_options={"gain": 50.0, "input_scale": 9.0}))
    images = as_pictures(np.full((64, 28, 28), 255, np.uint8), np.zeros(64, np.int64))
    before = [weight.detach().clone() for weight in model.parameters()]
    with pytest.raises(FloatingPointError, match="Lower the learning rate"):
        for _ in train(model, QUICK, images, images):
            pass
    assert all(map(torch.equal, model.parameters(), before)), "no epoch was finished"


def test_too_few_pictures_for_a_batch_are_refused(tmp_path):
    training, validation = digits(tmp_path)
    few = type(training)(training.images[:31], training.labels[:31])
    with pytest.raises(ValueError, match="batch of 32 pictures can't be filled from 31"):
        next(train(Model(MODEL), QUICK, few, validation))


def test_weights_learned_on_small_pictures_are_carried_to_the_full_ones():
    model = Model(ModelConfig("grid", "rnn_2d", 4, route_options={"corners": 4}))
    small = shrunk(model, (2, 2))
    assert small(torch.rand(2, 14, 14)).shape == (2, 10)
    model.load_state_dict(small.state_dict())
    with pytest.raises(ValueError, match="shrink = 1"):
        shrunk(Model(MODEL), (2, 2))


def test_a_refined_identity_rnn_reads_a_stretched_picture_as_it_read_the_coarse_one():
    torch.manual_seed(0)
    model = Model(ModelConfig("pixels", "irnn", 16, shape=(1, 4, 14)))
    with torch.no_grad():
        cell = model.cells[0]
        # Far enough from the identity to matter, and damped, as Euler's method needs it.
        cell.weight_h[0] += 0.02 * torch.randn(16, 16) - 0.05 * torch.eye(16)
        cell.weight_x.normal_(0.0, 0.1)
        cell.bias.normal_(0.0, 0.01)
    coarse = torch.rand(8, 4, 14)
    before = model(coarse)
    errors = []
    for factor in (2, 4, 8):
        fine = Model(replace(model.config, shape=(1, 4, 14 * factor)))
        fine.load_state_dict(model.state_dict())
        kept = fine(coarse.repeat_interleave(factor, dim=2))
        fine.cells[0].refine(factor)
        after = fine(coarse.repeat_interleave(factor, dim=2))
        errors.append(float((after - before).detach().abs().max()))
        assert errors[-1] < 0.2 * float((kept - before).detach().abs().max())
    # Euler's error is of first order: what finer steps still change gets smaller and smaller.
    assert errors[1] - errors[0] > errors[2] - errors[1] > 0


def test_target_replication_pulls_earlier_steps_towards_the_answer(tmp_path):
    training, validation = digits(tmp_path)
    hits = []
    for weight in (0.0, 1.0):
        torch.manual_seed(0)
        model = Model(MODEL)
        for _ in train(model, replace(QUICK, replicate=weight), training, validation):
            pass
        hidden = model.scan(validation.images / 255)["h"]
        early = model.readout(model.summaries(hidden, [20])[:, 0])
        hits.append(float((early.argmax(1) == validation.labels).float().mean()))
    assert hits[1] > hits[0]


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_builds_its_model(name):
    recipe = load_recipe(name)
    assert recipe.name == name
    logits = Model(recipe.model)(torch.zeros(1, 28, 28))
    assert logits.shape == (1, 10)


@pytest.mark.parametrize(
    "content", ["nonsense", "[model]\nroute = 1", '[model]\nroute="rows"\ncell="rnn"\nunits=3\n']
)
def test_a_recipe_that_cannot_be_understood_names_its_file(tmp_path, content):
    path = tmp_path / "mine.toml"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"mine\.toml can't be understood"):
        load_recipe(path)


@pytest.mark.parametrize(
    "change", [{"clip": -1.0}, {"warm_up": 1.0}, {"stages": ()}, {"pen_variants": 0}]
)
def test_settings_out_of_range_are_refused(change):
    with pytest.raises(ValueError, match=r"clip|warm_up|stage|pen_variants"):
        replace(QUICK, **change)
