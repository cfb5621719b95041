"""The page "Train" as a person meets it: start, watch, reload, share, pause, open elsewhere."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE

SLOW_MS = 60_000  # CI has few cores, and the first page imports torch
RUN_MS = 180_000
LONG = "/train?cell=gru&units=16&epochs=1000"
ROOM = ".surface.training"
CHANGES = re.compile("^(Pause|Resume|Cancel)$")


def ready(page: Page) -> Page:
    expect(page.get_by_role("button", name="Start the training")).to_be_enabled(timeout=SLOW_MS)
    return page


def start(page: Page) -> Page:
    ready(page).get_by_role("button", name="Start the training").click()
    return learning(page)


def learning(page: Page) -> Page:
    """Return the page once curves stand there."""
    expect(page.locator(f"{ROOM} .readout")).to_contain_text("loss", timeout=SLOW_MS)
    return page


def state(page: Page, headline: str, patience_ms: int = SLOW_MS) -> None:
    expect(page.locator(f"{ROOM} .headline")).to_have_text(headline, timeout=patience_ms)


def step(page: Page) -> int:
    """Return the training step that the page says the run has done."""
    told = page.locator(f"{ROOM} .numbers").inner_text()
    found = re.search(r"step ([\d,]+) of", told)
    assert found, told
    return int(found[1].replace(",", ""))


def inked(page: Page, name: str) -> float:
    """Return the share of a figure's pixels that something is drawn on."""
    figure = page.locator(f"{ROOM} figure").filter(has_text=name).first
    return figure.locator("canvas").evaluate(
        """(canvas) => {
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          let drawn = 0;
          for (let at = 3; at < data.length; at += 4) drawn += data[at] > 0;
          return drawn / (data.length / 4);
        }"""
    )


def cancel(page: Page) -> None:
    page.get_by_role("button", name="Cancel").click()
    state(page, "Cancelled")


def test_the_quick_preset_trains_and_its_link_shows_the_same_to_others(open_page):
    page = ready(open_page(path="/train"))
    page.get_by_role("button", name="Train it").first.click()
    learning(page)
    state(page, "Done", RUN_MS)
    expect(page).to_have_url(re.compile(r"/train\?run=[0-9a-f]{24}$"))
    measured = page.locator(f"{ROOM} .measured").inner_text()
    assert "digits, test accuracy" in measured.lower()
    accuracy = float(re.search(r"([\d.]+) %", measured)[1])  # type: ignore[index]
    assert accuracy > 85, "it learns ten digits"
    for name in (
        "Loss",
        "Accuracy",
        "Norm of",
        "How much of the gradient",
        "Gates",
        "What it answers",
    ):
        assert inked(page, name) > 0.01, name
    page.reload()
    state(page, "Done")
    assert page.locator(f"{ROOM} .measured").inner_text() == measured
    other = open_page(path=page.url[page.url.index("/train") :])
    state(other, "Done")
    assert other.locator(f"{ROOM} .measured").inner_text() == measured
    expect(other.get_by_role("button", name=CHANGES)).to_have_count(0)


def test_a_run_goes_on_under_a_zoom_and_its_owner_alone_pauses_it(open_page):
    page = start(open_page(path=LONG))
    other = learning(open_page(path=page.url[page.url.index("/train") :]))
    expect(other.get_by_role("button", name=CHANGES)).to_have_count(0)
    canvas = page.locator(f"{ROOM} .of-steps canvas").first
    canvas.scroll_into_view_if_needed()
    canvas.focus()
    canvas.press("Home")
    expect(page.locator(f"{ROOM} .readout")).to_contain_text("step 0")
    handle = canvas.element_handle()
    before = step(page)
    expect(page.locator(f"{ROOM} .readout")).to_contain_text("step 0")
    deadline = time.monotonic() + 60
    while step(page) <= before and time.monotonic() < deadline:
        page.wait_for_timeout(200)
    assert step(page) > before, "it is live"
    # What one looks at has stayed, on the same canvas: nothing was built anew.
    expect(page.locator(f"{ROOM} .readout")).to_contain_text("step 0")
    assert handle is not None and handle.evaluate("(it) => it.isConnected")
    page.get_by_role("button", name="Pause").click()
    state(page, "Paused")
    state(other, "Paused")
    paused = step(page)
    page.get_by_role("button", name="Resume").click()
    state(page, "Training")
    deadline = time.monotonic() + 60
    while step(page) <= paused and time.monotonic() < deadline:
        page.wait_for_timeout(200)
    assert step(page) > paused
    cancel(page)


