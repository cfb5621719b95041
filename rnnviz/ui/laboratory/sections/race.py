"""The memory race: first one predicts who remembers the digit, then one sees."""

from typing import Any

import numpy as np
import streamlit as st

from rnnviz import plots
from rnnviz.core.race import Race
from rnnviz.training.experiments import as_json, race, shipped
from rnnviz.ui.components.plotly_figure import plotly_figure
from rnnviz.ui.laboratory import live
from rnnviz.ui.laboratory.panel import Panel
from rnnviz.ui.laboratory.race_choices import LABELS, LAST, STARTS, UNSEEN, asked, chosen, fields
from rnnviz.ui.laboratory.race_tables import accuracy_table, flow_table
from rnnviz.ui.laboratory.race_verdict import (
    GOAL,
    GOAL_TEXT,
    NOBODY,
    departures,
    explanation,
    outcome,
    standing,
    verdict,
)
from rnnviz.ui.messages import as_text

__all__ = ["fields", "show"]

NAME = "race"
LABEL = "Memory race"
ORDER = 30
QUESTION = "Who still knows the digit after nothing but blank rows?"
LOOK = (
    "Bet first. Then watch which curves leave the 10 % of guessing, and whether their gradient "
    "gets back across the blank rows to the digit."
)

PLAY, SEEN = "lab.race.play", "lab.race.settings"
FRAME_S = 0.6
"""Seconds between two moments of a race that is played; browsers need most of it to draw."""
FRAMES = 14
"""How many moments are played."""
OTHERS = ("seeds", "units", "rate", "clip")


def show(panel: Panel) -> None:
    """Show the section from top to bottom."""
    choose_race(panel)
    try:
        settings = asked(panel.values)
    except ValueError as error:
        st.warning(as_text(str(error)), icon=":material/info:")
        return
    hide_when_changed(panel, settings)
    if started_here(settings):
        panel.assign({"shown": True})
    if not panel["shown"]:
        predict(panel, settings)
    live.experiment(panel, race.NAME, settings, lambda found: draw(panel, found))


def choose_race(panel: Panel) -> None:
    """Draw the finished races, and the settings of one's own."""
    with st.container(horizontal=True, vertical_alignment="center", key="lab-race-starts"):
        st.markdown("**Finished races:**", width="content")
        for label, preset in STARTS.items():
            values = chosen(race.PRESETS[preset])
            current = all(panel[name] == value for name, value in values.items())
            icon = ":material/check:" if current else None
            panel.button(label, values | UNSEEN, icon=icon)
        panel.menu("Own settings", "tune", lambda menu: choose_own(panel, menu))


def choose_own(panel: Panel, menu: Any) -> None:
    """Draw the settings of a race of one's own."""
    panel.control("blank", menu)
    panel.control("runners", menu)
    left, right = menu.columns(2)
    for place, names in ((left, ("dataset", "steps", "batch")), (right, OTHERS)):
        for name in names:
            panel.control(name, place)


def hide_when_changed(panel: Panel, settings: race.Settings) -> None:
    """Hide the race again when it has become another one, so that one can bet on it too."""
    now, before = as_json(settings), st.session_state.get(SEEN)
    st.session_state[SEEN] = now
    if before not in (None, now):
        st.session_state.pop(PLAY, None)
        if panel["shown"]:
            panel.assign(UNSEEN)
            # The link stands above this section, and must not show the race either.
            st.rerun()


def predict(panel: Panel, settings: race.Settings) -> None:
    """Say what is raced, and ask who will win."""
    # The picture comes second, so that on a phone one needn't scroll past it to bet.
    left, right = st.columns([3, 1], gap="medium")
    digit = panel.picture_batch(1).images[0]
    with right:
        picture = plots.race_picture(digit, settings.blank_rows)
        plotly_figure(picture, "lab-race-picture", "race-picture", is_still=True)
    with left:
        st.markdown(rules(settings))
        names = [*settings.runners, NOBODY]
        key = f"lab-race-guess-{'-'.join(names)}"
        st.session_state.setdefault(key, [name for name in panel["guess"] if name in names])
        guess = st.pills(
            f"**Who will reach {GOAL_TEXT}?** Choose all that you expect to.",
            names,
            selection_mode="multi",
            format_func=lambda name: LABELS.get(name, "none of them"),
            key=key,
            on_change=lambda: panel.assign({"guess": tuple(st.session_state[key])}),
        )
        if live.jobs().find(race.NAME, settings) is None and not is_shipped(settings):
            return
        live_now = under_way(panel)
        with st.container(horizontal=True):
            st.button(
                "Watch it live" if live_now else "Start the race",
                key="lab-race-go",
                type="primary",
                icon=":material/flag:",
                disabled=not guess,
                help=None if guess else "Bet first: choose one or more, or none of them.",
                on_click=reveal,
                # What is under way needn't be played: it moves by itself.
                args=(panel, None if live_now else 0),
            )
            skip = "Skip the bet" if live_now else "Skip to the result"
            st.button(skip, key="lab-race-skip", on_click=reveal, args=(panel, None))


def rules(settings: race.Settings) -> str:
    """Return what is raced, in a few sentences."""
    blank = settings.blank_rows
    then = f"then {blank} blank rows" if blank else "nothing after it"
    return (
        f"Each network reads a digit row by row, {then}, and only then says which digit it was. "
        f"All take the same {settings.training_steps} batches of {settings.batch} pictures, each "
        f"from the same {settings.seeds} seeds. They differ in how they start: the bias is that "
        f"of the gate that keeps the state, and the identity start begins by copying it. Guessing "
        f"gets 10 %."
    )


