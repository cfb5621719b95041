"""The settings of runs in words, and what differs between them. Pure data."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from rnnviz.models.cells import cell_class
from rnnviz.training.runs.run import Run
from rnnviz.training.settings import CLIPS, OPTIMISERS, SCHEDULES
from rnnviz.ui.cache import DATASET_NAMES
from rnnviz.ui.studio.fields import OPTION_LABELS, READOUT_LABELS, ROUTES, STARTS, labels

LABELS = {
    "model.route": "It reads",
    "model.cell": "Cell",
    "model.units": "Hidden units",
    "model.layers": "Layers",
    "model.directions": "Directions",
    "model.readout": "The answer is read from",
    "model.length": "Steps of the route that are read",
    "model.start": "Recurrent weights start as",
    "model.route_options.patch": "Side of a patch",
    "model.route_options.corners": "From",
    "model.route_options.seed": "Which order",
    "training.datasets": "Data set",
    "training.pictures": "Training pictures",
    "training.optimiser": "Optimiser",
    "training.schedule": "Learning rate over time",
    "training.weight_decay": "Weight decay",
    "training.clip": "Clip the gradient",
    "training.seed": "Seed",
    "training.warm_up": "Share of the steps in which the learning rate rises",
    "training.validation": "Validation pictures",
    "training.label_smoothing": "Label smoothing",
    "training.replicate": "Weight of the answers on the way",
    "training.replicate_from": "Share of the route after which these count",
    "training.pen_variants": "Drawings of each digit",
    "training.pen_widths": "Widths of the pens",
    "training.augmentation": "Pictures are changed",
    "training.augmentation.shift_px": "Moved by up to, px",
    "training.augmentation.rotation_deg": "Turned by up to, degrees",
    "training.augmentation.scale": "Grown or shrunk by up to",
    "training.augmentation.shear": "Slanted by up to",
    "training.augmentation.thickness": "Thicker or thinner by up to, px",
    "epochs": "Epochs",
    "learning_rate": "Learning rate",
    "batch": "Pictures a step",
    "shrink": "Pixels that are read as one",
}
"""What settings are called, as in the form that they were chosen in."""
CORNERS = {1: "one corner", 4: "all four corners"}
NOTHING = "–"
BROUGHT_ALONG = "brought along"
LEFT_OUT = ("model.shape", "model.classes", "training.moments", "training.datasets.")
"""What says nothing about how a run goes."""
SILENT = (
    ("training.replicate", 0),
    ("training.label_smoothing", 0),
    ("training.pen_variants", 1),
    ("training.pen_widths", None),
    ("training.augmentation", None),
    ("model.length", None),
    ("model.layers", 1),
    ("model.directions", 1),
    ("shrink", 1),
)
"""Settings that say nothing at these values: whatever they stand for isn't done."""

DEPENDENT = {
    *OPTION_LABELS.values(),
    LABELS["training.warm_up"],
    *(LABELS[f"model.route_options.{option}"] for option in ("patch", "corners", "seed")),
}
"""What only some cells, routes or schedules have: that another has none is no difference."""


def settings(run: Run, set_aside: int | None = None) -> dict[str, str]:
    """Return the settings of a run in words, by what they are called.

    Args:
        run: The run.
        set_aside: How many validation pictures there really are, None if nobody can say.
    """
    flat: dict[str, Any] = {}
    flatten(with_start(run.recipe["model"]), "model", flat)
    if run.brought:
        flat["training"] = BROUGHT_ALONG
    else:
        flatten(with_clip(run.recipe["training"]), "training", flat)
    found = {
        called(name): in_words(name, value)
        for name, value in flat.items()
        if not name.startswith(LEFT_OUT) and not is_silent(name, value)
    }
    if set_aside is not None:
        found[LABELS["training.validation"]] = f"{set_aside:,}"
    return found


def with_start(model: Mapping[str, Any]) -> dict[str, Any]:
    """Return a model's settings with its start, which two options hold, as one in words.

    An option that another one overrules is left out.
    """
    options = dict(model["cell_options"])
    gain, identity = options.pop("gain", None), options.pop("identity", 0.0)
    found = {**model, "cell_options": options}
    if gain is not None:
        kind = "torch" if not gain else "identity" if identity else "orthogonal"
        times = "" if gain in (0, 1) else f" ({gain:g})"
        start = STARTS[kind] if gain != 1 else STARTS[kind].partition(",")[0]
        found["start"] = f"{start}{times}"
    if options.get("memory"):
        for bias in ("forget_bias", "update_bias"):
            options.pop(bias, None)
    elif "memory" in options:
        del options["memory"]
    return found


