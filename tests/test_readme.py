"""The README shows the figures that the checkpoints carry, and they are what was promised."""

import re
from pathlib import Path

import pytest

from rnnviz.models.store import pretrained_folder, read_named, shipped_names
from rnnviz.training.recipe import load_recipe, parse_settings, recipe_names
from tools import clip_table
from tools.model_table import table

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")

# Least accuracy on MNIST's and on the pen strokes' test split, as fractions. Nothing is asked of
# the plain RNN over pixels, which is shipped because it fails, nor of the identity RNN on strokes.
PROMISED = {
    "rnn-rows": (0.980, 0.95),
    "lstm-rows": (0.993, 0.95),
    "gru-rows": (0.992, 0.95),
    "rnn-pixels": (0.0, 0.0),
    "irnn-pixels": (0.90, 0.0),
    "lstm-pixels": (0.97, 0.95),
    "gru-pixels": (0.97, 0.95),
    "rnn-grid": (0.97, 0.95),
    "lstm-grid": (0.98, 0.95),
    "gru-grid": (0.98, 0.95),
    "lstm-grid-4x4": (0.992, 0.95),
}


def test_the_table_of_models_is_that_of_the_checkpoints():
    shown = re.search(r"<!-- models -->\n(.*?)\n<!-- /models -->", README, re.DOTALL)
    assert shown and shown[1] == table()


@pytest.mark.parametrize(
    ("mark", "expected"),
    [("clips", clip_table.table), ("robustness", clip_table.robustness_table)],
)
def test_the_tables_of_clip_models_are_those_of_the_checkpoints(mark, expected):
    shown = re.search(rf"<!-- {mark} -->\n(.*?)\n<!-- /{mark} -->", README, re.DOTALL)
    assert shown and shown[1] == expected()


def test_every_promised_model_is_shipped_with_its_recipe():
    assert set(shipped_names()) == set(PROMISED) == set(recipe_names())


@pytest.mark.parametrize("name", PROMISED)
def test_a_model_keeps_its_promise(name):
    metrics = read_named(name).metrics
    mnist, strokes = PROMISED[name]
    assert metrics["mnist/test/accuracy"] >= mnist
    assert metrics["pendigits/test/accuracy"] >= strokes


def test_the_best_model_reads_nearly_all_strokes():
    assert max(read_named(n).metrics["pendigits/test/accuracy"] for n in PROMISED) >= 0.975


@pytest.mark.parametrize("name", PROMISED)
def test_a_checkpoint_says_how_it_was_trained_and_the_recipe_still_says_so(name):
    checkpoint, recipe = read_named(name), load_recipe(name)
    assert checkpoint.config == recipe.model
    assert checkpoint.probes is not None
    assert {"datasets", "seed", "date", "torch", "duration_s"} <= set(checkpoint.provenance)
    assert parse_settings(checkpoint.training) == recipe.training


def test_the_shipped_models_stay_small():
    assert sum(path.stat().st_size for path in pretrained_folder().iterdir()) < 15e6
