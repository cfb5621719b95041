"""The component that draws a run, by itself: news that come twice, late or not at all."""

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from rnnviz.ui.components import common, training_room
from rnnviz.ui.components.common.encoding import encode_counts, encode_floats, to_wire
from rnnviz.ui.studio.watched import COLUMNS

MOUNT = """async ({ script, css }) => {
  const sheet = document.createElement("style");
  sheet.textContent = css;
  const place = document.createElement("div");
  document.body.append(sheet, place);
  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const render = (await import(address)).default;
  window.asked = [];
  window.give = async (data) => {
    render({ data, parentElement: place, setTriggerValue: (...what) => window.asked.push(what) });
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  };
}"""
DEPTHS = 28


@pytest.fixture
def room(browser: Browser):
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    script = common.script(training_room.FOLDER, training_room.MODULES)
    page.evaluate(MOUNT, {"script": script, "css": common.style(training_room.FOLDER)})
    yield page
    page.close()
    assert not errors


def rows(start: int, end: int) -> np.ndarray:
    """Return the rows of some training steps, whose loss is their number."""
    steps = np.arange(start + 1.0, end + 1)
    table = np.full((len(steps), len(COLUMNS)), 0.5)
    table[:, COLUMNS.index("step")] = steps
    for name in ("loss", "loss_low", "loss_high"):
        table[:, COLUMNS.index(name)] = steps
    return table


def moment(step: int, answer: int, **changes: Any) -> dict[str, Any]:
    shares = np.full((10, 10), 0.01)
    shares[:, answer] = 0.91
    return {
        "step": step,
        "depths": list(range(DEPTHS)),
        "of": DEPTHS,
        "flow": [-3.0 + 0.1 * depth for depth in range(DEPTHS)],
        "gates": {"input": [0.1, 0.2], "candidate": [0.3, 0.4]},
        "answers": shares.tolist(),
    } | changes


def news(start: int, end: int, moments: tuple = (), known: int = 0, **changes: Any):
    """Return an update with the training steps from one to another."""
    return {
        "run": "a" * 24,
        "status": {
            "state": "running",
            "headline": "Training",
            "detail": "",
            "progress": end / 100,
            "numbers": f"step {end} of 100",
            "figures": [["training loss", f"{end}"]],
        },
        "whole": start == 0,
        "about": about() if start == 0 else None,
        "go": None,
        "generation": 0,
        "size": 1,
        "from": start,
        "rows": encode_floats(rows(start, end)),
        "epochsFrom": 0,
        "epochs": [],
        "momentsFrom": known,
        "moments": list(moments),
    } | changes


def about() -> dict[str, Any]:
    return {
        "name": "<img src=x onerror=alert(1)>",
        "clip": 1.0,
        "clipBy": "norm",
        "classes": ["<b>zero</b>", *"123456789"],
        "word": "row",
        "rectified": False,
        "pictures": encode_counts(np.full((10, 784), 128)),
        "labels": list(range(10)),
    }


def give(room: Page, data: dict[str, Any]) -> None:
    room.evaluate("(sent) => window.give(new Uint8Array(sent))", list(to_wire(data)))


def readout(room: Page) -> str:
    return room.locator(".readout").inner_text()


def asked(room: Page) -> list:
    return room.evaluate("window.asked")


def press(room: Page, key: str) -> None:
    room.locator(".of-steps canvas").first.press(key)
    room.evaluate("() => new Promise((done) => requestAnimationFrame(done))")


def smooth_nothing(room: Page) -> None:
    room.get_by_label("Smoothing of the curves").fill("0")
    expect(room.locator(".readout")).not_to_contain_text("smoothed")


def test_news_are_added_to_what_is_there(room: Page):
    give(room, news(0, 10))
    smooth_nothing(room)
    assert readout(room).startswith("step 10: loss 10.0")
    give(room, news(10, 25))
    assert readout(room).startswith("step 25: loss 25.0")
    assert asked(room) == []


def test_the_same_news_twice_change_nothing(room: Page):
    give(room, news(0, 10))
    smooth_nothing(room)
    for _ in range(3):
        give(room, news(9, 12))
    assert readout(room).startswith("step 12: loss 12.0")
    press(room, "Home")
    assert readout(room) == "step 0"
    assert asked(room) == []


def test_where_news_were_lost_everything_is_asked_for_once_and_then_shown(room: Page):
    give(room, news(0, 10))
    smooth_nothing(room)
    give(room, news(20, 30))
    give(room, news(30, 31))
    assert asked(room) == [["whole", True]]
    assert readout(room).startswith("step 10: loss 10.0"), "what is there stays"
    give(room, news(0, 31))
    assert readout(room).startswith("step 31: loss 31.0")


def test_coarser_rows_take_the_place_of_finer_ones(room: Page):
    give(room, news(0, 10))
    smooth_nothing(room)
    table = rows(0, 12)[1::2]
    give(room, news(0, 12, size=2, rows=encode_floats(table)))
    assert readout(room).startswith("step 12: loss 12.0")
    give(room, news(3, 4, size=4))
    assert asked(room) == [["whole", True]], "rows of another size don't go on with these"


def test_a_run_that_began_anew_forgets_what_was_there(room: Page):
    give(room, news(0, 50))
    smooth_nothing(room)
    give(room, news(0, 7, generation=1))
    assert readout(room).startswith("step 7: loss 7.00")


