"""What can be chosen of a race, and the settings that it means. Pure data, no Streamlit."""

from collections.abc import Mapping
from typing import Any

from rnnviz.analysis.variants import VARIANTS
from rnnviz.training.experiments import race
from rnnviz.ui.fields import Field, OneOf, SomeOf, Switch, Whole
from rnnviz.ui.laboratory.race_verdict import NOBODY

DEFAULT = race.PRESETS["default"]
RATES = ("0.0003", "0.001", "0.003", "0.01")
SIZES = ("32", "64", "128")
LAST = 5000
"""A moment after the end of every race: its last report."""
UNSEEN: dict[str, Any] = {"shown": False, "guess": (), "at": LAST}
"""The choices of somebody who hasn't bet yet."""
STEPS_A_REPORT = 10
"""Training steps between two measurements of everybody."""
STARTS = {
    "28 blank rows": "default",
    "no blank rows": "none",
    "84 blank rows": "long",
    "short, 8×8 digits": "class",
}
"""The races that come finished with the app, by what their buttons say."""
DATASETS = {"mnist": "MNIST", "digits": "digits 8×8"}
LABELS = {name: variant.label for name, variant in VARIANTS.items()}


def fields() -> tuple[Field, ...]:
    """Return all that can be chosen."""
    names = tuple(VARIANTS)
    few = "A band reaches from the worst to the best of them."
    return (
        Whole("blank", "Blank rows after the digit", 0, race.MOST_BLANK_ROWS, DEFAULT.blank_rows),
        SomeOf("runners", "Networks", names, DEFAULT.runners, LABELS, most=len(names)),
        OneOf("dataset", "Digits", race.DATASETS, DEFAULT.dataset, DATASETS),
        Whole("seeds", "Seeds", race.SEEDS[0], 5, DEFAULT.seeds, help=few),
        Whole("steps", "Training steps", 40, 1000, DEFAULT.training_steps, 10),
        OneOf("batch", "Pictures a step", SIZES, str(DEFAULT.batch)),
        OneOf("units", "Hidden units", SIZES, str(DEFAULT.units)),
        OneOf("rate", "Learning rate", RATES, f"{DEFAULT.learning_rate:g}"),
        Switch("clip", "Clip the gradient at norm 1", True),
        SomeOf("guess", "Who will reach 50 %?", (*names, NOBODY), (), most=len(names)),
        Switch("shown", "Show the race", False),
        Whole("at", "Training step", 0, LAST, LAST),
    )


def chosen(settings: race.Settings) -> dict[str, Any]:
    """Return the choices that mean these settings, all but what is predicted."""
    return {
        "blank": settings.blank_rows,
        "runners": settings.runners,
        "dataset": settings.dataset,
        "seeds": settings.seeds,
        "steps": settings.training_steps,
        "batch": str(settings.batch),
        "units": str(settings.units),
        "rate": f"{settings.learning_rate:g}",
        "clip": settings.clip > 0,
    }


def asked(values: Mapping[str, Any]) -> race.Settings:
    """Return the settings that these choices mean.

    Raises:
        ValueError: If such a race would take too long.
    """
    return race.Settings(
        dataset=values["dataset"],
        runners=values["runners"],
        blank_rows=values["blank"],
        seeds=values["seeds"],
        training_steps=values["steps"],
        batch=int(values["batch"]),
        units=int(values["units"]),
        learning_rate=float(values["rate"]),
        clip=float(values["clip"]),
        reports=min(max(values["steps"] // STEPS_A_REPORT, 1), race.MOST_REPORTS),
    )
