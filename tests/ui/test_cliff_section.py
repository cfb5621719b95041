"""The section on the cliff as Streamlit runs it, without a browser."""

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.analysis.cliff import descend
from rnnviz.core.cliff import Neighbours
from rnnviz.ui.laboratory.sections import cliff
from tests.ui.running import checked
from tests.ui.running import opened as opened_page


def section() -> None:
    from rnnviz.ui.laboratory.panel import Panel
    from rnnviz.ui.laboratory.sections import cliff as shown

    shown.show(Panel("cliff", shown.fields()))


def opened(**query: str) -> AppTest:
    return opened_page(section, section="cliff", **query)


def facts(app: AppTest) -> dict[str, str]:
    return {one.label: one.value for one in app.metric}


def press(app: AppTest, label: str) -> AppTest:
    (found,) = [one for one in app.button if one.label == label]
    return checked(found.click().run())


def test_the_first_view_is_the_one_of_the_figure():
    app = opened()
    found = facts(app)
    assert found["raw ends at E"] == "0.09"
    assert float(found["clipped, lowest E"]) <= 0.0005
    assert float(found["longest step, clipped"]) == pytest.approx(0.1)
    (told,) = [one.value for one in app.info]
    assert "the gradient exactly 0" in told


def test_a_link_opens_the_case_that_sticks():
    app = opened(rate="0.05", threshold="0.5")
    assert float(facts(app)["clipped ends at E"]) == pytest.approx(0.36, abs=0.005)
    assert "still hops" in app.info[-1].value


@pytest.mark.parametrize("label", cliff.CASES)
def test_a_case_is_one_click_away(label):
    app = press(opened(points="50"), label)
    wanted = cliff.CASES[label]
    raw = descend((wanted["w"], wanted["b"]), float(wanted["rate"]), points=400)
    assert facts(app)["raw ends at E"] == cliff.number(raw.end)


def test_an_overflow_is_told_and_everything_else_stays():
    app = press(opened(), "Overflow at once")
    assert "aren't finite" in app.warning[0].value
    found = facts(app)
    for name in ("raw ends at E", "longest step, raw", "median E, raw"):
        assert found[name] == "not finite", name
    assert found["raw: thrown more than 1 away by one step"] == "not finite"
    assert found["longest step, clipped"] == found["clipped: thrown"] == "not finite"
    assert press(app, "Clipping saves it").metric[0].value == "0.09"


def test_moving_a_slider_moves_the_start():
    app = opened()
    (slider,) = [one for one in app.slider if one.label == "Start: b"]
    slider.set_value(-1.5)
    assert facts(checked(app.run()))["raw ends at E"] != "0.09"


def test_a_place_comes_to_the_grid_that_the_sliders_have():
    assert cliff.on_grid(4.27) == 4.25
    assert cliff.on_grid(-2.6000001) == -2.6
    starts = cliff.places()
    assert np.allclose([[cliff.on_grid(value) for value in start] for start in starts], starts)
    assert starts.min(axis=0) == pytest.approx([3.5, -4.0])
    assert starts.max(axis=0) == pytest.approx([7.0, -1.0])


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.09, "0.09"), (4341.3, "4,341"), (8.8e-7, "8.8·10⁻⁷"), (0.0, "0"), (np.nan, "not finite")],
)
def test_numbers_are_short(value, text):
    assert cliff.number(value) == text


def test_neighbours_of_which_some_overflow_are_told_as_such():
    points = np.array([[5.0, -2.6], [400.0, 3.0], [np.inf, 3.0], [np.nan, np.nan]])
    some = Neighbours(None, 1e-6, points, np.zeros(4), np.array([0.0, 395.0, np.inf, np.inf]))
    assert cliff.thrown(some) == "75%, 50% not finite"
    assert cliff.thrown(replace(some, points=points[:1], farthest=np.zeros(1))) == "0%"


def test_the_table_of_two_paths_has_one_length():
    long, short = descend((6, -2.6), 0.1, 1.0, 30), descend((5, -2.6123), 1e308)
    table = cliff.path_table(short, long)
    assert {len(column) for column in table.values()} == {30}
    assert np.isnan(table["raw E"][1:]).all()
    assert np.array_equal(table["clipped gradient"], long.norms)
