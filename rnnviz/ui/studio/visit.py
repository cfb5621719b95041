"""Which run a visitor looks at, and what was told to them: the page's part of the session."""

from collections.abc import Callable

import streamlit as st

from rnnviz.training.recipe import Recipe
from rnnviz.training.runs.errors import RunError
from rnnviz.ui.service import service
from rnnviz.ui.visitor import who

RUN, SEEN, PROBLEM = "train.run", "train.seen", "train.problem"


def open_linked() -> str:
    """Return the run that is looked at, "" for none: the address's, or what was opened since."""
    linked = st.query_params.get("run", "")
    if st.session_state.get(SEEN) != linked or RUN not in st.session_state:
        st.session_state[SEEN] = st.session_state[RUN] = linked
    return st.session_state[RUN]


def open_run(run: str) -> None:
    """Look at a run from now on; "" for at none."""
    # The browser puts it into the address only afterwards; until then that one is known already.
    st.session_state[SEEN] = st.query_params.get("run", "")
    st.session_state[RUN] = run


def start(recipe: Recipe) -> None:
    """Let a run wait for its training and look at it, or remember why it can't be."""
    attempt(lambda: open_run(service().submit(recipe, who()).id))


def attempt(act: Callable[[], object]) -> None:
    """Do something with a run, or remember why it can't be done."""
    try:
        act()
    except RunError as error:
        st.session_state[PROBLEM] = str(error)


def problem() -> str:
    """Return why the last attempt failed, once."""
    return st.session_state.pop(PROBLEM, "")
