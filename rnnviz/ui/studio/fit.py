"""What goes with what: which cells fit a route, and what changes with a choice. Pure data."""

from collections.abc import Mapping
from typing import Any

from rnnviz.core.routes import PACKAGE as ROUTES
from rnnviz.models.cells import cell_class, cells_with
from rnnviz.registry import find
from rnnviz.ui.studio.fields import IDENTITY, ORTHOGONAL, SHARED_OPTIONS, STARTS, TORCH

Values = Mapping[str, Any]

PATCHES_OF = {"patches": ("2", "4", "7", "14"), "grid": ("1", "2", "4", "7")}
"""The sides that patches can have: all of them tile 28 pixels."""
TWO_D = "2-D "
"""What begins the label of a cell for two parents, before that of its sister for one."""


def route_options(route: str) -> Mapping[str, int]:
    """Return the options of a route with their defaults."""
    return find(ROUTES, route, "route").OPTIONS


def parents(route: str) -> int:
    """Return how many parents each step of a route has."""
    return find(ROUTES, route, "route").PARENTS


def cells_for(route: str) -> tuple[str, ...]:
    """Return the cells that can read along a route."""
    return tuple(cells_with(parents(route)))


def starts_for(cell: str) -> tuple[str, ...]:
    """Return how the recurrent weights of a cell can start."""
    kind = cell_class(cell)
    if "identity" not in kind.OPTIONS:
        return (IDENTITY,)
    # PyTorch has no two-dimensional cells, and so no default for them.
    return tuple(one for one in STARTS if one != TORCH or kind.PARENTS == 1)


def own_options(cell: str) -> dict[str, float]:
    """Return the options of a cell that have fields of their own, with their defaults."""
    options = cell_class(cell).OPTIONS.items()
    return {name: value for name, value in options if name not in SHARED_OPTIONS}


def sister(cell: str, route: str) -> str:
    """Return the cell most like another one that can read along a route."""
    fitting = cells_for(route)
    label = cell_class(cell).LABEL
    wanted = (label.removeprefix(TWO_D), TWO_D + label)
    alike = [one for one in fitting if cell_class(one).LABEL in wanted]
    return (alike or list(fitting))[0]


def follow(name: str, values: Values) -> dict[str, Any]:
    """Return what else changes when a field was changed by hand.

    Args:
        name: The field.
        values: All choices, with the new one.
    """
    if name == "route":
        return follow_route(values)
    return start_of(values["cell"]) if name == "cell" else {}


def follow_route(values: Values) -> dict[str, Any]:
    """Return what another route changes: the size of its patches, and a cell that doesn't fit."""
    route, changes = values["route"], {}
    if "patch" in route_options(route):
        changes["patch"] = str(route_options(route)["patch"])
    if parents(route) != 1:
        changes["directions"] = "1"
    if values["cell"] not in cells_for(route):
        changes["cell"] = sister(values["cell"], route)
        changes |= start_of(changes["cell"])
    return changes


def start_of(cell: str) -> dict[str, Any]:
    """Return how a cell starts unless one chooses otherwise."""
    start = ORTHOGONAL if ORTHOGONAL in starts_for(cell) else IDENTITY
    gain = cell_class(cell).OPTIONS.get("gain", 1.0)
    return {"start": start, "gain": gain} | own_options(cell)


def mended(values: Values) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return what has to change of a link's choices so that they fit together, and why in words."""
    changes: dict[str, Any] = {}
    notices = []
    route = values["route"]
    if values["cell"] not in cells_for(route):
        changes["cell"] = sister(values["cell"], route)
        changes |= start_of(changes["cell"])
        notices.append(no_cell(values["cell"], route, changes["cell"]))
    now = {**values, **changes}
    if "patch" in route_options(route) and now["patch"] not in PATCHES_OF[route]:
        changes["patch"] = str(max(route_options(route)["patch"], int(PATCHES_OF[route][0])))
    if now["start"] not in starts_for(now["cell"]):
        changes["start"] = starts_for(now["cell"])[0]
        notices.append(
            f"The {cell_class(now['cell']).LABEL} can't start as this link says, so it starts as "
            f"{STARTS[changes['start']]}."
        )
    if parents(route) != 1 and now["directions"] != "1":
        changes["directions"] = "1"
        notices.append("A grid has no way back. Read it from all four corners instead.")
    return changes, tuple(notices)


def no_cell(cell: str, route: str, instead: str) -> str:
    """Return why a cell can't read along a route, and which one does instead."""
    label, count = find(ROUTES, route, "route").LABEL, parents(route)
    return (
        f"Along the route '{label}' each step hears from {count} other{'s' * (count > 1)}, and the "
        f"{cell_class(cell).LABEL} from {cell_class(cell).PARENTS}. The "
        f"{cell_class(instead).LABEL} is chosen instead."
    )
