"""What a product of Jacobians does to a gradient: plain data, no model."""

from dataclasses import dataclass

import numpy as np

RESOLVED = 14
"""Decades below the largest singular value down to which float64 tells the others."""


@dataclass(frozen=True, eq=False)
class JacobianSpectrum:
    """The singular values of ∂s_T/∂s_t on a chain, s the state: h, or h and c together.

    Logarithms throughout, for the values leave the range of float64. A product's smallest
    singular values are lost in the rounding of its largest ones: float64 tells those within
    ``RESOLVED`` decades of it, and what is smaller is NaN, not a number made of rounding.

    Attributes:
        steps: For which t, ascending; the last one is T, where all values are 1, shape (t,).
        values: log10 of the singular values, the largest first, shape (t, value); there is one
            for each unit, with a cell state two. NaN where float64 can't tell.
        radius: ρ(W_h), the largest absolute eigenvalue of the recurrent weights; None for a cell
            whose recurrent weights aren't one square matrix.
        largest: σ₁(W_h), their largest singular value; None likewise.
        bound: 1/γ, γ the largest slope of the squashing function (1 for tanh and ReLU). Where σ₁
            is below it, gradients must vanish; above it they can explode, but need not (Pascanu,
            Mikolov and Bengio 2013). None for a cell with gates, for which there is no such bound.
        preservation: |dL/ds_k| / |dL/ds_{k+1}| along the recurrent path alone, for k from 0 to
            T - 1, shape (step - 1,); ideally 1. NaN where no gradient is left to compare.
    """

    steps: np.ndarray
    values: np.ndarray
    radius: float | None
    largest: float | None
    bound: float | None
    preservation: np.ndarray

    @property
    def norms(self) -> np.ndarray:
        """Return log10 of the spectral norm of ∂s_T/∂s_t, shape (t,): the largest value."""
        return self.values[:, 0]

    @property
    def omega(self) -> float:
        """Return Ω = Σ_k (preservation_k - 1)² (Pascanu, Mikolov and Bengio 2013, equation 9).

        The regulariser that they add to the loss; 0 if every step keeps the gradient's norm.
        """
        return float(np.nansum((self.preservation - 1.0) ** 2))

    @property
    def growth(self) -> float:
        """Return the measured factor per step: the norm of the whole product, to the power 1/T."""
        span = self.steps[-1] - self.steps[0]
        return float(10.0 ** ((self.norms[0] - self.norms[-1]) / span)) if span else 1.0
