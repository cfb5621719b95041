"""What the sections "Flow through time" and "Why" let one choose alike: way, length, pictures."""

from typing import Any

from rnnviz.ui.fields import Field, OneOf, Whole
from rnnviz.ui.laboratory import compute_flow
from rnnviz.ui.laboratory.panel import DRAWING, Panel
from rnnviz.ui.laboratory.pictures import Batch
from rnnviz.ui.laboratory.ways import LONGEST, PRESETS, SHORTEST, WAYS


def way_fields() -> tuple[Field, Field]:
    """Return the choice of a way and of how many of its steps are read."""
    ways = {name: way.label for name, way in WAYS.items()}
    return (
        OneOf("route", "Route", tuple(WAYS), "rows", ways),
        Whole("length", "Steps T, from the middle of the picture", SHORTEST, LONGEST, 28),
    )


def batch_field() -> Field:
    """Return the choice between real digits and the drawing."""
    labels = {"digits": "real digits", DRAWING: "the one on the page Draw"}
    return OneOf("batch", "Pictures", ("digits", DRAWING), "digits", labels)


def choose_way(panel: Panel) -> None:
    """Draw the ways that are one click away, and the menu with all of them."""
    for name, label in PRESETS.items():
        steps = WAYS[name].steps
        here = panel["route"] == name and panel["length"] == steps
        kind = "primary" if here else "secondary"
        panel.button(label, {"route": name, "length": steps}, type=kind)
    panel.menu("Route, length", "route", lambda menu: fill_way(panel, menu))


def fill_way(panel: Panel, menu: Any) -> None:
    """Draw the choice of any route and length."""
    panel.control("route", menu)
    panel.control("length", menu)


def pictures(panel: Panel, digit: int | None = None) -> Batch:
    """Return the pictures that are chosen.

    Args:
        panel: A panel with these fields.
        digit: What a drawing is meant to be; None for what the first network reads in it.
    """
    if panel["batch"] != DRAWING:
        return panel.picture_batch(compute_flow.batch_size(panel["length"]))
    picture = panel.drawing()
    return compute_flow.drawn(picture, compute_flow.read_digit(picture) if digit is None else digit)
