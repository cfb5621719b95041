"""Wherever something says what a picture shows, it says it in the words of its data set."""

from dataclasses import replace

import numpy as np
import pytest

from rnnviz import plots
from rnnviz.data.sets import fashion_mnist
from rnnviz.models import Model, ModelConfig
from rnnviz.models.checkpoint import Checkpoint, save_checkpoint
from rnnviz.ui import cache
from rnnviz.ui.cache import reader_of
from rnnviz.ui.link import Reference, read_link
from tests.data.test_idx import idx
from tests.ui.running import checked
from tests.ui.test_draw_page import DEFAULT, open_app, open_menu, query_of, room

CLOTHES = fashion_mnist.CLASSES
DIGITS = tuple("0123456789")


@pytest.fixture
def clothes(tmp_path, monkeypatch):
    """Return the labels of a small Fashion-MNIST in the data folder, one picture a class."""
    raw = tmp_path / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    labels = np.roll(np.arange(10), 3)
    pictures = np.random.default_rng(0).integers(0, 256, (10, 28, 28))
    for prefix in ("train", "t10k"):
        (raw / f"{prefix}-images-idx3-ubyte").write_bytes(idx(pictures))
        (raw / f"{prefix}-labels-idx1-ubyte").write_bytes(idx(labels))
    monkeypatch.setenv("RNNVIZ_DATA", str(tmp_path))
    cache.dataset.clear()
    yield labels
    cache.dataset.clear()


def trained_on(datasets, classes=10) -> Checkpoint:
    config = ModelConfig("rows", "lstm", 4, classes=classes)
    return Checkpoint("t", config, Model(config).state_dict(), provenance={"datasets": datasets})


@pytest.mark.parametrize(
    ("datasets", "names"),
    [
        (["mnist", "pendigits"], DIGITS),
        (["fashion-mnist"], CLOTHES),
        (["mnist", "fashion-mnist"], DIGITS),
        (["<b>"], DIGITS),
        ([["fashion-mnist"]], DIGITS),
        ([], DIGITS),
        ("fashion-mnist", DIGITS),
        (None, DIGITS),
    ],
)
def test_a_networks_answers_are_called_as_in_what_it_learned_from_or_are_numbers(datasets, names):
    assert reader_of(trained_on(datasets), "t", "t").classes == names


def test_names_that_are_more_than_the_answers_are_not_taken():
    assert reader_of(trained_on(["fashion-mnist"], classes=3), "t", "t").classes == ("0", "1", "2")


def test_an_example_of_another_data_set_is_chosen_and_told_by_its_words(clothes):
    app = open_menu(open_app(), "picture")
    app.selectbox(key="draw-digit").set_value("3")
    app = checked(app.run())
    app.selectbox(key="draw-dataset").set_value("fashion-mnist")
    app = checked(app.run())
    assert app.selectbox(key="draw-digit").options == ["any", *CLOTHES]
    app.selectbox(key="draw-digit").set_value("Sandal")
    app = checked(app.button(key="draw-random").click().run())
    shown = read_link(query_of(app), DEFAULT)[0].shown
    assert isinstance(shown, Reference) and shown.dataset == "fashion-mnist"
    assert CLOTHES[clothes[shown.index]] == "Sandal"
    assert room(app)["canvas"]["caption"].endswith("Fashion-MNIST (test): Sandal.")


def test_the_data_set_changed_while_a_kind_is_chosen_shows_any(clothes):
    app = open_menu(open_app(), "picture")
    app.selectbox(key="draw-dataset").set_value("fashion-mnist")
    app = checked(app.run())
    app.selectbox(key="draw-digit").set_value("Bag")
    app = checked(app.run())
    app.selectbox(key="draw-dataset").set_value("digits")
    app = checked(app.run())
    assert app.selectbox(key="draw-digit").value == "any"
    app = checked(app.button(key="draw-random").click().run())
    shown = read_link(query_of(app), DEFAULT)[0].shown
    assert isinstance(shown, Reference) and shown.dataset == "digits"


def test_a_card_and_its_figures_call_the_answers_by_name(tmp_path):
    path = tmp_path / "clothes.safetensors"
    save_checkpoint(replace(trained_on(["fashion-mnist"]), name="clothes"), path)
    app = open_menu(open_app(models="lstm-rows"), "networks")
    app.file_uploader(key="draw-model").set_value((path.name, path.read_bytes(), "application/x"))
    app = checked(app.run())
    # Choosing anything in the menu sends all that is chosen, by what it is called.
    menu = app.multiselect[0]
    assert menu.key
    app = checked(menu.set_value(app.session_state[menu.key]).run())
    digits, own = room(app)["readers"]
    assert own["label"].startswith(digits["label"]) and "clothes" in own["label"]
    assert digits["classes"] == list(DIGITS)
    assert own["classes"] == list(CLOTHES)


def test_a_menu_from_before_a_network_was_brought_along_does_not_take_it_away(tmp_path):
    path = tmp_path / "clothes.safetensors"
    save_checkpoint(replace(trained_on(["fashion-mnist"]), name="clothes"), path)
    app = open_menu(open_app(models="lstm-rows"), "networks")
    stale = app.multiselect[0]
    stale.set_value(stale.value)
    app.file_uploader(key="draw-model").set_value((path.name, path.read_bytes(), "application/x"))
    app = checked(app.run())
    assert len(room(app)["readers"]) == 2
    # The browser sends what it still holds of the menu before it has drawn the new one.
    sent = app._tree.get_widget_states()
    fresh = app.multiselect[0]._widget_state.id
    kept = [state for state in sent.widgets if state.id != fresh]
    del sent.widgets[:]
    sent.widgets.extend([*kept, stale._widget_state])
    assert len(room(checked(app._run(sent)))["readers"]) == 2


def test_figures_of_answers_are_titled_and_ticked_by_name():
    share = np.full(10, 0.05)
    share[9] = 0.55
    figure = plots.probability_bars(share, CLOTHES)
    layout = figure.to_plotly_json()["layout"]
    assert layout["title"]["text"] == "The answer: Ankle boot"
    assert list(layout["xaxis"]["ticktext"]) == list(CLOTHES)
    heat = plots.belief_heatmap(np.arange(3), np.full((3, 10), 0.1), 1, CLOTHES)
    shown = heat.to_plotly_json()
    assert list(shown["layout"]["yaxis"]["ticktext"]) == list(CLOTHES)
    # Plotly looks the words up cell by cell, as many as there are probabilities.
    assert np.shape(shown["data"][0]["customdata"]) == (10, 3)
