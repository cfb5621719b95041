"""Pages run as Streamlit runs them, without a browser."""

import json
from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

from rnnviz.ui import messages
from rnnviz.ui.components.common.encoding import from_wire


def opened(page: Callable[[], None], **query: str) -> AppTest:
    """Return a page that was opened by a link with these parameters."""
    app = AppTest.from_function(page, default_timeout=120)
    for name, value in query.items():
        app.query_params[name] = value
    return checked(app.run())


def checked(app: AppTest) -> AppTest:
    """Return the page, which neither failed nor apologised."""
    assert not app.exception
    assert messages.APOLOGY not in [error.value for error in app.error]
    return app


def all_sent_to(app: AppTest, component: str) -> list[dict[str, Any]]:
    """Return what the browser components of a name were given to show, in the page's order."""
    found = [one.proto for one in app.get("bidi_component")]
    return [
        from_wire(one.bytes) if one.bytes else json.loads(one.json)
        for one in found
        if one.component_name == component
    ]


def sent_to(app: AppTest, component: str) -> dict[str, Any]:
    """Return what the only browser component of a name was given to show."""
    (only,) = all_sent_to(app, component)
    return only
