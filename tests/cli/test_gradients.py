"""``rnnviz gradients``: the numbers of the library, as JSON, as a table and as a figure."""

import csv
import json

import numpy as np
import pytest
import torch
from PIL import Image

import rnnviz
from rnnviz.cli import main, png
from rnnviz.cli.chromium import find_chromium
from rnnviz.data.sets import load_dataset
from rnnviz.models import Model, ModelConfig
from rnnviz.models.checkpoint import Checkpoint, load_checkpoint, save_checkpoint

CHAIN = ModelConfig("rows", "lstm", 6)
GRID = ModelConfig("grid", "gru_2d", 3, route_options={"patch": 4, "corners": 4})


@pytest.fixture(params=[CHAIN, GRID], ids=["chain", "grid"])
def small(request, tmp_path):
    """Return the file of an untrained model."""
    torch.manual_seed(0)
    path = tmp_path / "small.safetensors"
    save_checkpoint(Checkpoint("small", request.param, Model(request.param).state_dict()), path)
    return path


def printed(capsys, *arguments) -> str:
    assert main(["gradients", *(str(argument) for argument in arguments)]) == 0
    return capsys.readouterr().out


def test_the_json_is_the_librarys_flow(small, tmp_path, capsys):
    told = json.loads(printed(capsys, small, "--index", 5, "--target", 3, "--json"))
    image = load_dataset("digits", "test", tmp_path)[5].image
    model = load_checkpoint(small).model()
    flow = rnnviz.gradient_flow(model, image, 3)
    assert (told["name"], told["target"], told["steps"]) == ("small", 3, flow.route.steps)
    assert told["loss"] == pytest.approx(flow.loss)
    assert set(told["states"]) == set(flow.states)
    for name, state in told["states"].items():
        np.testing.assert_allclose(state["norms"], flow.norms(name))
    if model.route.parents.shape[1] == 1:
        spectrum = rnnviz.jacobian_spectrum(model, image, target=3)
        np.testing.assert_allclose(told["jacobians"]["log10_norms"], spectrum.norms)
        assert told["jacobians"]["omega"] == pytest.approx(spectrum.omega)
    else:
        assert "jacobians" not in told


def test_without_a_target_the_answer_is_the_target(small, tmp_path, capsys):
    told = json.loads(printed(capsys, small, "--json"))
    image = load_dataset("digits", "test", tmp_path)[0].image
    assert told["target"] == rnnviz.trace(load_checkpoint(small).model(), image).logits.argmax()


def test_a_person_reads_how_much_reaches_the_first_step(small, capsys):
    told = printed(capsys, small)
    assert "|dL/dh|: 10^" in told and "a factor of" in told and "1 %" in told


@pytest.mark.parametrize("target", [2, 3])
def test_the_loss_is_told_as_that_against_its_class(small, target, capsys):
    """Whatever the network answers: at most one of the two classes is its answer."""
    told = printed(capsys, small, "--target", target)
    assert f"loss against class {target}:" in told
    assert "answer" not in told


def test_the_table_has_a_line_for_every_step(small, tmp_path, capsys):
    out = tmp_path / "flow.csv"
    told = json.loads(printed(capsys, small, "--csv", out, "--json"))
    with out.open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == told["steps"]
    norms = [float(line["gradient_norm_h"]) for line in lines]
    np.testing.assert_allclose(norms, told["states"]["h"]["norms"])
    assert [int(line["step"]) for line in lines] == list(range(1, told["steps"] + 1))
    assert lines[-1]["steps_to_the_end"] == "0"


def test_the_figure_is_drawn_by_a_chromium(small, tmp_path, capsys):
    if find_chromium() is None:
        pytest.skip(png.MISSING)  # tests/conftest.py turns this into a failure in CI
    out = tmp_path / "flow.png"
    printed(capsys, small, "--png", out)
    with Image.open(out) as picture:
        assert picture.size == (png.WIDTH * png.SHARPNESS, 900 * png.SHARPNESS)
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    blue = np.abs(pixels - [0, 114, 178]).sum(axis=2) < 30  # the curve of h, Okabe-Ito blue
    assert blue[: len(blue) // 2].sum() > 1000
    # The map below is one of many colours: it isn't blank.
    below = pixels[len(pixels) * 6 // 10 : len(pixels) * 9 // 10, 400:1600].reshape(-1, 3)
    assert len(np.unique(below, axis=0)) > 50


def test_without_a_chromium_it_is_said_what_to_do(small, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "nothing-here"))
    out = tmp_path / "flow.png"
    assert main(["gradients", str(small), "--png", str(out)]) == 1
    assert "Install one with your system's packages" in capsys.readouterr().err
    assert not out.exists()


def test_a_target_that_is_no_class_is_refused(small, capsys):
    assert main(["gradients", str(small), "--target", "10"]) == 1
    assert "class from 0 to 9, got 10" in capsys.readouterr().err