def with_clip(training: Mapping[str, Any]) -> dict[str, Any]:
    """Return a training's settings with what clips and at which threshold as one, in words."""
    found = dict(training)
    kind, threshold = found.pop("clip_by", "norm"), found.get("clip", 0)
    found["clip"] = f"{CLIPS.get(kind, kind)}, at {threshold:g}" if threshold else "off"
    if found.get("schedule", "one-cycle") != "one-cycle":
        found.pop("warm_up", None)
    if not found.get("replicate"):
        found.pop("replicate_from", None)
    return found


def is_silent(name: str, value: Any) -> bool:
    """Return whether a setting says that something isn't done."""
    if name.startswith("training.augmentation.") and not value:
        return True
    last = name.rsplit(".", maxsplit=1)[-1]
    return any(value == nothing and one in (name, last) for one, nothing in SILENT)


def flatten(value: Any, name: str, into: dict[str, Any]) -> None:
    """Enter the parts of nested settings, each by its whole name."""
    if isinstance(value, dict):
        for key, part in value.items():
            flatten(part, f"{name}.{key}", into)
    elif name == "training.stages":
        for number, stage in enumerate(value):
            prefix = name if len(value) == 1 else f"{name}.stage {number + 1}"
            flatten(stage, prefix, into)
    else:
        into[name] = value


def called(name: str) -> str:
    """Return what a setting is called: "Learning rate", "Stage 2: learning rate"."""
    *before, last = name.split(".")
    found = LABELS.get(name) or OPTION_LABELS.get(last) or LABELS.get(last)
    if found is None:
        words = last.replace("_", " ")
        found = words[:1].upper() + words[1:]
    if before and before[-1].startswith("stage "):
        return f"{before[-1].capitalize()}: {found[:1].lower()}{found[1:]}"
    return found


@cache
def menus() -> Mapping[str, Callable[[Any], object]]:
    """Return what makes words of the settings whose values are names or numbers with a meaning."""
    routes = labels(ROUTES)
    return {
        "model.cell": lambda cell: cell_class(cell).LABEL,
        "model.route": lambda route: routes.get(route, route),
        "model.readout": lambda readout: READOUT_LABELS.get(readout, readout),
        "model.directions": lambda number: {1: "one", 2: "both ways"}.get(number, str(number)),
        "model.route_options.corners": lambda n: CORNERS.get(n, n),
        "model.route_options.patch": lambda side: f"{side}×{side}",
        "training.datasets": lambda names: ", ".join(
            DATASET_NAMES.get(str(n), str(n)) for n in names
        ),
        "training.pictures": lambda count: f"the first {count:,}" if count else "all",
        "training.optimiser": lambda name: OPTIMISERS.get(name, name),
        "training.schedule": lambda name: SCHEDULES.get(name, name),
        # A data set that has few pictures gives a fifth of them; see ``load_pictures``.
        "training.validation": lambda most: f"a fifth, {most:,} at most" if most else "none",
    }


def in_words(name: str, value: Any) -> str:
    """Return a setting's value as it is read."""
    make = menus().get(name)
    return plain(value) if make is None else str(make(value))


def plain(value: Any) -> str:
    """Return a value that needs no translation as it is read."""
    match value:
        case None:
            return NOTHING
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.6g}"
        case list() | tuple():
            return ", ".join(plain(part) for part in value) or NOTHING
        case _:
            return str(value)


def differences(found: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    """Return the settings in which runs differ: for each a value for every run.

    Args:
        found: The ``settings`` of each run. A network that was brought along says nothing of its
            training, so what only it lacks is no difference.
    """
    names = dict.fromkeys(name for one in found for name in one)
    rows = {name: [one.get(name, NOTHING) for one in found] for name in names}
    return {name: values for name, values in rows.items() if differs(name, values, found)}


def differs(name: str, values: Sequence[str], found: Sequence[Mapping[str, str]]) -> bool:
    """Return whether runs that could have a setting have it at several values."""
    able = [
        value
        for value, one in zip(values, found, strict=True)
        if name in one or ("Training" not in one and name not in DEPENDENT)
    ]
    return len(set(able)) > 1
