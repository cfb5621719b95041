"""What one visitor has selected, opened and deleted on the page "Runs"."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from rnnviz.plots.style import PALETTE
from rnnviz.training.runs.errors import RunError
from rnnviz.training.runs.folder import ID
from rnnviz.training.runs.run import Run
from rnnviz.ui.fields import Field, Number, OneOf
from rnnviz.ui.form import Form
from rnnviz.ui.link import split
from rnnviz.ui.service import service
from rnnviz.ui.visitor import who

TABLE = "runs-table"
"""Key of the browser component."""
SLOTS, OPENED, LINKED = "runs.slots", "runs.opened", "runs.linked"
TAKEN, PROBLEMS, DELETED = "runs.taken", "runs.problems", "runs.deleted"
MOST = len(PALETTE)
"""Runs that are compared at once: so many colours can be told apart."""
CURVES = {
    "loss": "loss",
    "accuracy": "accuracy",
    "validation": "validation accuracy",
    "validation_loss": "validation loss",
    "norm": "gradient norm",
}
AXES = {"step": "training steps", "seconds": "seconds"}


def fields() -> tuple[Field, ...]:
    """Return what can be chosen for the figure."""
    return (
        OneOf("curve", "Curve", tuple(CURVES), "loss", CURVES),
        OneOf("axis", "Against", tuple(AXES), "step", AXES),
        Number(
            "smooth",
            "Smoothing",
            0.0,
            0.99,
            0.8,
            0.01,
            "Weight of what was before in an exponential moving average; 0 for none.",
        ),
    )


def form() -> Form:
    """Return the choices for the figure."""
    return Form("runs", fields(), st.query_params.to_dict())


def open_desk() -> None:
    """Begin with what the address describes, once a session."""
    if SLOTS in st.session_state:
        return
    named = [name for name in split(st.query_params.get("runs", "")) if ID.fullmatch(name)]
    opened = st.query_params.get("run", "")
    st.session_state[PROBLEMS] = ()
    st.session_state[DELETED] = ()
    st.session_state[TAKEN] = {"selected": -1, "opened": -1}
    st.session_state[OPENED] = opened if ID.fullmatch(opened) else ""
    st.session_state[LINKED] = tuple(dict.fromkeys([*named, *filter(None, [opened_run()])]))
    st.session_state[SLOTS] = {}
    assign_slots(named)


def runs() -> list[Run]:
    """Return the visitor's runs, those of the command line, and those that a link opened.

    Raises:
        RunError: If runs can't be had here.
    """
    found = service().runs_of(who())
    known = {run.id for run in found}
    linked = []
    for run in st.session_state[LINKED]:
        if run not in known:
            try:
                linked.append(service().get(run))
            except RunError as error:
                forget(run)
                say(str(error))
    return [*found, *linked]


def forget(run: str) -> None:
    """Let go of a run that is gone."""
    st.session_state[LINKED] = tuple(one for one in st.session_state[LINKED] if one != run)
    st.session_state[SLOTS].pop(run, None)
    if opened_run() == run:
        st.session_state[OPENED] = ""


def selected() -> dict[str, int]:
    """Return the runs that are compared, each with the number of its colour."""
    return st.session_state[SLOTS]


def opened_run() -> str:
    """Return the run that is looked into, "" for none."""
    return st.session_state[OPENED]


def take(sent: Any) -> bool:
    """Take what the table has sent; return whether that changes the page."""
    if not isinstance(sent, Mapping):
        return False
    changed = False
    for name, apply in (("selected", take_selected), ("opened", take_opened)):
        message = sent.get(name)
        if not isinstance(message, Mapping):
            continue
        serial = message.get("serial")
        if isinstance(serial, int) and serial != st.session_state[TAKEN][name]:
            st.session_state[TAKEN][name] = serial
            apply(message)
            changed = True
    if changed:
        new_action()
    return changed


def take_selected(message: Mapping[str, Any]) -> None:
    """Compare the runs that were ticked; as many as there are colours."""
    ids = message.get("ids")
    if not isinstance(ids, list):
        return
    names = [one for one in dict.fromkeys(map(str, ids)) if ID.fullmatch(one)]
    assign_slots(names)
    if len(names) > MOST:
        say(f"At most {MOST} runs can be told apart in one figure; the first {MOST} are compared.")


def compare_too(run: str) -> None:
    """Compare a run with those that are ticked."""
    new_action()
    take_selected({"ids": [*selected(), run]})


def take_opened(message: Mapping[str, Any]) -> None:
    """Look into a run, or into none."""
    run = str(message.get("id", ""))
    st.session_state[OPENED] = run if ID.fullmatch(run) else ""


def assign_slots(names: list[str]) -> None:
    """Give each selected run a colour; those that had one keep it."""
    kept = {run: slot for run, slot in st.session_state[SLOTS].items() if run in names}
    free = [slot for slot in range(MOST) if slot not in kept.values()]
    new = [name for name in names if name not in kept]
    kept |= dict(zip(new, free, strict=False))
    st.session_state[SLOTS] = kept


def query(parameters: Mapping[str, str]) -> str:
    """Return what stands after the question mark of the link that shows the same."""
    by_colour = sorted(selected(), key=lambda run: selected()[run])
    whole = {"runs": ",".join(by_colour), "run": opened_run(), **parameters}
    return urlencode({name: text for name, text in whole.items() if text}, safe=",")


def say(*messages: str) -> None:
    """Keep messages until the next action."""
    st.session_state[PROBLEMS] = tuple(dict.fromkeys((*st.session_state[PROBLEMS], *messages)))


def problems() -> tuple[str, ...]:
    """Return the messages to show."""
    return st.session_state[PROBLEMS]


def new_action() -> None:
    """Let go of the messages, and of the way back, of the action before."""
    st.session_state[PROBLEMS] = ()
    st.session_state[DELETED] = ()


def attempt(act: Callable[[], object]) -> None:
    """Do something with a run, or say why it can't be done."""
    new_action()
    try:
        act()
    except RunError as error:
        say(str(error))


def delete(names: list[str]) -> None:
    """Delete runs so that they can be brought back until the next action."""
    new_action()
    deleted = []
    for run in names:
        try:
            found = service().get(run)
            service().delete(run, who())
        except RunError as error:
            say(str(error))
            continue
        deleted.append((run, found.name, selected().get(run), opened_run() == run))
        forget(run)
    st.session_state[DELETED] = tuple(deleted)


def deleted_names() -> list[str]:
    """Return the names of the runs that can be brought back."""
    return [name for _, name, _, _ in st.session_state[DELETED]]


def undo() -> None:
    """Bring back what was deleted last, as it stood on the page."""
    deleted = st.session_state[DELETED]
    new_action()
    for run, _, slot, was_open in deleted:
        try:
            service().restore(run, who())
        except RunError as error:
            say(str(error))
            continue
        if slot is not None:
            selected()[run] = slot
        if was_open:
            st.session_state[OPENED] = run


def bring(data: bytes, file_name: str) -> None:
    """Keep an uploaded network, and look into it; CheckpointError or RunError if that can't be."""
    st.session_state[OPENED] = service().bring(data, file_name, who()).id
