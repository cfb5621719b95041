"""The page "Clips" as a person meets it: a real browser, real strokes, real files."""

import csv
import io
import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from rnnviz.data.clips.motions import MOTIONS
from rnnviz.data.stroke_text import decode
from rnnviz.data.video import read_video
from rnnviz.ui.downloads import picture_png
from tests.browser.conftest import PHONE
from tests.browser.test_draw import DIGITS, SLOW_MS, draw, overflow, wait_for_link
from tests.data.videos import moving_square, mp4
from tests.test_setup import READABLE, contrast

WATCH_WRITING = """() => {
  window.written = [];
  const write = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y, ...rest) {
    const { a: scale } = this.getTransform();
    const wide = Math.min(this.measureText(text).width, rest[0] ?? Infinity);
    const left = x - ({ right: wide, center: wide / 2 }[this.textAlign] ?? 0);
    const figure = this.canvas.getAttribute?.("aria-label") ?? "";
    const { canvas, fillStyle: ink } = this;
    window.written.push({ figure, text, left, wide, y, ink, canvas, scale });
    return write.call(this, text, x, y, ...rest);
  };
}"""
"""From here on, what is written on canvases is kept in ``window.written``."""

WRITTEN = """figure => window.written
  .filter((one) => one.figure.startsWith(figure))
  .map(({ text, left, wide, y, ink, canvas, scale }) => {
    const [x, top] = [left, y - 10].map((at) => Math.round(at * scale));
    const [w, h] = [wide, 10].map((size) => Math.max(Math.round(size * scale), 1));
    const { data } = canvas.getContext("2d").getImageData(x, top, w, h);
    const seen = {};
    for (let at = 0; at < data.length; at += 4) {
      const levels = [...data.slice(at, at + 3)];
      const colour = `#${levels.map((level) => level.toString(16).padStart(2, "0")).join("")}`;
      seen[colour] = (seen[colour] ?? 0) + 1;
    }
    return { text, left, wide, ink, seen };
  })"""
"""What was written on a figure, where, in which colour, and which colours now stand there."""


def ready(page: Page) -> Page:
    """Return the page once a network has answered."""
    expect(page.locator(".clip-room .bars li").first).to_contain_text("%", timeout=SLOW_MS)
    return page


def room(page: Page):
    return page.locator(".clip-room")


def key(page: Page) -> str:
    """Return what tells the reading on the page from others."""
    return room(page).get_attribute("data-key") or ""


def wait_for_another(page: Page, before: str) -> None:
    expect(room(page)).not_to_have_attribute("data-key", before, timeout=SLOW_MS)


def readout(page: Page):
    return room(page).locator(".readout")


@pytest.fixture
def clips(open_page) -> Page:
    return ready(open_page("/clips"))


def test_the_page_starts_alive_and_measures_by_itself_what_takes_long(clips: Page):
    first = readout(clips).inner_text()
    expect(readout(clips)).not_to_have_text(first, timeout=SLOW_MS)
    expect(room(clips).get_by_text(re.compile("gradient and occlusion .*agree"))).to_be_visible(
        timeout=SLOW_MS
    )
    expect(room(clips).locator(".verdict .digit")).to_have_text(re.compile("|".join(MOTIONS)))
    assert overflow(clips) <= 0
    clips.get_by_role("button", name="Pause").click()
    stage = room(clips).locator(".stage canvas")
    pictures = set()
    for look in ("Frame", "Change", "Gradient", "Occlusion"):
        button = room(clips).get_by_role("button", name=look, exact=True)
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        pictures.add(stage.evaluate("canvas => canvas.toDataURL()"))
    assert len(pictures) == 4, "one can look at four different things"


def test_one_clock_moves_everything_by_slider_keys_and_clicks(clips: Page):
    clips.get_by_role("button", name="Pause").click()
    clips.keyboard.press("Home")
    expect(readout(clips)).to_have_text("frame 1 of 16")
    clips.keyboard.press("ArrowRight")
    clips.keyboard.press("ArrowRight")
    expect(readout(clips)).to_have_text("frame 3 of 16")
    expect(room(clips).locator(".stage h4")).to_have_text("Frame 3 of 16 · 0.20 s")
    expect(room(clips).get_by_text("Within frame 3: the network in space")).to_be_visible()
    wait_for_link(clips, "frame=3/16")
    room(clips).locator(".scrubber").fill("5000")
    expect(readout(clips)).to_have_text("frame 9 of 16")
    belief = room(clips).get_by_role("img", name=re.compile("^What it believes"))
    box = belief.bounding_box()
    assert box is not None
    belief.click(position={"x": box["width"] * 0.85, "y": 40})
    expect(readout(clips)).to_have_text(re.compile("frame 1[45] of 16"))


