"""The section "Memory race" as Streamlit runs it: bet, see, look closer, bet again."""

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.training.experiments import gather, race, shipped
from rnnviz.ui.laboratory import live
from rnnviz.ui.laboratory.race_choices import STARTS, asked, chosen
from rnnviz.ui.laboratory.race_verdict import outcome
from tests.ui.figures import figures_of
from tests.ui.test_gradients_page import checked, linked, open_page

DEFAULT = race.PRESETS["default"]


def open_race(**query: str) -> AppTest:
    return open_page(section="race", **query)


def button(app: AppTest, label: str):
    (found,) = [one for one in app.button if one.label == label]
    return found


def says(app: AppTest, text: str) -> bool:
    return any(text in one.value for one in app.markdown)


def the_outcome() -> str:
    record = shipped("race", DEFAULT)
    assert record is not None, "the race of the first screen comes with the app"
    return outcome(gather("race", DEFAULT, record.reports))


def test_the_race_is_hidden_until_one_has_bet():
    app = open_race()
    assert button(app, "Start the race").disabled
    assert not says(app, the_outcome())
    assert len(figures_of(app)) == 1  # what they read


def test_a_bet_opens_the_race_and_is_judged_by_what_was_measured():
    app = open_race()
    (bets,) = [one for one in app.button_group if str(one.key).startswith("lab-race-guess")]
    app = checked(bets.set_value(["lstm-3"]).run())
    assert linked(app)["guess"] == "lstm-3"
    app = checked(button(app, "Start the race").click().run())
    assert not says(app, the_outcome()), "it is played first"
    app = checked(button(app, "Skip to the result").click().run())
    assert says(app, the_outcome())
    assert says(app, "You were right about")
    assert len(figures_of(app)) == 2
    assert linked(app) == {"section": "race", "guess": "lstm-3", "shown": "1"}


def test_one_may_skip_the_bet():
    app = checked(button(open_race(), "Skip to the result").click().run())
    assert says(app, the_outcome())
    assert not says(app, "You were right")


def test_a_link_opens_the_moment_that_was_looked_at():
    app = open_race(shown="1", guess="none", at="100")
    (slider,) = app.select_slider
    assert slider.value == 100
    assert says(app, "You were right")
    assert linked(app)["at"] == "100"


def test_one_can_bet_again():
    app = open_race(shown="1", guess="none")
    app = checked(button(app, "Bet again").click().run())
    assert linked(app) == {"section": "race"}
    assert not says(app, the_outcome())


@pytest.mark.parametrize("preset", race.PRESETS)
def test_every_finished_race_can_be_chosen(preset):
    assert asked(chosen(race.PRESETS[preset])) == race.PRESETS[preset]
    assert preset in STARTS.values()


@pytest.mark.parametrize("label", STARTS)
def test_every_finished_race_is_one_click_away_and_hidden_too(label):
    app = open_race(shown="1")
    app = checked(button(app, label).click().run())
    preset = race.PRESETS[STARTS[label]]
    record = shipped("race", preset)
    assert record is not None, f"the race of the button '{label}' comes with the app"
    assert "shown" not in linked(app)
    app = checked(button(app, "Skip to the result").click().run())
    assert says(app, outcome(gather("race", preset, record.reports)))


def test_another_race_is_hidden_again_however_it_was_chosen():
    app = open_race(shown="1", guess="none")
    app.session_state["lab-race-menu-own-settings"] = True
    app = checked(app.run())
    (slider,) = [one for one in app.slider if one.label == "Blank rows after the digit"]
    app = checked(slider.set_value(0).run())
    assert linked(app) == {"section": "race", "blank": "0"}
    assert button(app, "Start the race")


def test_a_race_that_nobody_ran_yet_can_be_run():
    app = open_race(blank="29")
    assert button(app, "Run it")
    assert not [one for one in app.button if one.label == "Start the race"]


def test_a_race_that_would_take_too_long_is_refused_with_what_to_change():
    app = open_race(blank="84", steps="1000", units="128", batch="128")
    (warning,) = app.warning
    assert "Take fewer training steps" in warning.value
    assert not [one for one in app.button if one.label == "Run it"]


SMALL = {"dataset": "digits", "runners": "rnn,gru-1", "steps": "1000", "seeds": "3", "blank": "1"}


@pytest.fixture
def queue():
    """The queue of this server, of which nothing is left running."""
    yield live.jobs()
    live.jobs().close()
    live.jobs.clear()


def test_a_race_that_somebody_runs_is_seen_at_once_there_and_after_a_bet_elsewhere(queue):
    mine, other = open_race(**SMALL), open_race(**SMALL)
    mine = checked(button(mine, "Run it").click().run())
    assert not [one for one in mine.button if one.label == "Watch it live"]
    mine = checked(mine.run())
    assert linked(mine)["shown"] == "1", "the link stands above the section and comes after it"
    other = checked(other.run())
    assert "shown" not in linked(other)
    assert not says(other, "so far")
    assert button(other, "Watch it live").disabled
    (bets,) = [one for one in other.button_group if str(one.key).startswith("lab-race-guess")]
    other = checked(bets.set_value(["gru-1"]).run())
    other = checked(button(other, "Watch it live").click().run())
    assert linked(other)["shown"] == "1"
    assert linked(other)["guess"] == "gru-1"
