"""The section on two dimensions as Streamlit runs it, without a browser."""

import math

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.analysis.beam import beam, gained_model
from rnnviz.core.beam import BALANCE, CORNERS
from rnnviz.ui import cache
from rnnviz.ui.fields import Number
from rnnviz.ui.laboratory import pictures
from rnnviz.ui.laboratory.numbers_in_words import fraction
from rnnviz.ui.laboratory.sections import grid
from tests.ui.running import checked
from tests.ui.running import opened as opened_page


def section() -> None:
    import streamlit as st

    from rnnviz.ui import cache, session
    from rnnviz.ui.laboratory.panel import Panel
    from rnnviz.ui.laboratory.sections import grid as shown

    session.open_shown(cache.shipped(), st.query_params.to_dict())
    shown.show(Panel("grid", shown.fields()))


def opened(**query: str) -> AppTest:
    return opened_page(section, section="grid", **query)


def facts(app: AppTest) -> dict[str, str]:
    return {one.label: one.value for one in app.metric}


def test_the_facts_are_those_of_a_real_network():
    batch = pictures.digits(grid.LOOKED_AT)
    image = grid.first_of(batch, 3)
    expected = beam(gained_model("grid", 0.6), np.rint(image * 255) / 255, 3)
    found = facts(opened(gain="0.6", digit="3"))
    assert found["left at the far corner"] == fraction(expected.decades[0, 0])
    assert found["left along the edge"] == fraction(expected.decades[-1, 0])
    assert found["ways to the far corner"] == "1.9·10¹⁵"  # (54 choose 27) = 1.946e15


def test_the_gain_takes_the_beam_from_fading_to_growing():
    app = opened()
    left = []
    for label in grid.CASES:
        (button,) = [one for one in app.button if one.label == label]
        checked(button.click().run())
        left.append(facts(app)["left at the far corner"])
    faded, balanced, grown = left
    assert "10⁻¹" in faded
    assert 0.1 < float(balanced) < 10
    assert float(grown.replace(",", "")) > 10


def test_the_gain_in_balance_is_told_with_what_it_leaves():
    """sqrt of (54 choose 27) times 2^-27 is left after the 54 steps of the diagonal: 0.33."""
    app = opened()
    (told,) = [one.value for one in app.markdown if "Why a beam" in one.value]
    left = math.sqrt(math.comb(54, 27)) * 2.0**-27
    assert f"{left:.2g} after all 54" in told and "nothing is lost" not in told
    assert "FAR" not in told and "STEPS" not in told


def test_the_button_in_balance_sets_what_it_says_as_closely_as_the_slider_can():
    ((label, gain),) = [case for case in grid.CASES.items() if "balance" in case[0]]
    (field,) = [one for one in grid.fields() if isinstance(one, Number)]
    assert f"{gain:g}" in label
    assert abs(gain - BALANCE) <= field.step / 2
    assert gain**54 == pytest.approx(BALANCE**54, rel=0.01)


@pytest.mark.parametrize("name", grid.ROWS)
def test_every_trained_grid_stands_beside_its_row_network(name):
    assert {name, grid.ROWS[name]} <= set(cache.shipped())
    app = opened(network=name, corner=CORNERS[3])
    assert not [one for one in app.slider if one.label == "Recurrent gain"]
    assert all(facts(app).values())


def test_the_drawing_is_read_by_the_first_reader_there_is(monkeypatch):
    fewer = {name: reader for name, reader in cache.shipped().items() if name != "lstm-rows"}
    monkeypatch.setattr(cache, "shipped", lambda: fewer)
    app = opened(digit="drawing")
    assert any("the picture of the page Draw, read as a" in one.value for one in app.caption)


def test_the_tables_count_pixels_from_one_and_ways_as_binomials():
    table = grid.ways_table(beam(gained_model("grid", 0.7, units=4), np.zeros((28, 28)), 0))
    assert (table["row"][0], table["column"][0]) == (1, 1)
    assert (table["row"][-1], table["column"][-1]) == (28, 28)
    at = (table["row"] == 20) & (table["column"] == 27)
    assert table["log10 of ways"][at] == pytest.approx(math.log10(math.comb(9, 1)))


def test_tables_hold_every_point():
    one = beam(gained_model("rows", 0.7, units=4), np.zeros((28, 28)), 0)
    assert {len(column) for column in grid.map_table(one).values()} == {784}
    assert {len(column) for column in grid.ways_table(one).values()} == {784}
    table = grid.curve_table({"a": one.edge, "b": (np.arange(3), np.zeros(3))})
    assert {len(column) for column in table.values()} == {31}
    assert table["way"].count("b") == 3
