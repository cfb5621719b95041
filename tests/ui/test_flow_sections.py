"""The sections "Flow through time" and "Why" as Streamlit runs them, without a browser."""

from urllib.parse import parse_qs

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from rnnviz.analysis.flow import batch_flow
from rnnviz.analysis.jacobians import half_lives, jacobian_spectrum
from rnnviz.analysis.variants import variant_model, with_keep_bias
from rnnviz.models.stages_store import stage_names
from rnnviz.ui.components.backward.payload import ZERO
from rnnviz.ui.components.common.encoding import decode
from rnnviz.ui.laboratory.pictures import digits
from tests.ui.figures import figures_of
from tests.ui.running import all_sent_to, checked, opened, sent_to


def page() -> None:
    from rnnviz.ui.pages import gradients

    gradients.show()


def open_section(section: str, **query: str) -> AppTest:
    return opened(page, section=section, **query)


def shown(app: AppTest) -> dict[str, dict]:
    """Return what the animation shows, by network."""
    views = all_sent_to(app, "rnnviz_backward")
    return {each["name"]: each for view in views for each in view["networks"]}


def linked(app: AppTest) -> dict[str, str]:
    address = sent_to(app, "rnnviz_address")
    return {name: texts[0] for name, texts in parse_qs(address["query"]).items()}


def said(app: AppTest) -> str:
    return " ".join(warning.value for warning in app.warning).replace("\\", "")


def press(app: AppTest, label: str) -> AppTest:
    (button,) = [one for one in app.button if one.label == label]
    return checked(button.click().run())


def slide(app: AppTest, name: str, value: float) -> AppTest:
    (slider,) = [one for one in app.slider if f"-{name}-" in (one.key or "")]
    return checked(slider.set_value(value).run())


