"""The fields of the page "Clips": what stands in its link, and what follows from what."""

from collections.abc import Mapping
from typing import Any

from rnnviz.data.clips.changes import CHANGES
from rnnviz.data.clips.motions import MOTIONS
from rnnviz.data.dataset import DIGITS
from rnnviz.ui.clips.networks import ClipNetwork
from rnnviz.ui.fields import Field, Number, OneOf, Switch, Whole

SOURCES = {
    "generate": "Generate",
    "draw": "Draw",
    "upload": "Upload",
    "record": "Record",
    "example": "Examples",
}
"""Where a clip comes from, and what the page calls it."""
ANY, NONE = "any", "none"
POLARITIES = {"auto": "Automatic", "as-is": "As it is", "bright": "Bright on dark"}
MOVES = tuple(motion for motion in MOTIONS)
LAST_SEED = 9_999
FIRST_MOTIONS = {"motion": "right", "then": "growing", "last": "counter-clockwise"}
"""What is shown to a network that says what happens when."""


def fields(networks: Mapping[str, ClipNetwork], examples: int) -> list[Field]:
    """Return all fields of the page.

    Args:
        networks: Those that can read here, at least one.
        examples: How many written digits there are to choose from.
    """
    names = tuple(networks)
    no_more = {NONE: "nothing more"}
    return [
        OneOf(
            "network",
            "Network",
            names,
            names[0],
            {name: network.label for name, network in networks.items()},
            menu=True,
        ),
        OneOf("source", "Clip", tuple(SOURCES), "generate", SOURCES),
        OneOf("digit", "Digit", (ANY, *DIGITS), "3", menu=True),
        OneOf("motion", "Motion", MOVES, "right", menu=True),
        OneOf("then", "then", (NONE, *MOVES), NONE, no_more, menu=True),
        OneOf("last", "and then", (NONE, *MOVES), NONE, no_more, menu=True),
        Number("speed", "Speed", 0.25, 3.0, 1.0, 0.25, "1 is as fast as in training."),
        Number("noise", "Noise", 0.0, 0.5, 0.05, 0.05, "Spread of what is added to every pixel."),
        Whole("clutter", "Clutter", 0, 8, 0, help="Scraps of other digits that lie about."),
        Switch("bounce", "Bounce", help="Off the edges; otherwise its way has room."),
        Whole("seed", "Seed", 0, LAST_SEED, 7, help="Another one, another clip.", typed=True),
        Whole("number", "Number", 0, max(examples - 1, 0), 0, typed=True),
        OneOf(
            "polarity",
            "Bright or dark",
            tuple(POLARITIES),
            "auto",
            POLARITIES,
            help="The shipped networks have learned from bright things on dark ground, so for them "
            "a clip with a bright border is inverted.",
        ),
        OneOf(
            "change",
            "What if",
            tuple(CHANGES),
            "none",
            {name: change.label for name, change in CHANGES.items()},
        ),
    ]


def following(
    networks: Mapping[str, ClipNetwork], name: str, values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what else is to change when somebody has chosen something.

    A network for handwriting says nothing about a digit that flies by, nor the other way round, so
    each brings the clips that it has learned from.

    Args:
        networks: Those that can read here.
        name: The field that was changed by hand.
        values: All values as they are now.
    """
    network, source = networks[values["network"]], values["source"]
    changed: dict[str, Any] = {}
    if name == "network":
        written = source in ("draw", "example")
        if network.material == "pen" and source == "generate":
            changed["source"] = "draw"
        elif network.material == "moving" and written:
            changed["source"] = "generate"
    elif name == "source":
        wanted = {"draw": "pen", "example": "pen", "generate": "moving"}.get(source)
        if wanted and network.material not in (wanted, "own"):
            fitting = [key for key, one in networks.items() if one.material == wanted]
            if fitting:
                network = networks[fitting[0]]
                changed["network"] = fitting[0]
    if name in ("network", "source") and network.material == "moving":
        several = values["then"] != NONE
        if network.every_frame and not several:
            changed |= FIRST_MOTIONS
        elif not network.every_frame and several:
            changed |= {"then": NONE, "last": NONE}
    return changed


def motions_of(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the motions that were ordered, one after another."""
    return tuple(
        values[name] for name in ("motion", "then", "last") if values[name] not in (NONE, "")
    )
