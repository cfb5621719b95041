"""The training: what it needs, the button that starts it, how far it is."""

import streamlit as st

from rnnviz.training.experiments import own_actions
from rnnviz.training.jobs import Job
from rnnviz.ui.clips.teach import lessons, state, words
from rnnviz.ui.clips.teach.collection import lacking
from rnnviz.ui.clips.teach.desks import Lesson
from rnnviz.ui.clips.teach.lessons import FROM_NOTHING, KEPT, LEARNED_ON, Wish
from rnnviz.ui.laboratory.live import jobs
from rnnviz.ui.messages import as_text
from rnnviz.ui.visitor import who

EVERY_S = 1.0
"""Seconds between two looks at how far a training is."""
STARTS = {
    KEPT: "with what a shipped network knows (fastest)",
    LEARNED_ON: "with that, and learns on",
    FROM_NOTHING: "with nothing",
}


def show_training() -> None:
    """Show the training that is under way, or the button that starts one."""
    st.markdown("##### 3. Teach it")
    lesson = state.desk().lesson
    if lesson is not None:
        watch(lesson)
        return
    missing = words.what_is_missing(lacking(state.collection()))
    taught = state.desk().outcome is not None
    with st.container(horizontal=True):
        button = st.container(width="content")
        wish = choose()
        button.button(
            "Teach it again" if taught else "Teach it",
            key="teach-start",
            type="primary",
            icon=":material/model_training:",
            on_click=start,
            args=(wish,),
            disabled=bool(missing),
        )
    if missing:
        st.caption(as_text(missing))
    elif not taught:
        st.caption(
            "Some clips are left out in turn, so that each is judged by a network that has never "
            "seen it. With 40 clips this takes less than a minute."
        )


def choose() -> Wish:
    """Show, on demand, what can be chosen about the training, and return it."""
    with st.popover("Settings", icon=":material/tune:", key="teach-settings"):
        sight = st.selectbox(
            "It is shown",
            tuple(words.SIGHTS),
            format_func=words.SIGHTS.__getitem__,
            key="teach-sight",
        )
        start = st.selectbox(
            "The part that reads a frame begins",
            lessons.starts(),
            format_func=STARTS.__getitem__,
            key="teach-begin",
        )
    return Wish(sight=sight, start=start)


def start(wish: Wish) -> None:
    """Start a training, or say why it can't be."""
    state.attempt(lambda: lessons.begin_lesson(state.desks(), jobs(), who(), wish))


def watch(lesson: Lesson) -> None:
    """Show how far a training is, until it has ended."""

    @st.fragment(run_every=EVERY_S)
    def follow() -> None:
        if message := lessons.look_after(state.desks(), jobs(), who()):
            state.say(message)
        if state.desk().lesson is not lesson:
            st.rerun()
        job = lessons.job_of(jobs(), lesson)
        if job is not None:
            show_progress(job)

    follow()
    st.button("Stop", key="teach-stop", icon=":material/stop:", on_click=stop)


def show_progress(job: Job) -> None:
    """Show how far a job is."""
    if job.state == "queued":
        before = jobs().place(job)
        place = f"{before} before it" if before else "it is the next"
        st.progress(0.0, f"Waiting for another training to end: {place}.")
        return
    course = own_actions.gather(job.settings, list(job.reports))
    st.progress(min(course.share, 1.0), words.progress(course))


def stop() -> None:
    """Stop the training that is under way."""
    lessons.end_lesson(state.desks(), jobs(), who())
