"""Pupils who draw on the page Draw, some of whom watch a training, all in one process.

    python -m benchmarks.pupils URL '{"sessions": 30, "seconds": 300, ...}'

`benchmarks.classroom` starts this beside the server; it prints what it has measured as JSON.
"""

import asyncio
import base64
import io
import json
import random
import re
import resource
import secrets
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any

from PIL import Image

from benchmarks.strokes import Stroke, some_stroke
from benchmarks.tab import Arrival, Tab
from rnnviz.data.stroke_text import encode, quantise
from rnnviz.data.strokes import from_json
from rnnviz.ui.components.common.encoding import from_wire
from rnnviz.ui.messages import APOLOGY

ROOM, ADDRESS = "rnnviz_reading_room", "rnnviz_address"
EVERY_S = 2.0
"""Each pupil begins a stroke so often."""
WHILE_DRAWING_S, REST, FORGET, GIVE_UP_S = 0.2, 5, 0.7, 2.0
"""How often the page sends a stroke that is under way; the same as in the reading room's pad.js."""
MOST_STROKES = 3
"""Then the canvas is cleared."""
CLEARED_S = 0.3
"""So long before the next stroke."""
APART_S = 0.2
"""Pupils open the page so long after one another."""
SETTLE_S = 2.0
"""From when all have it open until they begin to draw."""
PATIENCE_S = 15.0
"""An answer that takes longer counts as none."""
PRIVATE = re.compile(rb"private([0-9a-f]{16})pupil(\d+)")
"""What only one pupil may ever be sent: the number of the class and the pupil's own."""
DRAWING = re.compile(r"(?:^|&)drawing=([^&]*)")


@dataclass(frozen=True)
class Plan:
    """What the class does."""

    sessions: int = 30
    """How many pupils draw."""
    seconds: float = 300.0
    """How long."""
    watchers: int = 10
    """How many of them also watch a training."""
    runs: tuple[str, ...] = ()
    """The trainings that are watched."""
    seed: int = 0
    """Decides what is drawn, and when."""


@dataclass
class Notes:
    """What the class saw."""

    waits_ms: list[float] = field(default_factory=list)
    """From the pointer's lift to the new answer."""
    unanswered: int = 0
    """Lifts that got no answer in time."""
    between: int = 0
    """Messages that were sent while a pen was down."""
    errors: list[str] = field(default_factory=list)
    """Exceptions and apologies that somebody was shown, connections that broke."""
    leaks: list[str] = field(default_factory=list)
    """What somebody was sent of somebody else's."""
    refusals: int = 0
    """Pupils who were told, in words of their own, that their picture can't be read."""
    watched: int = 0
    """Runs of the page Train that watchers' pages asked for by themselves."""
    received_mb: float = 0.0
    """All that the server sent."""
    cpu_s: float = 0.0
    """Processor time of this process."""
    wall_s: float = 0.0
    """How long it all took."""


