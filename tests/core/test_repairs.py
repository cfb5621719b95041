"""Repairs: what is known of runs that are finished, and of those that are not."""

import numpy as np
import pytest

from rnnviz.core.repairs import Findings, Patient, ReaderFlow, Repairs, medians


def found(test: float, last: float = 0.0) -> Findings:
    states = np.array([0.2, last])
    return Findings(states, states / 2, {"from_state.weight": last}, 1e-16, test)


def repairs() -> Repairs:
    patients = (Patient("a", "A", 1), Patient("b", "B", 28, ("whole",)))
    after = {("a", 0): found(0.9), ("a", 2): found(0.7, 0.4), ("a", 5): found(0.8, 0.1)}
    return Repairs(patients, (0, 2, 5), before={}, after=after, courses={})


def test_the_accuracy_is_the_median_over_the_seeds_that_are_finished():
    assert repairs().accuracy("a") == pytest.approx(0.8)
    np.testing.assert_array_equal(repairs().accuracies("a"), [0.9, 0.7, 0.8])


def test_a_patient_without_a_finished_run_has_no_figures():
    empty = repairs()
    assert np.isnan(
        [
            empty.accuracy("b"),
            empty.last_state_gradient("b"),
            empty.weight_gradient("b", "from_state.weight"),
            empty.bend("b"),
        ]
    ).all()
    assert len(empty.flows("b")) == 0


def test_of_a_gradient_the_largest_of_the_seeds_is_told_so_that_zero_means_all():
    assert repairs().last_state_gradient("a") == 0.4
    assert repairs().weight_gradient("a", "from_state.weight") == 0.4


def test_flows_come_seed_by_seed():
    np.testing.assert_array_equal(repairs().flows("a")[:, 1], [0.0, 0.4, 0.1])
    np.testing.assert_array_equal(repairs().flows("a", "inputs")[:, 0], [0.1] * 3)


def test_an_unknown_patient_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="a, b"):
        repairs().accuracy("c")


def test_the_median_of_no_steps_is_empty():
    assert medians(np.zeros((4, 0))).shape == (0,)
    np.testing.assert_array_equal(medians(np.array([[1, 5], [2, 6], [9, 7]])), [2, 6])


def test_the_median_of_flows_is_taken_over_the_seeds():
    np.testing.assert_array_equal(repairs().median_flow("a"), [0.2, 0.1])
    np.testing.assert_array_equal(repairs().median_flow("a", "inputs"), [0.1, 0.05])
    assert repairs().median_flow("b").shape == (0,)


def test_what_is_left_of_a_gradient_is_a_share_of_each_picture_of_its_own():
    states = np.array([[1.0, 2.0], [40.0, 10.0], [9.0, 3.0]])
    flow = ReaderFlow(2 * states, states, states, {}, 0.0)
    np.testing.assert_array_equal(flow.left, [3.0, 1.0])
    np.testing.assert_array_equal(flow.median("sizes"), [18.0, 6.0])
