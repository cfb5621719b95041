"""The page "Draw" as a person meets it: a real browser, real strokes, the shipped models."""

import re
from collections.abc import Sequence
from math import cos, sin, tau

import pytest
from playwright.sync_api import Page, expect

from rnnviz.data.stroke_text import decode

DEFAULT_READERS = 4
SLOW_MS = 30_000  # CI has few cores, and the first page imports torch

Stroke = Sequence[tuple[float, float]]

DIGITS: dict[int, list[Stroke]] = {
    0: [[(0.5 + 0.2 * sin(t / 16 * tau), 0.5 - 0.32 * cos(t / 16 * tau)) for t in range(17)]],
    1: [[(0.5, 0.18), (0.5, 0.4), (0.49, 0.6), (0.49, 0.84)]],
    4: [
        [(0.38, 0.18), (0.33, 0.35), (0.3, 0.52), (0.5, 0.53), (0.72, 0.52)],
        [(0.62, 0.3), (0.61, 0.5), (0.6, 0.7), (0.59, 0.86)],
    ],
    2: [
        [
            (0.3, 0.32),
            (0.36, 0.2),
            (0.52, 0.16),
            (0.66, 0.24),
            (0.66, 0.38),
            (0.5, 0.58),
            (0.3, 0.8),
            (0.5, 0.8),
            (0.72, 0.8),
        ]
    ],
    3: [
        [
            (0.3, 0.22),
            (0.5, 0.16),
            (0.66, 0.26),
            (0.6, 0.42),
            (0.45, 0.48),
            (0.64, 0.54),
            (0.68, 0.7),
            (0.52, 0.84),
            (0.3, 0.78),
        ]
    ],
    7: [[(0.27, 0.2), (0.45, 0.2), (0.72, 0.2), (0.63, 0.42), (0.53, 0.65), (0.45, 0.85)]],
}
"""Strokes on a canvas of side 1, as people write these digits."""


def ready(page: Page, readers: int = DEFAULT_READERS) -> Page:
    """Return the page once that many networks have answered."""
    expect(page.locator(".room .card .digit")).to_have_count(readers, timeout=SLOW_MS)
    expect(page.locator(".room .card .digit").last).to_have_text(re.compile(r"\d"))
    return page


def draw(page: Page, strokes: Sequence[Stroke], lift: bool = True) -> None:
    """Draw with the mouse, as smoothly as a hand does."""
    box = page.locator("canvas.pad").bounding_box()
    assert box is not None
    for stroke in strokes:
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=6)
            page.wait_for_timeout(20)
        if lift:
            page.mouse.up()


def answers(page: Page) -> list[str]:
    return page.locator(".room .card .digit").all_inner_texts()


def wait_for_link(page: Page, pattern: str) -> str:
    """Return the address once it matches."""
    page.wait_for_url(re.compile(pattern), timeout=SLOW_MS)
    return page.url


def wait_for_strokes(page: Page, count: int) -> None:
    """Wait until that many strokes are answered: those of the first alone may come before."""
    page.wait_for_url(lambda url: strokes_in(url) == count, timeout=SLOW_MS)


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    return page.evaluate(
        "() => Math.max(document.documentElement.scrollWidth,"
        " document.querySelector('.stMain').scrollWidth) - innerWidth"
    )


@pytest.mark.parametrize("digit", DIGITS)
def test_a_drawn_digit_is_recognised_by_every_default_reader(page: Page, digit: int):
    ready(page)
    draw(page, DIGITS[digit])
    for card in page.locator(".room .card .digit").all():
        expect(card).to_have_text(str(digit), timeout=SLOW_MS)


def test_an_empty_canvas_shows_an_example_that_is_being_read(page: Page):
    ready(page)
    readout = page.locator(".room .readout")
    first = readout.inner_text()
    expect(readout).not_to_have_text(first, timeout=SLOW_MS)


