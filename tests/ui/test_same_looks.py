"""A network has one colour and one dash in all sections of the page "Gradients"."""

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.analysis.variants import VARIANTS
from rnnviz.plots.looks import CELLS, CLIPS, READERS, Look, look
from rnnviz.ui.components.backward.payload import pixels
from tests.ui.figures import figures_of
from tests.ui.running import sent_to
from tests.ui.test_gradients_page import open_page


def drawn(app: AppTest, figure: str) -> dict[str, Look]:
    """Return how the curves of a figure are drawn, by their names."""
    traces = figures_of(app)[figure]["data"]
    lines = {one["name"]: one["line"] for one in traces if one.get("name") and "line" in one}
    return {
        name: Look(line["color"], line["dash"]) for name, line in lines.items() if "dash" in line
    }


def animated(app: AppTest) -> dict[str, tuple[str, list[float]]]:
    """Return how the animation draws its networks, by their names."""
    networks = sent_to(app, "rnnviz_backward")["networks"]
    return {one["name"]: (one["look"]["colour"], one["look"]["dash"]) for one in networks}


def as_sent(one: Look) -> tuple[str, list[float]]:
    return one.colour, pixels(one.dash)


@pytest.mark.parametrize("names", ["rnn,irnn,lstm-0,lstm-3,gru-0", "gru-1,lstm-1", "lstm-5"])
def test_the_flow_draws_a_variant_alike_whatever_stands_before_it(names):
    app = open_page(section="flow", networks=names)
    chosen = names.split(",")
    assert animated(app) == {name: as_sent(look(name)) for name in chosen}
    factors = drawn(app, "factor-h")
    assert factors == {VARIANTS[name].label: look(name) for name in chosen}


def test_the_race_draws_its_runners_as_the_flow_does():
    app = open_page(section="race", shown="1")
    for figure in ("accuracy", "flow"):
        found = drawn(app, figure)
        assert len(found) >= 3
        by_label = {variant.label: look(name) for name, variant in VARIANTS.items()}
        assert found == {label: by_label[label] for label in found}


@pytest.mark.parametrize(
    ("cell", "bias", "expected"),
    [
        ("rnn", "1", look("rnn")),
        ("irnn", "1", look("irnn")),
        ("lstm", "0", look("lstm-0")),
        ("lstm", "2", CELLS["lstm"]),
        ("gru", "1", look("gru-1")),
    ],
)
def test_why_draws_the_network_as_the_flow_does(cell, bias, expected):
    app = open_page(section="why", cell=cell, bias=bias)
    assert drawn(app, "singular-values")["largest: the norm"] == expected
    assert drawn(app, "preservation")["kept by this step"] == expected
    assert drawn(app, "gain")["measured"] == expected


def test_the_trained_networks_of_a_route_are_drawn_as_their_cells():
    app = open_page(section="flow", weights="shipped")
    found = animated(app)
    for name, cell in {"rnn-rows": "rnn", "lstm-rows": "lstm", "gru-rows": "gru"}.items():
        assert found[name] == as_sent(CELLS[cell])
    beside = drawn(open_page(section="grid", network="lstm-grid"), "distance")
    assert beside["rows"] == CELLS["lstm"], "the row network beside the grid"
    assert len(set(beside.values())) == len(beside)


def test_a_repaired_reader_is_drawn_as_the_plain_rnn_that_it_is():
    app = open_page(section="bugs", data="digits", view="straight")
    assert drawn(app, "gain-gradient")["with a tanh"] == look("rnn")
    gradients = drawn(app, "gradients")
    assert gradients["repaired"] == look("rnn")
    assert gradients["nothing bends"] == READERS["straight",]


def test_the_runs_with_and_without_a_clip_look_alike_in_all_figures():
    app = open_page(section="clipping")
    for figure in ("loss", "accuracy"):
        assert list(drawn(app, figure).values()) == list(CLIPS.values())
    assert list(drawn(app, "distance").values()) == [CLIPS["norm"], CLIPS["value"]]
    for name in ("norm", "value"):
        assert drawn(app, f"norm-{name}")["after it"] == CLIPS[name]
    cliff = drawn(open_page(section="cliff"), "map")
    assert cliff["raw"] == CLIPS["none"]
    assert cliff["clipped at τ = 1"] == CLIPS["norm"]
