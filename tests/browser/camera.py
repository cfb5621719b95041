"""A Chromium with a camera, which shows a file that a test has written."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import CHROMIUM_FLAGS
from tools.chromium import find_chromium

WIDTH, HEIGHT = 320, 240
OTHER_NAME = "rnnviz.test"
"""A name that this Chromium takes for this machine; pages of that name are no secure ones."""


def write_camera_file(path: Path) -> None:
    """Write two seconds of what the camera is to see: Y4M, which is grey bytes and a header.

    A bright bar stands at the left edge, and a square wanders from the left to the right.
    """
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F30:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(60):
            frame = np.full((HEIGHT, WIDTH), 40, np.uint8)
            frame[:, :32] = 230
            left = 60 + 3 * number
            frame[100:150, left : left + 40] = 200
            colours = np.full(HEIGHT * WIDTH // 2, 128, np.uint8)
            file.write(b"FRAME\n" + frame.tobytes() + colours.tobytes())


@contextmanager
def chromium_with_camera(browser: Browser, folder: Path) -> Iterator[Browser]:
    """Start one more Chromium beside another, and end it in the end."""
    file = folder / "camera.y4m"
    write_camera_file(file)
    flags = [
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={file}",
        f"--host-resolver-rules=MAP {OTHER_NAME} 127.0.0.1",
    ]
    path = find_chromium()
    chromium = browser.browser_type.launch(executable_path=path, args=[*CHROMIUM_FLAGS, *flags])
    yield chromium
    chromium.close()


def open_camera(page: Page, timeout_ms: float) -> None:
    """Press the button that opens the camera, and wait for its picture."""
    page.get_by_role("button", name="Open the camera").click(timeout=timeout_ms)
    expect(page.locator(".webcam video")).to_be_visible(timeout=timeout_ms)
