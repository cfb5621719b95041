"""Install a Chromium for the browser tests if there is none.

`python -m tools.chromium` prints the path of a Chromium that starts, and installs one if there
is none: Debian's package where apt-get works as root, otherwise Playwright's own.
"""

import os
import shutil
import subprocess
import sys

from rnnviz.cli.chromium import find_chromium


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