def test_a_link_reproduces_the_view_with_what_was_done_to_the_clip(open_page):
    path = "/clips?network=clip-events&digit=5&motion=left&then=growing&noise=0.1&frame=7/32"
    here = ready(open_page(path))
    expect(readout(here)).to_have_text("frame 7 of 32")
    expect(room(here).get_by_role("img", name=re.compile("^What happens when"))).to_be_visible()
    before = key(here)
    room(here).get_by_role("button", name="Reversed").click()
    wait_for_another(here, before)
    here.get_by_role("button", name="Pause").click()
    here.keyboard.press("Home")
    here.keyboard.press("ArrowRight")
    url = wait_for_link(here, "change=reversed.*frame=2/32")
    there = ready(open_page(url[url.index("/clips") :]))
    expect(readout(there)).to_have_text("frame 2 of 32")
    assert key(there) == key(here)
    bars = room(here).locator(".bars").inner_text()
    assert room(there).locator(".bars").inner_text() == bars
    assert there.url == url


def test_a_drawing_is_a_clip(open_page):
    page = ready(open_page("/clips?network=clip-pen&source=draw"))
    before = key(page)
    page.locator("canvas.pad").scroll_into_view_if_needed()
    draw(page, DIGITS[7])
    wait_for_another(page, before)
    url = wait_for_link(page, "drawing=")
    drawing = decode(re.search(r"drawing=([^&]+)", url)[1])  # type: ignore[index]
    assert len(drawing.strokes) == 1 and drawing.duration_ms > 50
    expect(room(page).get_by_text(re.compile(r"Written in \d+\.\d s"))).to_be_visible()
    expect(room(page).locator(".verdict .digit")).to_have_text(re.compile(r"^\d$"))
    drawn = key(page)
    room(page).get_by_role("button", name="Clear").click()
    wait_for_another(page, drawn)
    assert key(page) == before, "what was being written at first is back"


def test_an_upload_is_decoded_and_answered_and_a_bad_one_loses_nothing(open_page):
    page = ready(open_page("/clips"))
    before = key(page)
    page.get_by_text("Upload", exact=True).click()
    chooser = page.locator("input[type=file]").first
    film = {"name": "square.mp4", "mimeType": "video/mp4", "buffer": mp4(moving_square())}
    chooser.set_input_files(film)  # type: ignore[arg-type]
    wait_for_another(page, before)
    expect(room(page).get_by_text(re.compile("square.mp4: 1 s, 96 × 72 pixels"))).to_be_visible()
    read = key(page)
    bad = {"name": "bad<b>.mp4", "mimeType": "video/mp4", "buffer": b"no film at all" * 99}
    chooser.set_input_files(bad)  # type: ignore[arg-type]
    expect(page.get_by_text("bad<b>.mp4: ", exact=False).first).to_be_visible(timeout=SLOW_MS)
    expect(page.get_by_text("is still being read")).to_be_visible()
    # What the browser itself would refuse is told as well, in place of what was wrong before.
    picture = {"name": "picture.png", "mimeType": "image/png", "buffer": picture_png(np.eye(28))}
    chooser.set_input_files(picture)  # type: ignore[arg-type]
    expect(page.get_by_text("single pictures are read by the page Draw")).to_be_visible()
    assert key(page) == read


def test_downloads_arrive_and_can_be_read(clips: Page):
    clips.get_by_role("button", name="Files").click()
    files = {}
    for label in ("Belief after every frame", "Gradient at every frame", "GIF", "mp4"):
        with clips.expect_download(timeout=SLOW_MS) as arriving:
            clips.get_by_role("button", name=re.compile(label)).click()
        files[label] = arriving.value.path().read_bytes()
    rows = list(csv.DictReader(io.StringIO(files["Belief after every frame"].decode())))
    assert len(rows) == 16
    assert sum(float(rows[-1][motion]) for motion in MOTIONS) == pytest.approx(1, abs=1e-5)
    assert b"gradient_h" in files["Gradient at every frame"]
    for label in ("GIF", "mp4"):
        assert len(read_video(files[label], label)) == 16


