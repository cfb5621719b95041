"""A network is drawn alike wherever its gradient is shown, and unlike every other one."""

from typing import Any

import numpy as np
import pytest

from rnnviz import plots
from rnnviz.analysis.variants import VARIANTS
from rnnviz.core.batch_flow import BatchFlow
from rnnviz.core.routes import build_route
from rnnviz.models.cells import cell_class
from rnnviz.plots import looks
from rnnviz.plots.looks import CELLS, CLIPS, READERS, look
from tests.plots.test_figures import luminance

KNOWN = {look(name) for name in VARIANTS} | set(CELLS.values())


def test_every_variant_and_every_cell_of_the_app_has_a_look():
    assert set(looks.VARIANTS) == set(VARIANTS)
    assert all(cell_class(cell).LABEL for cell in CELLS)
    assert {variant.cell for variant in VARIANTS.values()} <= set(CELLS)


def test_variants_of_a_cell_share_its_colour_and_no_two_variants_share_a_dash():
    for name, variant in VARIANTS.items():
        assert look(name).colour == CELLS[variant.cell].colour
    dashes = [look(name).dash for name in VARIANTS]
    assert len(set(dashes)) == len(dashes), "they are told apart on paper too"


def test_no_clip_and_no_fault_looks_like_a_network():
    others = [*CLIPS.values(), *(READERS[faults] for faults in READERS if faults)]
    assert READERS[()] == look("rnn"), "repaired, it is a plain RNN"
    assert len(set(others)) == len(others)
    assert not KNOWN & set(others)
    for group in (CLIPS, READERS):
        dashes = [one.dash for one in group.values()]
        assert len(set(dashes)) == len(dashes)


@pytest.mark.parametrize("page", ["#ffffff", "#0d1217"])
def test_every_curve_stands_out_from_the_page_in_both_themes(page):
    """WCAG 2.2: what is needed to understand a figure has a contrast of 3 and more."""
    for one in KNOWN | {*CLIPS.values(), *READERS.values(), looks.OTHER}:
        light, dark = sorted((luminance(one.colour), luminance(page)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 3, one


def test_networks_of_ones_own_keep_their_looks_whoever_stands_beside_them():
    alone = looks.looks({"mine": "lstm"})["mine"]
    beside = looks.looks({"lstm-rows": "lstm", "rnn": "rnn", "mine": "lstm"}, {"lstm-rows"})
    assert beside["mine"] == alone
    assert beside["lstm-rows"] == CELLS["lstm"] != alone
    assert alone.colour == CELLS["lstm"].colour


def test_networks_of_ones_own_never_look_alike():
    many = {f"run-{number}": "gru" for number in range(7)}
    assert len(set(looks.looks(many).values())) == 7


def test_a_network_does_not_take_another_look_at_another_place():
    route = build_route("rows", (1, 28, 28))
    flow = BatchFlow(route, np.zeros(1, np.int64), np.ones(1), {"h": np.ones((1, 28))})
    known = {"A": look("lstm-0"), "B": look("gru-1")}
    for names in ("AB", "BA", "B"):
        shown = dict.fromkeys(names, flow)
        for make in (plots.flow_curves, plots.factor_curves):
            figure: Any = make(shown, looks=known)
            for name in names:
                (curve,) = [trace for trace in figure.data if trace.name == name]
                assert (curve.line.color, curve.line.dash) == known[name]
