"""The batches that all trainings share."""

import pytest
import torch

from rnnviz.data.errors import InputError
from rnnviz.training.data import Pictures, endless_batches

IMAGES = torch.arange(10, dtype=torch.uint8)[:, None, None].expand(10, 28, 28)
PICTURES = Pictures(IMAGES, torch.arange(10))


def epoch(batches, count: int) -> torch.Tensor:
    """Return the labels of some batches, one after another."""
    return torch.cat([next(batches)[1] for _ in range(count)])


def test_every_picture_comes_once_before_any_comes_again():
    batches = endless_batches(PICTURES, 5, seed=1)
    first, second = epoch(batches, 2), epoch(batches, 2)
    assert sorted(first.tolist()) == sorted(second.tolist()) == list(range(10))
    assert not torch.equal(first, second)


def test_what_does_not_fill_a_batch_is_left_out_that_time():
    batches = endless_batches(PICTURES, 3, seed=1)
    for _ in range(3):
        assert len(epoch(batches, 3).unique()) == 9


def test_a_batch_holds_the_pictures_of_its_labels_as_floats():
    images, labels = next(endless_batches(PICTURES, 4, seed=2))
    assert images.shape == (4, 28, 28)
    assert torch.equal(images[:, 0, 0], labels / 255)


def test_the_order_is_that_of_the_seed_however_the_batches_are_cut():
    order = torch.randperm(10, generator=torch.Generator().manual_seed(7))
    assert torch.equal(epoch(endless_batches(PICTURES, 5, seed=7), 2), order)
    assert torch.equal(epoch(endless_batches(PICTURES, 2, seed=7), 5), order)


def test_a_batch_that_cannot_be_filled_is_refused_before_anything_is_trained():
    with pytest.raises(InputError, match="11 pictures can't be filled from 10"):
        endless_batches(PICTURES, 11, seed=0)
