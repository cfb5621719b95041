"""The bug laboratory as a person meets it: guess, see the fault, turn the gain."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE

SLOW_MS = 120_000  # CI has few cores, and the first page imports torch
BUGS = "/gradients?section=bugs"
READY = ".st-key-lab-bugs-figure-{} .js-plotly-plot"


def ready(page: Page, figure: str) -> Page:
    """Return the page once a figure stands there."""
    expect(page.locator(READY.format(figure))).to_be_visible(timeout=SLOW_MS)
    return page


def code(page: Page) -> Locator:
    return page.locator(".exhibit")


def test_a_right_guess_is_told_so_and_leads_to_the_faults(open_page):
    page = ready(open_page(path=BUGS), "learning")
    expect(code(page).locator(".fault")).to_have_count(0)
    for line in ("6", "14", "15"):
        pill = page.get_by_role("button", name=line, exact=True)
        pill.click()
        expect(pill).to_have_attribute("aria-pressed", "true", timeout=SLOW_MS)
    expect(page.get_by_text("All three, and nothing else")).to_be_visible(timeout=SLOW_MS)
    page.get_by_role("button", name="Show me the first fault").click()
    expect(page.get_by_text("mat1 and mat2 shapes cannot be multiplied")).to_be_visible(
        timeout=SLOW_MS
    )
    expect(code(page).locator(".fault")).to_have_text(re.compile(r"28 \* 28"))
    expect(code(page).locator(".mended")).to_have_text(re.compile(r"nn\.Linear\(28, units\)"))
    expect(page).to_have_url(re.compile(r"view=whole"))


def test_turning_the_gain_moves_the_measured_factor(open_page):
    page = ready(open_page(path=f"{BUGS}&view=straight&gain=1"), "gain-gradient")
    factor = page.get_by_test_id("stMetricValue").nth(1)
    expect(factor).to_have_text("× 1", timeout=SLOW_MS)
    slider = page.get_by_role("slider").first
    slider.focus()
    slider.press("ArrowRight")
    expect(factor).to_have_text(f"× {1.05**27:.3g}", timeout=SLOW_MS)
    expect(page).to_have_url(re.compile(r"gain=1\.05"))


def test_on_a_phone_the_code_and_the_figures_fit_the_width(open_page):
    page = ready(
        open_page(path=f"{BUGS}&view=late", viewport=PHONE, touch=True, dark=True), "rows-a-step"
    )
    expect(code(page)).to_be_visible()
    overflow = page.evaluate(
        """() => [...document.querySelectorAll(".exhibit, .exhibit div, .js-plotly-plot")]
          .filter((part) => part.getBoundingClientRect().right > window.innerWidth + 1).length"""
    )
    assert overflow == 0
