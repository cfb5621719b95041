import pytest
import torch

from rnnviz.data.augment import Augmentation, augment, dilate, erode

EVERYTHING = Augmentation(
    shift_px=2, rotation_deg=10, scale=0.1, shear=0.1, thickness=0.5
)  # fmt: skip
NOTHING = Augmentation(shift_px=0)


def bars(batch=32):
    images = torch.zeros(batch, 28, 28)
    images[:, 6:22, 12:15] = 1
    return images


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def centres(images):
    middles = torch.arange(28) + 0.5
    ink = images.sum(dim=(1, 2))
    return (images.sum(dim=1) @ middles) / ink, (images.sum(dim=2) @ middles) / ink


def test_the_same_generator_gives_the_same_pictures():
    assert torch.equal(augment(bars(), EVERYTHING, seeded()), augment(bars(), EVERYTHING, seeded()))
    assert not torch.equal(
        augment(bars(), EVERYTHING, seeded()), augment(bars(), EVERYTHING, seeded(1))
    )


def test_the_global_generator_is_left_alone():
    before = torch.get_rng_state()
    augment(bars(), EVERYTHING, seeded())
    assert torch.equal(torch.get_rng_state(), before)


def test_the_pictures_given_are_left_alone():
    images = bars()
    for settings in (EVERYTHING, Augmentation(), NOTHING):
        augment(images, settings, seeded()).zero_()
        assert torch.equal(images, bars())


def test_values_stay_in_range():
    images = torch.rand(64, 28, 28, generator=seeded())
    changed = augment(images, EVERYTHING, seeded())
    assert changed.shape == images.shape
    assert 0 <= changed.min()
    assert changed.max() <= 1 + 1e-6


def test_no_settings_change_nothing():
    assert torch.equal(augment(bars(), NOTHING, seeded()), bars())


def test_a_shift_moves_whole_pixels_both_ways_on_both_axes():
    moved = augment(bars(400), Augmentation(shift_px=2), seeded())
    assert torch.equal(moved.sum(dim=(1, 2)), bars(400).sum(dim=(1, 2)))
    for here, there in zip(centres(bars(400)), centres(moved), strict=True):
        assert set((there - here).round(decimals=4).tolist()) == {-2, -1, 0, 1, 2}


def test_an_affine_change_of_nothing_but_shift_is_a_shift():
    settings = Augmentation(shift_px=2, scale=1e-9)
    moved = augment(bars(), settings, seeded())
    assert torch.allclose(moved.sum(dim=(1, 2)), bars().sum(dim=(1, 2)), atol=1e-2)
    steps = centres(moved)[0] - centres(bars())[0]
    assert torch.allclose(steps, steps.round(), atol=1e-3)


def test_rotation_and_shear_keep_the_ink_and_scale_changes_it():
    ink = bars(200).sum(dim=(1, 2))
    for settings in (Augmentation(0, rotation_deg=20), Augmentation(0, shear=0.3)):
        changed = augment(bars(200), settings, seeded())
        assert torch.allclose(changed.sum(dim=(1, 2)), ink, rtol=0.05)
        assert not torch.allclose(changed, bars(200), atol=0.1)
    ratio = augment(bars(200), Augmentation(0, scale=0.2), seeded()).sum(dim=(1, 2)) / ink
    assert 0.6 < ratio.min() < 0.85
    assert 1.2 < ratio.max() < 1.5


def test_thickness_goes_both_ways():
    ink = bars(200).sum(dim=(1, 2))
    ratio = augment(bars(200), Augmentation(0, thickness=0.5), seeded()).sum(dim=(1, 2)) / ink
    assert ratio.min() < 0.75
    assert ratio.max() > 1.25
    assert ratio.mean() == pytest.approx(1, abs=0.05)


def test_dilation_and_erosion_are_those_of_a_cross():
    images = torch.rand(3, 9, 9, generator=seeded())
    wide = torch.nn.functional.pad(images, (1, 1, 1, 1))
    for row in range(9):
        for column in range(9):
            cross = torch.stack(
                [
                    wide[:, row + 1 + dr, column + 1 + dc]
                    for dr, dc in ((0, 0), (0, 1), (0, -1), (1, 0), (-1, 0))
                ]
            )
            assert torch.equal(dilate(images)[:, row, column], cross.amax(dim=0))
    assert torch.allclose(erode(images), 1 - dilate(1 - images))


@pytest.mark.parametrize(
    "wrong", [{"shift_px": -1}, {"shift_px": 1.5}, {"thickness": 2}, {"rotation_deg": 999}]
)
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match=r"0\.\.|whole pixels"):
        Augmentation(**wrong)
