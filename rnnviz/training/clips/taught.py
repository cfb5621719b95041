"""What came of teaching a network one's own actions. Plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from rnnviz.training.clips.validate import wilson


@dataclass(frozen=True, eq=False)
class Taught:
    """How well the classes could be told apart, every clip judged when it had been left out.

    Attributes:
        classes: What can be answered.
        names: What each clip is called, one a clip.
        labels: The class of each clip, (clip,).
        folds: In which of the trainings each clip was left out, from 0, (clip,).
        probabilities: What a network that never saw it gave each class, (clip, class).
        baseline: What the baseline that never saw it answered, (clip,).
        settings: The settings, as plain data.
        notes: What a person should know, each a sentence.
        seconds: How long it took in all.
    """

    classes: tuple[str, ...]
    names: tuple[str, ...]
    labels: np.ndarray
    folds: np.ndarray
    probabilities: np.ndarray
    baseline: np.ndarray
    settings: dict[str, Any]
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    def __len__(self) -> int:
        """Return the number of clips."""
        return len(self.labels)

    @property
    def answers(self) -> np.ndarray:
        """The class that was answered to each clip, (clip,)."""
        return self.probabilities.argmax(1)

    @property
    def right(self) -> int:
        """How many clips were answered right."""
        return int((self.answers == self.labels).sum())

    @property
    def accuracy(self) -> float:
        """The share of the clips that were answered right."""
        return self.right / len(self)

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the accuracy."""
        return wilson(self.right, len(self))

    @property
    def chance(self) -> float:
        """What guessing among the classes reaches."""
        return 1 / len(self.classes)

    @property
    def largest(self) -> float:
        """What always answering the class with the most clips reaches."""
        return float(np.bincount(self.labels).max() / len(self))

    @property
    def baseline_accuracy(self) -> float:
        """What the baseline reaches on the same clips, left out in the same way."""
        return float((self.baseline == self.labels).mean())

    @property
    def confusion(self) -> np.ndarray:
        """How often each class (row) was answered as each (column), (class, class)."""
        counts = np.zeros((len(self.classes), len(self.classes)), np.int64)
        np.add.at(counts, (self.labels, self.answers), 1)
        return counts

    def metrics(self) -> dict[str, float]:
        """Return the shares that a checkpoint carries."""
        low, high = self.interval
        return {
            "held-out/accuracy": self.accuracy,
            "held-out/low": low,
            "held-out/high": high,
            "held-out/baseline": self.baseline_accuracy,
            "held-out/chance": self.chance,
            "held-out/largest": self.largest,
        }

    def as_dict(self) -> dict[str, Any]:
        """Return strictly JSON-able data from which ``parse_taught`` makes the same again."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        plain = {
            name: value.tolist() if isinstance(value, np.ndarray) else value
            for name, value in found.items()
        }
        plain["probabilities"] = [[round(p, 6) for p in row] for row in plain["probabilities"]]
        return plain | {
            "classes": list(self.classes),
            "names": list(self.names),
            "notes": list(self.notes),
        }


def parse_taught(content: Mapping[str, Any]) -> Taught:
    """Return what ``Taught.as_dict`` described.

    Raises:
        ValueError: If it isn't that.
    """
    try:
        return Taught(
            classes=tuple(content["classes"]),
            names=tuple(content["names"]),
            labels=np.array(content["labels"], np.int64),
            folds=np.array(content["folds"], np.int64),
            probabilities=np.array(content["probabilities"], np.float64),
            baseline=np.array(content["baseline"], np.int64),
            settings=dict(content["settings"]),
            notes=tuple(content["notes"]),
            seconds=float(content["seconds"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"This isn't the result of a training on own clips: {error}.") from error
