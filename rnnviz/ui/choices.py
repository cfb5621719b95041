"""What stands above the canvas: which networks read, which picture, and what one takes away."""

import random
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import streamlit as st

from rnnviz.data.dataset import DIGITS
from rnnviz.data.errors import InputError
from rnnviz.models.checkpoint import CheckpointError
from rnnviz.registry import discover, find
from rnnviz.training.runs.errors import RunError
from rnnviz.ui import arrivals, cache, session
from rnnviz.ui.cache import Reader
from rnnviz.ui.library import Shelf
from rnnviz.ui.link import MOST_READERS

READERS, UPLOAD, CAMERA, MODEL = "draw-readers", "draw-upload", "draw-camera", "draw-model"
DATASET, DIGIT, NUMBER = "draw-dataset", "draw-digit", "draw-number"
ANY = "any"
PICTURE_TYPES = ["png", "jpg", "jpeg", "gif", "webp", "bmp"]


def choose_readers(readers: Shelf) -> None:
    """Let somebody choose one to four networks, and bring one of their own."""
    key = readers_key()
    st.session_state[key] = list(session.view().readers)
    st.multiselect(
        f"Networks that read, one to {MOST_READERS}",
        list(readers),
        format_func=readers.label,
        max_selections=MOST_READERS,
        key=key,
        on_change=readers_chosen,
        args=(key,),
    )
    others = [name for name in session.view().readers if name not in cache.shipped()]
    st.html(reader_table([*cache.shipped().values(), *(readers[name] for name in others)]))
    st.file_uploader(
        "A network of your own (.safetensors, from `rnnviz train`)",
        type=["safetensors", "pt", "pth", "pkl"],
        key=MODEL,
        on_change=model_arrived,
    )


def reader_table(readers: Sequence[Reader]) -> str:
    """Return a table of the networks, what they are and how often they are right, as HTML."""
    rows = [
        "".join(f"<td>{escape(text)}</td>" for text in (r.label, r.description, r.accuracy, r.size))
        for r in readers
    ]
    head = "".join(f"<th>{text}</th>" for text in ("Network", "How it reads", "Right on", "Size"))
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<table class="readers"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def readers_key() -> str:
    """Return the key of the menu of networks: another one after each change from elsewhere."""
    return f"{READERS}-{session.changes()}" if session.changes() else READERS


def readers_chosen(key: str) -> None:
    """Take the choice of networks over; one stays where none is left."""
    if key != readers_key():
        # The browser still had the menu from before a network was brought along.
        return
    chosen = tuple(st.session_state[key])
    if chosen:
        session.read_with(chosen)
    else:
        session.say("At least one network has to read, so the last choice stays.")


def model_arrived() -> None:
    """Take an uploaded checkpoint over, or say why not."""
    file = st.session_state[MODEL]
    if file is not None:
        try:
            session.let_read(arrivals.network(file.getvalue(), file.name))
        except CheckpointError as error:
            session.say(str(error))
        except RunError as error:
            # What can't be kept for good can still read here and now.
            session.bring(cache.uploaded(file.getvalue(), file.name))
            session.say(f"This network reads along until you leave, but isn't kept: {error}")


def choose_picture() -> None:
    """Let somebody choose something else than a drawing."""
    st.markdown("**An example of a data set**")
    sets = discover(cache.DATASETS)
    left, middle, right = st.columns(3)
    names = cache.available_datasets()
    left.selectbox("Data set", names, format_func=lambda name: sets[name].LABEL, key=DATASET)
    classes = sets[st.session_state[DATASET]].CLASSES
    middle.selectbox("Digit" if classes == DIGITS else "Kind", [ANY, *classes], key=DIGIT)
    right.number_input(
        "Number",
        0,
        arrivals.example_count(st.session_state[DATASET]) - 1,
        key=NUMBER,
        on_change=numbered,
    )
    st.button("Show one at random", on_click=at_random, width="stretch", key="draw-random")
    st.file_uploader(
        "**A picture or photo of one digit**", PICTURE_TYPES, key=UPLOAD, on_change=picture_arrived
    )
    if st.toggle("Use the camera", key="draw-use-camera"):
        st.camera_input("One digit, large, on plain paper", key=CAMERA, on_change=photo_arrived)
    st.caption("Or paste a picture from the clipboard: click the canvas, then press Ctrl+V.")


def numbered() -> None:
    """Show the example whose number was entered."""
    session.show_instead(
        arrivals.numbered_example(st.session_state[DATASET], st.session_state[NUMBER])
    )


def at_random() -> None:
    """Show a random example of the chosen class."""
    name, chosen = st.session_state[DATASET], st.session_state[DIGIT]
    classes = find(cache.DATASETS, name, "data set").CLASSES
    label = classes.index(chosen) if chosen in classes else None
    with_message(lambda: arrivals.random_example(name, label, random.random()))


def picture_arrived() -> None:
    """Take an uploaded picture over, or say why not."""
    file = st.session_state[UPLOAD]
    if file is not None:
        with_message(lambda: arrivals.picture(file.getvalue(), file.name))


def photo_arrived() -> None:
    """Take a photo over, or say why not."""
    file = st.session_state[CAMERA]
    if file is not None:
        with_message(lambda: arrivals.picture(file.getvalue(), "The photo"))


def take_paste(paste: Mapping[str, Any]) -> None:
    """Take over what was pasted or dropped on the canvas, or say why not."""
    with_message(lambda: arrivals.pasted(paste))


def with_message(find: Any) -> None:
    """Show what ``find`` returns; what a person can mend becomes a message, all else stays."""
    try:
        session.show_instead(find())
    except InputError as error:
        session.say(str(error))
