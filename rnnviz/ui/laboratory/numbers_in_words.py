"""Numbers of any size, to be read on the screen. Pure data, no Streamlit.

They come as logarithms to base 10, for many are smaller than float64 can hold.
"""

import math

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
ZERO, UNDEFINED = "0", "undefined"
FROM_AFAR = 6
"""Decades from which on even a number that is read from afar has a power of ten."""


def power(log: float) -> str:
    """Return the number with this log10 to three digits: "0.42", "3.2·10⁻⁷", "0"."""
    if not math.isfinite(log):
        return limit(log)
    return f"{10.0**log:.3g}" if -2 <= log < 3 else scientific(log)


def fraction(log: float) -> str:
    """Return it to two digits, to be read from afar: "0.36", "1/34,000", "2.5·10¹⁵", "0"."""
    if not math.isfinite(log):
        return limit(log)
    if abs(log) >= FROM_AFAR:
        return scientific(log)
    value = 10.0**log
    return f"1/{two_digits(1 / value)}" if value < 0.095 else two_digits(value)


def limit(log: float) -> str:
    """Return what has no finite log10: a zero, or a number that isn't there."""
    return ZERO if log == -math.inf else UNDEFINED


def scientific(log: float) -> str:
    """Return the number with this log10 with a power of ten: "3.2·10⁻⁷"."""
    exponent = math.floor(log)
    mantissa = f"{10.0 ** (log - exponent):.1f}"
    if mantissa == "10.0":
        mantissa, exponent = "1.0", exponent + 1
    return f"{mantissa}·10{str(exponent).translate(RAISED)}"


def two_digits(value: float) -> str:
    """Return a number of 0.095 and more, rounded to two digits, without an exponent."""
    rounded = float(f"{value:.1e}")
    digits = max(1 - math.floor(math.log10(rounded)), 0)
    return f"{rounded:,.{digits}f}"
