"""The shipped checkpoints are found by name and by path, whole and small."""

import subprocess
import sys

import pytest
import torch

import rnnviz
from rnnviz.models.store import pretrained_folder, shipped_names

MOST_BYTES_SHIPPED = 15_000_000


@pytest.mark.parametrize("name", shipped_names())
def test_a_name_and_a_path_give_the_same_model(name):
    path = pretrained_folder() / f"{name}.safetensors"
    images = torch.rand(2, 28, 28)
    logits = rnnviz.load(name)(images)
    assert logits.shape == (2, 10)
    assert torch.equal(rnnviz.load(path)(images), logits)
    assert torch.equal(rnnviz.load(str(path))(images), logits)
    assert rnnviz.read_named(name).name == name


def test_all_shipped_models_together_are_small():
    sizes = [path.stat().st_size for path in pretrained_folder().iterdir()]
    assert 0 < sum(sizes) < MOST_BYTES_SHIPPED


def test_models_and_cells_without_values_leave_the_compiler_of_torch_alone():
    # It takes 150 MB and seconds, and a server reads all models before its first page.
    script = """
import sys
import torch
from rnnviz.models.cells import PACKAGE
from rnnviz.models.clips.store import clip_names, read_clip_model
from rnnviz.models.store import read_named, shipped_names
from rnnviz.registry import discover
for name in shipped_names():
    read_named(name).model()
for name in clip_names():
    read_clip_model(name).model()
for file in discover(PACKAGE).values():
    for options in ({}, {"identity": 1.0}, {"memory": 28.0}):
        if options.keys() <= file.CELL.OPTIONS.keys():
            with torch.device("meta"):
                file.CELL(3, 4, **options)
sys.exit("torch._dynamo" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