def is_shipped(settings: race.Settings) -> bool:
    """Return whether a finished race with these settings came with the app."""
    return shipped(race.NAME, settings) is not None


def reveal(panel: Panel, play_from: int | None) -> None:
    """Show the race: played from a report on, or at once its end."""
    panel.assign({"shown": True, "at": LAST})
    if play_from is None:
        st.session_state.pop(PLAY, None)
    else:
        st.session_state[PLAY] = play_from


def draw(panel: Panel, found: Race) -> None:
    """Show a race, or what there is of it."""
    if not panel["shown"] or not found.reports:
        return
    if PLAY in st.session_state and found.over:
        play(panel, found)
    elif under_way(panel):
        st.markdown(outcome(found))
        figures(panel, found, found.reports - 1)
    else:
        study(panel, found)


def under_way(panel: Panel) -> bool:
    """Return whether this very race is being run."""
    job = live.jobs().find(race.NAME, asked(panel.values))
    return job is not None and job.state not in live.ENDED


def started_here(settings: race.Settings) -> bool:
    """Return whether this session has started this race and it is still under way.

    Who only comes across a race of somebody else's gets to bet before seeing it.
    """
    job = live.jobs().find(race.NAME, settings)
    return job is not None and job.state not in live.ENDED and live.who() in job.wanted_by


def play(panel: Panel, found: Race) -> None:
    """Let the race run once more, a report at a time."""
    st.button(
        "Skip to the result",
        key="lab-race-skip-play",
        icon=":material/skip_next:",
        on_click=reveal,
        args=(panel, None),
    )

    @st.fragment(run_every=FRAME_S)
    def moving() -> None:
        report = st.session_state.get(PLAY, found.reports)
        if report >= found.reports:
            st.session_state.pop(PLAY, None)
            st.rerun()
        st.progress(
            report / max(found.reports - 1, 1),
            f"Training step {found.steps[report]} of {found.total}",
        )
        figures(panel, found, report)
        st.session_state[PLAY] = report + max(found.reports // FRAMES, 1)

    moving()


def study(panel: Panel, found: Race) -> None:
    """Show a race that stands still: the verdict, and every moment of it."""
    st.markdown(f":material/flag: {verdict(found, panel['guess'])} {explanation(found)}")
    for sentence in departures(found):
        st.warning(sentence, icon=":material/info:")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        report = choose_moment(panel, found)
        st.button(
            "Play",
            key="lab-race-play",
            icon=":material/play_arrow:",
            on_click=reveal,
            args=(panel, 0),
            disabled=not found.over,
        )
        st.button(
            "Bet again",
            key="lab-race-bet",
            icon=":material/undo:",
            on_click=bet_again,
            args=(panel,),
        )
    figures(panel, found, report)
    then = found.until(report + 1)
    facts(panel, then)
    table = {COLUMNS[name]: values for name, values in standing(then).items()}
    st.table(table, border="horizontal", hide_index=True)
    st.caption(how_measured(found))


def bet_again(panel: Panel) -> None:
    """Hide the race and forget the bet."""
    panel.assign(UNSEEN)


def facts(panel: Panel, found: Race) -> None:
    """Show who has got how far in large numbers."""
    reached = found.reaching(GOAL)
    shown = {f"reached {GOAL_TEXT}": f"{len(reached)} of {len(found.runners)}"}
    for runner in found.runners:
        median = found.accuracy(runner)[1, -1]
        shown[found.label(runner)] = "out" if np.isnan(median) else f"{100 * median:.0f} %"
    panel.facts(shown)


def choose_moment(panel: Panel, found: Race) -> int:
    """Draw the slider over the training steps, and return the report that is chosen."""
    steps = found.steps.tolist()
    chosen_step = max([step for step in steps if step <= panel["at"]], default=steps[0])
    if len(steps) < 2:
        return 0
    # Of its own and not ``panel.control``, for its stops are those of this race.
    key = f"{panel.key('at')}-{found.total}-{len(steps)}"
    st.select_slider(
        "Training step", steps, chosen_step, key=key, on_change=take_moment, args=(panel, key)
    )
    return steps.index(chosen_step)


def take_moment(panel: Panel, key: str) -> None:
    """Take the moment that the slider was moved to."""
    panel.values["at"] = st.session_state[key]


def figures(panel: Panel, found: Race, report: int) -> None:
    """Show the accuracy up to a report, and the flow at it."""
    left, right = st.columns(2, gap="medium")
    accuracy = plots.race_curves(found, report + 1)
    panel.figure(accuracy, "accuracy", accuracy_table(found), left)
    panel.figure(plots.race_flow(found, report), "flow", flow_table(found, report), right)


COLUMNS = {
    "network": "Network",
    "right": "Right answers (median, range)",
    "reached": "Reached 50 % after",
    "gradient": "Gradient left in the middle of the digit: before training → now",
}


def how_measured(found: Race) -> str:
    """Return how the numbers of a race come about."""
    return (
        f"Curves are medians over {len(found.seeds)} seeds, bands reach from the lowest to the "
        f"highest. Accuracy on digits kept from training. A runner has reached {GOAL_TEXT} when "
        f"most of its runs have. The gradient is the median over {race.FLOW_PICTURES} of these "
        f"digits, in float64: 1 at the last row, and the share of it that gets back to each row. "
        f"A curve ends where nothing at all arrives with most seeds: a ReLU at 0 lets nothing "
        f"through."
    )
