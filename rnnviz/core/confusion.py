"""What a network answered to each kind of picture. Pure data."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Answers:
    """A network's answers to labelled pictures.

    Attributes:
        index: Which picture of the test split each is, shape (picture,).
        labels: Its class, from 0, shape (picture,).
        answers: The class that the network answered, likewise.
        probabilities: What the network gave its answer, 0 to 1, likewise.
    """

    index: np.ndarray
    labels: np.ndarray
    answers: np.ndarray
    probabilities: np.ndarray

    def confusion(self, classes: int) -> np.ndarray:
        """Return how often each class (row) was answered as each (column), (class, class)."""
        counts = np.zeros((classes, classes), np.int64)
        np.add.at(counts, (self.labels, self.answers), 1)
        return counts

    def behind(self, label: int, answer: int) -> np.ndarray:
        """Return the places of the pictures in a cell, those answered most certainly first."""
        found = np.flatnonzero((self.labels == label) & (self.answers == answer))
        return found[np.argsort(-self.probabilities[found], kind="stable")]