@dataclass
class Pupil:
    """One who draws."""

    number: int
    token: str
    """The class's own secret word."""
    notes: Notes
    chance: random.Random
    sent: set[str] = field(default_factory=set)
    """All drawings that this pupil ever sent, as the server gives them back."""
    awaited: str = ""
    """The drawing whose answer is waited for."""
    answered: asyncio.Future[float] | None = None
    told_at: float = 0.0
    """When the page last sent something."""
    unanswered: bool = False
    """Whether it has not been answered yet."""
    waited_s: float = 0.0
    """How long answers take of late."""

    @property
    def private(self) -> str:
        """A word that nobody else may be sent."""
        return f"private{self.token}pupil{self.number}end"

    def take(self, tab: Tab, arrival: Arrival) -> None:
        """Look at a message of the server: is it an answer, an error, or somebody else's?"""
        for token, number in PRIVATE.findall(arrival.data):
            if token.decode() == self.token and int(number) != self.number:
                self.leak(f"was sent the private word of pupil {int(number)}")
        if arrival.message.WhichOneof("type") == "script_finished" and self.unanswered:
            self.unanswered = False
            self.waited_s = max(arrival.at - self.told_at, FORGET * self.waited_s)
        delta = arrival.message.delta
        match delta.new_element.WhichOneof("type"):
            case "exception":
                self.error(delta.new_element.exception.message)
            case "alert":
                self.take_alert(delta.new_element.alert.body)
            case "bidi_component":
                shown = delta.new_element.bidi_component
                if shown.component_name == ROOM:
                    self.take_room(shown.bytes, arrival.at)
                elif shown.component_name == ADDRESS:
                    self.take_address(json.loads(shown.json)["query"])

    def may_tell(self, now: float) -> bool:
        """Return whether the page would send a stroke under way now, as pad.js decides it."""
        if self.unanswered and now - self.told_at < GIVE_UP_S:
            return False
        return now >= self.told_at + max(WHILE_DRAWING_S, REST * self.waited_s)

    def take_alert(self, body: str) -> None:
        """Note an apology, or the words on this pupil's own picture."""
        if body == APOLOGY:
            self.error(body)
        self.notes.refusals += self.private in body

    def take_room(self, sent: bytes, at: float) -> None:
        """Note the answer to the drawing that is waited for, or a drawing of somebody else."""
        strokes = from_wire(sent)["canvas"]["strokes"]
        drawing = json.dumps(strokes)
        if strokes and drawing not in self.sent:
            self.leak(f"was sent a drawing that isn't theirs: {drawing[:80]}")
        if drawing == self.awaited and self.answered is not None and not self.answered.done():
            self.answered.set_result(at)

    def take_address(self, query: str) -> None:
        """Note a link to somebody else's drawing."""
        found = DRAWING.search(query)
        if found and found[1] not in self.sent:
            self.leak("was sent a link to a drawing that isn't theirs")

    def error(self, text: str) -> None:
        """Note what must not happen."""
        self.notes.errors.append(f"pupil {self.number}: {text[:300]}")

    def leak(self, text: str) -> None:
        """Note what this pupil must not see."""
        self.notes.leaks.append(f"pupil {self.number} {text}")


async def arrive(plan: Plan, url: str, pupil: Pupil, after_s: float) -> list[Tab]:
    """Open the page, and the one of a training that this pupil watches; show something private."""
    tabs = [Tab(url, on_arrival=pupil.take)]
    if pupil.number < plan.watchers and plan.runs:
        run = plan.runs[pupil.number % len(plan.runs)]
        tabs.append(Tab(url, "train", f"run={run}", on_arrival=pupil.take))
    try:
        await asyncio.sleep(after_s)
        for tab in tabs:
            await tab.open()
        await tabs[0].trigger(ROOM, "paste", private_picture(pupil))
    except Exception as error:
        pupil.error(f"{type(error).__name__}: {error}")
    return tabs


async def attend(plan: Plan, tabs: list[Tab], pupil: Pupil, start: float) -> None:
    """Draw until the lesson is over, then leave."""
    try:
        await sleep_until(start + pupil.chance.uniform(0, EVERY_S))
        await draw(plan, tabs[0], pupil, start + plan.seconds)
    except Exception as error:
        pupil.error(f"{type(error).__name__}: {error}")
    for tab in tabs:
        pupil.notes.received_mb += tab.received / 1e6
        pupil.notes.watched += tab.reruns
        await tab.close()


def private_picture(pupil: Pupil) -> dict[str, Any]:
    """Return an empty picture as the page sends one that was dropped on the canvas."""
    file = io.BytesIO()
    Image.new("L", (30, 30)).save(file, "PNG")
    return {
        "kind": "image",
        "data": base64.b64encode(file.getvalue()).decode(),
        "name": f"{pupil.private}.png",
        "serial": serial(),
    }


