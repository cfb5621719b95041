"""The section "Teach it your own actions" on the page "Clips", in a Chromium with a camera."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from rnnviz.data.clips.clip_file import load_clip_file
from tests.browser.camera import chromium_with_camera, open_camera
from tests.browser.conftest import PHONE, RunningApp, told_by

SLOW_MS = 60_000
EVIL = "<img src=x onerror=bad()>"


@pytest.fixture(scope="module")
def camera_browser(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium_with_camera(browser, tmp_path_factory.mktemp("camera")) as chromium:
        yield chromium


@pytest.fixture
def open_section(app: RunningApp, camera_browser: Browser) -> Iterator[Callable[..., Page]]:
    """A function that opens the section as one more visitor."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []
    before = len(app.log_text())

    def open_one(**options) -> Page:
        context = camera_browser.new_context(**options)
        contexts.append(context)
        context.grant_permissions(["camera"], origin=app.url)
        page = context.new_page()
        page.on("console", lambda message: errors.extend(told_by(message)))
        page.on("pageerror", lambda error: errors.append(f"uncaught: {error.stack or error}"))
        page.goto(f"{app.url}/clips")
        unfold(page)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not errors
    assert "Traceback" not in app.log_text()[before:]


def unfold(page: Page) -> None:
    page.get_by_text("Teach it your own actions").click(timeout=SLOW_MS)
    expect(page.get_by_label("Action 1")).to_be_visible(timeout=SLOW_MS)


def counts(page: Page, *names: str) -> None:
    """Wait until the actions are called so, each with its number of clips."""
    group = page.locator(".st-key-teach-choose")
    for name in names:
        expect(group.get_by_text(name, exact=True)).to_be_visible(timeout=SLOW_MS)


def name(page: Page, label: str, text: str) -> None:
    field = page.get_by_label(label)
    field.fill(text)
    field.press("Enter")


def record(page: Page, takes: int) -> None:
    """Record so many clips of a second, and use them."""
    camera = page.locator(".webcam").last
    open_camera(page, SLOW_MS)
    camera.get_by_label("Length").select_option("1")
    camera.get_by_label("Takes").select_option(str(takes))
    camera.get_by_role("button", name=re.compile("^Record")).click()
    camera.get_by_role("button", name=re.compile("^Use")).click(timeout=SLOW_MS)


def test_recorded_clips_survive_a_reload_and_can_be_taken_to_another_browser(
    open_section, tmp_path: Path
):
    page = open_section()
    name(page, "Action 1", EVIL)
    # A name has up to 24 letters; whatever they are, they are shown as letters.
    counts(page, f"{EVIL[:24]} · 0", "nothing · 0")
    record(page, 2)
    counts(page, f"{EVIL[:24]} · 2", "nothing · 0")
    strips = page.locator(".teach-strip")
    expect(strips).to_have_count(2)
    assert page.evaluate("() => document.querySelectorAll('img[src=\"x\"]').length") == 0

    page.reload()
    unfold(page)
    counts(page, f"{EVIL[:24]} · 2", "nothing · 0")
    page.get_by_role("button", name="1. recording 1").click()
    counts(page, f"{EVIL[:24]} · 1")
    page.get_by_role("button", name="Undo").click()
    counts(page, f"{EVIL[:24]} · 2")
    page.get_by_role("button", name="Keep your clips").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the clips").click(timeout=SLOW_MS)
    saved = tmp_path / "clips.safetensors"
    download.value.save_as(saved)
    clips = load_clip_file(saved)
    assert clips.classes == (EVIL[:24], "nothing")
    # The bar at the left edge is there, and in 28×28 the camera's picture has 21 rows.
    assert (clips.frames[:, :, 8:20, 0] > 180).all()

    other = open_section(viewport=PHONE, has_touch=True)
    counts(other, "wave · 0", "nothing · 0")
    expect(other.locator(".teach-strip")).to_have_count(0)
    other.get_by_role("button", name="Keep your clips").click()
    fields = other.locator("input[type=file][accept*=safetensors]")
    fields.last.set_input_files(saved, timeout=SLOW_MS)
    counts(other, f"{EVIL[:24]} · 2")
    overflow = "() => document.querySelector('.stMain').scrollWidth - innerWidth"
    assert other.evaluate(overflow) <= 0
