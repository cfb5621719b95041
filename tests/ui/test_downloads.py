import csv
import io
import json

import numpy as np
import pytest
import torch
from PIL import Image

from rnnviz.analysis.reading import Reading, read
from rnnviz.models import Model, ModelConfig
from rnnviz.ui.downloads import picture_png, reading_npz, trace_csv

CONFIGS = [
    ModelConfig("rows", "lstm", 5),
    ModelConfig("grid", "rnn_2d", 3, route_options={"patch": 7, "corners": 4}),
    ModelConfig("rows", "gru", 4, layers=2, directions=2),
]


def a_reading(config: ModelConfig) -> tuple[Reading, np.ndarray]:
    torch.manual_seed(0)
    image = np.random.default_rng(0).random((28, 28), dtype=np.float32)
    return read(Model(config).requires_grad_(False), None, image), image


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.route)
def test_the_table_holds_every_value_of_the_trace_exactly(config):
    trace = a_reading(config)[0].trace
    rows = list(csv.DictReader(io.StringIO(trace_csv(trace).decode())))
    assert len(rows) == trace.route.steps * trace.units
    for name, values in (trace.states | trace.gates).items():
        found = np.array([float(row[name]) for row in rows]).reshape(values.shape)
        np.testing.assert_allclose(found, values, rtol=1e-6, atol=1e-12)


def test_the_table_says_where_each_step_stands():
    trace = a_reading(CONFIGS[1])[0].trace
    rows = list(csv.DictReader(io.StringIO(trace_csv(trace).decode())))
    last = rows[-1]
    # 28 pixels are 4 patches of 7; the last step is the last patch of the fourth sweep.
    assert [int(last[name]) for name in ("step", "sweep", "row", "column", "unit")] == [
        63,
        3,
        3,
        3,
        2,
    ]


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.route)
def test_the_arrays_come_back_without_unpickling(config):
    reading, image = a_reading(config)
    with np.load(io.BytesIO(reading_npz(reading, image, config.as_dict()))) as file:
        assert np.array_equal(file["image"], image)
        assert np.array_equal(file["logits"], reading.trace.logits)
        for name, values in reading.trace.states.items():
            assert np.array_equal(file[f"state_{name}"], values)
        for name, values in reading.trace.gates.items():
            assert np.array_equal(file[f"gate_{name}"], values)
        assert ModelConfig(**json.loads(str(file["config"]))) == config


def test_the_table_of_a_stack_says_which_layer_each_unit_is_in():
    trace = a_reading(CONFIGS[2])[0].trace
    rows = list(csv.DictReader(io.StringIO(trace_csv(trace).decode())))
    for row in rows:
        place = (int(row["layer"]) - 1) * 4 + int(row["unit"])
        step = int(row["sweep"]) * 28 + int(row["column"])
        assert float(row["h"]) == pytest.approx(trace.states["h"][step, place], rel=1e-6)
    assert {(row["layer"], row["unit"]) for row in rows} == {(a, b) for a in "12" for b in "0123"}
    assert "layer" not in trace_csv(a_reading(CONFIGS[0])[0].trace).decode().splitlines()[0]


def test_a_picture_is_enlarged_without_a_change_of_its_values():
    image = np.linspace(0, 1, 784, dtype=np.float32).reshape(28, 28)
    png = Image.open(io.BytesIO(picture_png(image, scale=3)))
    assert png.size == (84, 84)
    assert np.array_equal(np.asarray(png)[1::3, 1::3], np.rint(image * 255).astype(np.uint8))
