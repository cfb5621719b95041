"""The section "Clipping" as Streamlit runs it: finished runs, thresholds, runs of one's own."""

import json
import time
from dataclasses import asdict, replace

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.training.experiments import clipping, gather, record_path, shipped
from rnnviz.ui.laboratory import live
from rnnviz.ui.laboratory.sections.clipping import CASES, NORMS, RATES, VALUES, chosen, time_taken
from tests.ui.figures import figures_of
from tests.ui.test_gradients_page import checked, linked, open_page

SHORT = {"length": "7", "units": "16", "batch": "16", "steps": "50", "rate": "0.1"}
"""Settings whose runs take a moment."""
FIGURES = 7  # loss, accuracy, a norm for each of three runs, distance, flow


def open_clipping(**query: str) -> AppTest:
    return open_page(section="clipping", **query)


def press(app: AppTest, label: str) -> AppTest:
    (button,) = [one for one in app.button if one.label.startswith(label)]
    return checked(button.click().run())


def said(app: AppTest) -> str:
    parts = [*app.markdown, *app.warning, *app.info, *app.caption]
    return " ".join(one.value for one in parts).replace("\\", "")


def facts(app: AppTest) -> dict[str, str]:
    return {one.label: one.value for one in app.metric}


def measured(preset: str):
    record = shipped("clipping", clipping.PRESETS[preset])
    assert record is not None, "the runs of the buttons come with the app"
    return gather("clipping", clipping.PRESETS[preset], record.reports)


def test_the_first_screen_shows_a_finished_run_that_clipping_saves():
    app = open_clipping()
    assert len(figures_of(app)) == FIGURES
    raw = measured("saves").runs["none"]
    assert "Clipping saves the run" in said(app)
    assert f"loss is not finite from step {raw.stopped}" in said(app)
    assert facts(app)["Without a clip"] == f"✕ at step {raw.stopped}"


def test_the_case_in_which_it_hurts_is_one_click_away():
    app = press(open_clipping(), "Clipping hurts the run")
    twins = measured("hurts")
    assert "Clipping hurts:" in said(app)
    assert twins.runs["norm"].accuracy < twins.runs["none"].accuracy - 0.3
    assert linked(app)["norm"] == "0.005"
    app = press(app, "Adam hardly notices")
    assert "hardly matters" in said(app)
    assert linked(press(app, "Clipping saves the run")) == {"section": "clipping"}


def test_the_flow_is_stated_with_the_numbers_of_the_moment():
    check = measured("saves").hardest_check()
    assert check is not None and check.factor < 0.1
    app = open_clipping()
    assert f"Training step {check.step} of the run" in said(app)
    assert f"of {check.entries:,} values (pictures × steps × units) the largest" in said(app)
    assert "difference is **0**" in said(app)


def test_the_log_has_a_row_for_each_clipped_step():
    app = open_clipping()
    app.session_state["lab-clipping-log"] = True
    app = checked(app.run())
    log = measured("saves").runs["norm"].clip_log()
    (table,) = app.dataframe
    assert table.value["training step"].tolist() == log["training step"].tolist()
    assert table.value["factor"].tolist() == log["factor"].tolist()
    (other,) = [one for one in app.button_group if "-log-" in (one.key or "")]
    app = checked(other.set_value("value").run())
    count = int(measured("saves").runs["value"].clipped.sum())
    assert len(app.dataframe[0].value) == count


def test_the_settings_of_the_shown_run_stand_in_the_menu():
    app = press(open_clipping(), "Clipping hurts the run")
    app.session_state["lab-clipping-menu-own-settings"] = True
    app = checked(app.run())
    settings = clipping.PRESETS["hurts"]
    gain = next(one for one in app.slider if "-gain-" in (one.key or ""))
    network = next(one for one in app.selectbox if "-network-" in (one.key or ""))
    assert (gain.value, network.value) == (settings.gain, settings.variant)
    app = checked(network.set_value("gru-1").run())
    assert linked(app)["network"] == "gru-1"


def test_a_proposed_threshold_is_trained_with_at_once_as_its_words_say():
    app = open_clipping(network="rnn-relu", **SHORT)
    (run,) = [one for one in app.button if one.label == "Run it"]
    finished(checked(run.click().run()))
    assert "A click trains all three runs anew" in said(checked(app.run()))
    (button,) = [one for one in app.button if "about the mean" in one.label]
    threshold = button.label.split(" = ")[1].split(" ")[0]
    app = finished(checked(button.click().run()))
    assert linked(app)["norm"] == threshold
    assert "Nobody has measured" not in said(app)
    assert len(figures_of(app)) == FIGURES
    assert f"τ = {threshold}" in figures_of(app)["norm-norm"]["layout"]["title"]["text"]


def test_a_training_is_said_to_take_as_long_as_it_was_measured_to():
    """The threshold changes no time; other settings do, and have an estimate of their own."""
    settings = clipping.PRESETS["saves"]
    record = shipped("clipping", settings)
    assert record is not None
    took = live.duration(record.provenance["duration_s"])
    told = said(open_clipping())
    assert f"in {took}, with torch" in told
    assert f"from the same start, about {took} on a like machine" in told
    assert took in time_taken(replace(settings, tau_norm=0.2))
    assert "estimate" in time_taken(replace(settings, units=16))


def test_a_proposed_threshold_that_was_run_before_is_only_shown(monkeypatch):
    app = press(open_clipping(), "Clipping hurts the run")
    started = []
    monkeypatch.setattr(live, "start", lambda name, settings: started.append(settings))
    monkeypatch.setattr(live, "is_there", lambda name, settings: True)
    (button,) = [one for one in app.button if "about the mean" in one.label]
    checked(button.click().run())
    assert not started


def finished(app: AppTest) -> AppTest:
    """Return the page once the runs that were started on it have ended."""
    until = time.monotonic() + 120
    while not any("Measured on this machine" in one.value for one in app.caption):
        assert time.monotonic() < until, "the runs take too long"
        time.sleep(0.5)
        app = checked(app.run())
    return app


def test_what_clipping_does_not_do_stands_there():
    assert "does not change the flow through time" in said(open_clipping())


@pytest.mark.parametrize("text", ["-1", "0", "nan", "1e999"])
def test_a_threshold_that_cannot_be_leaves_the_finished_run(text):
    app = open_clipping(norm=text)
    assert "τ by norm" in said(app)
    assert len(figures_of(app)) == FIGURES


def test_more_steps_than_a_picture_has_are_refused_in_words():
    app = open_clipping(length="49")
    assert "can be 2 to 28" in said(app)
    assert not figures_of(app)
    app = press(app, "Clipping saves the run")
    assert len(figures_of(app)) == FIGURES, "nothing is lost"


@pytest.mark.parametrize("preset", CASES.values())
def test_a_case_can_be_chosen_by_the_menus_and_is_what_was_shipped(preset):
    settings = clipping.PRESETS[preset]
    values = chosen(settings)
    assert values["norm"] in NORMS and values["value"] in VALUES and values["rate"] in RATES
    content = json.loads(record_path("clipping", preset).read_text(encoding="utf-8"))
    assert content["settings"] == asdict(settings)


@pytest.mark.parametrize("preset", CASES.values())
def test_a_shipped_run_is_whole(preset):
    twins = measured(preset)
    assert twins.done == clipping.PRESETS[preset].steps
    assert twins.runs["norm"].stopped is None
    assert max(check.difference for check in twins.checks) == 0
