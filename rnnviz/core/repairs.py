"""What the faults of a row reader do to its answers and its gradients: plain data, no model."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class ReaderFlow:
    """What a row reader does with a batch of pictures, forward and back, in float64.

    Attributes:
        sizes: |h_t| after every step, shape (picture, step).
        states: |dL/dh_t|, all paths to the loss summed, shape (picture, step).
        inputs: |dL/dx_t| of what each step reads, shape (picture, step).
        weights: Norm of the gradient of the mean loss by the name of the weights.
        bend: How far the reader is from a straight line (see ``bend`` in the analysis); about
            1e-16 for a reader whose answer is a linear function of the picture.
    """

    sizes: np.ndarray
    states: np.ndarray
    inputs: np.ndarray
    weights: dict[str, float]
    bend: float

    @property
    def steps(self) -> np.ndarray:
        """The steps, counted from 1, as the state before the first is h_0."""
        return np.arange(1, self.states.shape[1] + 1)

    def median(self, part: str) -> np.ndarray:
        """Return the median over the pictures of "sizes", "states" or "inputs", (step,)."""
        return medians(getattr(self, part))

    @property
    def left(self) -> np.ndarray:
        """The median over the pictures of |dL/dh_t| / |dL/dh_T|, shape (step,)."""
        return medians(self.states / self.states[:, -1:])


@dataclass(frozen=True)
class Patient:
    """A row reader that is trained to see what its faults cost."""

    name: str
    """How code calls it."""
    label: str
    """What a legend calls it."""
    rows: int
    """Rows of the picture that one step reads."""
    faults: tuple[str, ...] = ()
    """Its faults: "whole", "straight", "late"."""


@dataclass(frozen=True, eq=False)
class Findings:
    """What was measured on one run, before or after its training.

    Attributes:
        states: Median over some pictures of |dL/dh_t|, shape (step,).
        inputs: Likewise |dL/dx_t|, shape (step,).
        weights: Norm of the gradient of the mean loss by the name of the weights.
        bend: As in ``ReaderFlow``.
        test: Share of the test pictures that were right, None before the training.
    """

    states: np.ndarray
    inputs: np.ndarray
    weights: dict[str, float]
    bend: float
    test: float | None = None


@dataclass(frozen=True, eq=False)
class Repairs:
    """Row readers with and without faults, each trained once from every seed.

    Attributes:
        patients: All of them, those that haven't been trained yet too.
        seeds: Seed of each run's weights and of the order of its batches.
        before: What was measured before the training, by (patient's name, seed).
        after: What was measured after it, likewise; only finished runs are there.
        courses: Validation accuracy on the way, likewise, each of shape (2, report): training
            steps, then the share that was right.
    """

    patients: tuple[Patient, ...]
    seeds: tuple[int, ...]
    before: dict[tuple[str, int], Findings]
    after: dict[tuple[str, int], Findings]
    courses: dict[tuple[str, int], np.ndarray]

    def patient(self, name: str) -> Patient:
        """Return a patient; ValueError lists those there are."""
        for one in self.patients:
            if one.name == name:
                return one
        raise ValueError(
            f"There is no patient '{name}'. Choose one of: "
            f"{', '.join(one.name for one in self.patients)}."
        )

    def found(self, name: str) -> list[Findings]:
        """Return what was measured after the training, one for each seed that is finished."""
        self.patient(name)
        return [self.after[name, seed] for seed in self.seeds if (name, seed) in self.after]

    def accuracies(self, name: str) -> np.ndarray:
        """Return the test accuracy of each finished seed, (seed,)."""
        return np.array([one.test for one in self.found(name)], dtype=np.float64)

    def accuracy(self, name: str) -> float:
        """Return the median test accuracy over the seeds, NaN if none is finished."""
        values = self.accuracies(name)
        return float(np.median(values)) if len(values) else float("nan")

    def weight_gradient(self, name: str, weights: str) -> float:
        """Return the largest norm over the seeds of the gradient of some weights, NaN if none."""
        return max((one.weights[weights] for one in self.found(name)), default=float("nan"))

    def last_state_gradient(self, name: str) -> float:
        """Return the largest |dL/dh_T| over the seeds, NaN if none is finished."""
        return max((float(one.states[-1]) for one in self.found(name)), default=float("nan"))

    def bend(self, name: str) -> float:
        """Return the largest bend over the seeds, NaN if none is finished."""
        return max((one.bend for one in self.found(name)), default=float("nan"))

    def flows(self, name: str, kind: str = "states") -> np.ndarray:
        """Return the gradients over the steps of each finished seed, (seed, step).

        Args:
            name: The patient.
            kind: "states" for |dL/dh_t|, "inputs" for |dL/dx_t|.
        """
        return np.array([getattr(one, kind) for one in self.found(name)])

    def median_flow(self, name: str, kind: str = "states") -> np.ndarray:
        """Return the median over the finished seeds of ``flows``, (step,); empty if none is."""
        flows = self.flows(name, kind)
        return medians(flows) if len(flows) else np.zeros(0)


def medians(values: np.ndarray) -> np.ndarray:
    """Return the median of values (picture, step) at every step, (step,)."""
    return np.median(values, axis=0) if values.size else np.zeros(values.shape[-1])
