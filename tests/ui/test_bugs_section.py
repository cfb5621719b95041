"""The bug laboratory as Streamlit runs it: guess, look, turn the gain."""

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.models.cells import cell_class
from rnnviz.training.experiments import gather, listing, shipped
from rnnviz.ui.laboratory import bug_words, compute_bugs, exhibit
from rnnviz.ui.laboratory.sections.bugs import VIEWS
from tests.ui.figures import figures_of
from tests.ui.test_gradients_page import checked, linked, open_page

DATA = {"data": "digits"}  # shipped like the other, and quicker to be run again


def open_bugs(**query: str) -> AppTest:
    return open_page(section="bugs", **{**DATA, **query})


def facts(app: AppTest) -> dict[str, str]:
    return {one.label: one.value for one in app.metric}


def code_on(app: AppTest) -> str:
    (found,) = [one.proto.body for one in app.get("html") if "The code of" in one.proto.body]
    return found


def result():
    record = shipped("listing", listing.PRESETS["digits"])
    assert record is not None
    return gather("listing", listing.PRESETS["digits"], record.reports)


def test_at_first_no_fault_is_given_away():
    app = open_bugs()
    assert code_on(app) == exhibit.markup(())
    assert facts(app)["fed a row"] == "an error"
    assert facts(app)["gradients of its weights"] == "0, 0, 0"


def test_a_guess_is_answered_and_stands_in_the_link():
    app = open_bugs()
    (lines,) = [one for one in app.button_group if (one.key or "").startswith("lab-bugs-lines")]
    app = checked(lines.set_value(["6", "7"]).run())
    assert exhibit.verdict([6, 7]) in [one.value for one in app.info]
    assert linked(app)["lines"] == "6,7"


def test_the_button_opens_the_first_fault():
    app = open_bugs()
    (button,) = [one for one in app.button if one.label == "Show me the first fault"]
    app = checked(button.click().run())
    assert linked(app)["view"] == "whole"
    assert code_on(app) == exhibit.markup(("whole",))


def test_the_size_shows_the_words_of_torch_itself():
    app = open_bugs(view="whole")
    assert any("1x28 and 784x128" in one.value for one in app.code)
    assert facts(app)["gradient of its recurrent weights"] == "0 exactly"
    assert facts(app)["one linear layer, no RNN"] == bug_words.percent(result().accuracy("linear"))


def test_the_gain_is_measured_on_the_spot():
    app = open_bugs(view="straight", gain="1.1")
    assert facts(app)["gradient over 27 steps, nothing bends"] == f"× {1.1**27:.3g}"
    (slider,) = app.slider
    app = checked(slider.set_value(0.9).run())
    assert facts(app)["gradient over 27 steps, nothing bends"] == f"× {0.9**27:.3g}"
    assert linked(app)["gain"] == "0.9"


def test_the_late_answer_has_no_gradient_at_its_last_step():
    app = open_bugs(view="late")
    assert facts(app)["|dL/dh₂₈|"] == facts(app)["|dL/dx₂₈|"] == "0 exactly"
    assert len(figures_of(app)) == 3


@pytest.mark.parametrize("view", VIEWS)
def test_the_claim_is_answered_in_every_view_with_the_gates_that_our_cells_declare(view):
    app = open_bugs(view=view)
    told = app.table[0].value.to_dict("records")
    assert told[0]["its gates"] == "reset, update"
    assert [told[0][f"a {gate} gate?"] for gate in compute_bugs.CLAIMED] == ["no", "no"]
    assert [told[1][f"a {gate} gate?"] for gate in compute_bugs.CLAIMED] == ["yes", "yes"]
    assert set(compute_bugs.gates("gru")) < set(cell_class("gru").GATES)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0.0, "0 exactly"),
        (137.37, "137"),
        (0.884, "0.884"),
        (4e-16, "4.0·10⁻¹⁶"),
        (56789, "5.7·10⁴"),
    ],
)
def test_sizes_are_told_in_few_digits(value, told):
    assert bug_words.amount(value) == told


def test_what_is_not_measured_yet_is_not_told_as_a_number():
    assert bug_words.percent(float("nan")) == bug_words.amount(float("nan")) == "…"
