"""What a network takes for what: its confusion matrix, and the pictures behind each cell."""

import base64
from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import streamlit as st

from rnnviz import plots
from rnnviz.core.confusion import Answers
from rnnviz.data.dataset import Dataset
from rnnviz.data.errors import InputError
from rnnviz.data.sets import class_names
from rnnviz.training.runs.run import Run
from rnnviz.ui import cache
from rnnviz.ui.components.plotly_figure import clicked_place
from rnnviz.ui.downloads import picture_png
from rnnviz.ui.figure import figure_key, show_figure
from rnnviz.ui.library import RunName
from rnnviz.ui.messages import as_text
from rnnviz.ui.runs import measured
from rnnviz.ui.runs.addresses import address_of
from rnnviz.ui.runs.rows import data_name
from rnnviz.ui.shares import short_percent

CELL = "runs.cell"
MOST_SHOWN = 24
"""Pictures of a cell that are shown, the most certain answers."""
SCALE = 3
"""How many pixels one pixel of a picture takes in the file."""


def mistakes(run: Run) -> None:
    """Show what a run's network takes for what; RunError if it hasn't been measured."""
    found = measured.answers(run.id)
    names = list(found)
    if not names:
        st.caption("There were no test pictures to measure it on.")
        return
    data = names[0]
    if len(names) > 1:
        data = st.segmented_control(
            "Test pictures of",
            names,
            default=data,
            format_func=data_name,
            required=True,
            key=f"runs-test-{run.id}",
        )
    classes = class_names([data]) or tuple(map(str, range(10)))
    left, right = st.columns(2)
    with left:
        show_map(run, data, found[data], classes)
    with right:
        show_cell(run, data, found[data], classes)


def show_map(run: Run, data: str, answers: Answers, classes: Sequence[str]) -> None:
    """Show the confusion matrix; a click on a cell chooses it."""
    counts = answers.confusion(len(classes))
    wrong = int(counts.sum() - np.trace(counts))
    title = f"What it takes for what: {wrong:,} of {counts.sum():,} wrong"
    place = f"runs-{run.id}"
    name = f"confusion-{data}"

    def take_click() -> None:
        clicked = clicked_place(st.session_state[figure_key(place, name)])
        if clicked is not None:
            answer, label = map(round, clicked)
            if {answer, label} <= set(range(len(classes))):
                st.session_state[CELL] = (run.id, data, label, answer)

    show_figure(
        plots.confusion_map(counts, classes, title),
        place,
        name,
        run.id,
        confusion_table(counts, classes),
        on_click=take_click,
    )
    st.caption("Blue is right, orange is wrong; the deeper, the more of the pictures of its class.")


def confusion_table(counts: np.ndarray, classes: Sequence[str]) -> dict[str, Any]:
    """Return the confusion matrix as a table, one row a cell."""
    label, answer = np.indices(counts.shape)
    names = np.array(classes)
    return {
        "picture": names[label.ravel()],
        "answer": names[answer.ravel()],
        "pictures": counts.ravel(),
    }


def show_cell(run: Run, data: str, answers: Answers, classes: Sequence[str]) -> None:
    """Show the pictures of the chosen cell, of the worst one at first."""
    label, answer = chosen_cell(run, data, answers, classes)
    places = answers.behind(label, answer)
    verb = "rightly" if label == answer else "wrongly"
    st.markdown(
        f"**{as_text(classes[label])}**, {verb} read as **{as_text(classes[answer])}**: "
        f"{len(places):,} picture{'s' * (len(places) != 1)}"
    )
    if not len(places):
        st.caption("Click another cell of the map.")
        return
    try:
        pictures = cache.dataset(data, "test")
    except (InputError, ValueError) as error:
        st.warning(as_text(str(error)), icon=":material/info:")
        return
    shown = places[:MOST_SHOWN]
    st.html(gallery(run, pictures, answers, shown))
    more = f"The {MOST_SHOWN} most certain answers are shown. " if len(places) > len(shown) else ""
    st.caption(
        f"{more}Below each picture is the probability of the answer. Click a picture to watch this "
        f"network read it on the page Draw; click another cell of the map to see what is behind it."
    )


def chosen_cell(run: Run, data: str, answers: Answers, classes: Sequence[str]) -> tuple[int, int]:
    """Return the label and the answer of the cell that is chosen; at first of the worst one."""
    chosen = st.session_state.get(CELL)
    if chosen is not None and chosen[:2] == (run.id, data):
        return chosen[2], chosen[3]
    counts = answers.confusion(len(classes))
    np.fill_diagonal(counts, 0)
    label, answer = np.unravel_index(int(counts.argmax()), counts.shape)
    return int(label), int(answer)


def gallery(run: Run, pictures: Dataset, answers: Answers, places: np.ndarray) -> str:
    """Return pictures as HTML, each a link that opens it on the page "Draw"."""
    network = str(RunName(run.id))
    items = []
    for place in places:
        index = int(answers.index[place])
        if index >= len(pictures):
            continue
        png = base64.b64encode(picture_png(pictures[index].image, SCALE)).decode()
        example = f"{pictures.name}.test.{index}"
        address = address_of("", {"models": network, "example": example})
        name = pictures.classes[int(answers.labels[place])]
        answer = pictures.classes[int(answers.answers[place])]
        words = f"Test picture {index}, {name}, read as {answer}"
        items.append(
            f'<a href="{escape(address)}" target="_blank" title="{escape(words)}">'
            f'<img src="data:image/png;base64,{png}" alt="{escape(words)}">'
            f"<span>{escape(short_percent(float(answers.probabilities[place])))}</span></a>"
        )
    return f'<div class="runs-gallery">{"".join(items)}</div>'
