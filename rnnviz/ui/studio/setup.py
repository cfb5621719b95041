"""The form: presets, choices, what a run would cost, and the button that starts it."""

import contextlib
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from rnnviz.data.errors import InputError
from rnnviz.data.folder import data_folder
from rnnviz.data.sets import PACKAGE as DATASETS
from rnnviz.models.cells import cell_class
from rnnviz.registry import discover
from rnnviz.training.recipe import Recipe
from rnnviz.training.runs.errors import RunError
from rnnviz.training.runs.stopwatch import Speed
from rnnviz.ui import cache
from rnnviz.ui.components.address import address
from rnnviz.ui.form import Form
from rnnviz.ui.messages import as_text, friendly, notify
from rnnviz.ui.service import service, stopwatch
from rnnviz.ui.studio import visit
from rnnviz.ui.studio.departures import MEMORY_DECIDES, remembers
from rnnviz.ui.studio.fields import NO_CLIP, STARTS, TORCH, fields, missing
from rnnviz.ui.studio.fit import (
    PATCHES_OF,
    cells_for,
    follow,
    mended,
    own_options,
    parents,
    route_options,
    starts_for,
)
from rnnviz.ui.studio.plan import (
    Plan,
    length_words,
    plan,
    queue_words,
    time_words,
    too_long,
)
from rnnviz.ui.studio.presets import PRESETS, Preset
from rnnviz.ui.studio.recipes import recipe_of
from rnnviz.ui.studio.words import HEADLINES
from rnnviz.ui.visitor import who

NAME = "train"
MENDED, FILLED = "train.mended", "train.filled"
MEASURE_EVERY_S = 1.0
"""Seconds between two looks whether the time has been measured."""
SHOWN_RUNS = 6
"""Own runs that are listed here; the page Runs has all."""


def the_form() -> Form:
    """Return the choices of this session."""
    return Form(NAME, fields(data_folder()), st.query_params.to_dict(), follow)


@st.fragment
def setup() -> None:
    """Show all that one can choose, from top to bottom."""
    if st.session_state[visit.RUN]:
        # A run was started or opened: the page shows it instead.
        st.rerun()
    form = the_form()
    mend(form)
    with st.container(horizontal=True, vertical_alignment="center", key="train-bar"):
        st.markdown("#### Train a network and watch it learn", width="stretch")
        address(urlencode(form.parameters), key="train-address")
    notify((*form.notices, *st.session_state.get(MENDED, ())))
    if told := visit.problem():
        st.warning(as_text(told), icon=":material/info:")
    show_runs()
    if filled := st.session_state.get(FILLED, ""):
        # What was asked for comes first: these settings, and the button that starts them.
        with st.expander("Trainings that teach, one click each", icon=":material/school:"):
            show_presets(form)
        st.markdown(f"##### Settings of ‘{as_text(filled)}’")
    else:
        show_presets(form)
        st.markdown("##### Or choose for yourself")
    choose(form)
    with friendly():
        offer(form)
    show_missing()


def mend(form: Form) -> None:
    """Let the choices of a link fit together, and say what had to change."""
    changes, notices = mended(form.values)
    if changes:
        form.assign(changes)
        st.session_state[MENDED] = notices


def show_runs() -> None:
    """List this visitor's runs that wait or train, and the last ones that have ended."""
    try:
        runs = [run for run in service().runs_of(who()) if run.owner == who()][:SHOWN_RUNS]
    except RunError:
        return
    if not runs:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="train-runs"):
        st.markdown("**Your runs**", width="content")
        for run in runs:
            state = HEADLINES[run.state].lower()
            share = f", {run.progress:.0%}" if run.state == "running" else ""
            st.button(
                f"{as_text(run.name)} ({state}{share})",
                key=f"train-open-{run.id}",
                type="tertiary",
                on_click=visit.open_run,
                args=(run.id,),
            )


def show_presets(form: Form) -> None:
    """Show the trainings that teach, each with a button that starts it."""
    with st.container(horizontal=True, key="train-presets"):
        for number, preset in enumerate(PRESETS):
            with st.container(border=True, key=f"train-preset-{number}"):
                st.markdown(f"**:material/{preset.icon}: {preset.name}**")
                st.caption(preset.watch)
                with st.container(horizontal=True, gap="small"):
                    st.button(
                        "Train it",
                        key=f"train-preset-start-{number}",
                        icon=":material/play_arrow:",
                        on_click=visit.start,
                        args=(preset_recipe(form, preset),),
                    )
                    st.button(
                        "Settings",
                        key=f"train-preset-choose-{number}",
                        type="tertiary",
                        on_click=choose_preset,
                        args=(form, preset),
                        help="Puts its settings into the form below, to look at and to change.",
                    )


def preset_values(form: Form, preset: Preset) -> dict[str, Any]:
    """Return a value of every field, as a preset has it."""
    return {name: field.default for name, field in form.fields.items()} | dict(preset.values)


def preset_recipe(form: Form, preset: Preset) -> Recipe:
    """Return the recipe of a preset."""
    return recipe_of(preset_values(form, preset), preset.name)


def choose_preset(form: Form, preset: Preset) -> None:
    """Put a preset into the form."""
    form.assign(preset_values(form, preset))
    st.session_state.pop(MENDED, None)
    st.session_state[FILLED] = preset.name


