"""The cliff as a person meets it: a click or a touch on the map chooses where to start."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE

SLOW_MS = 120_000  # CI has few cores, and the first page imports torch
CLIFF = "/gradients?section=cliff"


def chart(page: Page) -> Locator:
    return page.locator(".st-key-lab-cliff-figure-map .js-plotly-plot").last


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


def opacities(page: Page) -> list[float]:
    """Return how opaque each mark on the map is drawn, but for the places to start."""
    return chart(page).evaluate(
        """(plot) => [...plot.querySelectorAll(".scatterlayer .trace")].flatMap((trace) => {
          const marks = [...trace.querySelectorAll(".points path")]
          return marks.length > 100 ? [] : marks.map((mark) => Number(mark.style.opacity || 1))
        })"""
    )


def settled(page: Page, w: float, b: float) -> None:
    """Wait until the map is drawn with the star at this place."""
    page.wait_for_function(
        """([w, b]) => {
          const plots = document.querySelectorAll(".st-key-lab-cliff-figure-map .js-plotly-plot")
          const plot = plots[plots.length - 1]
          const star = plot?._fullLayout && plot.data.find((one) => one.name === "start")
          return star && Math.abs(Array.from(star.x)[0] - w) < 1e-6
            && Math.abs(Array.from(star.y)[0] - b) < 1e-6
        }""",
        arg=[w, b],
        timeout=SLOW_MS,
    )


def test_a_click_chooses_the_start_and_pales_nothing(open_page):
    page = ready(open_page(path=CLIFF))
    settled(page, 6.0, -2.6)
    for w, b in [(4.5, -3.2), (5.5, -1.5)]:
        x, y = place_of(page, w, b)
        chart(page).click(position={"x": x, "y": y})
        expect(page).to_have_url(re.compile(rf"w={w}&b={b}"), timeout=SLOW_MS)
        settled(page, w, b)
        assert set(opacities(page)) == {1.0}


def test_on_a_phone_one_touch_chooses_and_nothing_is_cut_off(open_page):
    page = ready(open_page(path=CLIFF, dark=True, viewport=PHONE, touch=True))
    settled(page, 6.0, -2.6)
    chart(page).scroll_into_view_if_needed()
    x, y = place_of(page, 5.0, -2.0)
    chart(page).tap(position={"x": x, "y": y})
    expect(page).to_have_url(re.compile(r"w=(4\.9|5|5\.1)&b=-(1\.9|2|2\.1)"), timeout=SLOW_MS)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
