"""What a section of the page "Gradients" is given: its choices, its pictures, its figures."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from rnnviz.ui import session
from rnnviz.ui.laboratory import pictures
from rnnviz.ui.laboratory.fields import (
    Field,
    Number,
    OneOf,
    SomeOf,
    Switch,
    Whole,
    read_fields,
    write_fields,
)
from rnnviz.ui.laboratory.pictures import Batch
from rnnviz.ui.laboratory.tables import table_csv
from rnnviz.ui.link import Picture, write_shown

VALUES, VERSIONS, NOTICES = "lab.values", "lab.versions", "lab.notices"
DRAWING = "drawing"
"""The value of a choice that means the drawing of the page "Draw"."""
MOST_BUTTONS = 5
"""A choice among more names than these is a menu."""
MODE_BAR = {"bgcolor": "rgba(0,0,0,0)", "color": "#7d8a97", "activecolor": "#0072b2"}
"""The camera of a figure, without a box of its own."""
LONGEST_ROW = 60
"""Letters of the names that fit side by side."""


class Panel:
    """The choices of one section in one session, and the widgets that change them."""

    def __init__(self, section: str, fields: Sequence[Field]) -> None:
        """Take up the choices of this session, or those of the address when it begins."""
        self.section = section
        self.fields = {field.name: field for field in fields}
        everything: dict[str, dict[str, Any]] = st.session_state.setdefault(VALUES, {})
        if section not in everything:
            linked = st.query_params.to_dict()
            ours = linked if linked.get("section") == section else {}
            everything[section], notices = read_fields(fields, ours)
            st.session_state[NOTICES] = notices
        self.values = everything[section]
        # A data set may have gone since, and with it what was chosen of it.
        for field in fields:
            if field.read(field.write(self.values[field.name])) is None:
                self.values[field.name] = field.default

    def __getitem__(self, name: str) -> Any:
        """Return what is chosen for a field."""
        return self.values[name]

    @property
    def notices(self) -> tuple[str, ...]:
        """What was wrong with the link that opened this section."""
        return st.session_state.get(NOTICES, ())

    @property
    def query(self) -> str:
        """What stands after the question mark of the link that opens this view."""
        parameters = {"section": self.section} | write_fields(
            list(self.fields.values()), self.values
        )
        if DRAWING in self.values.values():
            parameters |= write_shown(session.view().shown)
        return urlencode(parameters, safe="/,")

    def control(self, name: str, place: Any = None) -> Any:
        """Draw the widget of a field, on the page or in a column, and return what is chosen."""
        field, key = self.fields[name], self.key(name)
        if key not in st.session_state:
            st.session_state[key] = shown_value(self.values[name])
        common = {"key": key, "on_change": self._take, "args": (name, key)}
        draw_widget(st if place is None else place, field, common)
        return self.values[name]

    def key(self, name: str) -> str:
        """Return the key of a field's widget; another one after each change from elsewhere."""
        versions: dict[str, int] = st.session_state.setdefault(VERSIONS, {})
        place = f"{self.section}-{name}"
        return f"lab-{place}-{versions.get(place, 0)}"

    def assign(self, values: Mapping[str, Any]) -> None:
        """Choose something without its widget, as a button's ``on_click``: it shows it afterwards.

        A number is brought within the bounds of its field.
        """
        versions: dict[str, int] = st.session_state.setdefault(VERSIONS, {})
        for name, value in values.items():
            field = self.fields[name]
            if isinstance(field, Number | Whole):
                value = type(field.default)(min(max(value, field.low), field.high))
            self.values[name] = value
            place = f"{self.section}-{name}"
            versions[place] = versions.get(place, 0) + 1

    def set(self, **values: Any) -> None:
        """Choose something without its widget, and begin the section anew with it."""
        self.assign(values)
        st.rerun(scope="fragment")

    def button(self, label: str, values: Mapping[str, Any], place: Any = None, **look: Any) -> None:
        """Draw a button that chooses something; ``look`` as for ``st.button``."""
        target = st if place is None else place
        key = f"lab-{self.section}-button-{label}"
        target.button(label, key=key, on_click=self.assign, args=(dict(values),), **look)

    def menu(self, label: str, icon: str, fill: Callable[[Any], None]) -> None:
        """Show a button that opens a menu, which is filled only while it is open.

        Widgets in a closed one would come up empty when it is opened after another run.
        """
        key = f"lab-{self.section}-menu-{label.lower().replace(' ', '-')}"
        place = st.popover(label, icon=f":material/{icon}:", on_change="rerun", key=key)
        if place.open:
            fill(place)

    def figure(
        self,
        figure: go.Figure,
        name: str,
        table: Mapping[str, Any] | None = None,
        place: Any = None,
        **options: Any,
    ) -> Any:
        """Show a figure with buttons that save it as PNG and, given a table, as CSV.

        Args:
            figure: The figure.
            name: Tells it from the other figures of this section, and names its files.
            table: The columns behind it, all of one length, by their names with units.
            place: Where to show it, on the page if None.
            options: More of ``st.plotly_chart``, such as ``on_select``.

        Returns:
            What ``st.plotly_chart`` returns.
        """
        target = (st if place is None else place).container(gap="small")
        file_name = f"{self.section}-{name}"
        # With the same revision a figure that is drawn anew keeps the reader's zoom. Other choices
        # get axes of their own: an old range would fake what the new data do. A landscape stays
        # turned as it was.
        figure.update_layout(uirevision=f"{name} {self.query}", modebar=MODE_BAR)
        figure.update_scenes(uirevision=name)
        title = figure.to_dict()["layout"].get("title", {}).get("text", name)
        event = target.plotly_chart(
            figure,
            key=f"lab-{self.section}-figure-{name}",
            config=chart_config(file_name),
            alt=title,
            **options,
        )
        if table is not None:
            target.download_button(
                "CSV",
                lambda: table_csv(table),
                f"{file_name}.csv",
                icon=":material/download:",
                key=f"lab-{self.section}-csv-{name}",
                on_click="ignore",
                type="tertiary",
                help="The numbers behind this figure. The camera above it saves it as PNG.",
            )
        return event

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

    def _take(self, name: str, key: str) -> None:
        """Take what a widget was changed to; keep what was chosen where that can't be."""
        field, value = self.fields[name], st.session_state[key]
        if isinstance(field, SomeOf):
            # In the order of the options, whatever was clicked first.
            value = tuple(option for option in field.options if option in value)[: field.most]
        if value is None or (value == () != field.default):
            self.assign({name: self.values[name]})
            return
        self.values[name] = value
        if isinstance(field, SomeOf) and len(st.session_state[key]) > len(value):
            self.assign({name: value})


