"""The cliff as a person meets it: a click or a touch on the map chooses where to start."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE

SLOW_MS = 120_000  # CI has few cores, and the first page imports torch
CLIFF = "/gradients?section=cliff"


def chart(page: Page) -> Locator:
    return page.locator(".st-key-lab-cliff-figure-map .js-plotly-plot")


def ready(page: Page) -> Page:
    """Return the page once the map stands there and the last figure has come."""
    expect(chart(page)).to_be_visible(timeout=SLOW_MS)
    expect(page.locator(".st-key-lab-cliff-figure-neighbours .js-plotly-plot")).to_be_visible(
        timeout=SLOW_MS
    )
    return page


def place_of(page: Page, w: float, b: float) -> tuple[float, float]:
    """Return where a pair of parameters stands within the map's chart, in pixels."""
    found = chart(page).evaluate(
        """(plot, [w, b]) => {
          const { xaxis, yaxis } = plot._fullLayout
          return [xaxis._offset + xaxis.d2p(w), yaxis._offset + yaxis.d2p(b)]
        }""",
        [w, b],
    )
    return found[0], found[1]


def start_shown(page: Page) -> list[float]:
    """Return where the star stands on the map."""
    return chart(page).evaluate(
        """(plot) => {
          const star = plot.data.find((one) => one.name === "start")
          return [Array.from(star.x)[0], Array.from(star.y)[0]]
        }"""
    )


def opacities(page: Page) -> list[float]:
    """Return how opaque each mark on the map is drawn, but for the places to start."""
    return chart(page).evaluate(
        """(plot) => [...plot.querySelectorAll(".scatterlayer .trace")].flatMap((trace) => {
          const marks = [...trace.querySelectorAll(".points path")]
          return marks.length > 100 ? [] : marks.map((mark) => Number(mark.style.opacity || 1))
        })"""
    )


def test_a_click_chooses_the_start_and_pales_nothing(open_page):
    page = ready(open_page(path=CLIFF))
    assert start_shown(page) == pytest.approx([6.0, -2.6])
    x, y = place_of(page, 4.5, -3.2)
    chart(page).click(position={"x": x, "y": y})
    expect(page).to_have_url(re.compile(r"w=4\.5&b=-3\.2"), timeout=SLOW_MS)
    page.wait_for_function(
        """() => {
          const plot = document.querySelector(".st-key-lab-cliff-figure-map .js-plotly-plot")
          const star = plot.data.find((one) => one.name === "start")
          return Math.abs(Array.from(star.x)[0] - 4.5) < 1e-6
        }""",
        timeout=SLOW_MS,
    )
    assert set(opacities(page)) == {1.0}


def test_a_second_click_elsewhere_chooses_again(open_page):
    page = ready(open_page(path=CLIFF))
    for w, b in [(5.5, -1.5), (4.2, -3.6)]:
        x, y = place_of(page, w, b)
        chart(page).click(position={"x": x, "y": y})
        expect(page).to_have_url(re.compile(rf"w={w}&b={b}"), timeout=SLOW_MS)


def test_on_a_phone_a_touch_chooses_and_nothing_is_cut_off(open_page):
    page = ready(open_page(path=CLIFF, dark=True, viewport=PHONE, touch=True))
    chart(page).scroll_into_view_if_needed()
    x, y = place_of(page, 5.0, -2.0)
    chart(page).tap(position={"x": x, "y": y})
    expect(page).to_have_url(re.compile(r"w=(4\.9|5|5\.1)&b=-(1\.9|2|2\.1)"), timeout=SLOW_MS)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
