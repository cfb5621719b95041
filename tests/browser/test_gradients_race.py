"""The memory race as a class meets it: bet, watch, and be told; then run one and stop it."""

import re

from playwright.sync_api import Page, expect

SLOW_MS = 60_000  # CI has few cores, and a run has to start a process that imports torch
PATH = "/gradients?section=race"
SHORT = PATH + "&dataset=digits&runners=rnn,gru-1&blank=5&steps=1000&batch=32&units=32"


def test_one_bets_and_sees_the_race_run_to_its_verdict(open_page):
    page: Page = open_page(PATH)
    page.get_by_role("button", name="LSTM, forget bias 3").click(timeout=SLOW_MS)
    page.get_by_role("button", name="Start the race").click(timeout=SLOW_MS)
    expect(page.get_by_text(re.compile(r"^Training step \d+ of 270$"))).to_be_visible(
        timeout=SLOW_MS
    )
    # It comes to its end by itself.
    expect(page.get_by_text(re.compile(r"You were right about \d of 6"))).to_be_visible(
        timeout=SLOW_MS
    )
    expect(page.locator(".js-plotly-plot")).to_have_count(2, timeout=SLOW_MS)
    expect(page).to_have_url(re.compile("shown=1"), timeout=SLOW_MS)
    linked = page.url

    again: Page = open_page(linked[linked.index("/gradients") :])
    expect(again.get_by_text(re.compile(r"You were right about \d of 6"))).to_be_visible(
        timeout=SLOW_MS
    )


def test_a_race_that_is_stopped_keeps_what_it_measured(open_page):
    page: Page = open_page(SHORT)
    page.get_by_role("button", name="Run it").click(timeout=SLOW_MS)
    # Some training steps are done, so there is something to keep.
    expect(page.get_by_text(re.compile(r"Training step [\d,]*[1-9][\d,]* of 1,000"))).to_be_visible(
        timeout=SLOW_MS
    )
    # Streamlit's own bar has a button of the same name while the page is busy.
    section = page.get_by_test_id("stMainBlockContainer")
    section.get_by_role("button", name="Stop", exact=True).click(timeout=SLOW_MS)
    expect(page.get_by_text("What was measured until then is shown")).to_be_visible(timeout=SLOW_MS)
    expect(page.locator(".js-plotly-plot")).to_have_count(2, timeout=SLOW_MS)


def test_a_phone_shows_the_whole_bet(open_page):
    page: Page = open_page(PATH, viewport={"width": 390, "height": 844}, touch=True)
    last = page.get_by_role("button", name="none of them")
    expect(last).to_be_visible(timeout=SLOW_MS)
    box = last.bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 390
