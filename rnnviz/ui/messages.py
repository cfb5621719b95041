"""What a person is told when something cannot be done: how to mend it, or a plain apology."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from rnnviz.data.errors import InputError
from rnnviz.models.checkpoint import CheckpointError

APOLOGY = (
    "Something went wrong here, and it is not your doing. What you drew and chose is kept: "
    "try again, or clear the canvas and draw anew. The details are in the app's log."
)
MENDABLE = (InputError, CheckpointError)
"""The errors whose messages say what a person can do."""

WORD_JOINER = "\u2060"
"""A letter without width at which no line is broken."""

log = logging.getLogger(__name__)


@contextmanager
def friendly() -> Iterator[None]:
    """Show an error of this block as a message, and let the page go on after the block."""
    try:
        yield
    except MENDABLE as error:
        st.warning(as_text(str(error)), icon=":material/info:")
    except Exception:
        log.exception("A page failed.")
        st.error(APOLOGY, icon=":material/error:")


def notify(notices: tuple[str, ...]) -> None:
    """Show each notice as a message of its own."""
    for notice in notices:
        st.warning(as_text(notice), icon=":material/info:")


def as_text(message: str) -> str:
    """Return a message so that Markdown shows it letter by letter.

    Messages quote what people gave, file names and links among it. Addresses become links after
    the marks below are gone, so a letter that isn't seen keeps their parts apart.
    """
    # JSON can name halves of letters, which nothing can be sent with.
    whole = message.encode(errors="replace").decode()
    apart = re.sub(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?=@)", WORD_JOINER, whole, flags=re.IGNORECASE)
    return re.sub(r"([\\`*_{}\[\]<>()#+!|$~:-])", r"\\\1", apart)