def test_the_moment_that_is_looked_at_stays_while_news_come(room: Page):
    give(room, news(0, 40, (moment(0, 3), moment(30, 7))))
    title = room.locator("figure h4").first
    assert title.inner_text() == "What it answers after 30 training steps"
    press(room, "Home")
    assert title.inner_text() == "What it answers after 0 training steps"
    assert "Before it begins the first row gets" in room.locator(".wide figcaption").inner_text()
    give(room, news(40, 60, (moment(50, 8),), known=2))
    assert title.inner_text() == "What it answers after 0 training steps"
    press(room, "Escape")
    assert title.inner_text() == "What it answers after 50 training steps"


def test_a_zoom_stays_while_news_come(room: Page):
    give(room, news(0, 40))
    smooth_nothing(room)
    room.get_by_role("button", name="Closer").click()
    press(room, "End")
    before = readout(room)
    give(room, news(40, 90))
    press(room, "End")
    assert readout(room) == before, "the same steps are in sight"
    room.get_by_role("button", name="Whole run").click()
    press(room, "End")
    assert readout(room).startswith("step 90: loss 90.0")


def test_where_nothing_arrives_is_no_colour_of_the_scale(room: Page):
    flow = [None] * 14 + [-1.0] * 14
    give(room, news(0, 10, (moment(0, 1, flow=flow), moment(5, 1, flow=flow))))
    canvas = room.locator(".wide canvas")
    box = canvas.bounding_box()
    assert box is not None
    tip = room.locator(".tip")
    canvas.hover(position={"x": 80, "y": 20})
    assert "nothing arrives" in tip.inner_text()
    canvas.hover(position={"x": 80, "y": box["height"] - 95})
    assert "0.10" in tip.inner_text() and "1.00 of that at the last" in tip.inner_text()


def test_pictures_and_flow_are_of_the_moment_nearest_to_the_pointer(room: Page):
    give(room, news(0, 40, (moment(0, 3), moment(20, 7), moment(40, 8))))
    canvas, tip = room.locator(".wide canvas"), room.locator(".tip")
    box = canvas.bounding_box()
    assert box is not None
    left, width = 58, box["width"] - 58 - 12
    for step, nearest in ((0.2, 0), (9.0, 0), (11.0, 20), (29.0, 20), (31.0, 40)):
        # Of 100 steps the axis shows the first 50.
        canvas.hover(position={"x": left + step / 50 * width, "y": 40})
        room.evaluate("() => new Promise((done) => requestAnimationFrame(done))")
        told = f"after {nearest} training steps"
        assert room.locator("figure h4").first.inner_text().endswith(told), step
        assert f"after step {nearest}," in tip.inner_text(), step


def test_the_same_flow_has_the_same_colour_in_every_run(room: Page):
    def colour(least: float) -> list[int]:
        flow = [least] + [-2.0] * 26 + [0.0]
        give(room, news(0, 10, (moment(0, 1, flow=flow),), run=f"{least}".rjust(24, "0")))
        return room.locator(".wide canvas").evaluate(
            """(canvas) => {
              const at = canvas.width / canvas.clientWidth;
              const context = canvas.getContext("2d");
              return [...context.getImageData(70 * at, (canvas.clientHeight / 2) * at, 1, 1).data];
            }"""
        )

    assert colour(-2.5) == colour(-40.0)


def test_an_explosion_of_the_parameters_alone_is_told_from_one_of_the_flow(room: Page):
    caption = room.locator(".wide figcaption")
    table = rows(0, 40)
    table[30:, COLUMNS.index("norm_high")] = 1e6
    give(room, news(0, 40, (moment(0, 3),), rows=encode_floats(table)))
    assert "explodes though the flow doesn't" in caption.inner_text()
    flow = [100.0] * 27 + [0.0]
    last = moment(40, 3, flow=flow)
    give(room, news(0, 40, (moment(0, 3), last), rows=encode_floats(table)))
    assert "though the flow doesn't" not in caption.inner_text()
    assert "the first row gets 1.0·10¹⁰⁰ of what" in caption.inner_text()


def test_smoothed_figures_are_called_so(room: Page):
    give(room, news(0, 10))
    assert readout(room).startswith("step 10, smoothed: loss")
    smooth_nothing(room)
    assert readout(room).startswith("step 10: loss 10.0")


def test_without_a_training_step_there_are_no_empty_curves(room: Page):
    nothing = encode_floats(np.zeros((0, len(COLUMNS))))
    give(room, news(0, 0, (moment(0, 3),), rows=nothing))
    assert not room.locator(".figures").is_visible() and not room.locator(".tools").is_visible()
    give(room, news(0, 1, (moment(0, 3),)))
    assert room.locator(".figures").is_visible()


def test_names_are_text(room: Page):
    give(room, news(0, 10, (moment(0, 0),)))
    assert room.locator("img, .surface b").count() == 0
    room.locator("figure canvas").first.hover(position={"x": 40, "y": 20})
    assert "<b>zero</b>" in room.locator(".tip").inner_text()


def test_a_validation_that_diverged_leaves_the_curves_as_they_are(room: Page):
    canvas = room.locator("figure").filter(has_text="Loss").first.locator("canvas")
    give(room, news(0, 10, epochs=[[5, 0.5, 3.0]]))
    smooth_nothing(room)
    before = canvas.evaluate("(canvas) => canvas.toDataURL()")
    give(room, news(0, 10, epochs=[[5, 0.5, 3.0], [10, 0.1, None]]))
    assert canvas.evaluate("(canvas) => canvas.toDataURL()") == before
    assert "NaN" not in readout(room)
