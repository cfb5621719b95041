"""The page "Gradients": why gradients vanish, and what clipping does."""

from collections.abc import Mapping
from types import ModuleType

import streamlit as st

from rnnviz.registry import discover
from rnnviz.ui import cache, session
from rnnviz.ui.components.address import address
from rnnviz.ui.laboratory import trained
from rnnviz.ui.laboratory.panel import Panel
from rnnviz.ui.laboratory.style import STYLE
from rnnviz.ui.layout import compact_page
from rnnviz.ui.link import safe
from rnnviz.ui.messages import friendly, notify

NAME = "gradients"
LABEL = "Gradients"
ICON = ":material/trending_down:"
DESCRIPTION = "Why gradients vanish and explode, what gates do about it, and what clipping does."
ORDER = 20

SECTIONS = "rnnviz.ui.laboratory.sections"
SECTION, LINKED = "lab.section", "lab.linked"


def show() -> None:
    """Show the page from top to bottom."""
    compact_page()
    st.html(STYLE)
    story()


@st.fragment
def story() -> None:
    """Show one section of the story, with the way to the others.

    A fragment: choosing something runs this part alone.
    """
    session.open_shown(cache.shipped(), st.query_params.to_dict())
    sections = discover(SECTIONS)
    opened = SECTION in st.session_state
    if not opened:
        st.session_state[LINKED], gone = trained.opened_by(st.query_params.to_dict())
    linked = st.session_state[LINKED]
    chosen = chosen_section(sections, linked)
    bar = st.container(key="lab-bar", horizontal=True, vertical_alignment="center")
    panel = Panel(chosen.NAME, chosen.fields(), linked)
    with bar:
        navigator(sections, chosen)
    notify(panel.notices)
    if not opened:
        notify((*session.notices(), *gone, *unknown_section(sections, linked)))
    st.markdown(f"### {chosen.QUESTION}")
    st.markdown(f":material/visibility: {chosen.LOOK}")
    with st.container(key=f"lab-section-{chosen.NAME}"), friendly():
        chosen.show(panel)
    # Last, because a section may choose something itself, as when a race is revealed.
    with bar:
        address(panel.query, key="lab-address")
    neighbours(sections, chosen)


def chosen_section(sections: dict[str, ModuleType], parameters: Mapping[str, str]) -> ModuleType:
    """Return the section that is open: at first the one in the link, otherwise the first."""
    if SECTION not in st.session_state:
        linked = parameters.get("section", "")
        st.session_state[SECTION] = linked if linked in sections else next(iter(sections))
    return sections[st.session_state[SECTION]]


def unknown_section(
    sections: dict[str, ModuleType], parameters: Mapping[str, str]
) -> tuple[str, ...]:
    """Return a notice if the link names a section that there isn't."""
    linked = parameters.get("section", "")
    if not linked or linked in sections:
        return ()
    return (f"There is no section '{safe(linked)}', so the story begins at its beginning.",)


def navigator(sections: dict[str, ModuleType], chosen: ModuleType) -> None:
    """Draw the names of all sections, in the order of the story."""
    names = list(sections)
    key = "lab-navigator"
    st.session_state[key] = chosen.NAME
    st.segmented_control(
        "Section",
        names,
        format_func=lambda name: f"{names.index(name) + 1} {sections[name].LABEL}",
        required=True,
        key=key,
        on_change=lambda: open_section(st.session_state[key]),
        label_visibility="collapsed",
        width="stretch",
    )


def neighbours(sections: dict[str, ModuleType], chosen: ModuleType) -> None:
    """Draw the ways to the section before and to the one after."""
    names = list(sections)
    at = names.index(chosen.NAME)
    with st.container(key="lab-neighbours", horizontal=True, horizontal_alignment="distribute"):
        for place, arrow in ((at - 1, "arrow_back"), (at + 1, "arrow_forward")):
            if 0 <= place < len(names):
                module = sections[names[place]]
                st.button(
                    module.QUESTION,
                    key=f"lab-to-{arrow}",
                    icon=f":material/{arrow}:",
                    on_click=open_section,
                    args=(module.NAME,),
                )


def open_section(name: str) -> None:
    """Open a section."""
    st.session_state[SECTION] = name
