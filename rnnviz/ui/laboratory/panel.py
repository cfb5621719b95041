"""What a section of the page "Gradients" is given: its choices, its pictures, its figures."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from rnnviz.ui import session
from rnnviz.ui.fields import Field
from rnnviz.ui.figure import show_figure
from rnnviz.ui.form import Form
from rnnviz.ui.laboratory import pictures
from rnnviz.ui.laboratory.pictures import Batch
from rnnviz.ui.link import Picture, write_shown

DRAWING = "drawing"
"""The value of a choice that means the drawing of the page "Draw"."""


class Panel(Form):
    """The choices of one section in one session, and the widgets that change them."""

    def __init__(
        self, section: str, fields: Sequence[Field], linked: Mapping[str, str] | None = None
    ) -> None:
        """Take up the choices of this session, or those of a link when it begins.

        Args:
            section: The section's name.
            fields: All that can be chosen in it.
            linked: What stands in the link; what stands in the address if None.
        """
        self.section = section
        self.place = f"lab-{section}"
        linked = st.query_params.to_dict() if linked is None else linked
        super().__init__(self.place, fields, linked if linked.get("section") == section else {})

    @property
    def query(self) -> str:
        """What stands after the question mark of the link that opens this view."""
        return self.query_without()

    def query_without(self, *fields: str) -> str:
        """Return the same without what is chosen for some fields."""
        chosen = {name: text for name, text in self.parameters.items() if name not in fields}
        parameters = {"section": self.section} | chosen
        if DRAWING in self.values.values():
            parameters |= write_shown(session.view().shown)
        return urlencode(parameters, safe="/,")

    def set(self, **values: Any) -> None:
        """Choose something without its widget, and begin the section anew with it."""
        self.assign(values)
        st.rerun(scope="fragment")

    def figure(
        self,
        figure: go.Figure,
        name: str,
        table: Mapping[str, Any] | None = None,
        place: Any = None,
        on_click: Callable[[], None] | None = None,
        marks: tuple[str, ...] = (),
    ) -> None:
        """Show a figure with buttons that save it as PNG and, given a table, as CSV.

        Args:
            figure: The figure.
            name: Tells it from the other figures of this section, and names its files.
            table: The columns behind it, all of one length, by their names with units.
            place: Where to show it, on the page if None.
            on_click: See ``rnnviz.ui.figure.show_figure``.
            marks: Fields that only move a mark in this figure, and leave its data and axes alone.
        """
        # With the same revision a figure that is drawn anew keeps the reader's zoom. Other choices
        # get axes of their own: an old range would fake what the new data do.
        revision = self.query_without(*marks)
        show_figure(figure, self.place, name, revision, table, place, on_click)

    def facts(self, facts: Mapping[str, str], place: Any = None) -> None:
        """Show a row of large numbers, each with what it is."""
        row = (st if place is None else place).container(
            horizontal=True, gap="medium", key=f"lab-facts-{self.section}-{'-'.join(facts)[:40]}"
        )
        for label, value in facts.items():
            row.metric(label, value, width="content")

    def picture_batch(self, count: int) -> Batch:
        """Return the first real digits of a test split."""
        return pictures.digits(count)

    def drawing(self) -> Picture:
        """Return the picture of the page "Draw": a drawing, an example or a file."""
        return session.subject().picture


def first_labels(labels: np.ndarray, count: int) -> str:
    """Return the first labels in words, for a caption: "7, 2, 1, …"."""
    some = ", ".join(str(label) for label in labels[:count])
    return some + (", …" if len(labels) > count else "")
