"""Moving digits do what their labels say, measured on the frames themselves."""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from rnnviz.data.clips import load_clips
from rnnviz.data.clips.motions import FAR, MOTIONS, NEAR, Scene, draw_parts, moving_clips
from rnnviz.data.clips.moving_digits import TASKS, load, source_digits
from rnnviz.data.dataset import DIGITS

NOWHERE = Path("/nowhere")
CLEAN = Scene(noise=0.0, clutter=0, contrast=(1.0, 1.0), background=0.0)


def blob() -> torch.Tensor:
    """Return a picture whose turns show: a bar from the middle upwards, uint8 (1, 28, 28)."""
    picture = torch.zeros(1, 28, 28, dtype=torch.uint8)
    picture[0, 7:16, 13:15] = 255
    return picture


def made(scene: Scene, count: int = 300, seed: int = 0):
    generator = torch.Generator().manual_seed(seed)
    return moving_clips(blob(), torch.zeros(1, dtype=torch.int64), count, scene, generator)


def measured(frames: torch.Tensor) -> np.ndarray:
    """Return x, y, angle and size of the ink in each frame, (clip, frame, 4)."""
    places = torch.arange(28) + 0.5
    mass = frames.sum((2, 3))
    x = (frames.sum(2) * places).sum(2) / mass
    y = (frames.sum(3) * places).sum(2) / mass
    dx, dy = places - x[..., None], places - y[..., None]
    xx = (frames.sum(2) * dx**2).sum(2) / mass
    yy = (frames.sum(3) * dy**2).sum(2) / mass
    xy = (frames * dy[..., :, None] * dx[..., None, :]).sum((2, 3)) / mass
    # The angle of the long axis from the vertical, clockwise as y points down.
    angle = 0.5 * torch.atan2(2 * xy, xx - yy) - torch.pi / 2
    size = (xx + yy).sqrt()
    return torch.stack([x, y, angle, size], 2).numpy()


def net_change(seen: np.ndarray) -> np.ndarray:
    """Return how much each quantity changed from the first frame to the last, (clip, 4)."""
    change = seen[:, -1] - seen[:, 0]
    turned = np.unwrap(2 * seen[:, :, 2], axis=1) / 2
    change[:, 2] = turned[:, -1] - turned[:, 0]
    change[:, 3] = np.log(seen[:, -1, 3] / seen[:, 0, 3])
    return change


def test_each_motion_is_seen_and_no_other():
    clips = made(CLEAN)
    change = net_change(measured(clips.frames))
    names = np.array([MOTIONS[motion] for motion in clips.motions[:, 0]])
    assert set(names) == set(MOTIONS)
    expected = {
        "left": (0, -1), "right": (0, 1), "up": (1, -1), "down": (1, 1),
        "clockwise": (2, 1), "counter-clockwise": (2, -1), "growing": (3, 1), "shrinking": (3, -1),
    }  # fmt: skip
    least = (4.0, 4.0, 1.0, 0.15)
    for name, (axis, sign) in expected.items():
        assert (sign * change[names == name, axis] > least[axis]).all(), name
    moves = np.isin(names, ["left", "right", "up", "down"])
    for axis, own in ((2, ["clockwise", "counter-clockwise"]), (3, ["growing", "shrinking"])):
        others = ~np.isin(names, own)
        assert (np.abs(change[others, axis]) < 0.12).all(), "it neither turns nor grows besides"
    assert (np.abs(change[names == "still"]) < 1e-5).all()
    assert (np.abs(change[moves][:, :2]).min(1) < 0.6).all(), "it goes along one axis alone"


def test_digits_stay_within_the_frame():
    # The middle of the bar is a little above that of its picture.
    seen = measured(made(replace(CLEAN, turn_deg=(0.0, 0.0), growth=(0.0, 0.0))).frames)
    assert seen[..., 0].min() > NEAR - 0.6 and seen[..., 0].max() < FAR + 0.6
    assert seen[..., 1].min() > NEAR - 4 and seen[..., 1].max() < FAR + 0.6


def test_the_speed_is_the_one_asked_for():
    clips = made(replace(CLEAN, speed=(0.5, 0.5), turn_deg=(6.0, 6.0), growth=(0.02, 0.02)))
    change = np.abs(net_change(measured(clips.frames)))
    names = np.array([MOTIONS[motion] for motion in clips.motions[:, 0]])
    steps = 15
    for name, axis, a_frame, off in (
        ("left", 0, 0.5, 0.25), ("down", 1, 0.5, 0.25), ("clockwise", 2, np.deg2rad(6), 0.1),
        ("growing", 3, np.log(1.02), 0.05),
    ):  # fmt: skip
        # Some reach over the edge on their way; most don't.
        assert np.median(np.abs(change[names == name, axis] - steps * a_frame)) < off, name
    twice = replace(CLEAN, speed=(0.25, 0.25)).at(2.0)
    assert twice.speed == (0.5, 0.5) and twice.turn_deg == (10.0, 28.0)


