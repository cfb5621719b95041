"""The page "Runs" as Streamlit runs it, with real runs and without a browser."""

import base64
from dataclasses import replace
from urllib.parse import parse_qs

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix
from streamlit.testing.v1 import AppTest

from rnnviz.models.checkpoint import load_checkpoint
from rnnviz.training.data import load_pictures
from rnnviz.training.runs.carry_out import carry_out, read_answers
from rnnviz.training.runs.service import COMMAND_LINE, Service, new_id
from rnnviz.training.settings import Stage
from rnnviz.ui.library import RunName
from rnnviz.ui.runs import desk, measured
from rnnviz.ui.runs.mistakes import CELL
from rnnviz.ui.runs.settings import differences, settings
from rnnviz.ui.visitor import WHO
from tests.training.test_brought import bytes_of, checkpoint, hostile
from tests.training.test_runs import QUICK
from tests.ui.figures import figures_of
from tests.ui.running import checked, sent_to
from tests.ui.test_library import a_run, not_begun, service

__all__ = ["service"]  # a fixture

ANN, BOB = "a" * 32, "b" * 32
WILD = "<img src=x onerror=alert(1)> **b** [l](http://a.b) $x$ :red[r]"


def page() -> None:
    from rnnviz.ui.pages import runs

    runs.show()


def opened(who: str = ANN, **query: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=120)
    app.session_state[WHO] = who
    for name, value in query.items():
        app.query_params[name] = value
    return checked(app.run())


def trained(service: Service, who: str = ANN, **changes) -> str:
    """Return the id of a real short run."""
    name, _ = a_run(service, who, replace(QUICK, **changes))
    parsed = RunName.parse(name)
    assert parsed is not None
    return parsed.run


def table(app: AppTest) -> dict:
    return sent_to(app, "rnnviz_runs_table")


def rows(app: AppTest) -> dict[str, dict]:
    return {row["id"]: row for row in table(app)["rows"]}


def linked(app: AppTest) -> dict[str, str]:
    query = sent_to(app, "rnnviz_address")["query"]
    return {name: texts[0] for name, texts in parse_qs(query).items()}


def said(app: AppTest) -> str:
    parts = [*app.warning, *app.info, *app.caption]
    return " ".join(part.value for part in parts).replace("\\", "")


def send(app: AppTest, **values) -> AppTest:
    """Run the page as if the browser had sent these values."""
    app.session_state[desk.TABLE] = values
    return checked(app.run())


def select(app: AppTest, *ids: str, serial: int = 1) -> AppTest:
    return send(app, selected={"ids": list(ids), "serial": serial})


def look_into(app: AppTest, run: str, serial: int = 1) -> AppTest:
    return send(app, opened={"id": run, "serial": serial})


