"""How the pages use the screen."""

import streamlit as st

# Streamlit leaves six lines above a page for its toolbar. On a laptop the canvas and all readers
# are to be seen at once, so ours begins right under the navigation.
STYLE = """
<style>
.stMainBlockContainer { padding: 3.75rem 1.5rem 2rem; }
.st-key-draw-bar h4 { padding: 0; }
.st-key-draw-bar [data-testid="stMarkdownContainer"] { margin-bottom: 0; }
.st-key-draw-bar { row-gap: 0.25rem; }
table.readers { font-size: 0.8rem; border-collapse: collapse; }
table.readers :is(th, td) { text-align: left; vertical-align: top; padding: 0.2rem 0.5rem; }
table.readers td:first-child { min-width: 7rem; font-weight: 600; }
@media (max-width: 640px) {
  .stMainBlockContainer { padding: 3.5rem 0.75rem 2rem; }
  .st-key-draw-bar h4 { font-size: 1.1rem; }
}
</style>
"""


def compact_page() -> None:
    """Let a page begin close to the upper edge and use the whole width."""
    st.html(STYLE)
