"""What a run's line of settings says beyond what is always said."""

from pathlib import Path

import pytest

from rnnviz.ui.studio.departures import departures
from rnnviz.ui.studio.fields import fields
from rnnviz.ui.studio.fit import follow
from rnnviz.ui.studio.presets import PRESETS
from rnnviz.ui.studio.recipes import recipe_of
from rnnviz.ui.studio.words import summary

DEFAULTS = {one.name: one.default for one in fields(Path("/nonexistent"))}


def told(**changes) -> list[str]:
    return departures(recipe_of(DEFAULTS | changes))


@pytest.mark.parametrize("cell", ["rnn", "rnn_relu", "irnn", "lstm", "gru"])
def test_nothing_is_said_of_a_form_that_nobody_has_touched(cell):
    values = DEFAULTS | {"cell": cell}
    assert departures(recipe_of(values | follow("cell", values))) == []


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"start": "torch"}, ["starts as in PyTorch"]),
        ({"gain": 1.5}, ["starts orthogonal, gain 1.5"]),
        ({"start": "identity"}, ["starts as the identity, gain 1"]),
        ({"forget_bias": 3.0}, ["bias of the forget gate 3"]),
        ({"memory": 196.0, "forget_bias": 3.0}, ["remembers 196 steps at first"]),
        ({"readout": "last+mean"}, ["answers from the last state and the mean of all"]),
        ({"schedule": "constant"}, ["learning rate constant"]),
        ({"decay": 0.0}, ["weight decay 0"]),
        ({"shift": 2}, ["moved by up to 2 px"]),
        (
            {"route": "grid", "cell": "gru_2d", "gain": 0.7, "corners": "4"},
            ["from all four corners"],
        ),
        ({"units": 8, "epochs": 3, "clip": "off", "pictures": 100, "seed": 5}, []),
    ],
)
def test_what_is_otherwise_is_said(changes, words):
    assert told(**changes) == words


def test_two_presets_that_differ_read_differently():
    lines = [summary(recipe_of(DEFAULTS | dict(one.values), one.name)) for one in PRESETS]
    assert len(set(lines)) == len(PRESETS)
    assert "starts as in PyTorch" in lines[1] and "remembers 196 steps at first" in lines[2]
    assert all("epochs" in line for line in lines)