def shown_value(value: Any) -> Any:
    """Return a value as its widget wants it."""
    return list(value) if isinstance(value, tuple) else value


def draw_widget(place: Any, field: Field, common: dict[str, Any]) -> None:
    """Draw the widget that fits a field."""
    options: dict[str, Any] = common | {"help": field.help or None}
    match field:
        case OneOf():
            name_of = lambda name: field.labels.get(name, name)  # noqa: E731
            letters = sum(len(name_of(name)) + 3 for name in field.options)
            if len(field.options) <= MOST_BUTTONS and letters <= LONGEST_ROW:
                place.segmented_control(
                    field.label, field.options, format_func=name_of, required=True, **options
                )
            else:
                place.selectbox(field.label, field.options, format_func=name_of, **options)
        case SomeOf():
            place.pills(
                field.label,
                field.options,
                selection_mode="multi",
                format_func=lambda name: field.labels.get(name, name),
                **options,
            )
        case Number():
            place.slider(
                field.label,
                float(field.low),
                float(field.high),
                step=float(field.step),
                format=field.format,
                **options,
            )
        case Whole():
            place.slider(field.label, field.low, field.high, step=field.step, **options)
        case Switch():
            place.toggle(field.label, **options)


def chart_config(file_name: str) -> dict[str, Any]:
    """Return Plotly's settings: one button that is always there, which saves the figure as PNG."""
    return {
        "displaylogo": False,
        "displayModeBar": True,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "png", "scale": 2, "filename": file_name},
    }


def first_labels(labels: np.ndarray, count: int) -> str:
    """Return the first labels in words, for a caption: "7, 2, 1, …"."""
    some = ", ".join(str(label) for label in labels[:count])
    return some + (", …" if len(labels) > count else "")
