"""What a clip model is worth on clips that it never saw: answers, earliness, events, robustness."""

from collections.abc import Callable
from fractions import Fraction

import av
import numpy as np
import torch
from torch import Tensor

from rnnviz.data.clips.clipset import ClipSet
from rnnviz.models.clips.model import ClipModel, at_end
from rnnviz.training.clips.source import ClipBatch, as_batch

WITHIN = 2
"""A change counts as found if the answer changes to the same class at most so many frames off."""
ENLARGED = 8
"""How much larger a clip is made before it is compressed: codecs work in blocks of 16 pixels."""
QUALITY = 35
"""H.264's constant rate factor of the compression: from 0 for lossless to 51 for the worst."""


@torch.no_grad()
def all_logits(model: ClipModel, batch: ClipBatch, at_once: int = 100) -> Tensor:
    """Return the readout after every frame of every clip, (clip, frame, class)."""
    clips = batch.clips.split(at_once)
    lengths = [None] * len(clips) if batch.lengths is None else batch.lengths.split(at_once)
    parts = zip(clips, lengths, strict=True)
    return torch.cat([model.frame_logits(part, own) for part, own in parts])


def accuracy_by_share(logits: Tensor, batch: ClipBatch) -> dict[int, float]:
    """Return the share of right answers after each tenth of the clips, {percent: share}.

    After 70 % of a clip of 20 frames, 14 of them have been read.
    """
    count = logits.shape[1]
    lengths = torch.full((len(batch),), count) if batch.lengths is None else batch.lengths
    found = {}
    for percent in range(10, 101, 10):
        read = (lengths * percent / 100 + 1e-6).floor().long().clamp_min(1)
        answers = at_end(logits, read).argmax(1)
        found[percent] = float((answers == batch.targets).float().mean())
    return found


def frame_accuracy(logits: Tensor, targets: Tensor) -> float:
    """Return the share of right answers over all frames that have a target, (clip, frame)."""
    counted = targets >= 0
    return float((logits.argmax(2) == targets)[counted].float().mean())


def changes_found(answers: np.ndarray, truth: np.ndarray, within: int = WITHIN) -> float:
    """Return in which share of the clips every change was found.

    Args:
        answers: The answer at each frame, (clip, frame).
        truth: The class at each frame, -1 where there is none, (clip, frame).
        within: A change to a class is found where the answer changes to that class at most so many
            frames before or after.
    """
    found = [
        all(has_change(row, frame, right[frame], within) for frame in change_frames(right))
        for row, right in zip(answers, truth, strict=True)
    ]
    return float(np.mean(found))


def change_frames(truth: np.ndarray) -> np.ndarray:
    """Return the frames at which the class is another than at the frame before, (change,)."""
    known = (truth[1:] >= 0) & (truth[:-1] >= 0)
    return np.flatnonzero(known & (truth[1:] != truth[:-1])) + 1


def has_change(answers: np.ndarray, frame: int, to: int, within: int) -> bool:
    """Return whether the answer changes to a class near a frame."""
    for at in range(max(frame - within, 1), min(frame + within, len(answers) - 1) + 1):
        if answers[at] == to and answers[at - 1] != to:
            return True
    return False


def measure_test(model: ClipModel, clips: ClipSet) -> dict[str, float]:
    """Return the figures of a model on a test set, fractions from 0 to 1."""
    batch = as_batch(clips)
    logits = all_logits(model, batch)
    if model.config.answers == "frames":
        assert batch.frame_targets is not None
        answers = logits.argmax(2).numpy()
        return {
            "test/frames": frame_accuracy(logits, batch.frame_targets),
            "test/changes": changes_found(answers, batch.frame_targets.numpy()),
        }
    by_share = accuracy_by_share(logits, batch)
    return {"test/accuracy": by_share[100]} | {
        f"test/accuracy@{percent}": value for percent, value in by_share.items() if percent < 100
    }


def headline(model: ClipModel, clips: ClipSet) -> float:
    """Return the one figure that stands for a model: its share of right answers, or frames."""
    figures = measure_test(model, clips)
    return figures["test/frames" if model.config.answers == "frames" else "test/accuracy"]


def dimmed(clips: np.ndarray) -> np.ndarray:
    """Return clips of half the contrast."""
    return clips // 2


def inverted(clips: np.ndarray) -> np.ndarray:
    """Return dark clips on a bright ground."""
    return 255 - clips


def compressed(clips: np.ndarray) -> np.ndarray:
    """Return clips (clip, frame, height, width) after a lossy video codec, H.264 at ``QUALITY``."""
    return np.stack([through_codec(clip) for clip in clips])


def through_codec(clip: np.ndarray, rate: int = QUALITY) -> np.ndarray:
    """Return a clip enlarged, coded, decoded and shrunk again, uint8 (frame, height, width)."""
    encoder = av.CodecContext.create("libx264", "w")
    frames, height, width = clip.shape
    encoder.width, encoder.height = width * ENLARGED, height * ENLARGED
    encoder.pix_fmt, encoder.options = "yuv420p", {"crf": str(rate), "threads": "1"}
    encoder.time_base = Fraction(1, 15)
    packets = []
    for number, frame in enumerate(clip):
        picture = av.VideoFrame.from_ndarray(
            np.repeat(np.repeat(frame, ENLARGED, 0), ENLARGED, 1), format="gray"
        ).reformat(format="yuv420p")
        picture.pts = number
        packets += encoder.encode(picture)
    packets += encoder.encode(None)
    decoder = av.CodecContext.create("h264", "r")
    pictures = [one for packet in packets for one in decoder.decode(packet)]
    pictures += decoder.decode(None)
    large = np.stack([one.to_ndarray(format="gray") for one in pictures])
    blocks = large.reshape(frames, height, ENLARGED, width, ENLARGED)
    return np.rint(blocks.mean(axis=(2, 4))).astype(np.uint8)


SPOILT: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "dim": dimmed,
    "inverted": inverted,
    "compressed": compressed,
}
"""What is done to test clips to see how much an answer depends on it, by name."""
