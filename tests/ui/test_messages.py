import logging
import re

from streamlit.testing.v1 import AppTest

from rnnviz.ui.messages import APOLOGY, WORD_JOINER, as_text


def page_with_mendable_error():
    import streamlit as st

    from rnnviz.data.errors import InputError
    from rnnviz.ui.messages import friendly

    with friendly():
        raise InputError("The *file* is empty. Choose [another](http://example.org) one.")
    st.write("The rest of the page.")


def page_with_a_fault():
    import streamlit as st

    from rnnviz.ui.messages import friendly

    with friendly():
        raise ZeroDivisionError("secret details")
    st.write("The rest of the page.")


def test_an_error_that_a_person_can_mend_says_how_and_the_page_goes_on():
    app = AppTest.from_function(page_with_mendable_error).run()
    (warning,) = app.warning
    assert warning.value.replace("\\", "").startswith("The *file* is empty.")
    assert app.markdown[-1].value == "The rest of the page."


def test_any_other_error_is_logged_in_full_and_apologised_for_without_details(caplog):
    with caplog.at_level(logging.ERROR):
        app = AppTest.from_function(page_with_a_fault).run()
    assert [error.value for error in app.error] == [APOLOGY]
    assert app.markdown[-1].value == "The rest of the page."
    assert "ZeroDivisionError: secret details" in caplog.text


def test_nothing_in_a_message_is_taken_for_markdown():
    assert as_text("[x](y) **b** <i> $1 :red[z]") == (r"\[x\]\(y\) \*\*b\*\* \<i\> \$1 \:red\[z\]")


def test_no_address_in_a_message_becomes_a_link():
    # GitHub's Markdown makes links of these patterns (https://github.github.com/gfm/#autolinks-
    # extension-), whatever stands before them; a letter without width breaks each of them up.
    for address in ("http://a.b", "HTTPS://a.b", "www.a.b", "WWW.a.b", "me@a.b"):
        shown = as_text(address).replace("\\", "")
        assert not re.search(r"https?://|www\.|\w@", shown, re.IGNORECASE)
        assert shown.replace(WORD_JOINER, "") == address


def test_halves_of_letters_can_be_sent_to_a_browser():
    # JSON can name them, so names in files can hold them.
    assert as_text("no option '\ud800'").encode() == b"no option '?'"
