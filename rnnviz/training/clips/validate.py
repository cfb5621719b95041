"""Leaving clips out: which clips are judged by a network that never saw them, and how surely."""

import math

import numpy as np

FEWEST_FOR_FOLDS = 11
"""With fewer different clips than this each is left out alone."""
Z = 1.959964
"""The normal quantile of a two-sided 95 % interval."""


def same_clips(frames: np.ndarray) -> np.ndarray:
    """Return the number of the first clip that shows just what each one shows, int64, (clip,).

    Args:
        frames: (clip, frame, height, width).
    """
    first: dict[bytes, int] = {}
    found = [first.setdefault(clip.tobytes(), index) for index, clip in enumerate(frames)]
    return np.array(found, np.int64)


def deal_folds(labels: np.ndarray, groups: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """Return the fold in which each clip is left out, from 0, int64, (clip,).

    The clips of each class are shuffled and dealt to the folds like cards, going on where the
    class before ended, so that every fold has its share of every class and all are of one size
    but for one clip. Clips of one group are never parted. Where there are few clips, each (or
    each group) makes a fold of its own, which leaves the most to learn from.

    Args:
        labels: The class of each clip, (clip,).
        groups: What belongs together, such as a clip and its copies, (clip,).
        folds: How many folds, at least 2.
        seed: Of the shuffle.
    """
    leaders, places = np.unique(groups, return_index=True)
    if len(leaders) < FEWEST_FOR_FOLDS:
        return np.searchsorted(leaders, groups).astype(np.int64)
    chance = np.random.default_rng(seed)
    fold_of: dict[int, int] = {}
    for label in np.unique(labels[places]):
        for leader in chance.permutation(leaders[labels[places] == label]):
            fold_of[int(leader)] = len(fold_of) % folds
    return np.array([fold_of[int(group)] for group in groups], np.int64)


def wilson(right: int, count: int, z: float = Z) -> tuple[float, float]:
    """Return the score interval of a share, both ends in [0, 1] (Wilson 1927).

    Args:
        right: How often it was right.
        count: How often it could have been.
        z: Normal quantile, for 95 % unless said otherwise.

    Raises:
        ValueError: If nothing was counted, or more than all.

    Unlike the share plus or minus its standard error it never leaves [0, 1], and holds for few
    clips and for shares near 1. It takes the answers as independent; those of one cross-validation
    share their training clips, so it is a little too narrow if anything.
    """
    if not 0 <= right <= count or count < 1:
        raise ValueError(f"A share of {count} can't be {right}.")
    share = right / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + (z / (2 * count)) ** 2)
    return max(middle - half, 0.0), min(middle + half, 1.0)
