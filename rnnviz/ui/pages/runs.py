"""The page "Runs": all runs in a table, several side by side, one from the inside."""

from collections.abc import Sequence

import streamlit as st

from rnnviz.models.checkpoint import CheckpointError
from rnnviz.plots.style import PALETTE
from rnnviz.training.runs.errors import RunError
from rnnviz.training.runs.run import Run
from rnnviz.ui.components.address import address
from rnnviz.ui.components.runs_table import runs_table
from rnnviz.ui.form import Form
from rnnviz.ui.layout import compact_page
from rnnviz.ui.messages import as_text, friendly, notify
from rnnviz.ui.runs import desk
from rnnviz.ui.runs.addresses import address_of
from rnnviz.ui.runs.compare import choose, compare
from rnnviz.ui.runs.one import one_run
from rnnviz.ui.runs.rows import UNDER_WAY, by_id, row, signature
from rnnviz.ui.runs.style import STYLE
from rnnviz.ui.visitor import remember, who

NAME = "runs"
LABEL = "Runs"
ICON = ":material/stacked_line_chart:"
DESCRIPTION = "Compare runs, look into each of them, and take their networks along."
ORDER = 40

UPLOAD, UPLOADS, BRING = "runs-upload", "runs.uploads", "runs-bring"
EVERY_S = 2.0
"""Seconds between two looks at runs that wait or train."""


def show() -> None:
    """Show the page from top to bottom."""
    compact_page()
    st.html(STYLE)
    desk.open_desk()
    with friendly():
        runs = desk.runs()
        form = desk.form()
        heading(form)
        notify((*form.notices, *desk.problems()))
        way_back()
        if runs:
            live(table, runs)
            show_selected(runs, form)
            show_opened(runs)
        else:
            nothing_yet()
    remember()


def heading(form: Form) -> None:
    """Show the heading and, beside it, what can be done."""
    with st.container(key="runs-bar", horizontal=True, vertical_alignment="center"):
        st.markdown("#### Runs", width="stretch")
        place = st.popover(
            "Bring a network", icon=":material/upload:", on_change="rerun", key=BRING
        )
        if place.open:
            place.file_uploader(
                "A network of your own (.safetensors)",
                type=["safetensors", "pt", "pth", "pkl"],
                key=upload_key(),
                on_change=brought,
            )
        address(desk.query(form.parameters), key="runs-address")


def upload_key() -> str:
    """Return the key of the field for a file, a new one after each, so that it is empty again."""
    return f"{UPLOAD}-{st.session_state.get(UPLOADS, 0)}"


def brought() -> None:
    """Keep an uploaded network, or say why not; what covers the answer closes."""
    file = st.session_state[upload_key()]
    if file is None:
        return
    desk.new_action()
    st.session_state[BRING] = False
    st.session_state[UPLOADS] = st.session_state.get(UPLOADS, 0) + 1
    try:
        desk.bring(file.getvalue(), file.name)
    except (CheckpointError, RunError) as error:
        desk.say(str(error))


def way_back() -> None:
    """Show what was deleted last, and the button that brings it back."""
    names = desk.deleted_names()
    if not names:
        return
    what = f"‘{names[0]}’ is deleted." if len(names) == 1 else f"{len(names)} runs are deleted."
    with st.container(horizontal=True, vertical_alignment="center", key="runs-deleted"):
        st.info(as_text(what), icon=":material/delete:", width="stretch")
        st.button("Undo", icon=":material/undo:", key="runs-undo", on_click=desk.undo)


def live(show_runs, runs: Sequence[Run]) -> None:
    """Show something about runs, again and again as long as one of them waits or trains."""
    busy = any(run.state in UNDER_WAY for run in runs)
    st.fragment(show_runs, run_every=EVERY_S if busy else None)(signature(runs))


def table(before: tuple) -> None:
    """Take what the table has sent, which changes the whole page, and show it."""
    sent = st.session_state.get(desk.TABLE)
    if desk.take(sent):
        st.rerun()
    with friendly():
        show_table(desk.runs(), before)


def show_table(runs: Sequence[Run], before: tuple) -> None:
    """Show the table of these runs, or the whole page anew where more than numbers changed."""
    if signature(runs) != before:
        st.rerun()
    colours = {run: PALETTE[slot] for run, slot in desk.selected().items()}
    view = {
        "rows": [row(run, who()) for run in runs],
        "selected": list(desk.selected()),
        "opened": desk.opened_run(),
        "serial": st.session_state[desk.TAKEN]["selected"],
        "colours": colours,
    }
    runs_table(view, key=desk.TABLE)


def show_selected(runs: Sequence[Run], form: Form) -> None:
    """Show the selected runs side by side."""
    chosen = [by_id(runs)[name] for name in desk.selected() if name in by_id(runs)]
    if not chosen:
        st.caption("Tick runs to compare their curves; click a name to look into a run.")
        return
    st.markdown(f"#### {len(chosen)} run{'s' * (len(chosen) > 1)} compared")
    choose(form)

    def look(_: tuple) -> None:
        with friendly():
            known = by_id(desk.runs())
            compare([known[run.id] for run in chosen if run.id in known], form)

    live(look, chosen)
    offer_to_delete([run.id for run in chosen if run.owner == who()])


def offer_to_delete(mine: list[str]) -> None:
    """Offer to delete the compared runs that are one's own, behind all that is compared."""
    if not mine:
        return
    what = "this run" if len(mine) == 1 else f"these {len(mine)} runs"
    st.button(
        f"Delete {what}",
        icon=":material/delete:",
        type="tertiary",
        key="runs-delete",
        on_click=desk.delete,
        args=(mine,),
    )


def show_opened(runs: Sequence[Run]) -> None:
    """Show the run that is looked into."""
    run = by_id(runs).get(desk.opened_run())
    if run is not None:
        with st.container(key="runs-one"):
            one_run(run)


def nothing_yet() -> None:
    """Say what to do where there is no run."""
    st.markdown(
        "Here all networks gather that you train on the page *Train*, with their curves, their "
        "mistakes and their checkpoints, and those that you bring along as a file. There is none "
        "yet."
    )
    st.link_button("Train a network", address_of("train", {}), icon=":material/model_training:")
