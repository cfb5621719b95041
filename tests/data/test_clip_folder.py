"""A folder of clips, one sub-folder a class, and folders of pictures as clips."""

import os

import numpy as np
import pytest
from PIL import Image

from rnnviz.data.clips import clip_folder
from rnnviz.data.clips.clip_folder import read_clip_folder
from rnnviz.data.video import (
    ClipError,
    VideoLimits,
    frames_of_folder,
    prepare_clip,
    read_video,
    write_video,
)
from tests.data.videos import moving_square

FRAMES = moving_square(8)


def write_pictures(folder, frames, names="{}.png"):
    folder.mkdir(parents=True)
    for index, frame in enumerate(frames):
        Image.fromarray(frame).save(folder / names.format(index))


@pytest.fixture
def actions(tmp_path):
    """Return a folder of two classes: clips that go right, and the same ones backwards."""
    folder = tmp_path / "actions"
    for name, frames in (("right", FRAMES), ("left", FRAMES[::-1])):
        (folder / name).mkdir(parents=True)
        write_video(folder / name / "10.mp4", frames, 10)
        write_video(folder / name / "2.gif", frames, 10)
        write_pictures(folder / name / "pictures", frames)
    return folder


def test_the_sub_folders_are_the_classes_and_every_kind_of_clip_is_read(actions):
    seen = []
    clips = read_clip_folder(actions, frames=6, report=lambda *done: seen.append(done))
    assert clips.classes == ("left", "right")
    assert clips.names == (
        *("left/2.gif", "left/10.mp4", "left/pictures"),
        *("right/2.gif", "right/10.mp4", "right/pictures"),
    )
    assert clips.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert clips.frames.shape == (6, 6, 28, 28)
    assert clips.lengths.tolist() == [6] * 6
    assert clips.problems == ()
    assert seen == [(done, 6) for done in range(1, 7)]
    # All three ways lead to the same clip, but for what is lost in mp4.
    assert np.abs(clips.frames[0].astype(int) - clips.frames[1]).mean() < 1
    assert np.abs(clips.frames[0].astype(int) - clips.frames[2]).mean() < 0.1
    # And one class is the other one backwards.
    assert np.abs(clips.frames[0].astype(int) - clips.frames[3, ::-1]).mean() < 1


def test_a_clip_of_the_folder_is_what_a_file_alone_becomes(actions):
    clips = read_clip_folder(actions, frames=5)
    alone = prepare_clip(read_video(actions / "left" / "2.gif"), 5)
    np.testing.assert_allclose(clips.clip(0).frames, alone.frames, atol=0.5 / 255 + 1e-6)
    assert clips.choose(np.array([1])).names == ("left/10.mp4",)


def test_what_cannot_be_read_is_told_and_the_others_are_kept(actions):
    (actions / "left" / "broken.mp4").write_text("This is no clip.")
    (actions / "right" / "still.png").write_bytes((actions / "left/pictures/0.png").read_bytes())
    (actions / "right" / "empty").mkdir()
    clips = read_clip_folder(actions, frames=4)
    assert len(clips) == 6
    broken, empty, still = clips.problems
    assert broken.startswith("left/broken.mp4: The file is not a clip that can be read.")
    assert empty.startswith("right/empty: A folder of frames holds 2 pictures or more")
    assert still.startswith("right/still.png: The file is one picture, not a clip.")


