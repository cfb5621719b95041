"""What a browser is given of a figure, and what it says was clicked there."""

import gzip
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from plotly.offline import get_plotlyjs

from rnnviz.ui.components.plotly_figure import clicked_place, library


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
    folder = library.packed_folder()
    assert folder is not None
    wanted = get_plotlyjs().encode()
    assert (folder / "plotly.min.js").read_bytes() == wanted
    assert gzip.decompress((folder / "plotly.min.js.gz").read_bytes()) == wanted


def test_where_nothing_can_be_written_the_library_comes_from_its_package(monkeypatch):
    def full(*_: Any, **__: Any) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.mkdtemp", full)
    found = library.declared_library.__wrapped__()
    assert found["packed"] is False
    assert Path(library.PACKAGE / library.FILE).is_file()
    assert f"/{library.FILE}?version=" in found["path"]
