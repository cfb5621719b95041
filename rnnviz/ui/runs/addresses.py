"""Where the pages of this app are, for links that open one of them in a tab of its own."""

from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st


def address_of(page: str, parameters: Mapping[str, str]) -> str:
    """Return the address of a page on this server.

    Args:
        page: Its name, "" for the first one.
        parameters: What stands after the question mark.
    """
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    path = "/".join(filter(None, (base, page)))
    query = urlencode(parameters, safe=",")
    return f"/{path}?{query}" if query else f"/{path}"
