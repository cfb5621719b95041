"""Every page that is found declares what the navigation shows, and opens without an error."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.registry import discover

PAGES = discover("rnnviz.ui.pages")
APP = Path(__file__).parents[2] / "app.py"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_declares_what_the_navigation_shows(name):
    page = PAGES[name]
    assert page.LABEL
    assert page.ICON.startswith(":material/")
    assert page.DESCRIPTION.endswith(".")
    assert isinstance(page.ORDER, int)
    assert callable(page.show)


def test_no_two_pages_claim_the_same_place():
    orders = [page.ORDER for page in PAGES.values()]
    assert len(set(orders)) == len(orders)


def test_the_app_opens_on_the_first_page_it_finds():
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    assert not app.exception
    assert "Draw a digit" in app.markdown[0].value
