"""The figures of the bug laboratory show what was measured, zeros and unfinished runs too."""

import numpy as np
import pytest

from rnnviz.core.repairs import Findings, Patient, ReaderFlow, Repairs
from rnnviz.plots import (
    bend_curves,
    late_accuracies,
    repair_accuracies,
    repair_courses,
    repair_gradients,
)

PATIENTS = (
    Patient("repaired-1", "repaired", 1),
    Patient("late-1", "answers a step late", 1, ("late",)),
    Patient("repaired-28", "the size alone", 28),
    Patient("late-28", "late", 28, ("late",)),
)


def found(test: float, states: list[float]) -> Findings:
    values = np.array(states)
    return Findings(values, values / 10, {"answer.weight": 1.0}, 0.5, test)


def repairs() -> Repairs:
    after = {
        ("repaired-1", 0): found(0.9, [0.1, 1.0, 10.0]),
        ("repaired-1", 1): found(0.8, [0.1, 1.0, 10.0]),
        ("repaired-1", 2): found(0.7, [0.1, 1.0, 10.0]),
        ("late-1", 0): found(0.6, [0.01, 1.0, 0.0]),
        ("repaired-28", 0): found(0.95, [1.0]),
        ("late-28", 0): found(0.1, [0.0]),
    }
    courses = {("repaired-1", 0): np.array([[0, 10, 20], [0.1, 0.5, 0.9]])}
    return Repairs(PATIENTS, (0, 1, 2), {}, after, courses)


def traces(figure) -> list[dict]:
    """Return what is drawn, as arrays and lists; ``to_dict`` would pack the arrays."""
    return [one.to_plotly_json() for one in figure.data]


def trace(figure, **wanted) -> dict:
    (one,) = [
        data
        for data in traces(figure)
        if all(data.get(name) == value for name, value in wanted.items())
    ]
    return one


def test_the_first_named_stands_at_the_top_with_the_median_of_its_seeds():
    figure = repair_accuracies(repairs(), ["repaired-1", "late-1"])
    bars = [data for data in traces(figure) if data["type"] == "bar"]
    assert [bar["y"][0].replace("<br>", " ") for bar in bars] == ["answers a step late", "repaired"]
    assert bars[1]["x"] == [pytest.approx(80)]
    marks = trace(figure, y=["repaired"] * 3)
    np.testing.assert_allclose(sorted(marks["x"]), [70, 80, 90])


def test_a_patient_that_is_not_finished_has_its_place_but_no_figure():
    unfinished = Repairs(PATIENTS, (0,), {}, {}, {})
    figure = repair_accuracies(unfinished, ["repaired-1"])
    texts = [note["text"] for note in figure.to_dict()["layout"]["annotations"]]
    assert "<b>… %</b>" in texts
    assert np.isnan(traces(figure)[0]["x"][0])


def test_the_late_curve_stands_beside_the_one_in_time():
    figure = late_accuracies(repairs(), (1, 28))
    assert list(trace(figure, name="answers in time")["y"]) == pytest.approx([80, 95])
    assert list(trace(figure, name="answers a step late")["y"]) == pytest.approx([60, 10])


def test_a_gradient_of_exactly_zero_is_a_cross_at_the_lower_edge():
    figure = repair_gradients(repairs(), ["repaired-1", "late-1"])
    curve = trace(figure, name="answers a step late")
    assert list(curve["y"][:2]) == pytest.approx([-2, 0]) and np.isnan(curve["y"][2])
    low = figure.to_dict()["layout"]["yaxis"]["range"][0]
    cross = trace(figure, mode="markers")
    assert (list(cross["x"]), list(cross["y"])) == ([3], [low])
    assert low < -2


def test_gradients_of_inputs_are_those_of_the_inputs():
    figure = repair_gradients(repairs(), ["repaired-1"], "inputs")
    assert list(trace(figure, name="repaired")["y"]) == pytest.approx([-2, -1, 0])


def test_gradients_of_runs_that_are_not_finished_leave_an_empty_figure():
    assert not traces(repair_gradients(Repairs(PATIENTS, (0,), {}, {}, {}), ["late-1"]))


def test_a_course_is_drawn_as_far_as_it_has_got():
    figure = repair_courses(repairs(), {"repaired-1": "A", "late-1": "B"})
    line = trace(figure, name="A")
    assert list(line["x"]) == [0, 10, 20] and list(line["y"]) == pytest.approx([10, 50, 90])
    assert len(traces(figure)) == 1


def test_the_two_sides_of_a_gain_are_drawn_apart():
    states, sizes = np.array([[4.0, 2.0, 1.0]]), np.array([[1.0, 10.0, 100.0]])
    flow = ReaderFlow(sizes, states, states, {}, 0.0)
    back = trace(bend_curves({"straight": flow, "": flow}), name="nothing bends")
    np.testing.assert_allclose(10 ** np.array(back["y"]), [4, 2, 1])
    forward = trace(bend_curves({"straight": flow, "": flow}, "sizes"), name="with a tanh")
    assert list(forward["y"]) == pytest.approx([0, 1, 2])
