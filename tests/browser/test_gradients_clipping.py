"""The section "Clipping" as a person meets it: finished runs at once, runs of one's own live."""

import re

from playwright.sync_api import Page, expect

SLOW_MS = 60_000  # CI has few cores, and the first page imports torch
RUN_MS = 180_000  # a process of its own imports torch once more
CLIPPING = "/gradients?section=clipping"
SHORT = "&network=rnn-relu&length=7&units=16&batch=16&steps=50&rate=0.1"
FIGURES = 7
FINISHED = re.compile("Measured on this machine, finished at")


def ready(page: Page) -> Page:
    """Return the page once all figures stand there."""
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=SLOW_MS)
    expect(page.locator(".js-plotly-plot")).to_have_count(FIGURES, timeout=SLOW_MS)
    return page


def test_the_saved_and_the_hurt_run_are_one_click_apart(open_page):
    page = ready(open_page(path=CLIPPING))
    expect(page.get_by_text(re.compile("Clipping saves the run\\."))).to_be_visible()
    expect(page.get_by_text(re.compile("loss is not finite from step \\d+")).first).to_be_visible()
    page.get_by_role("button", name="Clipping hurts the run").click()
    expect(page.get_by_text(re.compile("^Clipping hurts:"))).to_be_visible(timeout=SLOW_MS)
    expect(page).to_have_url(re.compile("network=lstm-1"))


def test_a_run_of_ones_own_is_shown_as_it_was_measured(open_page):
    page = open_page(path=CLIPPING + SHORT)
    page.get_by_role("button", name="Run it").click(timeout=SLOW_MS)
    expect(page.get_by_text(FINISHED)).to_be_visible(timeout=RUN_MS)
    ready(page)
    expect(page.get_by_text(re.compile("largest difference is 0"))).to_be_visible()
    page.get_by_text("Log of the clipped steps").click()
    expect(page.get_by_text(re.compile("of 50 steps were clipped"))).to_be_visible()


def test_the_settings_of_a_link_stand_in_the_menu_after_a_run_too(open_page):
    # With a seed of its own, for equal settings are one run, and the test before has run it.
    page = open_page(path=CLIPPING + SHORT + "&seed=1")
    page.get_by_role("button", name="Run it").click(timeout=SLOW_MS)
    expect(page.get_by_text(FINISHED)).to_be_visible(timeout=RUN_MS)
    page.get_by_role("button", name="Own settings").click()
    menu = page.get_by_test_id("stPopoverBody")
    for name, value in {"Recurrent gain": 1.5, "Training steps": 50, "Seed": 1}.items():
        slider = menu.get_by_role("slider", name=re.compile(name))
        expect(slider).to_be_visible(timeout=SLOW_MS)
        shown = slider.evaluate("(it) => it.value ?? it.getAttribute('aria-valuenow')")
        assert float(shown) == value, name


def test_a_gain_that_overflows_at_once_leaves_a_page_that_goes_on(open_page):
    page = open_page(path=CLIPPING + SHORT.replace("length=7", "way=patches2") + "&gain=20")
    page.get_by_role("button", name="Run it").click(timeout=SLOW_MS)
    expect(page.get_by_text(re.compile("no clip could act"))).to_be_visible(timeout=RUN_MS)
    page.get_by_role("button", name="Clipping saves the run").click()
    ready(page)


def test_on_a_phone_nothing_is_wider_than_the_screen(open_page):
    page = open_page(path=CLIPPING, viewport={"width": 390, "height": 844}, touch=True)
    ready(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for box in [one.bounding_box() for one in page.locator(".js-plotly-plot").all()]:
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 390
