"""Pages run as Streamlit runs them, without a browser."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from rnnviz.ui import messages


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