def choose(form: Form) -> None:
    """Draw the choices: the main ones, and the rest on demand."""
    route, cell = form["route"], form["cell"]
    first = st.columns(3)
    form.control("data", first[0])
    form.control("route", first[1])
    form.control("cell", first[2], options=cells_for(route))
    if cell_note := cell_class(cell).DESCRIPTION:
        st.caption(f"{route_note(route)} {cell_note}")
    second = st.columns(4)
    form.control("units", second[0])
    form.control("epochs", second[1])
    form.control("rate", second[2])
    form.control("batch", second[3])
    choose_route(form)
    place = st.expander(
        "More settings", icon=":material/tune:", on_change="rerun", key="train-more"
    )
    if place.open:
        with place:
            choose_more(form)


def route_note(route: str) -> str:
    """Return in which order a route reads, in a sentence."""
    return discover("rnnviz.core.routes")[route].DESCRIPTION


def choose_route(form: Form) -> None:
    """Draw the options of the chosen route."""
    options = route_options(form["route"])
    places = iter(st.columns(max(len(options), 1)))
    if "patch" in options:
        form.control("patch", next(places), options=PATCHES_OF[form["route"]])
    if "corners" in options:
        form.control("corners", next(places))
    if "seed" in options:
        form.control("order", next(places))


def choose_more(form: Form) -> None:
    """Draw everything that isn't among the main choices, in groups."""
    network, learning, pictures = st.columns(3)
    with network:
        st.markdown("**The network**")
        choose_network(form)
    with learning:
        st.markdown("**How it learns**")
        for name in ("optimiser", "schedule", "decay", "clip"):
            form.control(name)
        if form["clip"] != NO_CLIP:
            form.control("threshold")
        form.control("seed")
    with pictures:
        st.markdown("**The pictures**")
        form.control("pictures")
        st.caption("Each time a picture is read it can be changed a little at random:")
        for name in ("shift", "turn", "scale", "shear", "thickness"):
            form.control(name)


def choose_network(form: Form) -> None:
    """Draw the choices of the network that the chosen cell and route have."""
    cell = form["cell"]
    form.control("layers")
    if parents(form["route"]) == 1:
        form.control("directions")
    form.control("readout")
    starts = starts_for(cell)
    form.control("start", options=starts)
    if form["start"] != TORCH:
        form.control("gain")
    if len(starts) < len(STARTS):
        st.caption(f"Other starts don't fit the {cell_class(cell).LABEL}.")
    decided = MEMORY_DECIDES if remembers(form.values, cell) else ()
    for name in own_options(cell):
        if name not in decided:
            form.control(name)
    if decided:
        st.caption("What it remembers at first decides on the biases of its gates.")


def show_missing() -> None:
    """Name the data sets that aren't here, and say how to get them."""
    absent = missing(data_folder())
    if not absent:
        return
    known = discover(DATASETS)
    names = ", ".join(known[name].LABEL for name in absent)
    ways = [f"`rnnviz train --dataset {name}`" for name in absent if name != "pendigits"]
    told = f"Not on this server yet: {names}."
    if ways:
        told += f" Whoever keeps it gets them by {' or '.join(ways)}, which downloads them once."
    if "pendigits" in absent:
        told += " The README says where the file of the pen strokes comes from."
    st.caption(told)


def offer(form: Form) -> None:
    """Show what the chosen run would cost, and the button that starts it.

    What can't be is said instead, with what to change.
    """
    if form.wrong:
        for reason in form.wrong.values():
            st.warning(as_text(reason), icon=":material/info:")
        start_button(recipe=None)
        return
    try:
        recipe = recipe_of(form.values)
        found = plan(recipe, cache.training_pictures(form["data"]))
    except (ValueError, InputError) as error:
        st.warning(as_text(str(error)), icon=":material/info:")
        start_button(recipe=None)
        return
    try:
        measuring = stopwatch().speed(recipe) is None
    except RunError:
        # The button says why there is no training here.
        start_button(recipe=None)
        return
    every = MEASURE_EVERY_S if measuring else None
    st.fragment(lambda: costs(recipe, found, measuring), run_every=every)()
    start_button(recipe)


def start_button(recipe: Recipe | None) -> None:
    """Draw the button that starts a run, if there can be one."""
    try:
        service()
    except RunError as error:
        st.warning(as_text(str(error)), icon=":material/info:")
        recipe = None
    st.button(
        "Start the training",
        key="train-start",
        type="primary",
        icon=":material/play_arrow:",
        disabled=recipe is None,
        on_click=start_chosen,
    )


def start_chosen() -> None:
    """Start what is chosen now; what can't be is said by the page that is drawn next."""
    form = the_form()
    form.take_typed()
    with contextlib.suppress(ValueError, InputError):
        recipe = recipe_of(form.values)
        plan(recipe, cache.training_pictures(form["data"]))
        if not form.wrong:
            visit.start(recipe)


def costs(recipe: Recipe, found: Plan, measuring: bool) -> None:
    """Show what a run would cost; once its time is measured the page is drawn anew."""
    speed = stopwatch().speed(recipe)
    if measuring and speed is not None:
        st.rerun()
    time = "measuring …" if speed is None else "unknown"
    if isinstance(speed, Speed):
        time = time_words(speed.total_s(recipe))
    facts = {
        "Parameters": f"{found.size.parameters:,}",
        "A picture is read in": length_words(found.size),
        "Training steps": f"{found.training_steps:,}",
        "Time, measured here": time,
    }
    with st.container(horizontal=True, gap="medium", key="train-facts"):
        for label, value in facts.items():
            st.metric(label, value, width="content")
    if isinstance(speed, str):
        st.warning(as_text(speed), icon=":material/info:")
    try:
        limits = service().limits
        active = service().ledger.in_state("queued", "running")
    except RunError:
        return
    if isinstance(speed, Speed) and (warning := too_long(speed, recipe, limits)):
        st.warning(as_text(warning), icon=":material/schedule:")
    st.caption(queue_words(active, limits))