def test_one_motion_follows_another_and_labels_say_when():
    scene = replace(CLEAN, frames=32, parts=(2, 4), speed=(0.5, 0.5), turn_deg=(8.0, 8.0))
    clips = made(scene, 200)
    seen = measured(clips.frames)
    for path, motions in zip(seen, clips.motions.numpy(), strict=True):
        starts = np.flatnonzero(np.diff(motions)) + 1
        assert 1 <= len(starts) <= 3
        bounds = [0, *starts, 32]
        assert min(np.diff(bounds)) >= 4
        for begin, end in itertools.pairwise(bounds):
            # A label says what happens from the frame before to its own.
            way = path[end - 1, 0] - path[max(begin - 1, 0), 0]
            steps = end - max(begin, 1)
            match MOTIONS[motions[begin]]:
                case "right":
                    assert way > 0.4 * steps
                case "left":
                    assert way < -0.4 * steps
                case "up" | "down" | "still":
                    assert abs(way) < 0.1


def test_parts_have_four_frames_or_more():
    generator = torch.Generator().manual_seed(0)
    for frames, parts in ((16, (4, 4)), (32, (1, 8)), (33, (2, 5))):
        found = draw_parts(500, Scene(frames=frames, parts=parts), generator)
        for row in found:
            counts = torch.bincount(row)
            assert parts[0] <= len(counts) <= parts[1] and counts.min() >= 4
            assert (row.diff() >= 0).all()


def test_what_bounces_is_named_after_the_way_it_really_goes():
    clips = made(replace(CLEAN, bounce=True, speed=(1.3, 1.6), frames=30), 200)
    x = measured(clips.frames)[..., 0]
    motions = clips.motions.numpy()
    turned = 0
    for path, names in zip(x, motions, strict=True):
        if MOTIONS[names[0]] not in ("left", "right"):
            continue
        turned += len(set(names)) == 2
        for frame in range(2, 30):
            way = path[frame] - path[frame - 1]
            if abs(way) > 0.3:
                assert MOTIONS[names[frame]] == ("right" if way > 0 else "left")
    assert turned > 20


def test_noise_clutter_contrast_and_background_do_what_they_say():
    same = {"seed": 5, "count": 40}
    clean = made(CLEAN, **same).frames
    light = made(replace(CLEAN, contrast=(0.5, 0.5), background=0.2), **same).frames
    assert light.amin() >= 0 and light.amax() <= 0.5 + 1e-6 and light.amin() < 0.2
    noisy = made(replace(CLEAN, noise=0.2, background=0.3), count=200).frames
    corner = noisy[:, :, 0, 0]
    assert 0.02 < corner.std(1).median() < 0.2, "it differs from frame to frame"
    still = made(replace(CLEAN, clutter=3), **same).frames
    more = (still - clean).clamp_min(0).amin(1)
    assert (more.amax((1, 2)) > 0.5).float().mean() > 0.5, "scraps lie there in every frame"


@pytest.mark.parametrize("task", TASKS)
def test_a_set_has_what_its_task_asks(task):
    clips = load("test", NOWHERE, task=task, count=60)
    asked = TASKS[task]
    assert clips.classes == asked.classes and clips.frames.shape[:2] == (60, asked.scene.frames)
    again = load("test", NOWHERE, task=task, count=60)
    assert np.array_equal(clips.frames, again.frames) and np.array_equal(clips.labels, again.labels)
    other = load("test", NOWHERE, task=task, count=60, seed=1)
    assert not np.array_equal(clips.frames, other.frames)
    if asked.every_frame:
        assert clips.frame_labels is not None
        assert (clips.frame_labels[:, 0] == -1).all(), "one frame shows no motion"
        assert (clips.frame_labels[:, 1:] >= 0).all()
        assert np.array_equal(clips.frame_labels[:, -1], clips.labels)
    else:
        assert clips.frame_labels is None
    first = clips.clip(3)
    assert first.frames.shape == clips.frames.shape[1:] and first.label == clips.labels[3]


def test_test_clips_are_of_digits_that_nobody_trains_on():
    train, test = (source_digits(split, NOWHERE) for split in ("train", "test"))
    known = {picture.tobytes() for picture in train.images}
    assert sum(picture.tobytes() in known for picture in test.images) <= 1
    assert load_clips("moving-digits", "test", NOWHERE, task="digit", count=5).classes == DIGITS


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"frames": 1}, "2 to 200"),
        ({"speed": (2.0, 1.0)}, "range"),
        ({"turn_deg": (-1.0, 1.0)}, "range"),
        ({"parts": (1, 5)}, "at least 4 frames"),
        ({"parts": (0, 1)}, "at least 4 frames"),
        ({"noise": -0.1}, "below 0"),
        ({"background": 1.0}, "below 0"),
    ],
)
def test_a_scene_that_makes_no_sense_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        Scene(**wrong)


def test_what_there_is_not_is_named():
    with pytest.raises(ValueError, match="no task 'colour'"):
        load("test", NOWHERE, task="colour")
    with pytest.raises(ValueError, match="no split 'all'"):
        load("all", NOWHERE)
    with pytest.raises(ValueError, match="no data set of clips 'films'"):
        load_clips("films", "test", NOWHERE)