def test_on_a_phone_it_fits_and_in_the_dark_it_is_dark(open_page):
    page = ready(open_page("/clips?network=clip-events&then=up", viewport=PHONE, touch=True))
    assert overflow(page) <= 0
    page.get_by_role("button", name="Pause").tap()
    room(page).get_by_role("button", name="One step on").tap()
    expect(readout(page)).to_have_text(re.compile(r"frame \d+ of 32"))
    dark = ready(open_page("/clips", dark=True))
    corner = "canvas => [...canvas.getContext('2d').getImageData(2, 2, 1, 1).data]"
    dark.get_by_role("button", name="Pause").click()
    assert max(room(dark).locator(".stage canvas").evaluate(corner)[:3]) < 128


def written(page: Page, figure: str) -> list[dict]:
    """Return what stands on a figure: {text, left, wide, ink, seen}, drawn anew a step further."""
    page.evaluate(WATCH_WRITING)
    before = readout(page).inner_text()
    page.keyboard.press("ArrowRight")
    expect(readout(page)).not_to_have_text(before)
    page.wait_for_function(
        "figure => window.written.some((one) => one.figure.startsWith(figure))", arg=figure
    )
    return page.evaluate(WRITTEN, figure)


def test_a_changed_clip_says_so_beside_its_answer_and_in_what_one_takes_away(open_page):
    page = ready(open_page("/clips?frame=3/16&change=frozen"))
    for place in (".verdict", ".figure-head:has-text('The film strip')"):
        tag = room(page).locator(place).locator(".tag")
        expect(tag).to_be_visible()
        expect(tag).to_have_text("The clip is changed: frozen")
    expect(room(page).get_by_role("status").filter(has_text="frozen")).to_have_count(1)
    expect(room(page).get_by_text("Frozen: the first frame stands still.")).to_be_visible()
    save = room(page).get_by_role("button", name="Save “The film strip” as PNG")
    with page.expect_download() as arriving:
        save.click()
    assert arriving.value.suggested_filename == "frozen-film-strip.png"
    page.get_by_role("button", name="Files").click()
    with page.expect_download(timeout=SLOW_MS) as arriving:
        page.get_by_role("button", name=re.compile("GIF")).click()
    assert arriving.value.suggested_filename == "clip-motion-frozen-clip.gif"
    page.keyboard.press("Escape")
    before = key(page)
    room(page).get_by_role("button", name="As it is").click()
    wait_for_another(page, before)
    expect(room(page).locator(".tag").filter(visible=True)).to_have_count(0)


def test_on_a_phone_every_line_of_pictures_says_what_it_shows(open_page):
    page = ready(open_page("/clips?frame=3/16", viewport=PHONE, touch=True))
    expect(room(page).get_by_text(re.compile("gradient and occlusion .*agree"))).to_be_visible(
        timeout=SLOW_MS
    )
    numbers = {str(frame) for frame in range(1, 17)}
    film = written(page, "The film strip")
    rows = [one for one in film if one["text"] in ("frame", "change")]
    assert {one["text"] for one in film} == {"frame", "change"} | numbers
    assert len(rows) == 4 and all(one["left"] >= 0 for one in rows), "two lines of two rows"
    pictures = min(one["left"] for one in film if one["text"] in numbers)
    assert max(one["left"] + one["wide"] for one in rows) < pictures
    mattered = {one["text"] for one in written(page, "Which frames and pixels mattered")}
    assert mattered == {"gradient", "occlusion", "by frame"} | numbers


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(
    "motions", ["left,right,up", "down,clockwise,still", "growing,shrinking,counter-clockwise"]
)
def test_the_names_on_coloured_bands_can_be_read(open_page, motions, dark):
    one, then, last = motions.split(",")
    query = f"network=clip-events&motion={one}&then={then}&last={last}&frame=1/32"
    page = ready(open_page(f"/clips?{query}", dark=dark))
    names = [each for each in written(page, "What happens when") if each["text"] in MOTIONS]
    assert {each["text"] for each in names} >= set(motions.split(","))
    for each in names:
        behind = max(
            (colour for colour in each["seen"] if colour != each["ink"]), key=each["seen"].get
        )
        assert each["ink"] in each["seen"], "nothing lies over the name"
        assert contrast(each["ink"], behind) >= READABLE, each["text"]
    legend = room(page).locator(".legend li")
    expect(legend).to_have_text(list(MOTIONS))
