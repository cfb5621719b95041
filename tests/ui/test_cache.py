from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnviz.analysis.reading import read
from rnnviz.models import Model, ModelConfig
from rnnviz.models.checkpoint import Checkpoint, parse_checkpoint, save_checkpoint
from rnnviz.ui import cache
from rnnviz.ui.cache import Reader, config_label, menu_place, reader_of
from rnnviz.ui.link import Picture


def a_reader(route: str, cell: str, **options: int) -> Reader:
    torch.manual_seed(0)
    config = ModelConfig(route, cell, 16, route_options=options)
    weights = Model(config).state_dict()
    return reader_of(Checkpoint("test", config, weights), "test", f"{route}-{cell}")


def pictures(count: int) -> list[Picture]:
    chance = np.random.default_rng(0)
    return [Picture.of(chance.random((28, 28))) for _ in range(count)]


@pytest.mark.parametrize(
    ("config", "label"),
    [
        (ModelConfig("rows", "lstm", 8), "LSTM · rows"),
        (ModelConfig("grid", "rnn_2d", 8), "2-D RNN · grid"),
        (
            ModelConfig("grid", "gru_2d", 8, route_options={"patch": 4, "corners": 4}),
            "2-D GRU · grid 4×4",
        ),
        (
            ModelConfig("rows", "gru", 8, layers=3, directions=2),
            "GRU · rows both ways · 3 layers",
        ),
    ],
)
def test_a_label_says_cell_and_route(config, label):
    assert config_label(config) == label


def test_a_size_counts_the_units_of_each_layer():
    reader = a_reader("rows", "rnn")
    # 16 rows of weights for 28 pixels, 16 states and a bias; 10 answers from 16 states.
    assert reader.size == f"16 units, {16 * (28 + 16 + 1) + 10 * 17:,} weights"
    config = replace(reader.checkpoint.config, layers=2)
    stack = reader_of(Checkpoint("test", config, Model(config).state_dict()), "test", "test")
    more = 16 * (16 + 16 + 1)
    assert stack.size == f"2 layers of 16 units, {16 * 45 + more + 10 * 17:,} weights"


def test_menus_begin_with_those_that_stand_side_by_side_at_first():
    names = ["rnn-pixels", "lstm-grid", "gru-rows", "gru-grid", "rnn-rows", "lstm-rows"]
    assert sorted(names, key=menu_place) == [
        "rnn-rows",
        "lstm-rows",
        "gru-rows",
        "lstm-grid",
        "gru-grid",
        "rnn-pixels",
    ]


def test_accuracy_is_told_in_percent_of_each_test_set_and_failure_is_named():
    reader = a_reader("rows", "rnn")
    assert reader.accuracy == "accuracy not measured" and not reader.fails
    metrics = {"mnist/test/accuracy": 0.1135, "mnist/train/loss": 2.3}
    failing = replace(reader, checkpoint=replace(reader.checkpoint, metrics=metrics))
    assert failing.accuracy == "11.3 % of MNIST"
    assert failing.fails and cache.FAILURE in failing.description


@pytest.mark.parametrize(("route", "cell"), [("rows", "lstm"), ("grid", "lstm_2d")])
def test_visitors_who_read_at_the_same_time_get_what_each_would_get_alone(route, cell):
    reader = a_reader(route, cell)
    shown = pictures(24)
    alone = [read(reader.model, None, picture.image).trace for picture in shown]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(lambda picture: cache.reading(reader, picture).trace, shown))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_allclose(other.logits, one.logits, atol=1e-5)
        np.testing.assert_allclose(other.states["h"], one.states["h"], atol=1e-5)


def test_readers_of_one_name_are_told_apart_by_their_identity():
    first, second = a_reader("rows", "rnn"), a_reader("rows", "gru")
    (picture,) = pictures(1)
    assert not cache.reading(first, picture).trace.gates
    assert cache.reading(second, picture).trace.gates


def test_a_loaded_model_answers_as_the_one_that_was_saved(tmp_path):
    torch.manual_seed(0)
    config = ModelConfig("grid", "lstm_2d", 8)
    model = Model(config).requires_grad_(False)
    save_checkpoint(Checkpoint("saved", config, model.state_dict()), tmp_path / "saved.safetensors")
    loaded = parse_checkpoint((tmp_path / "saved.safetensors").read_bytes(), "saved").model()
    images = torch.rand(3, 28, 28)
    assert torch.equal(loaded(images), model(images))
