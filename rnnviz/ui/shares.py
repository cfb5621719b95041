"""Probabilities in short words. Pure text, no Streamlit."""


def short_percent(share: float) -> str:
    """Return a probability as whole percent; ">99 %" and "<1 %" where these would lie."""
    if 0 < share < 0.005:
        return "<1 %"
    if 0.995 <= share < 1:
        return ">99 %"
    return f"{100 * share:.0f} %"
