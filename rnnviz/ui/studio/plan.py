"""What a run would cost, and what doesn't fit together. Pure data."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rnnviz.models.config import ModelConfig
from rnnviz.models.model import Model, parameter_count
from rnnviz.training.loop import total_steps
from rnnviz.training.recipe import Recipe
from rnnviz.training.runs.limits import Limits
from rnnviz.training.runs.run import Run, first_end_s
from rnnviz.training.runs.stopwatch import Speed

VALIDATION_SHARE = 5
"""At most one picture in so many is kept from training (see ``load_pictures``)."""


@dataclass(frozen=True)
class Size:
    """How large a network is."""

    parameters: int
    """Trained values."""
    steps: int
    """Steps in which one sweep reads a picture."""
    sweeps: int
    """How many sweeps there are."""
    depths: int
    """Steps on the longest way from the first one to the answer."""


@dataclass(frozen=True)
class Plan:
    """What is known of a run before it starts."""

    size: Size
    """Of its network."""
    pictures: int
    """Training pictures an epoch."""
    training_steps: int
    """Training steps of the whole run."""


def plan(recipe: Recipe, available: int) -> Plan:
    """Return what is known of a run.

    Args:
        recipe: What is trained.
        available: How many pictures the training split of its data set has.

    Raises:
        ValueError: If there can't be such a run; the message says what to change.
    """
    settings = recipe.training
    kept = min(settings.validation, available // VALIDATION_SHARE)
    pictures = min(available - kept, settings.pictures or available)
    batch = max(stage.batch for stage in settings.stages)
    if batch > pictures:
        raise ValueError(
            f"A step of {batch} pictures can't be filled from {pictures}. Choose fewer pictures a "
            f"step, or more training pictures."
        )
    size = network_size(json.dumps(recipe.model.as_dict(), sort_keys=True))
    return Plan(size, pictures, total_steps(settings, pictures))


@lru_cache(maxsize=256)
def network_size(config: str) -> Size:
    """Return the size of the network that a config as JSON describes; errors as of ``Model``."""
    model = Model(ModelConfig(**json.loads(config)))
    route = model.route
    return Size(parameter_count(model), route.steps_per_sweep, route.sweeps, route.depths)


def length_words(size: Size) -> str:
    """Return how many steps a picture is read in, in words: "28 steps", "4 × 49 steps"."""
    sweeps = f"{size.sweeps} × " if size.sweeps > 1 else ""
    return f"{sweeps}{size.steps:,} steps"


def time_words(seconds: float) -> str:
    """Return a time in words: "40 seconds", "6 minutes"."""
    if seconds < 90:
        return f"{max(seconds, 1):.0f} second{'s' * (round(seconds) > 1)}"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours"


def too_long(speed: Speed, recipe: Recipe, limits: Limits) -> str:
    """Return what one is told of a run that would reach this server's limit, else nothing."""
    needed = speed.total_s(recipe)
    if needed <= limits.longest_min * 60:
        return ""
    return (
        f"This run would take {time_words(needed)}, and this server ends one after "
        f"{limits.longest_min:.0f} minutes; what it has learned until then is kept. Choose fewer "
        f"epochs or training pictures, a shorter route, or fewer units."
    )


def queue_words(active: Sequence[Run], limits: Limits) -> str:
    """Return how busy the queue is, in words.

    Args:
        active: All runs that train or wait.
        limits: What the server grants.
    """
    waiting = sum(run.state == "queued" for run in active)
    if len(active) < limits.at_once:
        return f"It starts at once. {LONGER}"
    told = f"{waiting} run{'s' * (waiting > 1)} wait{'s' * (waiting == 1)} before it. "
    if not waiting:
        told = "It starts when a run that trains now has ended. "
    room_in_s = first_end_s([run for run in active if run.state == "running"])
    return f"{told}{'' if room_in_s is None else room_words(room_in_s) + ' '}{LONGER}"


def room_words(seconds: float) -> str:
    """Return in words when the training that ends first leaves room for another."""
    return f"The training that ends first has about {time_words(seconds)} left."


LONGER = "It takes longer than that while others use this server too."
