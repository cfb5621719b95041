"""The page "Train": set up a network, train it, and watch it learn from the inside."""

import streamlit as st

from rnnviz.ui.layout import compact_page
from rnnviz.ui.studio import visit
from rnnviz.ui.studio.live import live
from rnnviz.ui.studio.setup import setup
from rnnviz.ui.studio.style import style
from rnnviz.ui.visitor import remember

NAME = "train"
LABEL = "Train"
ICON = ":material/model_training:"
DESCRIPTION = "Set up a network, train it, and watch it learn from the inside."
ORDER = 30


def show() -> None:
    """Show the page: a run, or the form that starts one."""
    compact_page()
    run = visit.open_linked()
    st.html(style("live" if run else "setup"))
    remember()
    # Each in a place of its own, so that what goes keeps its shape until it is gone.
    form_place, run_place = st.container(key="train-setup"), st.container(key="train-live")
    if run:
        with run_place:
            live(run)
    else:
        with form_place:
            setup()
