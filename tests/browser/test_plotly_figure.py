"""Figures of Plotly in a real browser: what a reader does with one stays, and what it saves."""

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE
from tests.browser.runs import compare

SLOW_MS = 120_000  # CI has few cores, and the first page imports torch
RACE = "/gradients?section=race&shown=1"
ACCURACY = ".st-key-lab-race-figure-accuracy .js-plotly-plot"
FLOW = ".st-key-lab-race-figure-flow .js-plotly-plot"
BACKGROUNDS = {False: (255, 255, 255), True: (0x0D, 0x12, 0x17)}


def drawn(page: Page, selector: str) -> Locator:
    expect(page.locator(f"{selector} .main-svg").first).to_be_visible(timeout=SLOW_MS)
    return page.locator(selector)


def drag(page: Page, place: Locator, by: tuple[float, float], at: float = 0.4) -> None:
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    assert box is not None
    x, y = box["x"] + at * box["width"], box["y"] + at * box["height"]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by[0], y + by[1], steps=6)
    page.mouse.up()


def axis_range(chart: Locator) -> list[float]:
    return chart.evaluate("(plot) => [...plot._fullLayout.xaxis.range]")


def heights(chart: Locator) -> list[float]:
    return chart.evaluate("(plot) => [...plot._fullData.at(-1).y].slice(0, 20)")


def eye(chart: Locator) -> dict[str, float]:
    """Return from where a landscape is seen, as it was when it was last let go."""
    return chart.evaluate("(plot) => ({ ...plot._fullLayout.scene.camera.eye })")


def sent(page: Page, url: str) -> int:
    """Return how many bytes the server sent for an address since the page began."""
    return page.evaluate(
        "(url) => performance.getEntriesByName(url)[0].transferSize",
        url,
    )


def test_new_data_leave_the_zoom_and_the_figure_where_they_are(visit):
    page = visit()
    compare(page, "first")
    chart = drawn(page, ".st-key-runs-figure-loss .js-plotly-plot")
    chart.evaluate("(plot) => { plot.dataset.marked = 'the same' }")
    whole, before = axis_range(chart), heights(chart)
    drag(page, chart.locator(".nsewdrag"), (120, 40))
    page.wait_for_function(
        "([plot, low]) => plot._fullLayout.xaxis.range[0] > low",
        arg=[chart.element_handle(), whole[0]],
    )
    zoomed = axis_range(chart)
    assert whole[0] < zoomed[0] < zoomed[1] < whole[1]
    slider = page.locator(".st-key-runs-choices").get_by_role("slider")
    slider.focus()
    slider.press("End")
    page.wait_for_function(
        "([plot, old]) => [...plot._fullData.at(-1).y].slice(0, 20) + '' !== old + ''",
        arg=[chart.element_handle(), before],
        timeout=SLOW_MS,
    )
    assert axis_range(chart) == zoomed
    expect(chart).to_have_attribute("data-marked", "the same")


def test_a_turned_landscape_stays_turned_when_one_starts_elsewhere(open_page):
    page = open_page(path="/gradients?section=cliff", viewport={"width": 1280, "height": 1600})
    drawn(page, ".st-key-lab-cliff-figure-neighbours .js-plotly-plot")
    landscape = drawn(page, ".st-key-lab-cliff-figure-landscape .js-plotly-plot")
    before = eye(landscape)
    drag(page, landscape, (60, 30), at=0.5)
    page.wait_for_function(
        """([plot, before]) => {
          const { eye } = plot._fullLayout.scene.camera
          return Math.hypot(...Object.keys(eye).map((axis) => eye[axis] - before[axis])) > 0.2
        }""",
        arg=[landscape.element_handle(), before],
    )
    turned = eye(landscape)
    page.get_by_role("button", name="Start at the edge").click()
    expect(page).to_have_url(re.compile("&w="), timeout=SLOW_MS)
    page.wait_for_function(
        "(plot) => !plot._fullLayout.uirevision.endsWith('section=cliff')",
        arg=landscape.element_handle(),
        timeout=SLOW_MS,
    )
    assert eye(landscape) == pytest.approx(turned, abs=0.02)


def test_the_library_comes_once_from_the_server_itself(open_page):
    page = open_page(path="/gradients?section=clipping")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page.url.split("/gradients")[0] + RACE)
    drawn(page, ACCURACY)
    drawn(page, FLOW)
    (library,) = [url for url in asked if "plotly" in url.lower()]
    assert re.search(r"/component/.*/plotly\.min\.js\.gz\?version=[\d.]+$", library)
    origins = {re.sub(r"^\w+://", "", url).split("/")[0] for url in asked if url[:4] == "http"}
    assert len(origins) == 1
    assert 1e6 < sent(page, library) < 2e6, "it comes packed"
    page.reload()
    drawn(page, FLOW)
    assert sent(page, library) == 0, "the browser has kept it"


