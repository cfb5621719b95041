"""What the section "Clipping" says of what was measured."""

import math
from dataclasses import replace

import numpy as np
import pytest

from rnnviz.core.twins import FlowCheck, Suggestion, TwinRun, Twins
from rnnviz.ui.laboratory import clipping_words as words
from rnnviz.ui.laboratory.sections.clipping import NORMS


def a_run(name: str, accuracy: float, factor: float = 1.0, stopped: int | None = None) -> TwinRun:
    ones = np.ones(4)
    return TwinRun(
        name=name,
        threshold=0.5,
        weights=9,
        losses=ones,
        accuracies=ones,
        before=ones,
        after=ones * factor,
        cosines=ones,
        clipped=ones * factor < 1,
        travelled=ones * 1234.5,
        apart=ones,
        checked=np.array([4]),
        held_out=np.array([accuracy]),
        stopped=stopped,
        cause="loss" if stopped else "",
    )


def verdict(raw: TwinRun, norm: TwinRun) -> str:
    return words.verdict(Twins(4, {"none": raw, "norm": norm}))


def test_the_verdict_is_what_the_numbers_say():
    fine, good, poor = a_run("none", 0.9), a_run("norm", 0.85, 0.5), a_run("norm", 0.3, 0.01)
    dead = a_run("none", 0.1, stopped=4)
    saved = verdict(dead, good)
    assert "saves the run" in saved
    assert "loss is not finite from step 4" in saved and "85 %" in saved
    hurt = verdict(fine, poor)
    assert "hurts" in hurt and "90 %" in hurt and "30 %" in hurt and "0.01 times" in hurt
    assert "helps" in verdict(a_run("none", 0.3), good)
    assert "hardly matters" in verdict(fine, good)
    assert "never acts" in verdict(fine, a_run("norm", 0.9))
    assert "Neither goes on" in verdict(dead, a_run("norm", 0.1, stopped=4))
    assert "Only the unclipped run" in verdict(fine, a_run("norm", 0.1, stopped=4))


def test_a_run_that_has_just_begun_is_not_judged():
    new = replace(a_run("none", 0.1), checked=np.array([]), held_out=np.array([]))
    assert "only begun" in verdict(new, replace(new, name="norm"))
    assert words.end_of(new) == "–"


def test_a_run_under_way_is_judged_as_far_as_it_has_got():
    runs = {"none": a_run("none", 0.3), "norm": a_run("norm", 0.9, 0.5)}
    assert words.verdict(Twins(9, runs)).startswith("After 4 of 9 training steps: **Clipping helps")
    assert words.verdict(Twins(4, runs)).startswith("**Clipping helps")


def test_the_statement_gives_the_numbers_of_the_moment():
    flow = np.ones(3)
    told = words.statement(FlowCheck("norm", 17, (45.5, 0.2), flow, flow, 0.0, 114688))
    for number in ("17", "45.5", "0.2", "114,688", "**0**"):
        assert number in told
    assert "**0.5**" in words.statement(FlowCheck("norm", 17, (45.5, 0.2), flow, flow, 0.5, 9))


def test_the_proposal_names_its_source_and_its_range():
    told = words.proposal(Suggestion(0.4, 19, "none"), 21)
    for part in ("Pascanu", "19 updates", "0.2", "to 4", "unclipped"):
        assert part in told
    assert "outburst" in told
    assert "outburst" not in words.proposal(Suggestion(0.4, 19, "none"), 19)


@pytest.mark.parametrize(
    ("value", "option"), [(0.39, "0.5"), (0.2, "0.2"), (3.9, "5"), (1e-9, "0.001"), (1e9, "5000")]
)
def test_a_proposal_becomes_the_nearest_threshold_of_the_menu(value, option):
    assert words.nearest(value, NORMS) == option


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
def test_no_threshold_is_near_to_what_is_none(value):
    with pytest.raises(ValueError, match="positive number"):
        words.nearest(value, NORMS)


def test_shares_and_amounts_read_well():
    assert [words.percent(share) for share in (0.0, 0.001, 0.72, 0.999, 1.0)] == [
        "0 %",
        "0.1 %",
        "72 %",
        "99.9 %",
        "100 %",
    ]
    assert words.amount(1234.5) == "1,234"
    assert words.amount(0.01234) == "0.0123"
    assert "1,234" in words.travelled(Twins(9, {"none": a_run("none", 0.1)}))