def test_this_moment_opens_in_draw(open_page):
    page = start(open_page(path=LONG + "&seed=1"))
    page.get_by_role("button", name="Open this moment in Draw").click(timeout=SLOW_MS)
    expect(page).to_have_url(re.compile(r"/\?models=run-[0-9a-f]{24}-\d+"), timeout=SLOW_MS)
    expect(page.get_by_text(re.compile("step \\d+|GRU · rows")).first).to_be_visible(
        timeout=SLOW_MS
    )
    expect(page.get_by_text("Something went wrong")).to_have_count(0)
    page.go_back()
    learning(page)
    cancel(page)


def test_a_click_right_after_the_page_has_come_is_not_lost(open_page):
    page = start(open_page(path=LONG + "&seed=3"))
    page.reload(wait_until="commit")
    page.get_by_role("button", name="Open this moment in Draw").click(timeout=SLOW_MS)
    expect(page).to_have_url(re.compile(r"/\?models=run-[0-9a-f]{24}-\d+"), timeout=SLOW_MS)
    page.go_back()
    learning(page)
    cancel(page)


def test_one_finds_ones_own_run_again_and_trains_another_like_it(open_page):
    page = start(open_page(path=LONG + "&seed=2"))
    page.get_by_role("button", name="New training").click()
    ready(page)
    page.get_by_role(
        "button", name=re.compile(r"GRU · rows · Digits 8×8 \((training|waiting)")
    ).click()
    learning(page)
    cancel(page)
    page.get_by_role("button", name="Train another like it").click()
    ready(page)
    expect(page).to_have_url(re.compile("epochs=1000"))
    expect(page).to_have_url(re.compile("seed=2"))


def test_a_figure_and_the_metrics_are_saved(open_page):
    page = ready(open_page(path="/train?cell=rnn&units=8&epochs=2"))
    start(page)
    state(page, "Done", RUN_MS)
    with page.expect_download() as waiting:
        page.get_by_role("button", name=re.compile("Save “Loss” as PNG")).click()
    content = waiting.value.path().read_bytes()
    assert content.startswith(b"\x89PNG")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Metrics (CSV)").click()
    lines = waiting.value.path().read_text().splitlines()
    assert lines[0].startswith("step,epoch,loss") and len(lines) == 1 + step(page)


@pytest.mark.parametrize("dark", [False, True])
def test_on_a_phone_nothing_is_wider_than_the_screen(open_page, dark):
    page = ready(open_page(path="/train", viewport=PHONE, touch=True, dark=dark))
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_text("More settings").click()
    expect(page.get_by_text("Optimiser")).to_be_visible()
    page = open_page(path="/train?cell=rnn&units=8&epochs=2", viewport=PHONE, touch=True, dark=dark)
    start(page)
    state(page, "Done", RUN_MS)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    status = page.locator(f"{ROOM} .status").bounding_box()
    button = page.get_by_role("button", name="Open in Draw").bounding_box()
    assert status is not None and button is not None
    assert status["y"] + status["height"] < button["y"] < PHONE["height"], "first how it stands"
    assert "Touch a curve" in page.locator(f"{ROOM} > .guide").inner_text()
    for box in [one.bounding_box() for one in page.locator(f"{ROOM} canvas").all()]:
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
