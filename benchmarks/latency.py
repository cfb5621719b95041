"""How long a person waits: from the pointer's lift to the new answer in the page.

    python -m benchmarks.latency [--drawings 30] [--url http://localhost:8501]

Starts the app (or takes one that runs), opens it in Chromium and draws digits with the mouse. The
clock stands in the page: it starts at the event "pointerup" and stops at the last change of the
shown probabilities, so answers to earlier parts of the stroke that are still under way don't count.
"""

import argparse
import json
import math
import random
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.server import START_S, running_app
from tools.chromium import MISSING, find_chromium

SETTINGS = (
    ("one reader", "lstm-rows", 60),
    ("four readers", "rnn-rows,lstm-rows,gru-rows,lstm-grid", 150),
)
"""What is measured: its name, the models, and the goal in milliseconds."""
SETTLE_MS = 900
"""How long after the lift the page is watched."""
STEP_MS = 16
"""A pointer sends about 60 positions a second."""

WATCH = """
() => {
  const room = [...document.querySelectorAll("*")]
    .map((element) => element.shadowRoot?.querySelector(".room"))
    .find(Boolean) ?? document.querySelector(".room");
  const text = () =>
    [...room.querySelectorAll(".answer")].map((answer) => answer.textContent).join("|");
  const watch = { lifted: 0, answered: 0, changes: 0 };
  let before = text();
  new MutationObserver(() => {
    const now = text();
    if (now === before) return;
    before = now;
    watch.answered = performance.now();
    watch.changes += 1;
  }).observe(room, { subtree: true, childList: true, characterData: true });
  addEventListener("pointerup", () => (watch.lifted = performance.now()), true);
  window.rnnvizWatch = watch;
}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw_text())
    parser.add_argument("--drawings", type=int, default=30, help="how many are drawn each time")
    parser.add_argument("--url", help="an app that runs; otherwise one is started")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    with app_at(options.url) as url:
        rows = [measure(url, *setting, options.drawings) for setting in SETTINGS]
    print(json.dumps(rows, indent=2) if options.json else table(rows))
    sys.exit(any(row["median_ms"] > row["goal_ms"] for row in rows))


def raw_text() -> type[argparse.HelpFormatter]:
    return argparse.RawDescriptionHelpFormatter


def measure(url: str, name: str, models: str, goal_ms: int, drawings: int) -> dict:
    """Return the waiting times of some drawings, in milliseconds."""
    path = find_chromium()
    if path is None:
        sys.exit(MISSING)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{url}/?models={models}")
        page.locator(".room .card").nth(models.count(",")).wait_for(timeout=START_S * 1000)
        page.wait_for_timeout(3000)
        page.evaluate(WATCH)
        chance = random.Random(0)
        waits = [wait_for_answer(page, some_strokes(chance)) for _ in range(drawings + 3)]
        chromium.close()
    # The first drawings warm up the code that they are the first to run.
    waits = sorted(wait for wait in waits[3:] if wait is not None)
    if not waits:
        raise RuntimeError("The page never gave a new answer after the pointer had lifted.")
    return {
        "name": name,
        "models": models,
        "n": len(waits),
        "median_ms": round(statistics.median(waits), 1),
        "p90_ms": round(waits[math.ceil(0.9 * len(waits)) - 1], 1),
        "least_ms": round(waits[0], 1),
        "goal_ms": goal_ms,
    }


def wait_for_answer(page: Page, strokes: Sequence[Sequence[tuple[float, float]]]) -> float | None:
    """Draw on a cleared canvas and return the milliseconds from the last lift to the answer.

    None where the last piece of the drawing changed no probability that is shown.
    """
    clear = page.get_by_role("button", name="Clear")
    if clear.is_enabled():
        clear.click()
        page.wait_for_timeout(300)
    box = page.locator("canvas.pad").bounding_box()
    assert box is not None
    for stroke in strokes:
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:-1]:
            page.mouse.move(*place)
            page.wait_for_timeout(STEP_MS)
        # The last piece comes with the lift, so no answer under way can know of it.
        page.mouse.move(*places[-1])
        page.mouse.up()
    page.wait_for_timeout(SETTLE_MS)
    watch = page.evaluate("() => window.rnnvizWatch")
    wait_ms = watch["answered"] - watch["lifted"]
    return wait_ms if wait_ms > 0 else None


def some_strokes(chance: random.Random) -> list[list[tuple[float, float]]]:
    """Return a stroke like a 7, a 0 or a 3, a little different every time."""
    x, y = chance.uniform(0.25, 0.35), chance.uniform(0.15, 0.25)
    wide, high = chance.uniform(0.35, 0.45), chance.uniform(0.5, 0.65)
    share = [k / 24 for k in range(25)]
    seven = [(x + wide * t, y) for t in share[::2]]
    seven += [(x + wide * (1 - 0.6 * t), y + high * t) for t in share[::2]]
    zero = [
        (x + wide / 2 * (1 + math.sin(6.2 * t)), y + high / 2 * (1 - math.cos(6.2 * t)))
        for t in share
    ]
    three = [
        (x + wide * abs(math.sin(6.28 * t)) ** 0.7, y + high * t)
        for t in (0.03 + 0.94 * s for s in share)
    ]
    return [chance.choice([seven, zero, three])]


@contextmanager
def app_at(url: str | None) -> Iterator[str]:
    """Yield the address of an app: the given one, or one that runs meanwhile."""
    if url is not None:
        yield url.rstrip("/")
        return
    folder = tempfile.TemporaryDirectory(prefix="rnnviz-latency-")
    with folder as place, running_app(Path(place) / "app.log") as server:
        yield server.url


def table(rows: list[dict]) -> str:
    """Return the results as text."""
    lines = [f"{'':14}{'n':>5}{'median':>12}{'90 %':>12}{'least':>12}{'goal':>12}"]
    for row in rows:
        times = [row[key] for key in ("median_ms", "p90_ms", "least_ms", "goal_ms")]
        cells = "".join(f"{time:>9} ms" for time in times)
        lines.append(f"{row['name']:14}{row['n']:>5}{cells}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
