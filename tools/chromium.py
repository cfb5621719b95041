"""Find a Chromium for the browser tests, or install one.

`python -m tools.chromium` prints the path of a Chromium that starts, and installs one if there
is none: Debian's package where apt-get works as root, otherwise Playwright's own.
"""

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


def install_chromium() -> None:
    """Install a Chromium, Debian's if that is possible, otherwise Playwright's own.

    Raises:
        subprocess.CalledProcessError: Playwright could not download its Chromium.
    """
    if _is_root() and shutil.which("apt-get"):
        _install_debian_package()
        if find_chromium():
            return
    print("Installing Playwright's own Chromium", file=sys.stderr)
    subprocess.run(
        [sys.executable, "-m", "playwright", "install", "chromium"], check=True, stdout=sys.stderr
    )


def main() -> int:
    """Print the path of a Chromium, after installing one if need be; return the exit status."""
    path = find_chromium()
    if path is None and "CHROMIUM" not in os.environ:
        try:
            install_chromium()
        except subprocess.CalledProcessError as error:
            print(f"Chromium could not be installed: {error}", file=sys.stderr)
        path = find_chromium()
    if path is None:
        print(MISSING, file=sys.stderr)
        return 1
    print(path)
    return 0


MISSING = (
    "The browser tests need a Chromium that starts, and none was found. Install one with your "
    "system's packages (Debian: apt-get install chromium), or with "
    "`python -m playwright install --with-deps chromium`, or name one in the environment "
    "variable CHROMIUM."
)


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


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _install_debian_package() -> None:
    print("Installing Debian's Chromium", file=sys.stderr)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
    for command in (["apt-get", "update", "-qq"], [*install, "chromium", "fonts-dejavu-core"]):
        # A failure is not the end: Playwright's own is tried next.
        subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
