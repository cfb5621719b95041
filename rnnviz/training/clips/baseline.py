"""The simple baseline: logistic regression on where, and how much, a clip moves on average."""

import numpy as np

NAME = "logistic regression on mean frame differences"


def mean_changes(frames: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return how much each pixel changes from one frame to the next, float64, (clip, pixel).

    Args:
        frames: uint8, (clip, frame, height, width).
        lengths: How many frames are a clip's own, (clip,).
    """
    found = np.zeros((len(frames), frames[0, 0].size))
    for row, (clip, length) in enumerate(zip(frames, lengths, strict=True)):
        if length > 1:
            steps = np.abs(np.diff(clip[:length].astype(np.float64) / 255, axis=0))
            found[row] = steps.mean(axis=0).ravel()
    return found


def baseline_answers(
    frames: np.ndarray, lengths: np.ndarray, labels: np.ndarray, folds: np.ndarray
) -> np.ndarray:
    """Return what the baseline answers to each clip when it never saw it, int64, (clip,).

    Args:
        frames: uint8, (clip, frame, height, width).
        lengths: How many frames are a clip's own, (clip,).
        labels: The class of each clip, (clip,).
        folds: The fold in which each clip is left out, (clip,).
    """
    # Here, for it takes a second that no page needs to wait for.
    from sklearn.linear_model import LogisticRegression

    features = mean_changes(frames, lengths)
    answers = np.zeros(len(labels), np.int64)
    for fold in np.unique(folds):
        left_out = folds == fold
        seen = features[~left_out]
        # One scale for all pixels: each by its own would make as much of noise as of a hand.
        scale = max(float(seen.std()), 1e-9)
        model = LogisticRegression(max_iter=2000)
        model.fit((seen - seen.mean(0)) / scale, labels[~left_out])
        answers[left_out] = model.predict((features[left_out] - seen.mean(0)) / scale)
    return answers
