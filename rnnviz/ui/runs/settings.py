"""The settings of runs in words, and what differs between them. Pure data."""

from collections.abc import Sequence
from typing import Any

from rnnviz.training.runs.run import Run

LABELS = {
    "model.route": "Route",
    "model.cell": "Cell",
    "model.units": "Units",
    "model.layers": "Layers",
    "model.directions": "Directions",
    "model.readout": "Readout",
    "training.datasets": "Data",
    "training.pictures": "Training pictures (0: all)",
    "training.optimiser": "Optimiser",
    "training.schedule": "Schedule",
    "training.weight_decay": "Weight decay",
    "training.clip": "Clip (0: off)",
    "training.clip_by": "Clip by",
    "training.seed": "Seed",
    "training.warm_up": "Warm-up",
    "training.validation": "Validation pictures",
    "training.label_smoothing": "Label smoothing",
}
"""What settings are called; the others by their own names."""
PARTS = {
    "model.route_options.": "Route: ",
    "model.cell_options.": "Cell: ",
    "training.augmentation.": "Augmentation: ",
    "training.stages.": "",
}
NOTHING = "–"
LEFT_OUT = ("model.shape", "model.classes", "training.moments", "training.datasets.")
"""What says nothing about how a run goes."""


def settings(run: Run) -> dict[str, str]:
    """Return the settings of a run, by what they are called."""
    flat: dict[str, Any] = {}
    flatten(run.recipe["model"], "model", flat)
    if run.brought:
        flat["training"] = "brought along"
    else:
        flatten(run.recipe["training"], "training", flat)
    return {
        called(name): in_words(value)
        for name, value in flat.items()
        if not name.startswith(LEFT_OUT)
    }


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
    """Return what a setting is called: "Learning rate", "Cell: forget bias"."""
    if name in LABELS:
        return LABELS[name]
    for prefix, word in PARTS.items():
        if name.startswith(prefix):
            name = word + name.removeprefix(prefix).replace(".", ", ")
            break
    else:
        name = name.rsplit(".", maxsplit=1)[-1]
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def in_words(value: Any) -> str:
    """Return a setting's value as it is read."""
    match value:
        case None:
            return NOTHING
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.6g}"
        case list() | tuple():
            return ", ".join(in_words(part) for part in value) or NOTHING
        case _:
            return str(value)


def differences(runs: Sequence[Run]) -> dict[str, list[str]]:
    """Return the settings in which runs differ: for each a value for every run."""
    found = [settings(run) for run in runs]
    names = dict.fromkeys(name for one in found for name in one)
    rows = {name: [one.get(name, NOTHING) for one in found] for name in names}
    return {name: values for name, values in rows.items() if len(set(values)) > 1}
