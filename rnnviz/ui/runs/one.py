"""One run from the inside: its name, its tags, its files, its settings, its mistakes."""

from collections.abc import Callable
from functools import partial
from html import escape
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import streamlit as st

from rnnviz.training.runs.errors import RunError
from rnnviz.training.runs.folder import RunFolder
from rnnviz.training.runs.ledger import LONGEST_NAME
from rnnviz.training.runs.run import Run
from rnnviz.training.runs.service import LONGEST_TAG, MOST_TAGS
from rnnviz.ui.library import RunName, has_network
from rnnviz.ui.messages import as_text
from rnnviz.ui.runs import desk
from rnnviz.ui.runs.addresses import address_of
from rnnviz.ui.runs.measured import best_validation, set_aside, test_accuracy, tested_on
from rnnviz.ui.runs.mistakes import mistakes
from rnnviz.ui.runs.rows import data_name, headline, whose
from rnnviz.ui.runs.settings import settings
from rnnviz.ui.runs.tables import html_table
from rnnviz.ui.service import service
from rnnviz.ui.studio.words import as_percent
from rnnviz.ui.visitor import who

LOG_LINES = 200
"""The last lines of a log that are shown."""
CHECKPOINTS = "checkpoints"
RUNS = "rnnviz.training.runs"
EXPORTS = (
    (f"{RUNS}.notebook", "notebook_of", "Jupyter notebook that repeats it", ".ipynb"),
    (f"{RUNS}.events", "events_of", "TensorBoard event files, ZIP", "-tensorboard.zip"),
)
"""Module and function that make a file of a run, what it is called, and its ending."""


def one_run(run: Run) -> None:
    """Show one run from top to bottom."""
    files = service().files(run.id)
    st.html(f"<h4>{escape(run.name)}</h4>")
    st.caption(standing(run))
    with st.container(horizontal=True, key="runs-doors"):
        if not run.brought and run.id not in desk.selected():
            st.button(
                "Show its curves",
                icon=":material/show_chart:",
                key="runs-curves",
                on_click=desk.compare_too,
                args=(run.id,),
            )
        open_elsewhere(run)
        offer_files(run, files)
        if run.owner == who():
            st.button(
                "Delete",
                icon=":material/delete:",
                type="tertiary",
                key=f"runs-delete-{run.id}",
                on_click=desk.delete,
                args=([run.id],),
            )
        st.button(
            "Close",
            icon=":material/close:",
            key="runs-close",
            on_click=desk.take_opened,
            args=({"id": ""},),
        )
    if run.owner == who():
        change(run)
    if files.test_path.is_file():
        st.fragment(show_mistakes)(run)
    elif not run.brought:
        st.caption(
            "What it takes for what is measured on the test pictures when its training is over."
        )
    left, right = st.columns(2)
    with left.expander("Settings"):
        st.html(html_table(["", ""], list(settings(run, set_aside(run)).items()), ()))
    place = right.expander("Log", on_change="rerun", key=f"runs-log-{run.id}")
    if place.open:
        place.code(last_lines(files.log_path), language=None, height=300)


def standing(run: Run) -> str:
    """Return how a run stands and how good it is, in a line of Markdown."""
    parts = [headline(run)]
    if run.message:
        parts.append(run.message)
    for name, value in (("best validation", best_validation(run)), ("test", test_accuracy(run))):
        if value is not None:
            where = f" on {data_name(tested_on(run))}" if name == "test" else ""
            parts.append(f"{name} {as_percent(value)}{where}")
    if run.brought and tested_on(run):
        parts.append("as its file says")
    if mark := whose(run, who()):
        parts.append(f"{mark}: you can look at it, but not change it")
    return as_text(" · ".join(parts))


def open_elsewhere(run: Run) -> None:
    """Draw the links that open a run or its network on the other pages."""
    if not run.brought:
        live = address_of("train", {"run": run.id})
        st.link_button("Watch it learn", live, icon=":material/model_training:")
    if has_network(run):
        network = {"models": str(RunName(run.id))}
        st.link_button("Open in Draw", address_of("", network), icon=":material/draw:")
        gradients = address_of("gradients", network)
        st.link_button("Open in Gradients", gradients, icon=":material/trending_down:")


