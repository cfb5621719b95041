"""Numbers of any size in words, also where a digit carries over to the next power of ten."""

import math

import pytest

from rnnviz.ui.laboratory.numbers_in_words import fraction, power, two_digits


@pytest.mark.parametrize(
    ("log", "text"),
    [
        (0.0, "1"),
        (math.log10(0.42), "0.42"),
        (-0.8, "0.158"),
        (-6.5, "3.2·10⁻⁷"),
        (-3.001, "1.0·10⁻³"),
        (-12.0, "1.0·10⁻¹²"),
        (-45.0001, "1.0·10⁻⁴⁵"),
        (4.3, "2.0·10⁴"),
        (400.0, "1.0·10⁴⁰⁰"),
        (-math.inf, "0"),
        (math.inf, "undefined"),
        (math.nan, "undefined"),
    ],
)
def test_numbers_of_any_size_can_be_read(log, text):
    assert power(log) == text


@pytest.mark.parametrize(
    ("log", "text"),
    [
        (0.0, "1.0"),
        (-0.44, "0.36"),
        (-4.53, "1/34,000"),
        (2.6, "400"),
        (math.log10(math.comb(54, 27)), "1.9·10¹⁵"),
        (-19.57, "2.7·10⁻²⁰"),
        (-7.0001, "1.0·10⁻⁷"),
        (-math.inf, "0"),
        (math.nan, "undefined"),
    ],
)
def test_numbers_can_be_read_from_afar(log, text):
    assert fraction(log) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0996, "0.10"),
        (0.994, "0.99"),
        (0.996, "1.0"),
        (9.97, "10"),
        (99.7, "100"),
        (12345, "12,000"),
    ],
)
def test_two_digits_are_two_where_one_carries_over(value, text):
    assert two_digits(value) == text
