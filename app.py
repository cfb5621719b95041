"""Start the app: find the pages and show the chosen one. Run with ``streamlit run app.py``."""

from pathlib import Path

import streamlit as st

from rnnviz.registry import discover

# A file of our own: Streamlit would fetch an icon of its fonts from the web.
ICON = Path(__file__).parent / "rnnviz" / "ui" / "icon.svg"

st.set_page_config("rnnviz", page_icon=str(ICON), layout="wide")

modules = list(discover("rnnviz.ui.pages").values())
pages = [
    st.Page(
        module.show,
        title=module.LABEL,
        icon=module.ICON,
        url_path=module.NAME,
        default=module is modules[0],
    )
    for module in modules
]
st.navigation(pages, position="top").run()