def test_answers_come_while_the_pen_is_still_down(page: Page):
    ready(page)
    before = page.locator(".room .bars").all_inner_texts()
    draw(page, DIGITS[7], lift=False)
    expect(page.locator(".room .bars").first).not_to_have_text(before[0], timeout=SLOW_MS)
    assert "drawing=" not in page.url, "the link waits for the lift"
    page.mouse.up()
    wait_for_link(page, "drawing=")


def test_the_link_shows_the_same_in_another_browser(page: Page, open_page):
    ready(page)
    draw(page, DIGITS[4])
    wait_for_strokes(page, len(DIGITS[4]))
    page.get_by_role("button", name="To the start").click()
    page.get_by_role("button", name="One step on").click()
    page.get_by_role("button", name="One step on").click()
    url = wait_for_link(page, r"step=3/28")
    there = ready(open_page(path=url[url.index("/?") :]))
    expect(there.locator(".room .readout")).to_have_text("row 3 of 28")
    assert answers(there) == answers(page)
    bars = there.locator(".room .bars").all_inner_texts()
    assert bars == page.locator(".room .bars").all_inner_texts()
    assert there.url == url


def test_reloading_keeps_the_drawing(page: Page):
    ready(page)
    draw(page, DIGITS[7])
    wait_for_link(page, "drawing=")
    bars = page.locator(".room .bars").all_inner_texts()
    page.reload()
    ready(page)
    expect(page.locator(".room .bars").first).to_have_text(re.compile("%"))
    assert page.locator(".room .bars").all_inner_texts() == bars


def test_the_clock_plays_pauses_steps_and_scrubs(page: Page):
    ready(page)
    readout, scrubber = page.locator(".room .readout"), page.locator(".room .scrubber")
    page.get_by_role("button", name="Pause").click()
    still = readout.inner_text()
    page.wait_for_timeout(600)
    assert readout.inner_text() == still
    page.get_by_role("button", name="To the start").click()
    expect(readout).to_have_text("row 1 of 28")
    page.get_by_role("button", name="One step on").click()
    expect(readout).to_have_text("row 2 of 28")
    scrubber.fill("5000")
    expect(readout).to_have_text("row 15 of 28")
    page.keyboard.press("End")
    expect(readout).to_have_text("row 28 of 28")
    page.keyboard.press("Home")
    page.locator("canvas.pad").focus()
    page.keyboard.press("Space")
    expect(readout).to_have_text(re.compile(r"row ([3-9]|\d\d) of 28"), timeout=SLOW_MS)


def test_undo_redo_and_clear_are_answered(page: Page):
    ready(page)
    draw(page, DIGITS[4])
    wait_for_strokes(page, len(DIGITS[4]))
    whole = page.url
    page.get_by_role("button", name="Undo").click()
    page.wait_for_url(lambda url: "drawing=" in url and url != whole, timeout=SLOW_MS)
    page.get_by_role("button", name="Redo").click()
    page.wait_for_url(lambda url: drawing_in(url) == drawing_in(whole), timeout=SLOW_MS)
    page.get_by_role("button", name="Clear").click()
    page.wait_for_url(lambda url: "drawing=" not in url, timeout=SLOW_MS)


def strokes_in(url: str) -> int:
    drawing = drawing_in(url)
    return len(decode(drawing).strokes) if drawing else 0


def drawing_in(url: str) -> str:
    found = re.search(r"drawing=([\w-]+)", url)
    return found[1] if found else ""


def test_the_canvas_survives_answers_that_overtake_each_other(page: Page):
    ready(page)
    page.locator(".room").evaluate("(room) => (room.dataset.mark = 'first')")
    for _ in range(3):
        draw(page, DIGITS[4])
    wait_for_link(page, "drawing=")
    expect(page.locator(".room[data-mark=first]")).to_have_count(1)
    expect(page.get_by_role("button", name="Undo")).to_be_enabled()


