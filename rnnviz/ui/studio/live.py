"""The page of one run: how it stands, what it measures, and what its owner can do."""

import time
from collections.abc import Mapping
from typing import Any

import streamlit as st

from rnnviz.core.routes import build_route
from rnnviz.data.errors import InputError
from rnnviz.data.sets import class_names
from rnnviz.models.cells import cell_class
from rnnviz.models.cells.rnn_relu import ReluRnn
from rnnviz.training.recipe import Recipe, parse_recipe
from rnnviz.training.runs.errors import RunError
from rnnviz.training.runs.run import ENDED, RESUMABLE, Run
from rnnviz.ui import cache
from rnnviz.ui.components.address import address
from rnnviz.ui.components.common.encoding import encode_counts
from rnnviz.ui.components.training_room import training_room
from rnnviz.ui.messages import as_text
from rnnviz.ui.service import metrics_reader, service
from rnnviz.ui.studio import visit
from rnnviz.ui.studio.pictures import watched_pictures
from rnnviz.ui.studio.presets import PRESETS
from rnnviz.ui.studio.recipes import left_out, values_of
from rnnviz.ui.studio.setup import FILLED, MENDED, preset_recipe, the_form
from rnnviz.ui.studio.watched import Mark, Watched
from rnnviz.ui.studio.words import status, summary
from rnnviz.ui.visitor import who

ROOM = "train-room"
MARK, GO, SERIAL = "train.mark", "train.go", "train.serial"
EVERY_S = 1.0
"""Seconds between two looks at a run that waits or trains."""
GO_FOR_S = 4.0
"""For how long the browser is told to go elsewhere."""
SELDOM_S = 5.0
"""The same for one that stands still but may be gone on with."""
BESIDE = ",lstm-rows"
"""What reads beside a run's network on the page Draw."""
UNDER_WAY = ("queued", "running")


@st.cache_resource(show_spinner=False, max_entries=64)
def watched(run: str) -> Watched:
    """Return what is shown of a run, the same for all who watch it; errors as ``Watched``."""
    return Watched(service(), run, metrics_reader(run))


def live(run: str) -> None:
    """Show a run from top to bottom."""
    try:
        room = watched(run)
        now = room.refresh(now=True)
    except RunError as error:
        st.warning(as_text(str(error)), icon=":material/info:")
        st.button("Train another one", on_click=visit.open_run, args=("",), key="train-leave")
        address(f"run={run}" if run.isalnum() else "", key="train-address")
        return
    recipe = recipe_of_run(now)
    with st.container(horizontal=True, vertical_alignment="center", key="train-bar"):
        st.markdown(f"#### {as_text(now.name)}", width="stretch")
        address(f"run={run}", key="train-address")
    if told := visit.problem():
        st.warning(as_text(told), icon=":material/info:")
    if recipe is None:
        st.info("This network was brought along, so there is no training to watch.")
    else:
        introduce(recipe)
    act(now, room, recipe)
    st.session_state[MARK] = None
    watch(room, now, recipe)


def introduce(recipe: Recipe) -> None:
    """Say what is trained, and of a preset what to watch."""
    form = the_form()
    watch_for = [
        preset.watch
        for preset in PRESETS
        if preset.name == recipe.name and preset_recipe(form, preset) == recipe
    ]
    for sentence in watch_for:
        st.markdown(f":material/visibility: {sentence}")
    st.caption(as_text(summary(recipe)))


def has_network(room: Watched) -> bool:
    """Return whether a run has kept its network yet."""
    return room.files.latest_path.is_file() or room.files.model_path.is_file()


def recipe_of_run(run: Run) -> Recipe | None:
    """Return what a run trains, None for a network that was trained elsewhere."""
    return None if run.brought else parse_recipe(run.recipe)


def watch(room: Watched, drawn: Run, recipe: Recipe | None) -> None:
    """Show a run as it goes on, until it has ended."""
    every = EVERY_S if drawn.state in UNDER_WAY else SELDOM_S
    offered = has_network(room)

    def look() -> None:
        sent = st.session_state.get(ROOM)
        if isinstance(sent, Mapping) and sent.get("whole"):
            st.session_state[MARK] = None
        try:
            now = room.refresh()
        except RunError:
            st.rerun()
            return
        if (now.state, now.wish, has_network(room)) != (drawn.state, drawn.wish, offered):
            # Other buttons belong to it now, and another pace.
            st.rerun()
        training_room(view(room, now, recipe), key=ROOM)

    st.fragment(look, run_every=None if drawn.state in ENDED else every)()


def view(room: Watched, run: Run, recipe: Recipe | None) -> dict[str, Any]:
    """Return what the browser doesn't have yet; everything where it has nothing."""
    mark: Mark | None = st.session_state[MARK]
    news, st.session_state[MARK] = room.since(mark or Mark())
    payload = news | {"run": run.id, "status": status(run, room.turn, room.latest)}
    payload["whole"] = mark is None
    if mark is None and recipe is not None:
        payload["about"] = about(run.name, recipe)
    payload["go"] = going(run)
    return payload


