"""The figures of a page under test."""

import json

from streamlit.testing.v1 import AppTest

NAME = "rnnviz_plotly_figure"


def figures_of(app: AppTest) -> dict[str, dict]:
    """Return the figures that a page shows, as Plotly's JSON, by what their keys end in.

    Of "lab-clipping-figure-loss" that is "loss".
    """
    found = {}
    for element in app.get("bidi_component"):
        if element.proto.component_name == NAME:
            view = json.loads(element.proto.json)
            name = element.proto.id.rsplit("-figure-", maxsplit=1)[-1]
            found[name] = json.loads(view["spec"])
    return found