def change(run: Run) -> None:
    """Let the owner rename a run and put tags on it."""
    left, right = st.columns(2)
    name, tags = f"runs-name-{run.id}", f"runs-tags-{run.id}"
    # The fields show what holds, also where it was changed elsewhere or an entry wasn't taken.
    st.session_state[name], st.session_state[tags] = run.name, ", ".join(run.tags)
    # Without a limit of their own, for the browser would cut what is pasted without a word.
    left.text_input("Name", key=name, on_change=rename, args=(run.id, name))
    right.text_input(
        f"Tags, up to {MOST_TAGS}, with commas between them",
        key=tags,
        on_change=tag,
        args=(run.id, tags),
    )


def rename(run: str, key: str) -> None:
    """Call a run what stands in a field."""
    name = st.session_state[key].strip()
    desk.attempt(lambda: service().rename(run, name, who()))
    if not name:
        desk.say("A run needs a name, so it keeps the one that it had.")
    elif len(name) > LONGEST_NAME:
        desk.say(f"A name has up to {LONGEST_NAME} letters; the first {LONGEST_NAME} are kept.")


def tag(run: str, key: str) -> None:
    """Put the tags in a field on a run."""
    tags = list(dict.fromkeys(filter(None, map(str.strip, st.session_state[key].split(",")))))
    desk.attempt(lambda: service().tag(run, tags, who()))
    if len(tags) > MOST_TAGS:
        left_out = ", ".join(tag[:LONGEST_TAG] for tag in tags[MOST_TAGS:][:MOST_TAGS])
        desk.say(f"A run has up to {MOST_TAGS} tags; left out: {left_out}.")
    if any(len(tag) > LONGEST_TAG for tag in tags[:MOST_TAGS]):
        desk.say(f"A tag has up to {LONGEST_TAG} letters; longer ones are cut.")


def offer_files(run: Run, files: RunFolder) -> None:
    """Show a menu with the files of a run, read when somebody asks for one."""
    place = st.popover("Files", icon=":material/download:", on_change="rerun", key="runs-files")
    if not place.open:
        return
    with place:
        offer_networks(run, files)
        if files.metrics_path.is_file():
            offer("Metrics, CSV", f"run-{run.id[:8]}-metrics.csv", reader(files.metrics_path))
        if files.test_path.is_file():
            offer(
                "Answers to the test pictures, CSV",
                f"run-{run.id[:8]}-test.csv",
                reader(files.test_path),
            )
        if files.log_path.is_file():
            offer("Log", f"run-{run.id[:8]}-log.txt", reader(files.log_path))
        if not run.brought:
            offer_exports(run, files)


def offer_exports(run: Run, files: RunFolder) -> None:
    """Offer a run as what other programs open."""
    for module, function, label, ending in EXPORTS:
        if find_spec(module) is not None:
            make = partial(getattr(import_module(module), function), files)
            offer(label, f"run-{run.id[:8]}{ending}", make)


def offer_networks(run: Run, files: RunFolder) -> None:
    """Offer the network as it is now, after each epoch that is kept, and at kept moments."""
    now = "Network, finished" if files.model_path.is_file() else "Network, as it is now"
    if has_network(run):
        make = lambda: files.network_path().read_bytes()  # noqa: E731
        offer(now, f"run-{run.id[:8]}.safetensors", make)
    kept = sorted(path.stem for path in (files.path / CHECKPOINTS).glob("*.safetensors"))
    if kept:
        name = st.selectbox(
            "Network on its way", kept, format_func=moment_name, key=f"runs-kept-{run.id}"
        )
        path = files.path / CHECKPOINTS / f"{name}.safetensors"
        offer(f"Network, {moment_name(name)}", f"run-{run.id[:8]}-{name}.safetensors", reader(path))


def moment_name(name: str) -> str:
    """Return what a kept network is called: "after epoch 3", "at step 120"."""
    kind, _, number = name.partition("-")
    word = "after epoch" if kind == "epoch" else "at step"
    return f"{word} {int(number):,}" if number.isdecimal() else name


def offer(label: str, file_name: str, make: Callable[[], bytes]) -> None:
    """Show a button that makes a file and hands it over."""
    st.download_button(
        label, make, file_name, key=f"runs-file-{file_name}", on_click="ignore", width="stretch"
    )


def reader(path: Path) -> Callable[[], bytes]:
    """Return what reads a file."""
    return path.read_bytes


def show_mistakes(run: Run) -> None:
    """Show the confusion matrix, or why there is none."""
    try:
        mistakes(run)
    except RunError as error:
        st.warning(as_text(str(error)), icon=":material/info:")


def last_lines(path: Path) -> str:
    """Return the end of a log."""
    try:
        lines: Any = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return "There is no log."
    return "\n".join(lines[-LOG_LINES:])
