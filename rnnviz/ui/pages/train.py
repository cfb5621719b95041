"""The page "Train": set up a network, train it, and watch it learn from the inside."""

import streamlit as st

from rnnviz.ui.layout import compact_page
from rnnviz.ui.studio import visit
from rnnviz.ui.studio.live import live
from rnnviz.ui.studio.setup import setup
from rnnviz.ui.studio.style import STYLE
from rnnviz.ui.visitor import remember

NAME = "train"
LABEL = "Train"
ICON = ":material/model_training:"
DESCRIPTION = "Set up a network, train it, and watch it learn from the inside."
ORDER = 30


def show() -> None:
    """Show the page: a run, or the form that starts one."""
    compact_page()
    st.html(STYLE)
    remember()
    run = visit.open_linked()
    if run:
        live(run)
    else:
        setup()