async def draw(plan: Plan, tab: Tab, pupil: Pupil, end: float) -> None:
    """Draw a stroke every two seconds, and clear the canvas after some."""
    strokes: list[Stroke] = []
    begin = time.perf_counter()
    while begin < end:
        if len(strokes) == MOST_STROKES:
            strokes = []
            await send(tab, pupil, strokes, final=True, action="clear")
            await sleep_until(begin + CLEARED_S)
        await draw_stroke(tab, pupil, strokes, some_stroke(pupil.chance))
        begin += EVERY_S
        await sleep_until(begin)


async def draw_stroke(tab: Tab, pupil: Pupil, before: list[Stroke], stroke: Stroke) -> None:
    """Draw a stroke as fast as a hand does, lift the pen, and note how long the answer took."""
    begin = time.perf_counter()
    offset = before[-1][-1][2] + 700 if before else 0
    moved = [[x, y, t + offset] for x, y, t in stroke]
    pupil.told_at = max(pupil.told_at, begin)
    for drawn in range(1, len(stroke)):
        await sleep_until(begin + stroke[drawn][2] / 1000)
        if drawn + 1 < len(stroke) and pupil.may_tell(time.perf_counter()):
            await send(tab, pupil, [*before, moved[:drawn]], final=False)
            pupil.notes.between += 1
    before.append(moved)
    pupil.answered = asyncio.get_running_loop().create_future()
    lifted_at = await send(tab, pupil, before, final=True)
    try:
        arrived_at = await asyncio.wait_for(pupil.answered, PATIENCE_S)
        pupil.notes.waits_ms.append(1000 * (arrived_at - lifted_at))
    except TimeoutError:
        pupil.notes.unanswered += 1


async def send(
    tab: Tab, pupil: Pupil, strokes: list[Stroke], final: bool, action: str = "draw"
) -> float:
    """Send what stands on the canvas, as the page does; return when."""
    message = {"strokes": strokes, "width": 0.08, "final": final, "serial": serial()}
    drawing = quantise(from_json(message))
    pupil.awaited = json.dumps([stroke.round(4).tolist() for stroke in drawing.strokes])
    pupil.sent |= {pupil.awaited, encode(drawing) if strokes else ""}
    pupil.told_at, pupil.unanswered = time.perf_counter(), True
    return await tab.set_state(ROOM, strokes=message | {"action": action})


def serial() -> int:
    """Return a number that grows with every message, as the page's does."""
    return time.time_ns() // 1_000_000


async def sleep_until(at: float) -> None:
    """Sleep until a moment of ``time.perf_counter()``."""
    await asyncio.sleep(max(at - time.perf_counter(), 0))


async def lesson(plan: Plan, url: str) -> Notes:
    """Let all pupils draw at once, and return what they saw."""
    notes, token = Notes(), secrets.token_hex(8)
    pupils = [
        Pupil(number, token, notes, random.Random(f"{plan.seed}/{number}"))
        for number in range(plan.sessions)
    ]
    begun = time.perf_counter()
    # A class doesn't open its laptops at the same instant, and what is measured is the drawing.
    opened = await asyncio.gather(*(arrive(plan, url, p, APART_S * p.number) for p in pupils))
    start = time.perf_counter() + SETTLE_S
    class_ = zip(opened, pupils, strict=True)
    await asyncio.gather(*(attend(plan, tabs, pupil, start) for tabs, pupil in class_))
    used = resource.getrusage(resource.RUSAGE_SELF)
    notes.cpu_s = used.ru_utime + used.ru_stime
    notes.wall_s = time.perf_counter() - begun
    return notes


def main() -> None:
    url, plan = sys.argv[1], json.loads(sys.argv[2])
    notes = asyncio.run(lesson(Plan(**plan | {"runs": tuple(plan.get("runs", ()))}), url))
    print(json.dumps(asdict(notes)))


if __name__ == "__main__":
    main()
