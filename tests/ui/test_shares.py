"""No probability is called certain that isn't."""

import pytest

from rnnviz.ui.shares import short_percent


@pytest.mark.parametrize(
    ("share", "told"),
    [
        (1.0, "100 %"),
        (0.9999999, ">99 %"),
        (0.995, ">99 %"),
        (0.994, "99 %"),
        (0.5, "50 %"),
        (0.006, "1 %"),
        (0.004, "<1 %"),
        (0.0, "0 %"),
    ],
)
def test_a_probability_is_rounded_but_never_to_certainty(share, told):
    assert short_percent(share) == told