def html_of(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


def values(array) -> np.ndarray:
    """Return an array of a figure as Plotly writes it into JSON."""
    if isinstance(array, dict):
        flat = np.frombuffer(base64.b64decode(array["bdata"]), array["dtype"])
        shape = [int(part) for part in str(array.get("shape", len(flat))).split(",")]
        return flat.reshape(shape)
    return np.array(array, float)


def test_without_a_run_the_page_says_what_to_do(service: Service):
    app = opened()
    assert not figures_of(app) and "Train" in app.markdown[-1].value
    (link,) = app.get("link_button")
    assert link.proto.url == "/train"


def test_the_table_tells_of_each_run_what_was_measured(service: Service):
    run = trained(service, name=WILD)
    row = rows(opened())[run]
    done = load_checkpoint(service.files(run).model_path)
    assert row["name"] == WILD and row["headline"] == "Done"
    assert (row["data"], row["cell"], row["route"]) == ("digits 8×8", "GRU", "rows")
    assert row["units"] == 12 and row["step"] == 24
    # Three gates with weights for 28 pixels and 12 states and a bias; one more bias within the
    # reset gate's reach, as in PyTorch's GRU; ten answers.
    assert row["parameters"] == 3 * 12 * (28 + 12 + 1) + 12 + 10 * (12 + 1)
    assert row["test"] == done.metrics["digits/test/accuracy"]
    assert row["tested"] == "digits 8×8"
    column = [line.split(",")[7] for line in service.files(run).metrics_path.open()][1:]
    assert row["validation"] == max(float(value) for value in column if value)


def test_a_visitor_sees_own_runs_and_those_of_the_command_line(service: Service):
    anns, bobs, everybodys = (trained(service, who) for who in (ANN, BOB, COMMAND_LINE))
    assert set(rows(opened(ANN))) == {anns, everybodys}
    assert set(rows(opened(BOB))) == {bobs, everybodys}
    assert rows(opened(ANN))[everybodys]["whose"] == "from the command line"
    assert rows(opened(ANN))[anns]["whose"] == ""


def test_a_link_shows_somebody_elses_run_but_does_not_let_one_change_it(service: Service):
    anns, other = trained(service), trained(service)
    app = opened(BOB, runs=anns, run=anns)
    assert set(rows(app)) == {anns} and other not in rows(app)
    assert "not change it" in said(app) and not app.text_input
    assert not [button for button in app.button if "Delete" in button.label]
    assert figures_of(app)
    # What isn't offered isn't done either.
    with pytest.raises(ValueError, match="somebody else's"):
        service.delete(anns, BOB)


@pytest.mark.parametrize("name", ["../" * 8, "0" * 24, "<b>", "a" * 5000, "%00", "a,b,c"])
def test_a_link_to_what_is_no_run_leaves_the_page_as_it_is(name, service: Service):
    run = trained(service)
    app = opened(runs=name, run=name)
    assert set(rows(app)) == {run} and table(app)["selected"] == []
    assert "<b>" not in html_of(app)


def test_what_is_shown_stands_in_the_link(service: Service):
    one, other = trained(service), trained(service, name="other")
    app = look_into(select(opened(), other, one), one)
    app.segmented_control(key="runs-axis-0").set_value("seconds")
    app = checked(app.run())
    app.slider(key="runs-smooth-0").set_value(0.9)
    app = checked(app.run())
    query = linked(app)
    assert query == {
        "runs": f"{other},{one}",
        "run": one,
        "axis": "seconds",
        "smooth": "0.9",
    }
    again = opened(BOB, **query)
    assert linked(again) == query
    assert table(again)["selected"] == [other, one]


def test_colours_stay_with_their_runs(service: Service):
    names = [trained(service, name=str(number)) for number in range(3)]
    app = select(opened(), *names)
    before = table(app)["colours"]
    assert len(set(before.values())) == 3
    app = select(app, *names[1:], serial=2)
    assert table(app)["colours"] == {name: before[name] for name in names[1:]}
    app = select(app, *names[1:], names[0], serial=3)
    assert table(app)["colours"] == before


def test_the_curves_are_those_in_the_files(service: Service):
    run = trained(service)
    app = select(opened(), run)
    written = np.genfromtxt(service.files(run).metrics_path, delimiter=",", names=True)
    app.slider(key="runs-smooth-0").set_value(0.0)
    app = checked(app.run())
    (trace,) = figures_of(app)["loss"]["data"]
    np.testing.assert_allclose(values(trace["y"]), np.log10(written["loss"]), rtol=1e-9)
    np.testing.assert_allclose(values(trace["x"]), written["step"])
    app.selectbox(key="runs-curve-0").set_value("validation")
    app = checked(app.run())
    (trace,) = figures_of(app)["validation"]["data"]
    there = np.isfinite(written["validation"])
    np.testing.assert_allclose(values(trace["y"]), written["validation"][there])
    assert not app.slider


def test_only_the_settings_that_differ_are_listed(service: Service):
    slower = replace(QUICK.training, stages=(Stage(2, 1e-3, batch=32),), seed=7)
    one, other = trained(service, name="one"), trained(service, name=WILD, training=slower)
    found = [settings(service.get(one)), settings(service.get(other))]
    assert differences(found) == {"Learning rate": ["0.005", "0.001"], "Seed": ["0", "7"]}
    shown = html_of(select(opened(), one, other))
    different, alike = shown.split("</table>")[:2]
    assert "<td>0.005</td><td>0.001</td>" in different and "Optimiser" not in different
    assert "<td>AdamW</td>" in alike and "Learning rate</th>" not in alike
    assert "<img src=x" not in shown and "&lt;img src=x" in shown
    assert differences([found[0], found[0]]) == {}


def test_a_network_from_elsewhere_makes_no_difference_where_it_says_nothing(
    service: Service, tmp_path
):
    here = settings(service.get(trained(service)))
    brought = service.bring(bytes_of(tmp_path, checkpoint()), "mine.safetensors", ANN)
    found = differences([here, here, settings(brought)])
    assert not {"Learning rate", "Optimiser", "Seed", "Epochs"} & set(found)
    assert found["Hidden units"][0] == here["Hidden units"]


def test_the_validation_pictures_are_those_that_were_really_set_aside(service: Service):
    # More than the digits can spare.
    asked = replace(QUICK.training, validation=2000)
    run = service.get(trained(service, training=asked))
    _, kept = load_pictures(asked, service.data)
    assert measured.set_aside(run) == len(kept) < asked.validation
    shown = html_of(look_into(opened(), run.id))
    assert f"Validation pictures</th><td>{len(kept)}</td>" in shown


def test_a_run_that_failed_tells_of_its_last_step_not_of_what_the_ledger_heard_of(
    service: Service,
):
    files = service.files(new_id())
    files.create(QUICK)
    lock = files.try_lock()
    assert lock is not None
    service.ledger.add(files.id, QUICK, ANN, "running")
    reports = list(carry_out(files, service.data))
    early = reports[2]
    service.ledger.progress(files.id, early, {"loss": early.loss, "accuracy": early.accuracy})
    service.ledger.settle(files.id, "failed", "It exploded.")
    lock.release()
    app = select(opened(), files.id)
    assert rows(app)[files.id]["step"] == reports[-1].step > early.step
    assert f"<td>{reports[-1].loss:.4g}</td>" in html_of(app)


def test_names_stand_as_they_are_and_ids_only_where_two_agree(service: Service):
    one, other, third = (
        trained(service, name=name) for name in ("… then · it × 2", "twin", "twin")
    )
    app = select(opened(), one, other, third)
    names = [trace["name"] for trace in figures_of(app)["loss"]["data"] if trace["showlegend"]]
    assert names == ["… then · it × 2", f"twin, {other[:6]}", f"twin, {third[:6]}"]


def test_settings_say_each_thing_once(service: Service):
    run = service.get(trained(service))
    found = settings(run)
    assert found["Cell"] == "GRU" and found["Epochs"] == "2" and found["Data set"] == "digits 8×8"
    assert found["Moved by up to, px"] == "1" and found["Optimiser"] == "AdamW"
    assert not any("_" in name or "_" in text for name, text in found.items())


@pytest.mark.parametrize(
    "typed, told",
    [
        ("a,b,c,d,e,f,g,h,ninth,tenth", "left out: ninth, tenth"),
        ("x" * 31, "longer ones are cut"),
    ],
)
def test_tags_that_are_not_kept_are_named(typed, told, service: Service):
    app = look_into(opened(), trained(service))
    app.text_input[1].set_value(typed)
    assert told in said(checked(app.run()))


@pytest.mark.parametrize("typed, told", [("y" * 145, "the first 80 are kept"), (" ", "needs a")])
def test_a_name_that_is_not_taken_as_it_is_is_answered(typed, told, service: Service):
    run = trained(service)
    app = look_into(opened(), run)
    app.text_input[0].set_value(typed)
    app = checked(app.run())
    assert told in said(app)
    assert service.get(run).name == (typed[:80].strip() or QUICK.name)


def test_a_run_is_renamed_and_tagged(service: Service):
    run = trained(service)
    app = look_into(opened(), run)
    app.text_input[0].set_value(WILD)
    app = checked(app.run())
    app.text_input[1].set_value("good, <b>bold</b>, good,,")
    app = checked(app.run())
    found = service.get(run)
    assert (found.name, found.tags) == (WILD, ("good", "<b>bold</b>"))
    assert rows(app)[run]["tags"] == ["good", "<b>bold</b>"]
    assert [field.value for field in app.text_input] == [WILD, "good, <b>bold</b>"]
    app.text_input[0].set_value("  ")
    app = checked(app.run())
    assert service.get(run).name == app.text_input[0].value == WILD


def test_a_deleted_run_comes_back_as_it_stood_until_the_next_action(service: Service):
    one, other = trained(service, name="one"), trained(service, name="other")
    app = look_into(select(opened(), one, other), one)
    before = table(app)["colours"]
    app = checked(app.button(key=f"runs-delete-{one}").click().run())
    assert set(rows(app)) == {other} and "‘one’ is deleted" in said(app)
    app = checked(app.run())
    assert "‘one’ is deleted" in said(app), "it stays while nothing is done"
    app = checked(app.button(key="runs-undo").click().run())
    assert set(rows(app)) == {one, other} and "deleted" not in said(app)
    assert table(app)["colours"] == before and table(app)["opened"] == one
    app = checked(app.button(key="runs-delete").click().run())
    assert not figures_of(app) and "2 runs are deleted" in said(app)
    app = checked(app.button(key="runs-undo").click().run())
    assert set(rows(app)) == {one, other}
    app = checked(app.button(key=f"runs-delete-{one}").click().run())
    app = select(app, other, serial=9)
    assert "deleted" not in said(app)


def test_the_confusion_matrix_is_that_of_scikit_learn_and_its_pictures_open_in_draw(
    service: Service,
):
    run = trained(service)
    app = look_into(opened(), run)
    answers = read_answers(service.files(run))
    (heat,) = figures_of(app)["confusion-digits"]["data"]
    expected = confusion_matrix(answers["label"], answers["answer"], labels=range(10))
    assert np.array_equal(values(heat["customdata"])[:, :, 0], expected)
    share = expected / np.maximum(expected.sum(1, keepdims=True), 1)
    np.testing.assert_allclose(np.nan_to_num(values(heat["z"])) ** 2, share)
    label, answer = np.argwhere(expected - np.diag(np.diag(expected)))[0]
    app.session_state[CELL] = (run, "digits", int(label), int(answer))
    app = checked(app.run())
    behind = (answers["label"] == label) & (answers["answer"] == answer)
    shown = html_of(app)
    for index in np.flatnonzero(behind)[:24]:
        assert f'href="/?models=run-{run}&amp;example=digits.test.{index}"' in shown


def test_a_run_that_is_not_over_says_when_its_mistakes_come(service: Service):
    run = not_begun(service, ANN).removeprefix("run-")
    app = look_into(opened(), run)
    assert rows(app)[run]["headline"] == "Paused" and rows(app)[run]["progress"] == 0
    assert "when its training is over" in said(app)
    app = select(app, run, serial=2)
    assert "Nothing was measured" in said(app)


def test_links_open_a_run_and_its_network_on_the_other_pages(service: Service):
    run = trained(service)
    links = [link.proto.url for link in look_into(opened(), run).get("link_button")]
    network = f"models=run-{run}"
    assert links == [f"/train?run={run}", f"/?{network}", f"/gradients?{network}"]


def bring(app: AppTest, data: bytes, name: str) -> AppTest:
    app.session_state["runs-bring"] = True
    app = checked(app.run())
    app.file_uploader[0].upload(name, data, "application/octet-stream")
    return checked(app.run())


def test_a_network_is_brought_along_and_kept(service: Service, tmp_path):
    app = bring(opened(), bytes_of(tmp_path, checkpoint()), "mine.safetensors")
    (row,) = rows(app).values()
    assert (row["name"], row["headline"]) == ("mine", "Brought along")
    assert table(app)["opened"] == row["id"] and not app.error
    assert not app.session_state["runs-bring"], "nothing covers what it did"
    assert set(rows(opened())) == {row["id"]}, "after a reload too"


def test_what_cannot_be_brought_is_answered(service: Service, tmp_path):
    app = opened()
    for name in ("pickle", "not a number", "wrong shapes"):
        data, words = hostile(tmp_path)[name]
        app = bring(app, data, "<b>evil</b>.safetensors")
        assert words in said(app) and not rows_or_none(app)


def rows_or_none(app: AppTest) -> list:
    return [
        element
        for element in app.get("bidi_component")
        if element.proto.component_name == "rnnviz_runs_table"
    ]


def test_whatever_the_browser_sends_the_page_stands(service: Service):
    run = trained(service)
    app = opened()
    for sent in (
        {"selected": 7},
        {"selected": {"ids": "abc", "serial": 1}},
        {"selected": {"ids": [None, {}, run, run, "../x"], "serial": 2}},
        {"opened": {"id": ["x"], "serial": 3}},
        {"opened": {"id": "../../etc", "serial": 4}},
        {"selected": {"ids": [run] * 1000, "serial": "5"}},
    ):
        app = send(app, **sent)
    assert table(app)["selected"] == [run] and table(app)["opened"] == ""
