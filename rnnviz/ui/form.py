"""Choices that stand in a page's link, and the widgets that change them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from rnnviz.ui.fields import (
    Field,
    Number,
    OneOf,
    SomeOf,
    Switch,
    Whole,
    read_fields,
    write_fields,
)

VALUES, VERSIONS, NOTICES = "form.values", "form.versions", "form.notices"
WRONG = "form.wrong"
MOST_BUTTONS = 5
"""A choice among more names than these is a menu."""
LONGEST_ROW = 60
"""Letters of the names that fit side by side."""

Follow = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
"""Given what was chosen by hand and all values, returns what else is to change with it."""


class Form:
    """The choices of one form in one session."""

    def __init__(
        self,
        name: str,
        fields: Sequence[Field],
        parameters: Mapping[str, str],
        follow: Follow = lambda name, values: {},
    ) -> None:
        """Take up the choices of this session, or those of a link when it begins.

        Args:
            name: Tells it from the other forms of the app, and begins the keys of its widgets.
            fields: All that can be chosen.
            parameters: What stands in the link.
            follow: What else changes when something is chosen by hand.
        """
        self.name, self.follow = name, follow
        self.fields = {field.name: field for field in fields}
        everything: dict[str, dict[str, Any]] = st.session_state.setdefault(VALUES, {})
        if name not in everything:
            everything[name], notices = read_fields(fields, parameters)
            st.session_state[NOTICES] = (name, notices)
        self.values = everything[name]
        # A data set or a network may have gone since, and with it what was chosen of it.
        for field in fields:
            chosen = self.values[field.name]
            still = field.read(field.write(chosen))
            if still is None and chosen != field.default:
                self.assign({field.name: field.default})
            elif isinstance(field, SomeOf) and still is not None and still != chosen:
                self.assign({field.name: still})

    def __getitem__(self, name: str) -> Any:
        """Return what is chosen for a field."""
        return self.values[name]

    @property
    def notices(self) -> tuple[str, ...]:
        """What was wrong with the link that opened this form, until another one is opened."""
        name, notices = st.session_state.get(NOTICES, ("", ()))
        return notices if name == self.name else ()

    @property
    def wrong(self) -> dict[str, str]:
        """By field, why what was typed into it can't be; its last value is still the one chosen."""
        everything: dict[str, dict[str, str]] = st.session_state.setdefault(WRONG, {})
        return everything.setdefault(self.name, {})

    @property
    def parameters(self) -> dict[str, str]:
        """The query parameters of the link that opens these choices."""
        return write_fields(list(self.fields.values()), self.values)

    def control(self, name: str, place: Any = None, **narrowed: Any) -> Any:
        """Draw the widget of a field, on the page or in a column, and return what is chosen.

        Args:
            name: The field's.
            place: Where to draw it, on the page if None.
            narrowed: What of the field is otherwise this time, such as fewer ``options``.
        """
        field, key = replace(self.fields[name], **narrowed), self.key(name)
        if key not in st.session_state:
            st.session_state[key] = shown_value(self.values[name])
            self.wrong.pop(name, None)
        common = {"key": key, "on_change": self._take, "args": (name, key)}
        draw_widget(st if place is None else place, field, common)
        return self.values[name]

    def key(self, name: str) -> str:
        """Return the key of a field's widget; another one after each change from elsewhere."""
        versions: dict[str, int] = st.session_state.setdefault(VERSIONS, {})
        place = f"{self.name}-{name}"
        return f"{place}-{versions.get(place, 0)}"

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
            self.wrong.pop(name, None)
            place = f"{self.name}-{name}"
            versions[place] = versions.get(place, 0) + 1

    def button(self, label: str, values: Mapping[str, Any], place: Any = None, **look: Any) -> None:
        """Draw a button that chooses something; ``look`` as for ``st.button``."""
        target = st if place is None else place
        key = f"{self.name}-button-{label}"
        target.button(label, key=key, on_click=self.assign, args=(dict(values),), **look)

    def menu(self, label: str, icon: str, fill: Callable[[Any], None]) -> None:
        """Show a button that opens a menu, which is filled only while it is open.

        Widgets in a closed one would come up empty when it is opened after another run.
        """
        key = f"{self.name}-menu-{label.lower().replace(' ', '-')}"
        place = st.popover(label, icon=f":material/{icon}:", on_change="rerun", key=key)
        if place.open:
            fill(place)

    def take_typed(self) -> None:
        """Take what stands in the fields that are typed into, also what was typed just now.

        A button that is pressed straight from such a field may be heard of before the field is.
        """
        for name, field in self.fields.items():
            key = self.key(name)
            if isinstance(field, Number | Whole) and field.typed and key in st.session_state:
                self._take(name, key)

    def _take(self, name: str, key: str) -> None:
        """Take what a widget was changed to; keep what was chosen where that can't be."""
        field = self.fields[name]
        value: Any = st.session_state[key]
        if isinstance(field, SomeOf):
            # In the order of the options, whatever was clicked first.
            value = tuple(option for option in field.options if option in value)[: field.most]
        if value is None or (value == () != field.default):
            self.assign({name: self.values[name]})
            return
        if isinstance(field, Number | Whole) and not field.low <= float(value) <= field.high:
            self.wrong[name] = (
                f"'{field.label}' can be from {field.low:,.9g} to {field.high:,.9g}, and not "
                f"{value:,.9g}. Change it to go on."
            )
            return
        self.wrong.pop(name, None)
        self.values[name] = value
        if isinstance(field, SomeOf) and len(st.session_state[key]) > len(value):
            self.assign({name: value})
        self.assign(self.follow(name, self.values))


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
            if not field.menu and len(field.options) <= MOST_BUTTONS and letters <= LONGEST_ROW:
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
        case Number(typed=True):
            # Without bounds: a browser keeps to itself what lies beyond them.
            place.number_input(field.label, step=float(field.step), format="%.5g", **options)
        case Number():
            place.slider(
                field.label,
                float(field.low),
                float(field.high),
                step=float(field.step),
                format=field.format,
                **options,
            )
        case Whole(typed=True):
            place.number_input(field.label, step=field.step, **options)
        case Whole():
            place.slider(field.label, field.low, field.high, step=field.step, **options)
        case Switch():
            place.toggle(field.label, **options)
