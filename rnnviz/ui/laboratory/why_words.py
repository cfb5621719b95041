"""What a spectrum means, in words. Pure data, no Streamlit.

Vanishing: σ₁(W) < 1/γ is sufficient. Exploding: σ₁(W) > 1/γ is only necessary (Pascanu, Mikolov
and Bengio 2013). ρ(W) alone decides neither: it speaks of powers of one matrix, and this is a
product of different ones.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from rnnviz.core.spectrum import RESOLVED, JacobianSpectrum
from rnnviz.ui.laboratory.numbers_in_words import power

EQUAL = 1e-6
"""Relative to the bound: σ₁ closer to it than this is at the bound, but for rounding."""
STILL = {
    "rnn": "the slopes of tanh, less than 1 wherever a unit is not at 0,",
    "rnn_relu": "units at 0, whose ReLU lets nothing through,",
    "irnn": "units at 0, whose ReLU lets nothing through,",
}
"""What may make a gradient vanish for all that the weights do, by cell."""
PATHS = {"lstm": "dc_T/dc_t = ∏f", "gru": "dh_T/dh_t = ∏z"}
"""The direct path alone, by cell with gates, as its equations call state and gate."""
MUCH = 2.0
"""A product that changes a gradient by more than so many decades makes it vanish or explode."""


def facts(spectrum: JacobianSpectrum) -> dict[str, str]:
    """Return the numbers of a spectrum by what they are."""
    found = {}
    if spectrum.largest is not None and spectrum.radius is not None:
        found["ρ(W), spectral radius"] = f"{spectrum.radius:.3f}"
        found["σ₁(W), largest singular value"] = f"{spectrum.largest:.3f}"
    if spectrum.bound is not None:
        found["1/γ, the bound for σ₁"] = f"{spectrum.bound:g}"
    found["measured norm, step T to 1"] = power(float(spectrum.norms[0]))
    found["measured factor per step"] = f"{spectrum.growth:.3f}"
    found["Ω, ideally 0"] = f"{spectrum.omega:.3g}"
    return found


def verdict(spectrum: JacobianSpectrum, cell: str) -> str:
    """Return what the bound says of a cell, and what was measured, in two sentences."""
    measured = f"Measured: **{fate(spectrum)}**."
    if spectrum.largest is None or spectrum.bound is None:
        return (
            "A cell with gates has no single W, so no such bound: the gates decide anew at every "
            f"step how much is kept. {measured}"
        )
    sizes = f"σ₁(W) = {spectrum.largest:.3f}", f"1/γ = {spectrum.bound:g}"
    if math.isclose(spectrum.largest, spectrum.bound, rel_tol=EQUAL):
        return (
            f"{sizes[0]} is **at** the bound, {sizes[1]}. Not below it, so the gradient need not "
            f"vanish; not above it, so the gradient can't explode. {measured}"
        )
    if spectrum.largest < spectrum.bound:
        return (
            f"{sizes[0]} is below {sizes[1]}. That is **sufficient** for vanishing, whatever is "
            f"read. {measured}"
        )
    return (
        f"{sizes[0]} is above {sizes[1]}. That is **necessary** for exploding, **not "
        f"sufficient**: {STILL[cell]} may still make it vanish. {measured}"
    )


def fate(spectrum: JacobianSpectrum) -> str:
    """Return what the whole product does to a gradient."""
    log = float(spectrum.norms[0])
    if log == -math.inf:
        return "nothing gets through: on some step no unit passes a gradient, as a ReLU at 0"
    if log < -MUCH:
        return "it vanishes"
    if log > MUCH:
        return "it explodes"
    return "it stays within a factor of 100"


def footnote(cell: str, caption: str, count: int) -> str:
    """Return what is measured of a cell, and whose condition it is.

    Args:
        cell: Registry name of the cell.
        caption: What the pictures are.
        count: How many there are.
    """
    gated = cell in PATHS
    told = [
        "s is the whole state: h and c together." if cell == "lstm" else "s is the state h.",
        measured_on(caption, count, gated),
        "" if gated else f"γ is the largest slope of {'tanh' if cell == 'rnn' else 'the ReLU'}.",
        "Ω: Pascanu, Mikolov and Bengio (2013), equation 9.",
        f"Singular values further than {RESOLVED} decades below the largest are beyond float64 "
        "and left out.",
        f"A half-life counts the direct path alone, {PATHS[cell]}." if gated else "",
    ]
    return " ".join(part for part in told if part)


def measured_on(caption: str, count: int, gated: bool) -> str:
    """Return on which pictures everything is measured, half-lives too if there are gates."""
    if count == 1:
        return f"Everything is measured in float64 on {caption}."
    rest = "; half-lives on all of them" if gated else ""
    return f"Measured in float64 on one of {caption}, the first{rest}."


def steps_in_words(count: float) -> str:
    """Return a number of steps to three digits, without an exponent: "0.812", "2,030"."""
    return f"{count:,.0f}" if count >= 100 else f"{count:.3g}"


def memory_facts(half_lives: np.ndarray, steps: int) -> dict[str, str]:
    """Return what the half-lives, in steps, shape (unit,), say of a memory over so many steps."""
    long = int((half_lives >= steps).sum())
    return {
        "median half-life": f"{steps_in_words(float(np.median(half_lives)))} steps",
        "longest half-life": f"{steps_in_words(float(half_lives.max()))} steps",
        "units that keep half over all of T": f"{long} of {len(half_lives)}",
    }


def spectrum_table(spectrum: JacobianSpectrum) -> Mapping[str, Sequence | np.ndarray]:
    """Return all singular values as columns, one row for each t and value."""
    steps, count = spectrum.values.shape
    return {
        "step": np.repeat(spectrum.steps + 1, count),
        "index": np.tile(np.arange(1, count + 1), steps),
        "log10 singular value": spectrum.values.ravel(),
    }


def film_table(spectra: Mapping[float, JacobianSpectrum]) -> Mapping[str, np.ndarray]:
    """Return all singular values at every gain as columns, one row for each gain, t and value."""
    tables = [spectrum_table(spectrum) for spectrum in spectra.values()]
    rows = [spectrum.values.size for spectrum in spectra.values()]
    found = {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}
    return {"gain": np.repeat(list(spectra), rows)} | found


def gain_table(spectra: Mapping[float, JacobianSpectrum]) -> Mapping[str, Sequence | np.ndarray]:
    """Return the way over the gain as columns, one row a gain."""
    return {
        "gain": list(spectra),
        "measured factor per step": [each.growth for each in spectra.values()],
        "spectral radius": [each.radius for each in spectra.values()],
        "largest singular value": [each.largest for each in spectra.values()],
    }
