"""The webcam in a real Chromium, whose camera shows a file that the test has written.

The page is a small one of this test, so that what arrives in Python is seen as numbers.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.camera import OTHER_NAME, chromium_with_camera, open_camera
from tests.browser.conftest import (
    DESKTOP,
    PHONE,
    ROOT,
    RunningApp,
    free_port,
    told_by,
    wait_until_healthy,
)

SLOW_MS = 30_000
SCRIPT = """
from pathlib import Path

import numpy as np
import streamlit as st

from rnnviz.ui.components.webcam import webcam_takes

FOLDER = Path(__file__).parent

if not st.toggle("Away"):
    takes = webcam_takes("camera", seconds=1.0)
    for take in takes:
        number = len(list(FOLDER.glob("*.npz")))
        np.savez(FOLDER / f"{number}.npz", frames=take.frames, times_s=take.times_s)
    if takes:
        st.session_state["number"] = len(takes)
st.text(f"{st.session_state.get('number', 0)} arrived")
"""
"""The page of this test: keeps what arrives in files, and takes the webcam away if asked to."""


@pytest.fixture(scope="module")
def camera_browser(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium_with_camera(browser, tmp_path_factory.mktemp("camera")) as chromium:
        yield chromium


@pytest.fixture(scope="module")
def camera_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """The page of this test, with the theme of the app."""
    folder = tmp_path_factory.mktemp("webcam")
    script, log = folder / "webcam_page.py", folder / "app.log"
    script.write_text(SCRIPT, encoding="utf-8")
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    # Without this the server doesn't answer pages of another name.
    options = ["--server.enableCORS", "false", "--server.enableXsrfProtection", "false"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, *options],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    app = RunningApp(url=f"http://localhost:{port}", log=log)
    try:
        wait_until_healthy(app, process)
        yield app
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture
def open_camera_page(
    camera_app: RunningApp, camera_browser: Browser
) -> Iterator[Callable[..., Page]]:
    """A function that opens the page, with the camera allowed unless it is to be refused."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_one(allowed: bool = True, url: str = "", phone: bool = False) -> Page:
        viewport = PHONE if phone else DESKTOP
        context = camera_browser.new_context(viewport=viewport, has_touch=phone)
        contexts.append(context)
        if allowed:
            context.grant_permissions(["camera"], origin=camera_app.url)
        page = context.new_page()
        page.on("console", lambda message: errors.extend(told_by(message)))
        page.on("pageerror", lambda error: errors.append(f"uncaught: {error.stack or error}"))
        page.goto(url or camera_app.url)
        expect(page.locator(".webcam")).to_be_visible(timeout=SLOW_MS)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not errors
    assert "Traceback" not in camera_app.log_text()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=re.compile(name)).click()


def live(page: Page) -> Page:
    """Return the page with its camera open."""
    open_camera(page, SLOW_MS)
    return page


def light_is_on(page: Page) -> bool:
    """Return whether the page holds a camera."""
    return page.evaluate(
        "() => (window.streams ?? [])"
        ".some((stream) => stream.getTracks().some((track) => track.readyState === 'live'))"
    )


def watch_streams(page: Page) -> None:
    """Let the page remember every stream that it is given."""
    page.evaluate(
        """() => {
          const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
          navigator.mediaDevices.getUserMedia = async (wanted) => {
            const stream = await ask(wanted);
            (window.streams ??= []).push(stream);
            return stream;
          };
        }"""
    )


def arrived(app: RunningApp, page: Page, count: int) -> list[np.ndarray]:
    """Return the frames of the recordings that have just arrived, and forget them."""
    expect(page.get_by_text(f"{count} arrived")).to_be_visible(timeout=SLOW_MS)
    files = sorted(app.log.parent.glob("*.npz"), key=lambda path: int(path.stem))
    found = [np.load(file)["frames"] for file in files]
    for file in files:
        file.unlink()
    return found