@pytest.mark.expects_errors
def test_a_library_that_does_not_come_is_told_and_asked_for_again(open_page):
    page = open_page(path="/gradients?section=clipping")
    page.route("**/plotly.min.js*", lambda route: route.abort())
    page.goto(page.url.split("/gradients")[0] + RACE)
    told = page.get_by_text("This figure can't be drawn. Reload the page to try again.")
    expect(told.first).to_be_visible(timeout=SLOW_MS)
    page.unroute("**/plotly.min.js*")
    slider = page.get_by_role("slider")
    slider.focus()
    slider.press("Home")
    drawn(page, ACCURACY)
    expect(told).to_have_count(0)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_picture_that_is_saved_has_the_background_of_the_page(open_page, dark, tmp_path):
    page = open_page(path=RACE, dark=dark)
    chart = drawn(page, ACCURACY)
    chart.hover()
    with page.expect_download(timeout=SLOW_MS) as download:
        chart.locator('[data-title="Save as PNG"]').click()
    assert download.value.suggested_filename == "race-accuracy.png"
    path = Path(tmp_path) / "accuracy.png"
    download.value.save_as(path)
    picture = Image.open(path).convert("RGB")
    size = chart.evaluate("(plot) => [plot._fullLayout.width, plot._fullLayout.height]")
    assert list(picture.size) == [2 * side for side in size]
    assert picture.getpixel((2, 2)) == BACKGROUNDS[dark]
    assert len(set(picture.resize((60, 60)).get_flattened_data())) > 100, "there is a figure"


def test_a_figure_fills_the_screen_and_goes_back(open_page):
    page = open_page(path=RACE)
    chart = drawn(page, ACCURACY)
    before = chart.evaluate("(plot) => plot._fullLayout.height")
    chart.hover()
    chart.locator('[data-title="Fill the screen"]').click()
    page.wait_for_function(
        "(plot) => document.fullscreenElement?.contains(plot)"
        " && plot._fullLayout.height === window.innerHeight",
        arg=chart.element_handle(),
    )
    page.evaluate("document.exitFullscreen()")
    page.wait_for_function(
        "([plot, height]) => plot._fullLayout.height === height",
        arg=[chart.element_handle(), before],
    )


def test_a_finger_that_begins_on_a_figure_scrolls_the_page(open_page):
    page = open_page(path=RACE, viewport=PHONE, touch=True)
    chart = drawn(page, ACCURACY)
    drawn(page, FLOW)
    chart.scroll_into_view_if_needed()
    box = chart.locator(".nsewdrag").bounding_box()
    assert box is not None
    before, shown = box["y"], axis_range(chart)
    swipe(page, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, -150)
    page.wait_for_function(
        """([plot, before]) =>
          plot.querySelector(".nsewdrag").getBoundingClientRect().y < before - 90""",
        arg=[chart.element_handle(), before],
    )
    assert axis_range(chart) == shown


def swipe(page: Page, x: float, y: float, by: float) -> None:
    """Move a finger up or down over the page."""
    client = page.context.new_cdp_session(page)

    def touch(kind: str, *places: float) -> None:
        points = [{"x": x, "y": place} for place in places]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", y)
    for step in range(1, 11):
        touch("touchMove", y + by * step / 10)
        page.wait_for_timeout(30)
    touch("touchEnd")


@pytest.mark.parametrize("width", [390, 960, 1440])
def test_neither_the_edge_nor_the_buttons_lie_over_the_words_of_a_figure(open_page, width: int):
    page = open_page(path=RACE, viewport={"width": width, "height": 1000})
    drawn(page, ACCURACY)
    chart = drawn(page, FLOW)
    chart.scroll_into_view_if_needed()
    found = chart.evaluate(
        """(plot) => {
          const box = (part) => plot.querySelector(part).getBoundingClientRect()
          const bar = box(".modebar")
          const covers = ({ left, right, top, bottom }) =>
            left < bar.right && right > bar.left && top < bar.bottom && bottom > bar.top
          return {
            covered: [".legend", ".xtitle"].filter((part) => covers(box(part))),
            beyond: box(".gtitle").right - plot.getBoundingClientRect().right,
            lines: plot.querySelectorAll(".gtitle tspan.line").length || 1,
          }
        }"""
    )
    assert found["covered"] == []
    assert found["beyond"] <= 0
    assert (found["lines"] > 1) == (width == 390), "a long title goes on in a next line"
