"""What the section "Why" measures, and keeps: spectra, their way over the gain, half-lives."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch

from rnnviz.analysis.jacobians import half_lives, jacobian_spectrum
from rnnviz.analysis.variants import find_variant, variant_model, with_keep_bias
from rnnviz.core.spectrum import JacobianSpectrum
from rnnviz.data.errors import InputError
from rnnviz.models.cells import cell_class
from rnnviz.models.model import Model
from rnnviz.plots.looks import Look, look
from rnnviz.ui.laboratory.pictures import Batch
from rnnviz.ui.laboratory.ways import WAYS, check_length

VARIANTS = {"rnn": "rnn", "rnn-relu": "rnn-relu", "irnn": "irnn", "lstm": "lstm-1", "gru": "gru-0"}
"""The variant that stands for each cell; the gates' bias is a choice of its own."""
GAINS = (0.1, 4.0)
"""The least and the largest recurrent gain."""
MOST_T, FEW_T, LONG = 60, 30, 200
"""For how many t singular values are shown, and for how many over more steps than the last."""
SWEPT, FEW_SWEPT, LEAST_SWEPT = 27, 7, 4
"""How many gains are measured on the way from the least to the largest; fewer where each takes
longer: over many steps, or with gates whose bias changes them all; fewest for both."""


@dataclass(frozen=True)
class Subject:
    """A network at its start, with what can be turned on it."""

    name: str
    """A name in ``VARIANTS``."""
    way: str
    """Which of the ways it reads along."""
    length: int
    """How many steps it reads."""
    bias: float
    """The bias of the gate that keeps, if it has one."""

    @property
    def look(self) -> Look:
        """How it is drawn: as the variant with its bias, if there is one, or as its cell."""
        cell = find_variant(VARIANTS[self.name]).cell
        name = self.name if self.gate is None else f"{self.name}-{self.bias:g}"
        return look(name, cell)

    @property
    def gate(self) -> str | None:
        """The gate that keeps its memory, None if it has none."""
        keeps = cell_class(find_variant(VARIANTS[self.name]).cell).KEEPS
        return keeps[0] if keeps else None


def model(subject: Subject, gain: float) -> Model:
    """Return the network with that factor on its recurrent weights."""
    way = WAYS[subject.way]
    check_length(way, subject.length)
    variant = VARIANTS[subject.name]
    made = variant_model(variant, way.route, way.options, subject.length, gain=gain)
    return made if subject.gate is None else with_keep_bias(made, subject.bias)


def spectrum(subject: Subject, gain: float, batch: Batch) -> JacobianSpectrum:
    """Return the singular values over a batch's first picture.

    Raises:
        InputError: If T is too long, or the gain makes the states overflow.
    """
    check_length(WAYS[subject.way], subject.length)
    most = MOST_T if subject.length <= LONG else FEW_T
    return _spectrum(subject, gain, batch.identity, batch, most)


def sweep(subject: Subject, batch: Batch) -> dict[float, JacobianSpectrum]:
    """Return the ends of the spectra over all gains; those at which states overflow are left out.

    Raises:
        InputError: If T is too long.
    """
    check_length(WAYS[subject.way], subject.length)
    return _sweep(subject, batch.identity, batch)


@st.cache_resource(show_spinner=False, max_entries=8)
def film(subject: Subject, identity: str, _batch: Batch) -> dict[float, JacobianSpectrum]:
    """Return whole spectra over all gains; those at which states overflow are left out."""
    return over_gains(subject, identity, _batch, FEW_T)


@st.cache_resource(show_spinner=False, max_entries=256)
def _spectrum(
    subject: Subject, gain: float, identity: str, _batch: Batch, most: int
) -> JacobianSpectrum:
    """Return the singular values for ``most`` t at most; errors as ``spectrum`` has them."""
    torch.set_num_threads(1)
    try:
        target = int(_batch.labels[0])
        return jacobian_spectrum(model(subject, gain), _batch.images[0], most, target)
    except ValueError as error:
        raise InputError(f"At a gain of {gain:g}: {error}") from error


@st.cache_resource(show_spinner=False, max_entries=32)
def _sweep(subject: Subject, identity: str, _batch: Batch) -> dict[float, JacobianSpectrum]:
    """Return the first and the last t's singular values over all gains."""
    return over_gains(subject, identity, _batch, 2)


def swept(subject: Subject) -> int:
    """Return at how many gains a network is measured."""
    slow = [subject.length > LONG, subject.gate is not None]
    return (SWEPT, FEW_SWEPT, LEAST_SWEPT)[sum(slow)]


def over_gains(
    subject: Subject, identity: str, batch: Batch, most: int
) -> dict[float, JacobianSpectrum]:
    """Return the spectra over all gains, ascending, each for ``most`` t at most."""
    found = {}
    for gain in np.linspace(*GAINS, swept(subject)).round(3).tolist():
        try:
            found[gain] = _spectrum(subject, gain, identity, batch, most)
        except InputError:
            continue
    return found


@st.cache_resource(show_spinner=False, max_entries=128)
def memory(subject: Subject, gain: float, identity: str, _batch: Batch) -> np.ndarray:
    """Return the half-life of every unit in steps, shape (unit,), over a batch."""
    torch.set_num_threads(1)
    return half_lives(model(subject, gain), _batch.images)
