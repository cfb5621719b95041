"""How a spatial network of one's own begins: as it stood in the shipped one."""

import pytest
import torch

from rnnviz.data.errors import InputError
from rnnviz.models.checkpoint import CheckpointError
from rnnviz.models.clips.store import load_clip_model
from rnnviz.models.encoder import Encoder
from rnnviz.models.store import load
from rnnviz.training.clips.start import Start, start_of


def encoder(start: Start) -> Encoder:
    found = Encoder(start.config)
    assert start.weights is not None
    found.load_state_dict(start.weights)
    return found


def test_a_picture_model_reads_a_frame_as_it_reads_a_picture():
    images = torch.rand(4, 28, 28)
    for sight in ("frames", "changes"):
        found = encoder(start_of("lstm-rows", sight))
        torch.testing.assert_close(found.encode(images), load("lstm-rows").encode(images))


def test_a_clip_model_gives_its_spatial_network():
    seen = torch.rand(4, 28, 56)
    found = encoder(start_of("clip-motion", "both"))
    torch.testing.assert_close(
        found.encode(seen), load_clip_model("clip-motion").spatial.encode(seen)
    )


@pytest.mark.parametrize(("sight", "place"), [("frames", 0), ("changes", 28)])
def test_half_a_network_reads_as_the_whole_one_does_beside_zeros(sight, place):
    frames = torch.rand(4, 28, 28) * 2 - 1
    wide = torch.zeros(4, 28, 56)
    wide[:, :, place : place + 28] = frames
    found = encoder(start_of("clip-motion", sight))
    torch.testing.assert_close(
        found.encode(frames), load_clip_model("clip-motion").spatial.encode(wide)
    )


def test_from_nothing_there_are_no_weights_and_the_size_of_what_is_shown():
    assert start_of("", "both").config.shape == (1, 28, 56)
    assert start_of("", "changes").config.shape == (1, 28, 28)
    assert start_of("", "frames").weights is None


@pytest.mark.parametrize("name", ["lstm-rows", "gru-rows", "rnn-rows"])
def test_side_by_side_a_picture_model_reads_both_as_it_reads_each(name):
    frames, changes = torch.rand(4, 28, 28), torch.rand(4, 28, 28) * 2 - 1
    found = encoder(start_of(name, "both")).encode(torch.cat([frames, changes], 2))
    model = load(name)
    alone = torch.cat([model.encode(frames), model.encode(changes)], 1)
    torch.testing.assert_close(found, alone)


@pytest.mark.parametrize(
    ("name", "sight"), [("gru-grid", "both"), ("clip-pen", "changes"), ("clip-pen", "both")]
)
def test_a_network_that_was_shown_something_else_is_refused(name, sight):
    with pytest.raises(InputError, match=f"'{name}' was shown each frame as it is"):
        start_of(name, sight)


def test_a_name_that_nothing_has_is_refused():
    with pytest.raises(CheckpointError, match="no clip model 'no-such'"):
        start_of("no-such", "both")
