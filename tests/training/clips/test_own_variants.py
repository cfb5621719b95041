"""Clips are changed so that an action stays what it is: never reversed, never mirrored."""

import pytest
import torch

from rnnviz.training.clips.variants import Variation, vary

LENGTHS = torch.full((50,), 16)


def chance() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def still(value: float) -> torch.Tensor:
    return torch.full((50, 16, 28, 28), value)


def test_no_variation_changes_nothing():
    clips = torch.rand(3, 16, 28, 28)
    same = vary(clips, LENGTHS[:3], Variation(0, 0, 0, 0), chance())
    assert torch.allclose(same, clips, atol=1e-5)


def test_time_never_runs_back():
    clips = torch.linspace(0.2, 0.8, 16)[None, :, None, None].expand(50, 16, 28, 28)
    steps = vary(clips, LENGTHS, Variation(0, 0, 0, warp=0.5), chance()).diff(dim=1)
    assert (steps > -1e-6).all() and (steps.sum(1) > 0.1).all()


def test_left_stays_left_and_up_stays_up():
    clips = still(0.0)
    clips[:, :, 4:12, 4:12] = 1.0
    found = vary(clips, LENGTHS, Variation(4, 0.3, 0.2, 0.2), chance()).mean(1)
    found = found - found.amin((1, 2), keepdim=True)
    where = torch.arange(28) + 0.5
    total = found.sum((1, 2))
    assert ((found.sum(1) * where).sum(1) / total < 14).all()
    assert ((found.sum(2) * where).sum(1) / total < 14).all()


def test_no_black_edge_comes_in():
    found = vary(still(0.5), LENGTHS, Variation(8, 0.4, 0, 0), chance())
    assert torch.allclose(found, still(0.5), atol=1e-5)


def test_each_clip_is_changed_in_its_own_way_and_all_its_frames_alike():
    clips = torch.rand(1, 1, 28, 28).expand(50, 16, 28, 28)
    found = vary(clips, LENGTHS, Variation(warp=0.0), chance())
    assert (found == found[:, :1]).all()
    assert len({clip.numpy().tobytes() for clip in found}) == 50
    assert found.min() >= 0 and found.max() <= 1
    assert torch.equal(found, vary(clips, LENGTHS, Variation(warp=0.0), chance()))


def test_what_is_not_a_clip_s_own_stays_as_it_was():
    clips = torch.rand(50, 16, 28, 28)
    lengths = torch.arange(50) % 15 + 2
    found = vary(clips, lengths, Variation(), chance())
    for clip, length in enumerate(lengths.tolist()):
        assert torch.equal(found[clip, length:], clips[clip, length:])
        # Moments beyond its last frame show that frame, not what stands behind it.
        assert not torch.equal(found[clip, :length], clips[clip, :length])


@pytest.mark.parametrize("bounds", [{"shift_px": 20.0}, {"warp": -0.1}, {"scale": 0.9}])
def test_bounds_out_of_range_are_refused(bounds):
    with pytest.raises(ValueError, match=next(iter(bounds))):
        Variation(**bounds)