def test_hidden_files_notes_and_links_that_lead_out_are_left_alone(actions, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    write_video(outside / "secret.gif", FRAMES, 10)
    os.symlink(outside / "secret.gif", actions / "left" / "link.gif")
    os.symlink(outside, actions / "left" / "linked")
    os.symlink(outside, actions / "another class")
    os.symlink("itself", actions / "left" / "itself")
    os.symlink(outside / "secret.gif", actions / "left" / "pictures" / "9.gif")
    os.symlink(actions / "left" / "2.gif", actions / "left" / "again.gif")
    (actions / "left" / ".DS_Store").write_bytes(b"\0")
    (actions / ".git").mkdir()
    (actions / "left" / "notes.txt").write_text("Recorded on Monday.")
    (actions / "README.md").write_text("Waving to the left and to the right.")
    clips = read_clip_folder(actions, frames=4)
    assert clips.classes == ("left", "right")
    assert clips.problems == ()
    # The link within the folder is a clip like any other.
    assert clips.names is not None
    assert [name for name in clips.names if name.startswith("left")] == [
        *("left/2.gif", "left/10.mp4", "left/again.gif", "left/pictures")
    ]
    assert len(frames_of_folder(actions / "left" / "pictures")) == 8


def test_a_class_with_a_single_clip_is_refused(actions):
    for name in ("10.mp4", "2.gif"):
        (actions / "left" / name).write_text("No clip.")
    with pytest.raises(ClipError, match=r"'left' has 1\. Not read, for one: left/2.gif: The file"):
        read_clip_folder(actions, frames=4)


@pytest.mark.parametrize("classes", [0, 1, 65])
def test_too_few_and_too_many_classes_are_refused(tmp_path, classes):
    for number in range(classes):
        (tmp_path / str(number)).mkdir()
    with pytest.raises(ClipError, match=f"one sub-folder for each class, 2 to 64.* has {classes}"):
        read_clip_folder(tmp_path, frames=4)


def test_too_many_clips_are_refused_before_one_is_read(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        for number in range(clip_folder.MOST_CLIPS // 2 + 1):
            (tmp_path / name / f"{number}.mp4").touch()
    with pytest.raises(ClipError, match="holds 2,002 clips, but at most 2,000"):
        read_clip_folder(tmp_path, frames=4)


def test_a_folder_that_is_not_there_is_a_message(tmp_path):
    with pytest.raises(ClipError, match="The folder 'none' cannot be read"):
        read_clip_folder(tmp_path / "none", frames=4)
    (tmp_path / "file").touch()
    with pytest.raises(ClipError, match="The folder 'file' cannot be read"):
        read_clip_folder(tmp_path / "file", frames=4)


def test_bright_ground_is_inverted_where_that_is_asked_for(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_video(tmp_path / name / "bright.gif", 255 - FRAMES, 10)
        write_video(tmp_path / name / "dark.gif", FRAMES, 10)
    as_is = read_clip_folder(tmp_path, frames=4)
    inverted = read_clip_folder(tmp_path, frames=4, polarity="bright on dark")
    assert as_is.frames[0, 0, 0, 0] == 215
    # To the grey: a half is rounded up in one and down in the other.
    assert np.abs(inverted.frames[0].astype(int) - inverted.frames[1]).max() <= 1


def test_whoever_stops_the_reading_does_not_wait_for_all_that_is_left(actions):
    seen = []

    def stop(done, total):
        seen.append(done)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_clip_folder(actions, frames=4, report=stop)
    assert seen == [1]


def test_pictures_are_frames_in_the_order_of_their_numbers(tmp_path):
    shades = np.arange(12, dtype=np.uint8)[:, None, None] * np.full((1, 6, 8), 20, np.uint8)
    write_pictures(tmp_path / "clip", shades, "frame{}.png")
    (tmp_path / "clip" / "frame3.txt").write_text("Not one of them.")
    video = frames_of_folder(tmp_path / "clip")
    assert (video.frames == shades).all()
    assert video.times_s == pytest.approx(np.arange(12) / 10)
    assert video.duration_s == pytest.approx(1.2)


def test_of_many_pictures_some_are_kept_evenly_and_the_time_stays(tmp_path):
    shades = np.arange(12, dtype=np.uint8)[:, None, None] * np.full((1, 6, 8), 20, np.uint8)
    write_pictures(tmp_path / "clip", shades)
    video = frames_of_folder(tmp_path / "clip", VideoLimits(frames=4))
    assert video.frames[:, 0, 0].tolist() == [20, 80, 140, 200]
    assert video.duration_s == pytest.approx(1.2)


def test_pictures_are_shrunk_grey_and_on_white(tmp_path):
    colours = np.zeros((2, 100, 200, 4), np.uint8)
    colours[:, :50] = (255, 0, 0, 255)
    write_pictures(tmp_path / "clip", colours)
    video = frames_of_folder(tmp_path / "clip")
    assert video.frames.shape == (2, 48, 96)
    assert np.unique(video.frames[:, :24]).tolist() == [76]
    assert np.unique(video.frames[:, 24:]).tolist() == [255]


def test_pictures_of_several_sizes_and_broken_ones_are_refused(tmp_path):
    write_pictures(tmp_path / "clip", FRAMES[:2])
    Image.fromarray(FRAMES[0, :50]).save(tmp_path / "clip" / "2.png")
    with pytest.raises(ClipError, match=r"'0.png' has 96 × 72 pixels and '2.png' 96 × 50"):
        frames_of_folder(tmp_path / "clip")
    (tmp_path / "clip" / "2.png").write_text("No picture.")
    with pytest.raises(ClipError, match=r"'2.png': The file is not a picture"):
        frames_of_folder(tmp_path / "clip")
