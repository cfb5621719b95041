"""A browser is one visitor, however many tabs it opens at once."""

from playwright.sync_api import Browser, Page, expect

from rnnviz.ui.visitor import COOKIE
from tests.browser.conftest import RunningApp

SLOW_MS = 60_000


def name_of(page: Page) -> str:
    """Return the name that the browser of a page keeps, "" for none."""
    cookies = page.context.cookies()
    return next((one.get("value", "") for one in cookies if one.get("name") == COOKIE), "")


def test_a_tab_that_was_there_first_does_not_take_the_name_of_another_one(
    app: RunningApp, browser: Browser
):
    context = browser.new_context()
    first, second = context.new_page(), context.new_page()
    first.goto(f"{app.url}/gradients")
    expect(first.get_by_role("link", name="Train")).to_be_visible(timeout=SLOW_MS)
    assert not name_of(first), "this page has nothing to keep"
    second.goto(f"{app.url}/train?epochs=1")
    second.get_by_role("button", name="Start the training").click(timeout=SLOW_MS)
    expect(second.get_by_role("button", name="New training")).to_be_visible(timeout=SLOW_MS)
    name = name_of(second)
    assert len(name) == 32
    # The session of this tab began before there was a name.
    first.get_by_role("link", name="Train").click()
    expect(first.get_by_text("Your runs")).to_be_visible(timeout=SLOW_MS)
    assert name_of(first) == name
    context.close()
