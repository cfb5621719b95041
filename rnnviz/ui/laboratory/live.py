"""An experiment on the page: a shipped result at once, a run of one's own live."""

import datetime
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import streamlit as st

from rnnviz.data.folder import data_folder
from rnnviz.registry import find
from rnnviz.training.experiments import PACKAGE, Record, Report, gather, shipped
from rnnviz.training.jobs import ENDED, BusyError, Job, Jobs
from rnnviz.ui.laboratory.panel import Panel
from rnnviz.ui.messages import as_text, friendly
from rnnviz.ui.visitor import who

AT_ONCE = "RNNVIZ_JOBS"
"""Environment variable: how many experiments run at a time."""
EVERY_S = 1.0
"""Seconds between two looks at how far a run is."""
PAUSE_S = 2.0
"""The least time between two drawings of what it has measured."""
DRAWING_SHARE = 0.25
"""The share of its time that a server gives to drawing runs that are under way."""

Draw = Callable[[Any], None]


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """Return the queue of this server."""
    try:
        at_once = max(int(os.environ.get(AT_ONCE, "1")), 1)
    except ValueError:
        at_once = 1
    return Jobs(data_folder(), at_once)


def experiment(panel: Panel, name: str, settings: Any, draw: Draw) -> None:
    """Show an experiment with these settings, and what runs it.

    Args:
        panel: The section's panel.
        name: Registry name of the experiment.
        settings: Its settings; equal settings are the same run, whoever started it.
        draw: Shows a result, or a part of one: what the experiment's ``gather`` returns.
    """
    job = jobs().find(name, settings)
    if job is not None:
        watch(panel, job, draw)
    elif (record := shipped(name, settings)) is not None:
        show_shipped(panel, record, settings, draw)
    else:
        offer_run(panel, name, settings)


def show_shipped(panel: Panel, record: Record, settings: Any, draw: Draw) -> None:
    """Show a result that came with the app, and offer to measure it again."""
    made = record.provenance
    with st.container(horizontal=True, vertical_alignment="center"):
        run_button(panel, record.experiment, settings, "Run it yourself", "secondary")
        st.caption(
            f"Measured on {made['date']} in {duration(made['duration_s'])}, with torch "
            f"{made['torch']}. Running it yourself takes about as long on a like machine."
        )
    draw(gather(record.experiment, settings, record.reports))


def offer_run(panel: Panel, name: str, settings: Any) -> None:
    """Offer to run an experiment that nobody has run yet."""
    st.info(
        "Nobody has measured these settings yet. Run them: it takes from some seconds to some "
        "minutes on this machine, and everybody who opens this link sees it live.",
        icon=":material/science:",
    )
    run_button(panel, name, settings, "Run it", "primary")


def run_button(panel: Panel, name: str, settings: Any, label: str, kind: Any) -> None:
    """Draw the button that starts a run."""
    key = f"lab-{panel.section}-run-{name}"
    st.button(
        label,
        key=key,
        type=kind,
        icon=":material/play_arrow:",
        on_click=start,
        args=(name, settings),
    )
    show_problem()


def is_there(name: str, settings: Any) -> bool:
    """Return whether there is something to show of these settings, or soon will be."""
    return jobs().find(name, settings) is not None or shipped(name, settings) is not None


def start(name: str, settings: Any) -> None:
    """Start a run, or remember why it can't be."""
    try:
        jobs().start(name, settings, who())
    except BusyError as error:
        st.session_state["lab.busy"] = str(error)


def watch(panel: Panel, job: Job, draw: Draw) -> None:
    """Show a run: live while it is under way, still once it has ended."""
    if job.state in ENDED:
        show_state(panel, job)
        show_result(job, draw)
        return
    drawn, again_at = len(job.reports), time.monotonic() + PAUSE_S

    @st.fragment(run_every=EVERY_S)
    def progress() -> None:
        show_state(panel, job)
        fresh = len(job.reports) > drawn and time.monotonic() > again_at
        if job.state in ENDED or fresh:
            st.rerun()

    progress()
    started = time.monotonic()
    show_result(job, draw)
    # All who look on are drawn for by the same two cores that do the training.
    cost_s = (time.monotonic() - started) * max(len(job.wanted_by), 1)
    again_at = time.monotonic() + max(PAUSE_S, cost_s / DRAWING_SHARE)


def show_state(panel: Panel, job: Job) -> None:
    """Show how far a run is, with the button that fits."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"lab-job-{panel.section}"):
        match job.state:
            case "queued":
                before = jobs().place(job)
                waiting = f"{before} before it" if before else "it is the next"
                stop_button(panel, job)
                st.progress(0.0, f"Waiting for another run to end: {waiting}.")
            case "running":
                stop_button(panel, job)
                st.progress(job.progress, running_text(job))
            case "done":
                st.caption(f"Measured on this machine, finished at {clock_time(job.ended_at)}.")
                offer_record(panel, job)
            case "stopped":
                run_again(panel, job)
                st.caption(
                    f"Stopped after {job.progress:.0%}. What was measured until then is shown."
                )
                offer_record(panel, job)
            case "failed":
                run_again(panel, job)
                st.warning(as_text(job.message), icon=":material/info:")


def running_text(job: Job) -> str:
    """Return how far a run is, in words."""
    if not job.reports:
        return "Starting: loading the digits…"
    last = job.reports[-1]
    return f"Training step {last['done']:,} of {last['total']:,}"


def stop_button(panel: Panel, job: Job) -> None:
    """Draw the button that stops a run, for whoever started it; what it has measured stays."""
    others = len(job.wanted_by - {who()})
    if who() not in job.wanted_by:
        return
    st.button(
        "Stop",
        key=f"lab-{panel.section}-stop",
        icon=":material/stop:",
        on_click=lambda: jobs().stop(job, who()),
        help=f"It goes on for {others} others who started it too." if others else None,
    )


def run_again(panel: Panel, job: Job) -> None:
    """Draw the button that begins a run anew that failed or was stopped."""
    st.button(
        "Run again",
        key=f"lab-{panel.section}-again",
        icon=":material/replay:",
        on_click=start,
        args=(job.experiment, job.settings),
    )
    show_problem()


def show_problem() -> None:
    """Say why a run couldn't be started, once."""
    if problem := st.session_state.pop("lab.busy", ""):
        st.warning(as_text(problem), icon=":material/info:")


def offer_record(panel: Panel, job: Job) -> None:
    """Draw the button that saves everything a run has reported."""
    content = {"experiment": job.experiment, "settings": asdict(job.settings)}
    reports: list[Report] = list(job.reports)
    st.download_button(
        "Record (JSON)",
        lambda: json.dumps(content | {"reports": reports}),
        f"{job.experiment}.json",
        key=f"lab-{panel.section}-record",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
    )


def show_result(job: Job, draw: Draw) -> None:
    """Show what a run has reported so far."""
    reports = list(job.reports)
    if reports:
        with friendly():
            draw(gather(job.experiment, job.settings, reports))


def clock_time(moment: float) -> str:
    """Return a moment in words: "14:05"."""
    return datetime.datetime.fromtimestamp(moment).strftime("%H:%M")


def duration(seconds: float) -> str:
    """Return a time in words: "40 seconds", "6 minutes"."""
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes"


def description(name: str) -> str:
    """Return an experiment's own line on what it trains."""
    return find(PACKAGE, name, "experiment").DESCRIPTION