def check_what_is_seen(frames: np.ndarray) -> None:
    """Hold that frames show what the camera's file does, the right way round."""
    # 320 × 240 at 96 pixels on the longer side; a browser under load leaves pictures out.
    assert frames.shape[1:] == (72, 96)
    assert 6 <= len(frames) <= 15
    assert (frames[:, :, 2:8] > 200).all(), "the bar is at the left"
    assert (frames[:, :20, 14:] < 60).all(), "nothing above the square"
    row = frames[:, 37, 14:] > 120
    assert (row.sum(1) >= 8).all(), "the square is there"
    middles = np.array([np.flatnonzero(one).mean() for one in row])
    steps = np.diff(middles)
    # It begins anew at the left every two seconds, so at most once in one.
    assert (steps < 0).sum() <= 1
    assert middles.max() - middles.min() > 10, "it moves"


def test_a_recording_arrives_and_shows_what_the_camera_saw(camera_app, open_camera_page):
    page = open_camera_page()
    watch_streams(page)
    live(page)
    assert light_is_on(page)
    press(page, "^Record")
    for number in ("3", "2", "1"):
        expect(page.locator(".webcam .count")).to_have_text(number)
    expect(page.locator(".webcam .status")).to_have_text("Recording")
    expect(page.get_by_role("button", name="Use it")).to_be_visible(timeout=SLOW_MS)
    assert not light_is_on(page), "one looks at what was recorded without the camera"
    expect(page.get_by_text("0 arrived")).to_be_visible()
    press(page, "^Use it")
    (frames,) = arrived(camera_app, page, 1)
    check_what_is_seen(frames)


def test_a_series_arrives_without_what_was_left_out(camera_app, open_camera_page):
    page = live(open_camera_page(phone=True))
    page.get_by_label("Takes").select_option("2")
    press(page, "^Record 2 × 1")
    expect(page.get_by_text("Take 2 of 2: recording")).to_be_visible(timeout=SLOW_MS)
    expect(page.get_by_role("button", name="Use these 2")).to_be_visible(timeout=SLOW_MS)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Leave this one out").first.tap()
    page.get_by_role("button", name="Use it").tap()
    (frames,) = arrived(camera_app, page, 1)
    check_what_is_seen(frames)


def test_a_refusal_says_how_to_allow_the_camera(open_camera_page):
    page = open_camera_page(allowed=False)
    press(page, "^Open the camera")
    message = page.get_by_role("alert").filter(has_text="The camera wasn't allowed")
    expect(message).to_be_visible(timeout=SLOW_MS)
    page.context.grant_permissions(["camera"])
    live(page)
    expect(message).to_be_hidden()


def test_a_page_without_a_camera_says_so(camera_app, browser):
    context = browser.new_context()
    context.grant_permissions(["camera"], origin=camera_app.url)
    page = context.new_page()
    page.goto(camera_app.url)
    press(page, "^Open the camera")
    expect(page.get_by_text("No camera was found")).to_be_visible(timeout=SLOW_MS)
    context.close()


def test_a_page_that_is_not_secure_says_what_is_missing(camera_app, open_camera_page):
    page = open_camera_page(url=camera_app.url.replace("localhost", OTHER_NAME))
    press(page, "^Open the camera")
    expect(page.get_by_text("Ask whoever runs this server for an https address")).to_be_visible()


def is_mirrored(page: Page) -> bool:
    turned = "(video) => new DOMMatrix(getComputedStyle(video).transform).a"
    return page.locator(".webcam video").evaluate(turned) == -1


def test_a_recording_can_be_ended_with_the_keyboard_and_closing_puts_the_light_out(
    open_camera_page,
):
    page = open_camera_page()
    watch_streams(page)
    page.get_by_role("button", name="Open the camera").focus()
    page.keyboard.press("Enter")
    record = page.get_by_role("button", name=re.compile("^Record"))
    expect(record).to_be_focused(timeout=SLOW_MS)
    assert is_mirrored(page), "one moves as before a mirror, and what is recorded isn't turned"
    page.keyboard.press("Enter")
    expect(page.locator(".webcam .count")).to_be_visible()
    page.keyboard.press("Escape")
    expect(record).to_be_focused()
    assert light_is_on(page), "one tries again"
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Open the camera")).to_be_focused()
    assert not light_is_on(page)


def test_the_light_goes_out_when_the_webcam_leaves_the_page(open_camera_page):
    page = open_camera_page()
    watch_streams(page)
    live(page)
    page.get_by_text("Away").click()
    expect(page.locator(".webcam")).to_have_count(0, timeout=SLOW_MS)
    page.wait_for_function(
        "() => window.streams.every((s) => s.getTracks().every((t) => t.readyState === 'ended'))"
    )
