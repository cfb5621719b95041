"""What a browser says was clicked in a figure, and what of it is believed."""

from types import SimpleNamespace
from typing import Any

import pytest
from plotly.offline import get_plotlyjs

from rnnviz.ui.components.plotly_figure import LIBRARY, clicked_place


def sent(**values: Any) -> SimpleNamespace:
    return SimpleNamespace(**values)


def test_a_place_in_a_heat_map_is_two_numbers():
    assert clicked_place(sent(clicked={"x": 3, "y": -2.5})) == (3.0, -2.5)


@pytest.mark.parametrize(
    "clicked",
    [
        *(None, "3, 4", [3, 4], {}),
        *({"x": 1}, {"x": "one", "y": 2}, {"x": None, "y": {}}),
        *({"x": float("nan"), "y": 2}, {"x": 1, "y": float("inf")}, {"x": 10**400, "y": 0}),
    ],
    ids=lambda clicked: str(clicked)[:40],
)
def test_anything_else_is_no_place(clicked):
    assert clicked_place(sent(clicked=clicked)) is None
    assert clicked_place(sent()) is None and clicked_place(None) is None


def test_the_library_that_is_served_is_the_one_that_the_package_writes_figures_for():
    assert (LIBRARY / "plotly.min.js").read_text(encoding="utf-8") == get_plotlyjs()
