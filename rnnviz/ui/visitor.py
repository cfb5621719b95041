"""Who looks at the app: a browser, known again by a random name that it keeps in a cookie."""

import re
import secrets

import streamlit as st

from rnnviz.ui.components.visitor import keep

COOKIE = "rnnviz-visitor"
WHO = "visitor.who"
NAME = re.compile(r"[0-9a-f]{32}")


def who() -> str:
    """Return the name of the browser that looks on: 128 random bits, the same after a reload.

    Whoever has it may change that browser's runs, so it is never shown and stands in no link.
    """
    if WHO not in st.session_state:
        known = str(st.context.cookies.get(COOKIE, ""))
        st.session_state[WHO] = known if NAME.fullmatch(known) else secrets.token_hex(16)
    return st.session_state[WHO]


def remember() -> None:
    """Let the browser keep its name; a page calls this where it needs ``who``.

    Two tabs that a new browser opens before either has kept a name would be two visitors, and
    after a reload the runs of one of them somebody else's: the second takes the first one's name.
    """
    if st.context.cookies.get(COOKIE) == who():
        return
    known = keep(COOKIE, who(), key="visitor-cookie")
    if NAME.fullmatch(known) and known != who():
        st.session_state[WHO] = known
        st.rerun()
