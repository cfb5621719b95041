"""What came of a training: how well it knows the actions, honestly, and what it got wrong."""

import datetime

import streamlit as st

from rnnviz.ui.clips.teach import state, strips, words
from rnnviz.ui.clips.teach.collection import as_clips
from rnnviz.ui.clips.teach.desks import Outcome
from rnnviz.ui.messages import as_text

SHOWN_MISTAKES = 24


def show_result(outcome: Outcome) -> None:
    """Show how well a network knows the actions it was taught."""
    taught = outcome.taught
    if is_older(outcome):
        st.caption("Your clips have changed since: this is what it learned from the ones before.")
    low, high = taught.interval
    with st.container(horizontal=True, gap="medium", key="teach-facts"):
        facts = {
            "Right about unseen clips": words.percent(taught.accuracy),
            "Likely between": f"{words.percent(low)} and {words.percent(high)}",
            "Guessing": words.percent(taught.chance),
            "A simple rule": words.percent(taught.baseline_accuracy),
        }
        for label, value in facts.items():
            st.metric(label, value, width="content")
    st.markdown(f"**{as_text(words.verdict(taught))}** {as_text(words.score(taught))}")
    for note in taught.notes:
        st.info(as_text(note), icon=":material/info:")
    show_mistakes(outcome)
    with st.expander("What was taken for what, and how it was measured"):
        st.html(strips.confusion_table(taught.confusion, taught.classes))
        st.caption(as_text(words.measured(taught)))
    st.download_button(
        "Save the network",
        outcome.data,
        f"my-actions-{datetime.date.today():%Y-%m-%d}.safetensors",
        key="teach-network",
        on_click="ignore",
        icon=":material/download:",
    )


def is_older(outcome: Outcome) -> bool:
    """Return whether the clips have changed since a network learned from them."""
    now, then = as_clips(state.collection()), outcome.clips
    same = now.classes == then.classes and now.labels.tolist() == then.labels.tolist()
    return not (same and now.frames.tobytes() == then.frames.tobytes())


def show_mistakes(outcome: Outcome) -> None:
    """Show the clips that were answered wrong."""
    wrong = words.mistakes(outcome.taught)
    if not wrong:
        st.caption("It got none of them wrong.")
        return
    st.markdown(f"**Clips that it got wrong:** {len(wrong)}")
    shown = [(outcome.clips.frames[clip], text) for clip, text in wrong[:SHOWN_MISTAKES]]
    st.html(strips.gallery(shown))
    if len(wrong) > SHOWN_MISTAKES:
        st.caption(f"The {SHOWN_MISTAKES} of which it was most certain are shown.")
