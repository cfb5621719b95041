"""The shipped checkpoints are found by name and by path, whole and small."""

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
