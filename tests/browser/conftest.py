"""The app in a process of its own, started as the README does, and a real Chromium before it.

A test asks for `page`, `dark_page` or `narrow_page`; each comes at the app's address, and fails
the test on any error in the browser's console or traceback in the app's log. When a test fails,
its screenshot is left in test-artifacts/.
"""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from rnnviz.training.runs.ledger import Ledger
from rnnviz.ui.visitor import COOKIE
from tests.browser.runs import WILD, Classroom, row
from tests.training.finished import finished
from tests.training.test_runs import QUICK
from tests.ui.test_library import enter_done
from tools.chromium import MISSING, find_chromium

ROOT = Path(__file__).parent.parent.parent
ARTIFACTS = ROOT / "test-artifacts"
START_S = 120  # a cold start imports torch, and CI has few cores
ANSWER_MS = 30_000  # as long may whatever is expected of a page take, where tests run side by side
DESKTOP = ViewportSize(width=1280, height=900)
PHONE = ViewportSize(width=390, height=844)

CHROMIUM_FLAGS = [
    "--no-sandbox",  # Chromium refuses to run as root with it, and CI runs as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # The browser is to fetch our page and nothing else.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

expect.set_options(timeout=ANSWER_MS)

# What the console may say without failing the test: nothing of ours is in it.
HARMLESS = re.compile(
    "|".join(
        [
            "WebSocket connection to .* failed",  # a page that leaves while it is connecting
            # Streamlit's client asks below a page's own address first, then at the app's.
            r"404 \(Not Found\) \(\S+/\w+/_stcore/(health|host-config)\)",
        ]
    )
)


@dataclass(frozen=True)
class RunningApp:
    """The app under test."""

    url: str
    """Where it answers, without a slash at the end."""
    log: Path
    """What it has written to its standard output and error so far."""

    def log_text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


@pytest.fixture(scope="package")
def app() -> Iterator[RunningApp]:
    """The app, running until the last test in this folder has ended."""
    ARTIFACTS.mkdir(exist_ok=True)
    with running_app(ARTIFACTS / "app.log") as app:
        yield app


# Not for the whole session: Playwright keeps an event loop running in this thread, and tests after
# these may want one of their own.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A Chromium without a window. In CI a missing one fails, elsewhere its tests are skipped."""
    path = find_chromium()
    if path is None:
        pytest.skip(MISSING)  # tests/conftest.py turns this into a failure in CI
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(
    app: RunningApp, browser: Browser, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Page]]:
    """A function that opens one more page in a context of its own, watched like the others.

    `open_page(path="/?models=lstm-rows", dark=True, viewport=PHONE, touch=True)`
    """
    pages: list[Page] = []
    errors: list[str] = []
    logged_before = len(app.log_text())

    def open_one(path="/", dark=False, viewport=DESKTOP, touch=False) -> Page:
        context = browser.new_context(
            viewport=viewport,
            color_scheme="dark" if dark else "light",
            has_touch=touch,
            accept_downloads=True,
        )
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=app.url)
        page = context.new_page()
        page.on("console", lambda message: errors.extend(told_by(message)))
        page.on("pageerror", lambda error: errors.append(f"uncaught: {error.stack or error}"))
        pages.append(page)
        page.goto(app.url + path)
        return page

    yield open_one

    failed = request.node.stash.get(FAILED, False)
    logged = app.log_text()[logged_before:]
    clean = not errors and "Traceback (most recent call last)" not in logged
    meant = request.node.get_closest_marker("expects_errors") is not None
    if failed or not (clean or meant):
        for number, page in enumerate(pages):
            keep_screenshot(page, f"{request.node.name}-{number}")
    for page in pages:
        page.context.close()
    if not (clean or meant):
        told = "\n".join(errors) or "nothing"
        pytest.fail(f"The browser's console told:\n{told}\n\nThe app logged:\n{logged[-4000:]}")


@pytest.fixture
def classroom(app: RunningApp) -> Iterator[Classroom]:
    """Two finished runs of a new visitor, in the folder that the app under test looks into."""
    folder, who = Path(os.environ["RNNVIZ_RUNS"]), os.urandom(16).hex()
    ledger = Ledger(folder)
    found = []
    for name, cell in (("first", "gru"), (WILD, "rnn")):
        recipe = replace(QUICK, name=name, model=replace(QUICK.model, cell=cell))
        files, last = finished(recipe, folder)
        enter_done(ledger, files, recipe, who, last)
        found.append(files.id)
    yield Classroom(who, folder, *found)
    for run in found:
        ledger.hide(run)


@pytest.fixture
def visit(open_page, app: RunningApp, classroom: Classroom):
    """A function that opens the page as the visitor who has these runs."""

    def visited(path: str = "/runs", **options) -> Page:
        page = open_page(path="/runs", **options)
        page.context.add_cookies([{"name": COOKIE, "value": classroom.who, "url": app.url}])
        page.goto(app.url + path)
        expect(row(page, "first")).to_be_visible(timeout=ANSWER_MS)
        return page

    return visited


@pytest.fixture
def page(open_page) -> Page:
    """The app in the light theme, 1280 px wide."""
    return open_page()


@pytest.fixture
def dark_page(open_page) -> Page:
    """The app in the dark theme, 1280 px wide."""
    return open_page(dark=True)


@pytest.fixture
def narrow_page(open_page) -> Page:
    """The app on a phone: 390 px wide, with touch."""
    return open_page(viewport=PHONE, touch=True)


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@contextmanager
def running_app(log: Path) -> Iterator[RunningApp]:
    """Start the app on a free port, wait until it is healthy, and end it in the end.

    Raises:
        RuntimeError: It ended by itself or was not healthy in time; with what it logged.
    """
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
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
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_healthy(app: RunningApp, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"The app ended with status {process.returncode}:\n{app.log_text()}")
        try:
            with urllib.request.urlopen(f"{app.url}/_stcore/health", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"The app was not healthy within {START_S} s:\n{app.log_text()}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]


def told_by(message: ConsoleMessage) -> list[str]:
    told = f"{message.text} ({message.location.get('url', '')})"
    return [] if message.type != "error" or HARMLESS.search(told) else [told]


def keep_screenshot(page: Page, name: str) -> None:
    path = ARTIFACTS / (re.sub(r"[^\w.-]+", "_", name) + ".png")
    try:
        page.screenshot(path=path, full_page=True)
    except Exception as error:  # a page that crashed has none; the test's own failure counts
        path.with_suffix(".txt").write_text(f"No screenshot: {error}\n")
