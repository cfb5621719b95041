"""What the sections on the flow through time measure, and keep: networks, flows, gradients."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st
import torch

from rnnviz.analysis.flow import batch_flow
from rnnviz.analysis.gradients import gradient_flow
from rnnviz.analysis.variants import VARIANTS, variant_model
from rnnviz.core import GradientFlow
from rnnviz.core.batch_flow import BatchFlow
from rnnviz.core.route import Route
from rnnviz.data.errors import InputError
from rnnviz.models.checkpoint import CheckpointError
from rnnviz.models.config import ModelConfig
from rnnviz.models.encoder import route_of
from rnnviz.models.model import Model
from rnnviz.models.stages_store import STAGE_ROUTES, load_stage
from rnnviz.ui import cache, session
from rnnviz.ui.cache import Reader
from rnnviz.ui.laboratory.pictures import Batch
from rnnviz.ui.laboratory.ways import WAYS, Way, check_length
from rnnviz.ui.link import Picture

START, SHIPPED = "start", "shipped"
STAGES = ("early", "midway", "end")
MANY, FEW, LONG = 32, 8, 100
"""Pictures of a batch, and of one over routes of more steps than the last."""


@dataclass(frozen=True)
class Source:
    """Where a network comes from: enough to make it, or to find it, again."""

    name: str
    """A variant's name, or that of a trained network."""
    way: str
    """Which of the ways it reads along."""
    length: int
    """How many steps it reads."""
    weights: str
    """"start", "early", "midway" or "end" of a training, or "shipped" for a trained network."""
    title: str = ""
    """What a trained network is called."""
    identity: str = ""
    """Tells a trained network from others of its name: a run's may have learned on."""

    @property
    def label(self) -> str:
        """What it is called."""
        return self.title or VARIANTS[self.name].label


@dataclass(frozen=True, eq=False)
class Measured:
    """How the gradient comes back through one network."""

    source: Source
    flow: BatchFlow
    """Over the batch, in the chosen precision."""
    exact: BatchFlow | None
    """The same in float64, None where ``flow`` is."""
    picture: GradientFlow
    """Of the batch's first picture, in float64."""


def sources(names: tuple[str, ...], way: str, length: int, weights: str) -> list[Source]:
    """Return the networks that are chosen, none of them trained beyond what was kept of variants.

    Raises:
        InputError: If the picture has no such length, or nothing was kept that reads that way.
    """
    check_all_steps(way, length, weights)
    if weights in STAGES and STAGE_ROUTES.get(WAYS[way].route) != WAYS[way].options:
        raise InputError(
            "Trainings were kept along rows and along 2×2 patches. Choose one of these routes, or "
            "look at the start of a training."
        )
    return [Source(name, way, length, weights) for name in names]


def trained_sources(readers: Iterable[Reader], way: str, length: int) -> list[Source]:
    """Return those of the trained networks that read along a way.

    Raises:
        InputError: If the picture has no such length, or none of them reads that way.
    """
    check_all_steps(way, length, SHIPPED)
    found = [reader for reader in readers if reads(reader, WAYS[way])]
    if not found:
        raise InputError(
            f"None of these networks reads {WAYS[way].label.split(',')[0].lower()}. Choose another "
            f"route, such as rows or pixels, or other networks."
        )
    return [Source(one.name, way, length, SHIPPED, one.label, one.identity) for one in found]


def check_all_steps(way: str, length: int, weights: str) -> None:
    """Raise an InputError if a picture gives no so many steps, or a trained network reads more."""
    check_length(WAYS[way], length)
    if weights != START and length != WAYS[way].steps:
        raise InputError(
            f"Trained networks read all {WAYS[way].steps} steps of their route, not {length}. "
            f"Choose T = {WAYS[way].steps}, or look at the start of a training."
        )


def reads(reader: Reader, way: Way) -> bool:
    """Return whether a trained network reads along a way."""
    config: ModelConfig = reader.checkpoint.config
    return config.route == way.route and reader.model.route.depths == way.steps


