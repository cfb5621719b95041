"""The page "Gradients" as Streamlit runs it, without a browser: every section that is found."""

import re
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.registry import discover
from rnnviz.ui.pages.gradients import SECTIONS
from tests.ui.figures import figures_of
from tests.ui.running import checked, opened, sent_to

NAMES = list(discover(SECTIONS))


def page() -> None:
    from rnnviz.ui.pages import gradients

    gradients.show()


def open_page(**query: str) -> AppTest:
    return opened(page, **query)


def headings(app: AppTest) -> list[str]:
    return [one.value for one in app.markdown if one.value.startswith("### ")]


def linked(app: AppTest) -> dict[str, str]:
    """Return the query that the page puts into the browser's address."""
    query = sent_to(app, "rnnviz_address")["query"]
    return {name: texts[0] for name, texts in parse_qs(query).items()}


def test_the_page_opens_on_the_first_section():
    app = open_page()
    assert headings(app) == [f"### {discover(SECTIONS)[NAMES[0]].QUESTION}"]
    assert linked(app) == {"section": NAMES[0]}


@pytest.mark.parametrize("name", NAMES)
def test_a_link_opens_its_section_and_the_section_shows_something(name):
    app = open_page(section=name)
    section = discover(SECTIONS)[name]
    assert headings(app)[0] == f"### {section.QUESTION}"
    assert any(section.LOOK in one.value for one in app.markdown)
    riddle = [one for one in app.button_group if one.key != "lab-navigator"]
    assert figures_of(app) or riddle, "it draws what it measured, or asks first"
    assert not app.warning


@pytest.mark.parametrize("name", NAMES)
def test_garbage_in_a_link_leaves_a_page_that_works(name):
    fields = discover(SECTIONS)[name].fields()
    app = open_page(section=name, drawing="%%%", **{one.name: "\x00<b>" for one in fields})
    assert len(app.warning) >= len(fields)
    assert headings(app)[0] == f"### {discover(SECTIONS)[name].QUESTION}"


def test_an_unknown_section_is_the_first_one_and_one_is_told():
    app = open_page(section="nothing<b>")
    assert linked(app) == {"section": NAMES[0]}
    (warning,) = app.warning
    assert "no section" in warning.value and "<b>" not in warning.value


def test_a_damaged_drawing_in_a_link_is_told():
    app = open_page(section="flow", batch="drawing", drawing="@@@")
    assert any("drawing" in one.value for one in app.warning)


def test_the_buttons_below_lead_through_the_whole_story():
    app = open_page()
    seen = [linked(app)["section"]]
    while forward := [one for one in app.button if one.key == "lab-to-arrow_forward"]:
        app = checked(forward[0].click().run())
        seen.append(linked(app)["section"])
    assert seen == NAMES
    (back,) = [one for one in app.button if one.key == "lab-to-arrow_back"]
    assert linked(checked(back.click().run()))["section"] == NAMES[-2]


def test_what_was_chosen_stays_when_one_comes_back():
    app = open_page()
    toggle = switch(app)
    assert toggle.value is False
    app = checked(toggle.set_value(True).run())
    assert linked(app) == {"section": "flow", "float32": "1"}
    (forward,) = [one for one in app.button if one.key == "lab-to-arrow_forward"]
    app = checked(forward.click().run())
    assert linked(app) == {"section": NAMES[1]}
    (back,) = [one for one in app.button if one.key == "lab-to-arrow_back"]
    app = checked(back.click().run())
    assert linked(app) == {"section": "flow", "float32": "1"}
    assert switch(app).value is True


def switch(app: AppTest):
    (found,) = [one for one in app.toggle if re.match(r"lab-flow-float32-", one.key or "")]
    return found