def facts(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def median(network: dict, state: str = "h") -> np.ndarray:
    return decode(network["states"][state]["median"])


def test_the_animation_shows_what_is_measured_on_the_real_networks():
    app = open_section("flow", networks="rnn,lstm-3")
    batch = digits(32)
    assert list(shown(app)) == ["rnn", "lstm-3"]
    for name, network in shown(app).items():
        flow = batch_flow(variant_model(name), batch.images, batch.labels.tolist())
        for state in flow.norms:
            assert np.allclose(median(network, state), flow.median(state), rtol=1e-5)


def test_the_defaults_tell_the_story():
    """Over 28 steps torch's default tanh RNN loses some six decades, an LSTM that keeps, few."""
    networks = shown(open_section("flow"))
    assert median(networks["rnn"])[0] < -5.5
    assert median(networks["lstm-3"])[0] > -2


def test_any_route_and_length_can_be_read():
    app = open_section("flow", networks="gru-1", route="snake", length="100")
    assert len(median(shown(app)["gru-1"])) == 100
    app = press(app, "196 patches")
    assert len(median(shown(app)["gru-1"])) == 196
    assert linked(app) == {
        "section": "flow",
        "networks": "gru-1",
        "route": "patches2",
        "length": "196",
    }


def test_a_length_beyond_the_picture_is_said_and_mended_and_nothing_is_lost():
    app = open_section("flow", networks="irnn", length="200")
    assert "T = 200 is too long" in said(app)
    assert not shown(app)
    assert linked(app)["length"] == "200"
    mended = press(app, "Read 200 single pixels")
    assert len(median(shown(mended)["irnn"])) == 200
    app = press(open_section("flow", networks="irnn", length="200"), "Read all 28 steps")
    assert list(shown(app)) == ["irnn"]
    assert not app.warning


def test_float32_underflows_over_784_steps_and_the_page_says_where():
    app = open_section("flow", networks="rnn", route="pixels", length="784", float32="1")
    curve = median(shown(app)["rnn"])
    lost = np.flatnonzero(curve == ZERO)
    assert len(lost) > 400
    assert f"underflowed to 0 at pixel {lost[-1] + 1}" in said(app)
    reference = decode(shown(app)["rnn"]["states"]["h"]["reference"])
    assert reference[0] < -100, "float64 still knows"


def test_float32_loses_nothing_over_28_steps():
    app = open_section("flow", networks="rnn", float32="1")
    assert "loses nothing" in app.success[0].value
    assert "Try 784 steps" in app.success[0].value
    assert not app.warning


def test_the_advice_to_see_float32_fail_leads_there():
    app = open_section("flow", weights="shipped", float32="1")
    assert "at the start” over 784 steps" in app.success[0].value.replace(",", "")
    app = open_section("flow", route="pixels", length="784", weights="shipped", float32="1")
    assert "at the start" in app.success[0].value and "784" not in app.success[0].value
    keeps = {"networks": "lstm-5", "route": "pixels", "length": "784", "float32": "1"}
    app = open_section("flow", **keeps)
    assert "The tanh RNN does lose something" in app.success[0].value
    assert "underflowed" in said(open_section("flow", **keeps | {"networks": "lstm-5,rnn"}))


def test_the_shipped_models_of_a_route_can_be_seen():
    app = open_section("flow", weights="shipped")
    assert {"rnn-rows", "lstm-rows", "gru-rows"} <= set(shown(app))
    app = open_section("flow", weights="shipped", route="columns")
    assert "None of these networks reads columns" in said(app)


@pytest.mark.parametrize("weights", ["early", "midway", "end"])
def test_a_stage_is_shown_or_its_absence_said(weights):
    app = open_section("flow", networks="rnn", weights=weights)
    kept = [name for name in stage_names() if name.startswith("rnn-rows-")]
    assert bool(shown(app)) == bool(kept)
    assert bool(said(app)) == (not kept)


def test_a_trained_network_reads_its_whole_route():
    app = open_section("flow", networks="rnn", weights="end", length="20")
    assert "read all 28 steps" in said(app)
    assert list(shown(press(app, "Look at the start of training"))) == ["rnn"]


@pytest.mark.parametrize(("route", "length"), [("patches4", "49"), ("columns", "28")])
def test_a_stage_of_another_route_is_never_taken_for_this_one(route, length):
    app = open_section("flow", networks="rnn", weights="end", route=route, length=length)
    assert "along rows and along 2×2 patches" in said(app)
    assert not shown(app)


def test_the_picture_of_the_page_draw_is_a_batch_of_its_own():
    app = open_section("flow", networks="rnn", batch="drawing", digit="7")
    told = shown(app)["rnn"]["states"]["h"]
    assert np.array_equal(decode(told["low"]), decode(told["high"])), "one picture has no spread"
    assert "as a 7" in " ".join(one.value for one in app.caption)


def test_the_gain_takes_the_network_from_vanishing_to_exploding():
    told = {}
    app = open_section("why")
    for gain in (0.5, 3.0):
        app = slide(app, "gain", gain)
        told[gain] = " ".join(one.value for one in app.markdown)
        model = variant_model("rnn", gain=gain)
        spectrum = jacobian_spectrum(model, digits(32).images[0])
        assert facts(app)["ρ(W), spectral radius"] == f"{spectrum.radius:.3f}"
        assert facts(app)["measured factor per step"] == f"{spectrum.growth:.3f}"
        assert linked(app)["gain"] == f"{gain:g}"
    assert "**sufficient** for vanishing" in told[0.5]
    assert "it explodes" in told[3.0]


def test_a_zoom_stays_where_the_gain_only_moves_a_mark():
    app = open_section("why")
    before = revisions(app)
    app = slide(app, "gain", 2.0)
    moved = {name for name, revision in revisions(app).items() if revision != before[name]}
    assert "gain" not in moved and "singular-values" in moved
    assert revisions(open_section("why", cell="irnn"))["gain"] != before["gain"]


def revisions(app: AppTest) -> dict[str, str]:
    return {name: figure["layout"]["uirevision"] for name, figure in figures_of(app).items()}


def test_a_gain_that_overflows_is_said_and_mended():
    app = open_section("why", cell="irnn", route="pixels", length="784", gain="4")
    assert "Lower the recurrent gain" in said(app)
    assert linked(app)["gain"] == "4"
    app = press(app, "Back to a gain of 1")
    assert not app.warning
    assert facts(app)["ρ(W), spectral radius"] == "1.000"


def test_the_bias_of_the_forget_gate_sets_the_half_lives():
    app = open_section("why", cell="lstm")
    before = facts(app)["median half-life"]
    app = slide(app, "bias", 5.0)
    model = with_keep_bias(variant_model("lstm-1"), 5.0)
    lives = half_lives(model, torch.from_numpy(digits(32).images))
    assert facts(app)["median half-life"] == f"{np.median(lives):.3g} steps" != before


@pytest.mark.parametrize(("cell", "shown"), [("rnn", False), ("irnn", False), ("gru", True)])
def test_half_lives_are_explained_beside_their_figure_alone(cell, shown):
    app = open_section("why", cell=cell)
    assert ("half-lives" in figures_of(app)) == shown
    assert any("∏" in one.value or "half-li" in one.value for one in app.caption) == shown


def test_a_relu_is_not_said_to_squash():
    (told,) = [
        one.value
        for one in open_section("why", cell="rnn-relu", gain="3").markdown
        if "not sufficient" in one.value
    ]
    assert "units at 0" in told and "squash" not in told


def test_a_cell_without_gates_has_no_bias_to_turn():
    keys = [one.key or "" for one in open_section("why", cell="irnn").slider]
    assert any("-gain-" in key for key in keys)
    assert not any("-bias-" in key for key in keys)


def test_a_route_too_short_for_t_keeps_the_choices():
    app = open_section("why", length="60", gain="2")
    assert "T = 60 is too long" in said(app)
    app = press(app, "Read all 28 steps")
    assert linked(app) == {"section": "why", "gain": "2"}