def way_of(config: ModelConfig) -> str | None:
    """Return along which of the ways a network reads, None if along none of them."""
    for name, way in WAYS.items():
        patch = config.route_options.get("patch") == way.options.get("patch")
        if config.route == way.route and patch and config.length in (None, way.steps):
            return name
    return None


def accuracies(found: list[Measured]) -> dict[str, str]:
    """Return how often each of the trained networks among them is right, by its label."""
    readers = session.shelf()
    names = [each.source.name for each in found if each.source.weights == SHIPPED]
    return {readers[name].label: readers[name].accuracy for name in names if name in readers}


def network(source: Source) -> Model:
    """Return a network.

    Raises:
        CheckpointError: If this stage of its training isn't there, or a trained one is gone.
    """
    if source.weights != SHIPPED:
        return variant(source)
    readers = session.shelf()
    if source.name not in readers:
        raise CheckpointError(readers.why(source.name))
    return readers[source.name].model


@st.cache_resource(show_spinner=False, max_entries=64)
def variant(source: Source) -> Model:
    """Return a variant at the start of its training, or as it was kept.

    Raises:
        CheckpointError: If this stage of its training isn't there.
    """
    way = WAYS[source.way]
    if source.weights in STAGES:
        return load_stage(source.name, way.route, source.weights)
    return variant_model(source.name, way.route, way.options, source.length)


def measure(source: Source, batch: Batch, float32: bool) -> Measured:
    """Return how the gradient comes back through a network.

    Raises:
        InputError: If it grows beyond what a number can hold.
        CheckpointError: If this stage of its training isn't there.
    """
    exact = flow(source, batch.identity, batch, False)
    single = flow(source, batch.identity, batch, True) if float32 else None
    picture = gradient(source, batch.identity, batch)
    if single is None:
        return Measured(source, exact, None, picture)
    return Measured(source, single, exact, picture)


@st.cache_resource(show_spinner=False, max_entries=96)
def flow(source: Source, identity: str, _batch: Batch, float32: bool) -> BatchFlow:
    """Return the sizes of the gradient over a batch, which ``identity`` tells from others.

    Of a network that reads both ways those of its way forwards.
    """
    torch.set_num_threads(1)
    kind = torch.float32 if float32 else torch.float64
    model = network(source)
    try:
        found = batch_flow(model, _batch.images, _batch.labels.tolist(), kind)
    except ValueError as error:
        raise InputError(f"{source.label}: {error}") from error
    route = forwards(model)
    norms = {name: values[:, : route.steps] for name, values in found.norms.items()}
    return replace(found, route=route, norms=norms)


@st.cache_resource(show_spinner=False, max_entries=64)
def gradient(source: Source, identity: str, _batch: Batch) -> GradientFlow:
    """Return the gradient of a batch's first picture, of every unit at every step, likewise."""
    torch.set_num_threads(1)
    model = network(source)
    found = gradient_flow(model, _batch.images[0], int(_batch.labels[0]))
    route = forwards(model)
    states = {name: values[: route.steps] for name, values in found.states.items()}
    return replace(found, route=route, states=states)


def forwards(model: Model) -> Route:
    """Return a network's route, without the way back of one that reads both ways."""
    both = model.config.directions == 2
    return route_of(replace(model.config, directions=1)) if both else model.route


def batch_size(length: int) -> int:
    """Return how many pictures are measured over so many steps: fewer where each takes long."""
    return MANY if length <= LONG else FEW


def drawn(picture: Picture, digit: int) -> Batch:
    """Return the picture of the page "Draw" as a batch of one."""
    labels = np.array([digit], np.int64)
    identity = f"drawing-{digit}-{picture.pixels.hex()}"
    return Batch(
        identity, picture.image[None], labels, f"the picture of the page Draw, as a {digit}"
    )


def read_digit(picture: Picture) -> int:
    """Return which digit the first shipped network sees in a picture."""
    reader = next(iter(cache.shipped().values()))
    return cache.reading(reader, picture).answer
