"""The section "Teach it your own actions" of the page "Clips".

- `collection`: the actions and their clips, as plain data.
- `desks`: what each visitor has collected and taught, kept by the server.
- `lessons`: trainings, begun and ended.
- `state`: what one session sees of it.
- `gather`, `training`, `results`, `trial`: the four steps on the page.
- `strips`, `words`: clips as HTML, findings as sentences.
"""

import streamlit as st

from rnnviz.ui.clips.teach import gather, results, state, strips, training, trial
from rnnviz.ui.messages import friendly

INTRODUCTION = (
    "Name two to six actions, such as wave, clap and nothing, record a few short clips of each, "
    "and a network learns to tell them apart. It says honestly how well, and then you try it."
)


@st.fragment
def show() -> None:
    """Show the section from top to bottom: name, collect, teach, try."""
    st.html(strips.STYLE)
    text, menu = st.columns([4, 1], vertical_alignment="center")
    text.markdown(INTRODUCTION)
    with menu:
        gather.show_keeping()
    state.show_messages()
    with friendly():
        gather.show_names()
        gather.show_collecting()
    with friendly():
        training.show_training()
    outcome = state.desk().outcome
    if outcome is not None:
        with friendly():
            results.show_result(outcome)
            trial.show_trial(outcome)
