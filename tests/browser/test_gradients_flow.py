"""The backward pass as a person meets it: one click, and the gradient runs back through time."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE

SLOW_MS = 120_000  # CI has few cores, and the first page imports torch
FLOW = "/gradients?section=flow"
RUN = "Run backward through time"


def ready(page: Page) -> Page:
    """Return the page once the animation stands there, the whole way back shown."""
    expect(page.locator(".backward .readout")).to_have_text(
        re.compile(r"at row 1 of 28"), timeout=SLOW_MS
    )
    return page


def place(page: Page) -> str:
    return page.locator(".backward .readout").inner_text()


def inked(page: Page, part: str) -> int:
    """Return how many pixels of a part's canvas are strongly coloured."""
    return page.locator(f".backward {part} canvas").first.evaluate(
        """(canvas) => {
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
          let count = 0
          for (let i = 0; i < data.length; i += 4) {
            const channels = [data[i], data[i + 1], data[i + 2]]
            const spread = Math.max(...channels) - Math.min(...channels)
            if (data[i + 3] > 128 && spread > 60) count++
          }
          return count
        }"""
    )


def test_one_click_runs_back_from_the_last_step_to_the_first(open_page):
    page = ready(open_page(path=FLOW))
    page.get_by_role("button", name=RUN).click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.locator(".backward .readout")).to_have_text(re.compile(r"at row (2\d|1\d) of 28"))
    expect(page.locator(".backward .readout")).to_have_text("at row 1 of 28", timeout=SLOW_MS)
    expect(page.get_by_role("button", name=RUN)).to_be_visible(timeout=SLOW_MS)


def test_playing_needs_no_server(open_page):
    page = open_page(path="/")
    sent: list = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    page.goto(page.url.rstrip("/") + FLOW)
    ready(page)
    page.wait_for_timeout(1500)
    before = len(sent)
    assert before, "the page talks to the server at all"
    page.get_by_role("button", name=RUN).click()
    expect(page.locator(".backward .readout")).to_have_text("at row 1 of 28", timeout=SLOW_MS)
    assert len(sent) == before


def test_the_curves_and_the_heat_map_fill_on_the_way_back(open_page):
    page = ready(open_page(path=FLOW))
    whole = {part: inked(page, part) for part in ("figure", ".maps")}
    page.keyboard.press("End")
    expect(page.locator(".backward .readout")).to_have_text("at row 28 of 28")
    begun = {part: inked(page, part) for part in ("figure", ".maps")}
    for part, count in whole.items():
        assert begun[part] < count, f"{part} has still to be filled"


def test_keys_move_as_the_gradient_does(open_page):
    page = ready(open_page(path=FLOW))
    readout = page.locator(".backward .readout")
    page.keyboard.press("End")
    expect(readout).to_have_text("at row 28 of 28")
    page.keyboard.press("ArrowLeft")
    expect(readout).to_have_text("at row 27 of 28")
    page.keyboard.press("ArrowRight")
    expect(readout).to_have_text("at row 28 of 28")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press("Space")
    still = place(page)
    page.wait_for_timeout(500)
    assert place(page) == still
    page.keyboard.press("Home")
    expect(readout).to_have_text("at row 1 of 28")


def test_the_scrubber_goes_from_right_to_left(open_page):
    page = ready(open_page(path=FLOW))
    scrubber = page.locator(".backward .scrubber")
    box = scrubber.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + box["height"] / 2)
    expect(page.locator(".backward .readout")).to_have_text(re.compile(r"at row 2[0-2] of 28"))


def test_h_and_c_of_an_lstm_are_shown_apart(open_page):
    page = ready(open_page(path=FLOW))
    title = page.locator(".backward .maps-head h4")
    expect(title).to_contain_text("∂L/∂h")
    page.get_by_role("button", name="c, the memory").click()
    expect(title).to_contain_text("∂L/∂c")
    # A network without c goes on showing its h.
    expect(page.locator(".backward .maps figure")).to_have_count(5)


def test_a_point_at_the_curves_is_told_its_values(open_page):
    page = ready(open_page(path=FLOW))
    canvas = page.locator(".backward figure canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator(".backward .tip")).to_contain_text(re.compile(r"row 1[45]: tanh RNN"))


def test_less_motion_is_shown_in_still_pictures(open_page):
    page = open_page(path="/")
    page.emulate_media(reduced_motion="reduce")
    page.goto(page.url.rstrip("/") + FLOW)
    ready(page)
    page.evaluate(
        """() => {
          window.seen = new Set()
          const readout = document.querySelector(".stApp")
          const find = (node) => node.querySelectorAll("*").forEach((each) => {
            if (each.shadowRoot) {
              const found = each.shadowRoot.querySelector(".backward .readout")
              if (found) new MutationObserver(() => window.seen.add(found.textContent))
                .observe(found, { childList: true, characterData: true, subtree: true })
            }
          })
          find(readout)
        }"""
    )
    page.get_by_role("button", name=RUN).click()
    expect(page.locator(".backward .readout")).to_have_text("at row 28 of 28")
    expect(page.locator(".backward .readout")).to_have_text("at row 1 of 28", timeout=SLOW_MS)
    assert 1 <= page.evaluate("() => window.seen.size") <= 9


def test_other_networks_leave_the_clock_where_it_is(open_page):
    page = ready(open_page(path=FLOW))
    page.keyboard.press("End")
    page.get_by_role("button", name="ReLU RNN").click()
    expect(page.locator(".backward .maps figure")).to_have_count(6, timeout=SLOW_MS)
    assert place(page) == "at row 28 of 28"


@pytest.mark.parametrize("section", ["flow", "why"])
def test_the_sections_fit_a_phone(open_page, section: str):
    page = open_page(path=f"/gradients?section={section}", viewport={"width": 390, "height": 844})
    shown = ".backward .readout" if section == "flow" else ".js-plotly-plot .main-svg"
    expect(page.locator(shown).first).to_be_visible(timeout=SLOW_MS)
    wider = page.evaluate("() => document.querySelector('.stMain').scrollWidth - innerWidth")
    assert wider <= 0


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_canvas_follows_the_theme(open_page, dark: bool):
    page = ready(open_page(path=FLOW, dark=dark))
    count = page.locator(".backward figure canvas").first.evaluate(
        """(canvas, [low, high]) => {
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
          let count = 0
          for (let i = 0; i < data.length; i += 4) {
            const [r, g, b, alpha] = data.subarray(i, i + 4)
            const grey = alpha > 250 && Math.max(r, g, b) - Math.min(r, g, b) < 30
            if (grey && r > low && r < high) count++
          }
          return count
        }""",
        [170, 256] if dark else [-1, 110],
    )
    assert count > 200, "the writing stands out from the page"


def test_the_gain_takes_the_network_from_vanishing_to_exploding(open_page):
    page = open_page(path="/gradients?section=why&gain=0.5")
    told = page.get_by_text("Measured:")
    expect(told).to_contain_text("it vanishes", timeout=SLOW_MS)
    page.get_by_role("button", name="Exploding").click()
    expect(told).to_contain_text("it explodes", timeout=SLOW_MS)
    page.wait_for_url(re.compile("gain=3"), timeout=SLOW_MS)


def test_names_in_many_rows_take_nothing_from_the_curves(open_page):
    def height(page: Page) -> float:
        return ready(page).locator(".backward canvas").first.evaluate("(one) => one.clientHeight")

    wide = height(open_page(path=FLOW))
    narrow = height(open_page(path=FLOW, viewport=PHONE))
    assert narrow >= wide + 60, "five names stand in five rows there, in two on a desktop"
