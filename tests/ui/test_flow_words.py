"""What the sections "Flow through time" and "Why" say of what was measured."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnviz.analysis.flow import batch_flow
from rnnviz.analysis.jacobians import jacobian_spectrum
from rnnviz.analysis.variants import find_variant, variant_model
from rnnviz.core.batch_flow import BatchFlow
from rnnviz.core.gradient_flow import GradientFlow
from rnnviz.core.routes import build_route
from rnnviz.core.spectrum import JacobianSpectrum
from rnnviz.data.errors import InputError
from rnnviz.ui.laboratory import flow_words, why_words
from rnnviz.ui.laboratory.numbers_in_words import power
from rnnviz.ui.laboratory.ways import WAYS, check_length

ROWS = build_route("rows", (1, 28, 28))


def flow_of(logs: np.ndarray, state: str = "h") -> BatchFlow:
    return BatchFlow(ROWS, np.zeros(1, np.int64), np.ones(1), {state: 10.0 ** logs[None]})


def spectrum_of(norm: float, largest: float | None, radius: float | None = 0.5):
    values = np.linspace(norm, 0, 28)[:, None] + np.zeros(4)
    known = largest is not None
    bound = 1.0 if known else None
    return JacobianSpectrum(
        np.arange(28), values, radius if known else None, largest, bound, np.full(27, 0.9)
    )


def test_the_summary_says_when_one_percent_is_left():
    """Half a decade a step: below 1 % after the fifth step back."""
    told = flow_words.summary({"RNN": flow_of(np.linspace(-13.5, 0, 28))}, "row")
    assert told["Falls below 1 %"] == ["5 steps back"]
    assert told["Left at row 1"] == ["3.2·10⁻¹⁴"]
    assert told["Each step back multiplies by"] == ["0.316"]
    assert told["Exactly 0"] == ["nowhere"]


def test_a_gradient_that_stays_never_gets_below_one_percent():
    told = flow_words.summary({"IRNN": flow_of(np.zeros(28))}, "row")
    assert told["Falls below 1 %"] == ["never"]
    assert told["Each step back multiplies by"] == ["1"]


def test_each_state_has_a_line_of_its_own():
    norms = {"h": np.ones((1, 28)), "c": np.ones((1, 28))}
    flow = BatchFlow(ROWS, np.zeros(1, np.int64), np.ones(1), norms)
    assert flow_words.summary({"LSTM": flow}, "row")["Network"] == ["LSTM", "LSTM, its c"]


def test_only_what_float32_lost_counts_as_underflow():
    exact = np.linspace(-54, 0, 28)
    single = np.where(exact < -45, -np.inf, exact)
    (told,) = flow_words.underflows({"RNN": flow_of(single)}, {"RNN": flow_of(exact)}, "row")
    assert "RNN** underflowed to 0 at row 5" in told
    assert "10⁻⁴⁶" in told
    dead = flow_of(single)
    assert flow_words.underflows({"RNN": dead}, {"RNN": dead}, "row") == []


def test_the_table_of_a_flow_has_a_row_for_each_network_state_and_step():
    flows = {"RNN": flow_of(np.linspace(-5, 0, 28)), "GRU": flow_of(np.zeros(28))}
    table = flow_words.flow_table(flows)
    assert {len(column) for column in table.values()} == {56}
    assert table["log10 ratio, median"][0] == pytest.approx(-5)
    assert table["network"][28] == "GRU"


def test_the_table_of_a_heat_map_tells_step_and_unit_of_every_value():
    gradient = np.arange(28 * 3.0).reshape(28, 3)
    flow = GradientFlow(ROWS, 0, 1.0, {"h": gradient}, np.zeros((1, 28, 28)))
    table = flow_words.heatmap_table(flow, "h")
    assert table["dL/dh"][(table["step"] == 5) & (table["unit"] == 2)] == gradient[4, 2]
    assert {len(column) for column in table.values()} == {84}


def test_below_the_bound_vanishing_is_certain_and_above_nothing_is():
    """Pascanu, Mikolov and Bengio (2013): sufficient for vanishing, necessary for exploding."""
    assert "**sufficient** for vanishing" in why_words.verdict(spectrum_of(-9, 0.8), "rnn")
    above = why_words.verdict(spectrum_of(-9, 1.2), "rnn")
    assert "**necessary** for exploding" in above
    assert "not sufficient" in above.replace("**", "")
    assert "it vanishes" in above


def test_at_the_bound_neither_condition_speaks():
    """A ReLU network that starts with the identity: σ₁ = 1/γ, both 1."""
    model = variant_model("irnn", gain=1.0)
    spectrum = jacobian_spectrum(model, np.random.default_rng(0).random((28, 28)))
    assert spectrum.largest == spectrum.bound == 1
    for largest in (1.0, 1 - 1e-7, 1 + 1e-7):
        told = why_words.verdict(replace(spectrum, largest=largest), "irnn")
        assert "**at** the bound" in told
        assert "sufficient" not in told
        assert "necessary" not in told


def test_the_radius_alone_decides_nothing():
    told = [why_words.verdict(spectrum_of(-9, 1.2, radius), "rnn") for radius in (0.2, 1.1)]
    assert told[0] == told[1]


def test_a_cell_with_gates_has_no_bound():
    spectrum = spectrum_of(3, None)
    assert "no such bound" in why_words.verdict(spectrum, "lstm")
    assert "it explodes" in why_words.verdict(spectrum, "lstm")
    assert not any("σ₁" in name or "ρ" in name for name in why_words.facts(spectrum))


def test_the_facts_are_those_of_the_spectrum():
    facts = why_words.facts(spectrum_of(-2.7, 1.25, 0.5))
    assert facts["σ₁(W), largest singular value"] == "1.250"
    assert facts["measured norm, step T to 1"] == "2.0·10⁻³"
    assert facts["measured factor per step"] == f"{10**-0.1:.3f}"
    assert facts["Ω, ideally 0"] == "0.27"


def test_a_single_picture_is_not_told_as_one_of_many():
    assert "in float64 on the drawing." in why_words.footnote("lstm", "the drawing", 1)
    assert "one of the first 32" in why_words.footnote("lstm", "the first 32 digits", 32)


@pytest.mark.parametrize(("cell", "path"), [("lstm", "dc_T/dc_t = ∏f"), ("gru", "dh_T/dh_t = ∏z")])
def test_half_lives_are_explained_where_there_are_some(cell, path):
    told = why_words.footnote(cell, "the first 32 digits", 32)
    assert "half-lives on all of them" in told and path in told
    assert "γ" not in told, "a cell with gates has no such bound"


@pytest.mark.parametrize("name", ["rnn", "rnn-relu", "irnn"])
def test_a_cell_without_gates_has_no_half_lives_to_explain(name):
    told = why_words.footnote(find_variant(name).cell, "the first 32 digits", 32)
    assert "γ is the largest slope" in told
    assert "half-li" not in told.lower() and "∏" not in told


def test_what_may_still_make_a_gradient_vanish_is_the_cells_own():
    """A ReLU has the slopes 0 and 1: it squashes nothing, it shuts."""
    tanh, *relus = (
        why_words.verdict(spectrum_of(-9, 1.2), find_variant(name).cell)
        for name in ("rnn", "rnn-relu", "irnn")
    )
    assert "slopes of tanh" in tanh and "ReLU" not in tanh
    for told in relus:
        assert "units at 0" in told and "ReLU" in told and "slopes" not in told


def test_where_nothing_is_lost_the_advice_is_never_what_is_shown():
    for fresh in (True, False):
        assert "784 steps" in flow_words.spared(28, fresh)
        assert "Over so few" not in flow_words.spared(784, fresh)
    assert "tanh RNN" in flow_words.spared(784, True)
    trained = [flow_words.spared(length, False) for length in (28, 784)]
    assert all("at the start" in told for told in trained)
    assert trained[1].count("784") == 0


def test_half_lives_are_compared_with_the_length_of_the_route():
    facts = why_words.memory_facts(np.array([1.0, 2.0, 30.0, np.inf]), 28)
    assert facts["units that keep half over all of T"] == "2 of 4"
    assert facts["median half-life"] == "16 steps"


def test_the_tables_of_a_spectrum_are_complete():
    spectrum = spectrum_of(-2, 1.1)
    table = why_words.spectrum_table(spectrum)
    assert {len(column) for column in table.values()} == {28 * 4}
    film = why_words.film_table({0.5: spectrum, 1.0: spectrum})
    assert {len(column) for column in film.values()} == {2 * 28 * 4}
    assert (film["gain"][111], film["gain"][112]) == (0.5, 1.0)
    assert list(film["step"][112:117]) == [1, 1, 1, 1, 2]
    gains = why_words.gain_table({0.5: spectrum, 1.0: spectrum})
    assert list(gains["gain"]) == [0.5, 1.0]


def test_a_length_beyond_the_picture_names_what_to_do():
    check_length(WAYS["rows"], 28)
    with pytest.raises(InputError, match=r"T = 200 is too long.*28 steps.*784 steps"):
        check_length(WAYS["rows"], 200)
    with pytest.raises(InputError, match=r"at most 28.*4×4 patches"):
        check_length(WAYS["columns"], 40)


def test_a_curve_that_float32_holds_up_is_told_with_what_is_really_left():
    model = variant_model("gru-0", "pixels")
    pictures = np.random.default_rng(0).random((2, 28, 28))
    exact = {"GRU": batch_flow(model, pictures, [3, 4])}
    single = {"GRU": batch_flow(model, pictures, [3, 4], dtype=torch.float32)}
    assert np.isfinite(single["GRU"].median()).all(), "it never reaches 0, so nothing underflows"
    (told,) = flow_words.stuck(single, exact, "pixel")
    assert "stuck" in told and power(float(exact["GRU"].median()[0])) in told
    assert flow_words.stuck(exact, exact, "pixel") == []


def test_a_gradient_that_is_cut_off_has_no_factor():
    logs = np.concatenate([[-np.inf], np.zeros(27)])
    told = flow_words.summary({"IRNN": flow_of(logs)}, "row")
    assert told["Each step back multiplies by"] == ["cut off"]
