"""The trained networks among which sections choose, and how a link that names them opens them."""

from collections.abc import Callable, Iterable, Mapping

from rnnviz.analysis.variants import VARIANTS
from rnnviz.data.dataset import DIGITS
from rnnviz.models.cells import cell_class
from rnnviz.models.config import ModelConfig
from rnnviz.plots import looks as drawn
from rnnviz.plots.looks import Look
from rnnviz.ui import cache, session
from rnnviz.ui.cache import Reader
from rnnviz.ui.fields import SomeOf
from rnnviz.ui.laboratory.compute_flow import SHIPPED, way_of
from rnnviz.ui.laboratory.panel import Panel
from rnnviz.ui.laboratory.ways import WAYS

NAME = "models"
"""The field, and what links call it."""
MOST_RUNS = 12
"""Runs of one's own that a menu shows, the youngest ones: they aren't searched through here."""

Fits = Callable[[ModelConfig], bool]
"""Says whether a section can show a network."""


def chains(config: ModelConfig) -> bool:
    """Return whether a network reads along one of the ways of the section on the flow."""
    return way_of(config) is not None


def grids(config: ModelConfig) -> bool:
    """Return whether a network reads a grid."""
    return cell_class(config.cell).PARENTS == 2


def labels(fits: Fits) -> dict[str, str]:
    """Return the networks that a section can show, and what they are called, by name."""
    readers = session.shelf()
    opened = [name for name in readers.opened if name in readers]
    names = (*cache.shipped(), *readers.own, *list(readers.runs)[:MOST_RUNS], *opened)
    return {name: readers.label(name) for name in names if fits(readers.config(name))}


def field(fits: Fits) -> SomeOf:
    """Return the choice of trained networks; none chosen stands for all shipped ones."""
    shown = labels(fits)
    return SomeOf(NAME, "Trained networks; none for all that are shipped", tuple(shown), (), shown)


def looks(names: Iterable[str]) -> dict[str, Look]:
    """Return how networks are drawn that are shown together, variants and trained ones alike."""
    shelf = session.shelf()
    cells = {name: "" if name in VARIANTS else shelf.config(name).cell for name in names}
    return drawn.looks(cells, cache.shipped())


def readers(panel: Panel) -> list[Reader]:
    """Return the networks that are chosen."""
    shelf = session.shelf()
    chosen = panel[NAME] or tuple(cache.shipped())
    return [shelf[name] for name in chosen if name in shelf]


def remarks(panel: Panel) -> tuple[str, ...]:
    """Return what one should know of the chosen networks."""
    found = [
        f"{reader.label} doesn't read along this route, so it isn't shown."
        for reader in readers(panel)
        if panel[NAME] and way_of(reader.checkpoint.config) != panel["route"]
    ]
    strangers = [reader.label for reader in readers(panel) if set(reader.classes) != set(DIGITS)]
    if strangers:
        found.append(
            f"The pictures here are digits, but these networks have learned other things: "
            f"{'; '.join(strangers)}. What is measured is real all the same."
        )
    return tuple(found)


def opened_by(parameters: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return what a link means that names trained networks but no section, and notices.

    Networks that read a chain open in the section on the flow, along their own route; one that
    reads a grid in the section on two dimensions. Any other link comes back as it was.
    """
    named = session.open_networks(parameters)
    if not named or "section" in parameters:
        return dict(parameters), ()
    shelf = session.shelf()
    notices = tuple(dict.fromkeys(shelf.why(name) for name in named if name not in shelf))
    there = {name: shelf[name].checkpoint.config for name in named if name in shelf}
    first = next(iter(there), None)
    if first is None:
        return {}, notices
    if grids(there[first]):
        return dict(parameters) | {"section": "grid", "network": first}, notices
    way = way_of(there[first])
    if way is None:
        problem = f"{shelf.label(first)} reads in a way that this page can't show."
        return {}, (*notices, problem)
    steps = str(WAYS[way].steps)
    opened = {"section": "flow", "weights": SHIPPED, "route": way, "length": steps}
    return dict(parameters) | opened, notices