def test_a_dot_is_answered_on_the_canvas(page: Page):
    ready(page)
    draw(page, [[(0.5, 0.5), (0.5, 0.5)]])
    expect(page.locator(".room .message")).to_contain_text("only a dot", timeout=SLOW_MS)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_follows_the_theme(open_page, dark: bool):
    page = ready(open_page(dark=dark))
    background = page.evaluate(
        "() => getComputedStyle(document.querySelector('.stApp')).backgroundColor"
    )
    channels = [int(value) for value in re.findall(r"\d+", background)[:3]]
    assert (max(channels) < 60) == dark
    ink = page.locator(".room .card .digit").first.evaluate("(e) => getComputedStyle(e).color")
    text = [int(value) for value in re.findall(r"\d+", ink)[:3]]
    assert abs(sum(text) - sum(channels)) > 400, "the answer stands out"


def test_a_phone_shows_the_canvas_first_and_nothing_sideways(narrow_page: Page):
    ready(narrow_page)
    assert overflow(narrow_page) <= 0
    box = narrow_page.locator("canvas.pad").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 844, "the whole canvas is on the first screen"
    assert box["width"] > 280


def test_a_finger_draws_without_scrolling_the_page(narrow_page: Page):
    page = ready(narrow_page)
    box = page.locator("canvas.pad").bounding_box()
    assert box is not None
    client = page.context.new_cdp_session(page)
    points = [
        {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
        for x, y in DIGITS[7][0]
    ]
    client.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points[:1]})
    for point in points[1:]:
        client.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
        page.wait_for_timeout(30)
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    wait_for_link(page, "drawing=")
    after = page.locator("canvas.pad").bounding_box()
    assert after is not None and after["y"] == box["y"]


def test_a_laptop_shows_canvas_clock_and_answers_at_once(open_page):
    page = ready(open_page(viewport={"width": 1440, "height": 900}))
    for part in (page.locator("canvas.pad"), page.locator(".transport"), *card_answers(page)):
        box = part.bounding_box()
        assert box is not None and box["y"] + box["height"] <= 900
    assert overflow(page) <= 0


def card_answers(page: Page) -> list:
    return page.locator(".room .card :is(.verdict, .bars)").all()


def test_files_come_down(page: Page):
    ready(page)
    draw(page, DIGITS[7])
    wait_for_link(page, "drawing=")
    page.get_by_role("button", name="Files").click()
    for name, start in (("Trace, CSV", b"step,"), ("Trace, NPZ", b"PK"), ("PNG", b"\x89PNG")):
        with page.expect_download(timeout=SLOW_MS) as download:
            page.get_by_role("button", name=name).first.click()
        with open(download.value.path(), "rb") as file:
            assert file.read().startswith(start)


def test_the_link_is_copied(page: Page):
    ready(page)
    draw(page, DIGITS[7])
    url = wait_for_link(page, "drawing=")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert drawing_in(page.evaluate("() => navigator.clipboard.readText()")) == drawing_in(url)


def test_a_garbled_link_shows_the_page_and_says_so(open_page):
    page = ready(open_page(path="/?models=lstm-rows,%00x&drawing=1AAAA&unit=?&step=9"), readers=1)
    expect(page.get_by_text("aren't here")).to_be_visible()


def test_a_clicked_unit_is_pinned_and_stands_in_the_link(page: Page):
    ready(page)
    heatmap = page.locator(".room .card").first.locator(".states canvas").first
    heatmap.click()
    wait_for_link(page, r"unit=rnn-rows\.\d+")
    unit = page.locator(".room .unit")
    expect(unit).to_be_visible()
    # It opens below the screen as a rule, and a button leads there.
    page.set_viewport_size({"width": 1280, "height": 560})
    page.locator(".room .pad-block").scroll_into_view_if_needed()
    expect(unit).not_to_be_in_viewport()
    signpost = page.locator(".room .signpost")
    expect(signpost).to_have_text(re.compile(r"RNN · rows, unit \d+ ↓"))
    signpost.click()
    expect(unit).to_be_in_viewport()
    expect(signpost).to_be_hidden()
