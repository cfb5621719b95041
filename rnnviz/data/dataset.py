"""What every data set is once it is loaded."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

SIDE = 28
"""Height and width of every picture, in pixels."""

DIGITS = tuple("0123456789")
"""The classes of all data sets of digits."""


@dataclass(frozen=True, eq=False)
class Example:
    """One picture of a data set."""

    dataset: str
    """Name of the data set."""
    split: str
    """Name of the split."""
    index: int
    """Position in the split."""
    image: np.ndarray
    """Floats in [0, 1], bright ink on black, shape (28, 28)."""
    label: int
    """Index of the class."""
    name: str
    """Name of the class."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """One split of labelled pictures, bright ink on black."""

    name: str
    """The data set's name, as in menus and on the command line."""
    split: str
    """Which part of it this is: 'train' or 'test'."""
    images: np.ndarray
    """uint8, shape (n, 28, 28)."""
    labels: np.ndarray
    """int64 indices into `classes`, shape (n,)."""
    classes: tuple[str, ...]
    """The name of each class."""
    source: str
    """Whom to cite, and the licence."""
    groups: np.ndarray | None = None
    """Who wrote each picture, where that is known: int64, shape (n,); -1 for unknown."""

    def __post_init__(self) -> None:
        n = len(self.images)
        if self.images.shape != (n, SIDE, SIDE) or self.images.dtype != np.uint8:
            raise ValueError(
                f"The images of '{self.name}' must be uint8 of shape (n, {SIDE}, {SIDE}), "
                f"but are {self.images.dtype} of shape {self.images.shape}."
            )
        for what, values in (("labels", self.labels), ("groups", self.groups)):
            if values is not None and (values.shape != (n,) or values.dtype != np.int64):
                raise ValueError(
                    f"The {what} of '{self.name}' must be int64 of shape ({n},), "
                    f"but are {values.dtype} of shape {values.shape}."
                )
        if n and (self.labels.min() < 0 or self.labels.max() >= len(self.classes)):
            raise ValueError(
                f"The labels of '{self.name}' must lie in 0..{len(self.classes) - 1}, "
                f"but reach from {self.labels.min()} to {self.labels.max()}."
            )

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> Example:
        """Return one example; negative indices count from the end.

        Raises:
            IndexError: There is no such example.
        """
        if not -len(self) <= index < len(self):
            raise IndexError(
                f"'{self.name}' has {len(self)} examples in its split '{self.split}', "
                f"so there is no number {index}."
            )
        label = int(self.labels[index])
        return Example(
            dataset=self.name,
            split=self.split,
            index=index % len(self),
            image=self.images[index].astype(np.float32) / 255,
            label=label,
            name=self.classes[label],
        )

    def __iter__(self) -> Iterator[Example]:
        return (self[index] for index in range(len(self)))

    def floats(self) -> np.ndarray:
        """Return the images as float32 in [0, 1], shape (n, 28, 28)."""
        return self.images.astype(np.float32) / 255

    def take(self, n: int | None) -> "Dataset":
        """Return the first n examples; all of them for None or for an n too large."""
        if n is not None and n < 1:
            raise ValueError(f"A data set can be cut to 1 or more examples, not to {n}.")
        return self.choose(slice(n))

    def choose(self, which: slice | np.ndarray) -> "Dataset":
        """Return the examples at the given indices, or where a mask is true."""
        return replace(
            self,
            images=self.images[which],
            labels=self.labels[which],
            groups=None if self.groups is None else self.groups[which],
        )


def check_split(name: str, split: str, splits: tuple[str, ...]) -> None:
    """Raise ValueError unless the data set has this split."""
    if split not in splits:
        raise ValueError(
            f"The data set '{name}' has no split '{split}'. Choose one of: {', '.join(splits)}."
        )
