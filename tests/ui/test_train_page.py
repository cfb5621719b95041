"""The page "Train" as Streamlit runs it: the form, what it refuses, and runs in every state."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.training.runs.ledger import Ledger
from rnnviz.training.runs.limits import runs_folder
from rnnviz.training.runs.run import Run
from rnnviz.training.runs.service import TEND_EVERY_S
from rnnviz.training.runs.stopwatch import Speed
from rnnviz.ui.components.common.encoding import decode
from rnnviz.ui.service import service, stopwatch
from rnnviz.ui.studio.fields import fields
from rnnviz.ui.studio.presets import PRESETS
from rnnviz.ui.studio.recipes import recipe_of
from rnnviz.ui.studio.watched import COLUMNS
from rnnviz.ui.visitor import WHO
from tests.ui.running import checked, opened, sent_to

OWNER, STRANGER = "a" * 32, "b" * 32
PATIENCE_S = 120
QUICK: dict[str, Any] = {"cell": "gru", "units": 8, "epochs": 3, "pictures": 400}
LONG: dict[str, Any] = QUICK | {"epochs": 1000, "pictures": 0}
ENDLESS_NAME = "<b>long</b> *one*"


def page() -> None:
    from rnnviz.ui.pages import train

    train.show()


def opened_by(who: str, **query: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=120)
    app.session_state[WHO] = who
    for name, value in query.items():
        app.query_params[name] = value
    return checked(app.run())


def recipe(name: str = "quick", **changes):
    nowhere = runs_folder() / "no-data"
    values = {one.name: one.default for one in fields(nowhere)} | QUICK | changes
    return recipe_of(values, name)


def wait_until(true: Callable[[], bool], what: str = "it") -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, f"{what} takes too long"
        time.sleep(0.05)


def submitted(name: str = "quick", who: str = OWNER, **changes: Any) -> Run:
    return service().submit(recipe(name, **changes), who)


def finished(run: Run) -> Run:
    wait_until(lambda: service().get(run.id).state == "done", "the run")
    return service().get(run.id)


@pytest.fixture(scope="module", autouse=True)
def closed_in_the_end():
    """End the workers of these tests with them: nobody writes into a folder that is removed."""
    yield
    service.clear()
    stopwatch.clear()


@pytest.fixture(scope="module")
def done() -> Run:
    return finished(submitted("a finished one"))


@pytest.fixture
def under_way():
    run = submitted(ENDLESS_NAME, **LONG)
    wait_until(lambda: service().get(run.id).step > 0, "the start")
    yield run
    service().cancel(run.id, OWNER)
    wait_until(lambda: service().get(run.id).state == "cancelled", "the end")


def linked(app: AppTest) -> dict[str, str]:
    query = sent_to(app, "rnnviz_address")["query"]
    return {name: texts[0] for name, texts in parse_qs(query).items()}


def room(app: AppTest) -> dict:
    return sent_to(app, "rnnviz_training_room")


def labels(app: AppTest) -> set[str]:
    return {one.label for one in app.button}


def widget(elements, name: str):
    (found,) = [one for one in elements if (one.key or "").startswith(f"train-{name}-")]
    return found


def press(app: AppTest, key: str) -> AppTest:
    (button,) = [one for one in app.button if one.key == key]
    return checked(button.click().run())


def told(app: AppTest) -> str:
    return " ".join(one.value for one in [*app.warning, *app.info, *app.caption]).replace("\\", "")


def test_the_first_screen_offers_presets_and_a_few_choices():
    app = opened_by(OWNER)
    assert sum(one.label == "Train it" for one in app.button) == len(PRESETS)
    assert len(app.number_input) == 4, "units, epochs, rate, batch"
    assert linked(app) == {}
    facts = {one.label: one.value for one in app.metric}
    assert facts["A picture is read in"] == "28 steps"
    # LSTM-48: 4 blocks of 48 rows over 28 inputs, 48 states and a bias; 10 classes read 48.
    assert facts["Parameters"] == f"{4 * 48 * (28 + 48 + 1) + 10 * (48 + 1):,}"
    # 1,437 digits, of which a fifth is kept apart, by 32 of them, 20 times.
    assert facts["Training steps"] == f"{20 * ((1437 - 287) // 32):,}"


def test_the_time_is_measured_and_does_not_keep_one_waiting():
    app = opened_by(OWNER, units="12", cell="rnn")
    first = {one.label: one.value for one in app.metric}["Time, measured here"]
    assert first == "measuring …" or "second" in first
    asked = recipe_of(app.session_state["form.values"]["train"])
    wait_until(lambda: stopwatch().speed(asked) is not None, "the measurement")
    speed = stopwatch().speed(asked)
    assert isinstance(speed, Speed) and speed.total_s(asked) > 0
    app = checked(app.run())
    assert "second" in {one.label: one.value for one in app.metric}["Time, measured here"]


def test_what_is_chosen_stands_in_the_link_and_the_link_chooses_it():
    app = opened_by(OWNER)
    app = checked(widget(app.number_input, "units").set_value(24).run())
    app = checked(widget(app.selectbox, "route").set_value("pixels").run())
    assert linked(app) == {"units": "24", "route": "pixels"}
    again = opened_by(OWNER, **linked(app))
    assert widget(again.number_input, "units").value == 24
    assert widget(again.selectbox, "route").value == "pixels"
    assert linked(again) == linked(app)


def test_only_the_cells_that_fit_the_route_are_offered():
    app = opened_by(OWNER)
    app = checked(widget(app.selectbox, "route").set_value("grid").run())
    assert {"2-D LSTM", "2-D GRU"} <= set(widget(app.button_group, "cell").options)
    assert "LSTM" not in widget(app.button_group, "cell").options
    assert linked(app)["cell"] == "lstm_2d_mixed"
    assert not app.warning


def test_a_link_that_does_not_fit_together_is_mended_in_words():
    app = opened_by(OWNER, route="grid", cell="gru", directions="2")
    assert linked(app)["cell"] == "gru_2d"
    assert "The 2-D GRU is chosen instead" in told(app)
    assert "four corners" in told(app)


def test_garbage_in_a_link_leaves_a_form_that_works():
    app = opened_by(OWNER, units="\x00<b>", cell="../../etc", rate="nan", run="<script>")
    assert "There is no run" in told(app) and "<script>" not in told(app)
    app = press(app, "train-leave")
    assert linked(app) == {}
    assert not [one for one in app.button if one.key == "train-start" and one.disabled]


@pytest.mark.parametrize(
    "query, says",
    [
        ({"start": "identity", "gain": "0"}, "Choose a gain above 0"),
        ({"batch": "512", "pictures": "100"}, "can't be filled from 100"),
    ],
)
def test_what_cannot_be_is_said_at_once_and_cannot_be_started(query, says):
    app = opened_by(OWNER, **query)
    assert says in told(app)
    (start,) = [one for one in app.button if one.key == "train-start"]
    assert start.disabled


def test_a_number_that_cannot_be_is_said_and_starts_nothing():
    app = opened_by(OWNER)
    app = checked(widget(app.number_input, "units").set_value(100_000).run())
    app = checked(widget(app.number_input, "rate").set_value(0.0).run())
    assert "'Hidden units' can be from 2 to 256, and not 100,000" in told(app)
    assert "'Learning rate' can be from" in told(app)
    (start,) = [one for one in app.button if one.key == "train-start"]
    assert start.disabled and not app.metric, "no figures of other numbers"
    assert widget(app.number_input, "units").value == 100_000, "what was typed stays"
    app = checked(widget(app.number_input, "units").set_value(16).run())
    app = checked(widget(app.number_input, "rate").set_value(0.01).run())
    assert not app.warning and linked(app) == {"units": "16", "rate": "0.01"}


def test_the_settings_of_a_preset_go_into_the_form():
    app = press(opened_by(OWNER), "train-preset-choose-1")
    assert linked(app)["cell"] == "rnn" and linked(app)["start"] == "torch"
    app = press(app, "train-preset-choose-0")
    assert linked(app) == {"cell": "gru"}, "what another preset had chosen is gone"


def test_a_preset_is_started_by_one_click_and_is_then_looked_at():
    app = press(opened_by(OWNER), "train-preset-start-0")
    run = service().runs_of(OWNER)[0]
    assert run.name == PRESETS[0].name
    assert linked(app) == {"run": run.id}
    assert room(app)["status"]["state"] in ("queued", "running")
    assert any(PRESETS[0].watch in one.value for one in app.markdown), "what to watch stands there"
    service().cancel(run.id, OWNER)


def test_a_finished_run_shows_all_that_was_measured(done: Run):
    app = opened_by(STRANGER, run=done.id)
    shown = room(app)
    assert shown["status"]["state"] == "done"
    assert any("test accuracy" in name for name, _ in shown["status"]["figures"])
    rows = decode(shown["rows"])
    assert rows.shape == (done.steps, len(COLUMNS))
    assert rows[:, 0].tolist() == list(range(1, done.steps + 1))
    assert len(shown["epochs"]) == done.epochs
    assert [one["step"] for one in shown["moments"]][-1] == done.steps
    about = shown["about"]
    assert decode(about["pictures"]).shape == (10, 784) and about["labels"] == list(range(10))
    assert linked(app) == {"run": done.id}
    assert "GRU · rows · Digits 8×8 · 400 pictures · 8 units · AdamW at 0.005" in told(app)


def test_only_its_owner_can_change_a_run(under_way: Run):
    change = {"Pause", "Cancel", "Resume"}
    assert labels(opened_by(OWNER, run=under_way.id)) & change == {"Pause", "Cancel"}
    watched = opened_by(STRANGER, run=under_way.id)
    assert not labels(watched) & change
    assert room(watched)["status"]["state"] == "running"
    form = opened_by(STRANGER)
    assert not any(under_way.id in (one.key or "") for one in form.button), "others' aren't listed"


def test_a_name_is_shown_letter_by_letter(under_way: Run):
    app = opened_by(OWNER, run=under_way.id)
    (heading,) = [one.value for one in app.markdown if one.value.startswith("####")]
    assert heading.replace("\\", "") == f"#### {ENDLESS_NAME}"
    assert "<b>" not in heading.replace("\\<", "") and "\\*" in heading


def test_a_run_is_paused_found_again_and_resumed(under_way: Run):
    press(opened_by(OWNER, run=under_way.id), "train-pause")
    wait_until(lambda: service().get(under_way.id).state == "paused", "the pause")
    app = press(opened_by(OWNER), f"train-open-{under_way.id}")
    assert linked(app) == {"run": under_way.id}
    assert room(app)["status"]["headline"] == "Paused"
    assert {"Resume", "Cancel"} <= labels(app) and "Pause" not in labels(app)
    press(app, "train-resume")
    assert service().get(under_way.id).state in ("queued", "running")


def test_opening_a_moment_keeps_that_network(under_way: Run):
    files = service().files(under_way.id)
    wait_until(files.latest_path.is_file, "the first network")
    app = press(opened_by(OWNER, run=under_way.id), "train-open-draw")
    (step,) = files.kept_steps()
    assert room(app)["go"]["address"] == f"?models=run-{under_way.id}-{step},lstm-rows"
    first = room(app)["go"]
    assert room(checked(app.run()))["go"] == first, "news that follow at once don't lose the click"
    stranger = press(opened_by(STRANGER, run=under_way.id), "train-open-gradients")
    assert room(stranger)["go"]["address"] == f"gradients?models=run-{under_way.id}"
    assert files.kept_steps() == [step], "a stranger keeps nothing"


def test_those_who_wait_see_their_place(under_way: Run):
    limit = service().limits.at_once
    # Long ones: none of them ends while the page is put up.
    waiting = [submitted(f"waiting {i}", "c" * 32, **LONG) for i in range(limit + 1)]
    last = service().get(waiting[-1].id)
    # The queue may move while the page is put up.
    before = service().turn(last).before
    status = room(opened_by(STRANGER, run=last.id))["status"]
    places = range(service().turn(last).before, before + 1)
    assert status["headline"] == "Waiting"
    told = [f"{place} run" if place else "It is the next" for place in places]
    assert any(words in status["detail"] for words in told)
    for run in waiting:
        service().cancel(run.id, "c" * 32)
    assert room(opened_by(STRANGER, run=waiting[-1].id))["status"]["headline"] == "Cancelled"


def test_a_run_that_diverges_says_why():
    run = submitted("boom", cell="rnn_relu", gain=20.0, clip="off", optimiser="sgd", rate=10.0)
    wait_until(lambda: service().get(run.id).state == "failed", "the overflow")
    status = room(opened_by(OWNER, run=run.id))["status"]
    assert status["headline"] == "Failed"
    assert "overflowed" in status["detail"] and "It had no clip" in status["detail"]


def test_another_like_it_takes_the_settings_into_the_form(done: Run):
    app = press(opened_by(STRANGER, run=done.id), "train-like")
    expected = {"cell": "gru", "units": "8", "epochs": "3", "pictures": "400"}
    assert linked(app) == expected
    assert not app.warning
    assert any("Settings of ‘a finished one’" in one.value for one in app.markdown)


def test_the_metrics_can_be_taken_away(done: Run):
    app = opened_by(STRANGER, run=done.id)
    assert any(one.proto.label == "Metrics (CSV)" for one in app.get("download_button"))


def test_a_run_that_was_deleted_leaves_a_page_that_goes_on():
    run = finished(submitted("to be deleted"))
    assert room(opened_by(OWNER, run=run.id))["status"]["state"] == "done"
    service().delete(run.id, OWNER)
    app = opened_by(OWNER, run=run.id)
    assert "It may have been deleted" in told(app)
    assert linked(press(app, "train-leave")) == {}


def test_too_many_runs_of_one_are_refused_in_words(under_way: Run):
    extra = [submitted(f"more {i}", **LONG) for i in range(service().limits.of_one - 1)]
    app = press(opened_by(OWNER), "train-start")
    assert "of yours are training or waiting already" in told(app)
    assert linked(app) == {}
    for run in extra:
        service().cancel(run.id, OWNER)


def test_a_folder_that_cannot_be_used_leaves_the_form(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("RNNVIZ_RUNS", str(blocked / "runs"))
    service.clear()
    stopwatch.clear()
    try:
        app = opened_by(OWNER)
        assert "The runs can't be kept in" in told(app)
        (start,) = [one for one in app.button if one.key == "train-start"]
        assert start.disabled
        assert len(app.number_input) == 4
        assert "can't be kept" in told(press(app, "train-preset-start-0"))
        assert "can't be kept" in told(opened_by(OWNER, run="0" * 24))
    finally:
        monkeypatch.undo()
        service.clear()
        stopwatch.clear()


def test_a_service_that_is_let_go_of_takes_no_more_runs():
    first = service()
    first.warm()
    foreman = first._staff.foreman
    assert foreman is not None and foreman.poll() is None
    service.clear()
    assert foreman.poll() is not None
    run = first.submit(recipe("waits"), OWNER)
    time.sleep(3 * TEND_EVERY_S)
    assert first._staff.foreman is None and first.get(run.id).state == "queued"
    assert finished(run).state == "done", "the next service takes it"


def test_the_ledger_of_these_tests_is_not_anybody_s():
    assert Ledger(runs_folder()).path.parent == runs_folder()
    assert "rnnviz-runs-" in str(runs_folder())


def test_the_page_opens_without_anybody_known():
    assert "Train it" in labels(opened(page))
