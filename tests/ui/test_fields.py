"""What can be chosen in a section survives the way through a link, and no link breaks it."""

import csv
import io
from urllib.parse import parse_qs, urlencode

import numpy as np
import pytest

from rnnviz.registry import discover
from rnnviz.ui.fields import (
    Number,
    OneOf,
    SomeOf,
    Switch,
    Whole,
    read_fields,
    write_fields,
)
from rnnviz.ui.laboratory.tables import table_csv

SECTIONS = discover("rnnviz.ui.laboratory.sections")

FIELDS = (
    OneOf("route", "Route", ("rows", "pixels"), "rows"),
    SomeOf("cells", "Cells", ("rnn", "lstm", "gru", "irnn"), ("rnn", "gru"), most=3),
    Number("gain", "Gain", 0.1, 3.0, 1.0, 0.05),
    Whole("length", "Length", 8, 784, 28),
    Switch("float32", "In float32"),
)
CHANGED = {
    "route": "pixels",
    "cells": ("lstm", "irnn"),
    "gain": 1.35,
    "length": 196,
    "float32": True,
}


def through_a_link(fields, values):
    query = {
        name: texts[0] for name, texts in parse_qs(urlencode(write_fields(fields, values))).items()
    }
    return read_fields(fields, query)


def test_choices_survive_a_link():
    assert through_a_link(FIELDS, CHANGED) == (CHANGED, ())


def test_what_is_at_its_default_does_not_lengthen_the_link():
    defaults, notices = read_fields(FIELDS, {})
    assert write_fields(FIELDS, defaults) == {} and notices == ()
    assert write_fields(FIELDS, defaults | {"gain": 2.0}) == {"gain": "2"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("route", "spiral"),
        ("cells", "none,of,these"),
        ("gain", "nan"),
        ("gain", "inf"),
        ("gain", "1e99"),
        ("gain", "."),
        ("gain", "3.5"),
        ("gain", "٣"),
        ("length", "7"),
        ("length", "28.5"),
        ("length", "1" * 5000),
        ("float32", "yes"),
        ("route", "<script>alert(1)</script>"),
    ],
)
def test_garbage_in_a_link_leaves_the_default_and_says_so(name, text):
    values, notices = read_fields(FIELDS, {name: text})
    assert values == read_fields(FIELDS, {})[0]
    (notice,) = notices
    assert "default" in notice and "<" not in notice and len(notice) < 200


def test_a_link_with_too_many_names_gets_the_first_ones_in_the_menu_s_order():
    values, _ = read_fields(FIELDS, {"cells": "irnn,gru,lstm,rnn,rnn,unknown"})
    assert values["cells"] == ("rnn", "lstm", "gru")


@pytest.mark.parametrize("step, expected", [(0.05, "%.2f"), (0.1, "%.1f"), (1.0, "%.0f")])
def test_a_slider_shows_as_many_digits_as_its_steps_have(step, expected):
    assert Number("x", "X", 0, 10, 1, step).format == expected


def test_a_table_keeps_every_digit_of_float64():
    numbers = np.array([1 / 3, 1e-236, 5e300])
    text = table_csv({"step": np.arange(3), "|dL/dh|": numbers}).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [float(row["|dL/dh|"]) for row in rows] == numbers.tolist()
    assert [row["step"] for row in rows] == ["0", "1", "2"]
    with pytest.raises(ValueError, match="one length"):
        table_csv({"a": [1, 2], "b": [1]})


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_declares_what_the_page_shows(name):
    section = SECTIONS[name]
    assert section.LABEL and len(section.LABEL) <= 20
    assert section.QUESTION.endswith("?")
    assert section.LOOK.endswith(".")
    assert callable(section.show)


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_s_fields_fit_together(name):
    fields = SECTIONS[name].fields()
    names = [field.name for field in fields]
    assert len(set(names)) == len(names)
    taken = {"section", "drawing", "example", "picture"}
    assert not taken & set(names), "these stand in every link"
    defaults, notices = read_fields(fields, {})
    assert notices == ()
    for field in (one for one in fields if defaults[one.name] != ()):
        assert field.read(field.write(defaults[field.name])) == defaults[field.name]


def test_no_two_sections_claim_the_same_place():
    orders = [section.ORDER for section in SECTIONS.values()]
    assert len(set(orders)) == len(orders)