def going(run: Run) -> dict[str, Any] | None:
    """Return where the browser is to go from here.

    It is said again for a while, for news that follow at once may take the place of these on their
    way; the browser goes once.
    """
    asked = st.session_state.get(GO)
    if asked is None or asked["run"] != run.id or time.monotonic() - asked["at"] > GO_FOR_S:
        return None
    return {"address": asked["address"], "serial": asked["serial"]}


@st.cache_resource(show_spinner=False, max_entries=64)
def about(name: str, recipe: Recipe) -> dict[str, Any]:
    """Return what stays the same while a run goes on: its pictures, its clip, its words."""
    training = recipe.training
    found: dict[str, Any] = {
        "name": name,
        "clip": training.clip,
        "clipBy": training.clip_by,
        "classes": list(class_names(training.datasets) or map(str, range(recipe.model.classes))),
        "word": step_word(recipe),
        "rectified": issubclass(cell_class(recipe.model.cell), ReluRnn),
        "pictures": None,
        "labels": [],
    }
    try:
        pictures = watched_pictures(cache.dataset(training.datasets[0], "train"), training)
    except (InputError, ValueError):
        return found
    count = len(pictures)
    found["pictures"] = encode_counts(pictures.images.numpy().reshape(count, -1))
    found["labels"] = pictures.labels.tolist()
    return found


def step_word(recipe: Recipe) -> str:
    """Return what a network reads in one step."""
    model = recipe.model
    if model.route in ("rows", "columns"):
        return model.route.removesuffix("s")
    route = build_route(model.route, model.shape, **model.route_options)
    if model.route == "grid":
        return "diagonal"
    return "pixel" if route.features == 1 else "patch"


def act(run: Run, room: Watched, recipe: Recipe | None) -> None:
    """Draw what can be done: with the run by its owner, with what it measured by everybody."""
    mine = run.owner == who()
    with st.container(horizontal=True, vertical_alignment="center", key="train-act"):
        if mine:
            change(run)
        if has_network(room):
            open_network(run, room, mine)
        if room.files.metrics_path.is_file():
            st.download_button(
                "Metrics (CSV)",
                room.files.metrics_path.read_bytes,
                f"run-{run.id[:8]}.csv",
                key="train-csv",
                icon=":material/download:",
                on_click="ignore",
            )
        if recipe is not None:
            st.button(
                "Train another like it",
                key="train-like",
                icon=":material/content_copy:",
                on_click=like,
                args=(recipe,),
            )
        st.button(
            "New training",
            key="train-new",
            icon=":material/add:",
            on_click=anew,
        )


def anew() -> None:
    """Open the form with all that it offers."""
    st.session_state.pop(FILLED, None)
    visit.open_run("")


def change(run: Run) -> None:
    """Draw the buttons with which its owner changes a run."""
    if run.wish:
        st.button(
            "Pausing …" if run.wish == "pause" else "Cancelling …", disabled=True, key="train-wish"
        )
        return
    deeds = []
    if run.state in RESUMABLE:
        deeds.append(("Resume", "play_arrow", lambda: service().resume(run.id, who())))
    if run.state in UNDER_WAY:
        deeds.append(("Pause", "pause", lambda: service().pause(run.id, who())))
    if run.state not in ENDED:
        deeds.append(("Cancel", "stop", lambda: service().cancel(run.id, who())))
    for label, icon, deed in deeds:
        st.button(
            label,
            key=f"train-{label.lower()}",
            icon=f":material/{icon}:",
            on_click=visit.attempt,
            args=(deed,),
        )


def open_network(run: Run, room: Watched, mine: bool) -> None:
    """Draw what opens the network on the other pages.

    Its owner keeps the network as it is now, so that the link goes on showing this moment; for
    everybody else it is the network as it is when the link is opened.
    """
    for page, label, icon in (("", "Draw", "draw"), ("gradients", "Gradients", "trending_down")):
        text = f"Open this moment in {label}" if run.state != "done" else f"Open in {label}"
        st.button(
            text,
            key=f"train-open-{label.lower()}",
            icon=f":material/{icon}:",
            on_click=go,
            args=(page, run, room, mine),
        )


def go(page: str, run: Run, room: Watched, mine: bool) -> None:
    """Keep this moment if it is one's own, and let the browser go where it is shown."""

    def leave() -> None:
        moment = f"-{room.files.keep_moment()}" if mine and run.state != "done" else ""
        st.session_state[SERIAL] = st.session_state.get(SERIAL, 0) + 1
        beside = "" if page else BESIDE
        st.session_state[GO] = {
            "address": f"{page}?models=run-{run.id}{moment}{beside}",
            "serial": st.session_state[SERIAL],
            "run": run.id,
            "at": time.monotonic(),
        }

    visit.attempt(leave)


def like(recipe: Recipe) -> None:
    """Put the settings of a run into the form, and open that."""
    form = the_form()
    values = values_of(recipe)
    form.assign({name: field.default for name, field in form.fields.items()} | values)
    told = []
    if form.values["data"] not in form.fields["data"].options:  # type: ignore[union-attr]
        told.append("Its data set isn't on this server, so another one is chosen.")
        form.assign({"data": form.fields["data"].default})
    elif left_out(recipe, form.values):
        told.append("It had settings that this form doesn't have; those are left out.")
    st.session_state[MENDED] = tuple(told)
    st.session_state[FILLED] = recipe.name
    visit.open_run("")
