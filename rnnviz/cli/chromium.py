"""Find a Chromium that starts: figures are drawn by one, and the browser tests drive one."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def find_chromium() -> str | None:
    """Return the path of a Chromium that starts, None if there is none.

    The environment variable CHROMIUM comes first and alone: whoever names a browser means it.
    After it come the usual names on the PATH, then the one Playwright has downloaded.
    """
    return next((path for path in _candidates() if _starts(path)), None)


def _candidates() -> Iterator[str]:
    named = os.environ.get("CHROMIUM")
    if named:
        yield named
        return
    # On Windows `chrome.exe --version` opens a window, so there only Playwright's own is used.
    if os.name != "nt":
        yield from (path for path in map(shutil.which, NAMES) if path)
    downloaded = _playwright_chromium()
    if downloaded:
        yield downloaded


def _playwright_chromium() -> str | None:
    # In a process of its own: Playwright allows only one synchronous session in a thread, and
    # the tests have theirs.
    code = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as playwright: print(playwright.chromium.executable_path)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    path = answer.stdout.strip()
    return path if answer.returncode == 0 and os.path.isfile(path) else None


def _starts(path: str) -> bool:
    # Ubuntu's chromium-browser is a stub that fails until a snap is installed, and a downloaded
    # Chromium fails where system libraries are missing: so ask rather than look.
    if os.name == "nt":
        return os.path.isfile(path)
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0
