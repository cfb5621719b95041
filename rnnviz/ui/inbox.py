"""What the browser sent, checked, becomes a view. Pure data, no Streamlit.

Everything here may have been typed by a stranger, so whatever isn't as our own component sends it
is left out: the view stays as it was.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeGuard

from rnnviz.data.stroke_text import quantise
from rnnviz.data.strokes import DEFAULT_WIDTH, from_json
from rnnviz.ui.link import LAST_STEP, LAST_UNIT, Pin, Position, View


@dataclass(frozen=True)
class Inbox:
    """What has been taken from the browser so far, so that nothing is taken twice."""

    strokes: int = -1
    """Serial number of the last strokes."""
    pin: int = -1
    """Serial number of the last pin."""
    step: Any = None
    """The last position of the clock, as it came."""
    gates: Any = None
    """The last choice of gates, as it came."""
    final: bool = True
    """Whether the pointer has lifted since the last strokes."""
    pen_width: float = DEFAULT_WIDTH
    """Thickness of the pen as a fraction of the canvas' side."""


def take(view: View, inbox: Inbox, sent: Mapping[str, Any]) -> tuple[View, Inbox]:
    """Return the view and the inbox after what the browser sent.

    Raises:
        DrawingError: If a drawing goes beyond what a drawing can be; nothing is taken then.
    """
    view, inbox = take_strokes(view, inbox, sent.get("strokes"))
    view, inbox = take_pin(view, inbox, sent.get("pin"))
    view, inbox = take_step(view, inbox, sent.get("step"))
    return take_gates(view, inbox, sent.get("gates"))


def take_strokes(view: View, inbox: Inbox, sent: Any) -> tuple[View, Inbox]:
    """Return the view with the drawing of a message that is new."""
    serial = serial_of(sent)
    if serial is None or serial == inbox.strokes:
        return view, inbox
    # Links keep a drawing on a grid finer than a screen's; reading it from there too makes sure
    # that whoever opens the link sees the very same numbers.
    drawing = quantise(from_json(sent, inbox.pen_width))
    inbox = replace(
        inbox, strokes=serial, final=sent.get("final") is not False, pen_width=drawing.width
    )
    # Choosing a pen before drawing with it leaves what is shown as it is.
    if not drawing.strokes and sent.get("action") == "width":
        return view, inbox
    return replace(view, shown=drawing if drawing.strokes else None), inbox


def take_pin(view: View, inbox: Inbox, sent: Any) -> tuple[View, Inbox]:
    """Return the view with the unit that somebody clicked, or with none."""
    if sent is None:
        # Nothing at all is how a component stands at first, too.
        return (view, inbox) if inbox.pin < 0 else (replace(view, pin=None), replace(inbox, pin=-1))
    serial = serial_of(sent)
    if serial is None or serial == inbox.pin:
        return view, inbox
    reader, unit = sent.get("reader"), sent.get("unit")
    valid = isinstance(reader, str) and is_whole(unit) and 0 <= unit <= LAST_UNIT
    return replace(view, pin=Pin(reader, unit) if valid else None), replace(inbox, pin=serial)


def take_step(view: View, inbox: Inbox, sent: Any) -> tuple[View, Inbox]:
    """Return the view with the clock where it came to rest."""
    if sent == inbox.step or not isinstance(sent, Mapping):
        return view, inbox
    inbox = replace(inbox, step=sent)
    step, steps = sent.get("step"), sent.get("of")
    if is_whole(step) and is_whole(steps) and 0 <= step < steps <= LAST_STEP:
        view = replace(view, position=Position(step + 1, steps))
    return view, inbox


def take_gates(view: View, inbox: Inbox, sent: Any) -> tuple[View, Inbox]:
    """Return the view with the readers whose gates are shown."""
    if sent == inbox.gates or not isinstance(sent, list):
        return view, inbox
    names = tuple(dict.fromkeys(name for name in sent if isinstance(name, str)))
    return replace(view, gates=names), replace(inbox, gates=sent)


def keep_to(view: View, readers: Collection[str]) -> View:
    """Return the view without what belongs to readers that aren't there."""
    pin = view.pin if view.pin is not None and view.pin.reader in readers else None
    gates = tuple(name for name in view.gates if name in readers)
    return replace(view, pin=pin, gates=gates)


def serial_of(sent: Any) -> int | None:
    """Return the serial number of a message, None for what isn't one."""
    serial = sent.get("serial") if isinstance(sent, Mapping) else None
    return serial if is_whole(serial) else None


def is_whole(value: Any) -> TypeGuard[int]:
    """Return whether a value is a whole number, and no truth value."""
    return isinstance(value, int) and not isinstance(value, bool)
