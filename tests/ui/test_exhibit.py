"""The code on the page is the code that was measured, and guesses at its faults are judged."""

from itertools import combinations
from typing import Any

import pytest
import torch
from torch import nn

from rnnviz.models.row_reader import SIDE, Faults, RowReader, as_pieces
from rnnviz.ui.laboratory import exhibit

ALL = [
    faults for count in range(4) for faults in combinations(exhibit.FAULTS, count)
]  # each fault alone, each pair, none and all


@pytest.mark.parametrize("faults", ALL, ids=lambda faults: "+".join(faults) or "none")
def test_the_code_on_the_page_computes_what_the_measured_network_computes(faults):
    space: dict[str, Any] = {"torch": torch, "nn": nn}
    exec(exhibit.code(faults), space)  # our own text, from the module under test
    shown = space["RowReader"](units=16)
    ours = Faults(**dict.fromkeys(faults, True))
    measured = RowReader(ours.rows * SIDE, 16, ours)
    measured.load_state_dict(shown.state_dict())
    pieces = as_pieces(torch.rand(3, SIDE, SIDE), ours.rows)
    torch.testing.assert_close(shown(pieces), measured(pieces))


def test_each_fault_stands_in_one_line():
    assert sorted(exhibit.faulty_lines().values()) == sorted(exhibit.FAULTS)


def test_before_it_is_asked_for_the_markup_gives_no_fault_away():
    hidden = exhibit.markup(())
    assert "fault" not in hidden and "mended" not in hidden
    for line in exhibit.LINES:
        if line.repaired:
            assert exhibit.coloured(line.repaired) not in hidden


@pytest.mark.parametrize("fault", exhibit.FAULTS)
def test_a_fault_that_is_shown_stands_above_its_repair(fault):
    shown = exhibit.markup((fault,))
    (line,) = [line for line in exhibit.LINES if line.fault == fault]
    assert shown.count('class="fault"') == shown.count('class="mended"') == 1
    assert shown.index(exhibit.coloured(line.text)) < shown.index(exhibit.coloured(line.repaired))


def test_the_code_is_narrow_enough_for_the_page():
    widest = max(max(len(line.text), len(line.repaired)) for line in exhibit.LINES)
    assert widest <= 76


def test_a_guess_is_judged():
    right = sorted(exhibit.faulty_lines())
    assert exhibit.verdict(right).startswith("All three")
    assert "**1 of 3** (line 6)" in exhibit.verdict([6, 7])
    assert "Nothing is wrong with line 7" in exhibit.verdict([6, 7])
    assert "**0 of 3**" in exhibit.verdict([1])
    assert "nothing else" not in exhibit.verdict([*right, 1])
