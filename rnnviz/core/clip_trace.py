"""What a clip model did with one clip: plain data, no model."""

from dataclasses import dataclass

import numpy as np

from rnnviz.core.gradient_flow import GradientFlow
from rnnviz.core.trace import Trace


@dataclass(frozen=True, eq=False)
class ClipTrace:
    """One clip read once.

    Attributes:
        temporal: The network in time: its route has one step a frame, its inputs are what the
            network in space made of each frame, (frame, feature); states and gates (frame, unit);
            the logits are the last frame's.
        frame_logits: The readout after every frame, (frame, class).
        seen: What the network in space was shown, (frame, height, width): the frames, their changes
            in [-1, 1], or both side by side.
    """

    temporal: Trace
    frame_logits: np.ndarray
    seen: np.ndarray

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self.frame_logits)

    @property
    def frame_probabilities(self) -> np.ndarray:
        """The softmax of the readout after every frame, (frame, class)."""
        shifted = np.exp(self.frame_logits - self.frame_logits.max(axis=1, keepdims=True))
        return shifted / shifted.sum(axis=1, keepdims=True)


@dataclass(frozen=True, eq=False)
class ClipFlow:
    """How the loss depends on every frame, and on every step within one of them.

    Attributes:
        temporal: dL/dstate of the network in time, (frame, unit), and dL/dx of the clip,
            (frame, height, width).
        spatial: The same of the network in space while it reads ``frame``, by step of its route,
            and dL/d(what it was shown), (1, height, width); None where no frame was asked for.
        frame: Which frame that is.
    """

    temporal: GradientFlow
    spatial: GradientFlow | None = None
    frame: int | None = None


NOTICEABLE = 0.01
"""A logit that changes by less moves no probability by more than a quarter of a percent."""


@dataclass(frozen=True, eq=False)
class Importance:
    """Which frames and which pixels an answer rests on, by two measures.

    Attributes:
        target: The class whose logit is asked about.
        saliency: |d logit / d pixel|, (frame, height, width).
        frame_occlusion: By how much the logit falls when a frame is lost and the one before it is
            shown again, (frame,); the first frame is replaced by the second.
        patch_occlusion: By how much it falls when a patch of one frame is covered by the clip's
            background, (frame, row, column).
        patch: Side of a patch, in pixels.
    """

    target: int
    saliency: np.ndarray
    frame_occlusion: np.ndarray
    patch_occlusion: np.ndarray
    patch: int

    @property
    def frame_saliency(self) -> np.ndarray:
        """The saliency of each frame's pixels together, (frame,)."""
        return self.saliency.sum(axis=(1, 2))

    @property
    def patch_saliency(self) -> np.ndarray:
        """The saliency of each patch's pixels together, (frame, row, column)."""
        frames, height, width = self.saliency.shape
        rows, columns = self.patch_occlusion.shape[1:]
        padded = np.zeros((frames, rows * self.patch, columns * self.patch))
        padded[:, :height, :width] = self.saliency
        return padded.reshape(frames, rows, self.patch, columns, self.patch).sum(axis=(2, 4))

    @property
    def frame_agreement(self) -> float | None:
        """Rank correlation of both measures over the frames; None where one of them is constant."""
        return rank_correlation(self.frame_saliency, np.abs(self.frame_occlusion))

    @property
    def patch_agreement(self) -> float | None:
        """Rank correlation of both measures over the patches of all frames, or None."""
        return rank_correlation(self.patch_saliency, np.abs(self.patch_occlusion))


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float | None:
    """Return Spearman's rank correlation of values of equal shape, from -1 to 1.

    None where all values of one are equal, for then there are no ranks. Equal values share the mean
    of their ranks.
    """
    ranks = [mean_ranks(np.ravel(values)) for values in (one, other)]
    if any(np.ptp(rank) == 0 for rank in ranks):
        return None
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def mean_ranks(values: np.ndarray) -> np.ndarray:
    """Return the rank of each value, from 0; equal ones share their mean, (value,)."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return ((ends - counts + ends - 1) / 2)[place]
