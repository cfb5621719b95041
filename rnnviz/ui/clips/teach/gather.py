"""Naming the actions and collecting clips of them: recorded, uploaded, looked through."""

from typing import Any

import streamlit as st

from rnnviz.data.clips.clip_file import clips_bytes, parse_clips
from rnnviz.data.errors import ClipError
from rnnviz.data.video import prepare_clip, read_video
from rnnviz.training.clips.own import FEWEST_CLIPS
from rnnviz.ui.clips.teach import state, strips
from rnnviz.ui.clips.teach.collection import (
    FEWEST_ACTIONS,
    FRAMES,
    MOST_ACTIONS,
    MOST_CLIPS,
    Action,
    add_action,
    add_clips,
    as_clips,
    join,
    plain_file_name,
    remove_action,
    remove_clip,
    rename,
)
from rnnviz.ui.components.webcam import webcam_takes
from rnnviz.ui.messages import as_text

CAMERA, FILES = "Record with the camera", "Upload files"
ENDINGS = ["mp4", "mov", "webm", "mkv", "avi", "gif"]
SECONDS = 2.0
CHOICE = "teach-choose"
WAITING = "teach.waiting"
MOST_BYTES = 100 * 10**6
"""Files that are taken at once, all together."""
SAVED = "my-clips.safetensors"


def show_names() -> None:
    """Show a field for the name of each action."""
    st.markdown("##### 1. Name your actions")
    actions = state.collection().actions
    with st.container(horizontal=True, vertical_alignment="bottom", key="teach-actions"):
        for number, action in enumerate(actions):
            name_field(number, action, removable=len(actions) > FEWEST_ACTIONS)
        if len(actions) < MOST_ACTIONS:
            st.button(
                "One more",
                key="teach-more",
                icon=":material/add:",
                on_click=one_more,
            )


def one_more() -> None:
    """Add an action."""
    state.change(add_action)


def name_field(number: int, action: Action, removable: bool) -> None:
    """Show the field for the name of one action, and the button that takes it out."""
    key = f"teach-name-{action.key}"
    # The field shows what holds, also where an entry wasn't taken.
    st.session_state[key] = action.name
    with st.container(horizontal=True, vertical_alignment="bottom", gap=None, width=210):
        st.text_input(f"Action {number + 1}", key=key, on_change=renamed, args=(action.key, key))
        if removable:
            st.button(
                "",
                key=f"teach-out-{action.key}",
                icon=":material/close:",
                type="tertiary",
                help="Take this action out, with its clips",
                on_click=take_action_out,
                args=(action,),
            )


def renamed(action: int, key: str) -> None:
    """Call an action what stands in a field."""
    name = st.session_state[key]
    state.change(lambda there: rename(there, action, name))


def take_action_out(action: Action) -> None:
    """Take an action out, so that one can undo it."""
    what = f"Took out ‘{action.name}’ with its {count(len(action))}."
    state.change_back_possible(lambda there: remove_action(there, action.key), what)


def show_collecting() -> None:
    """Show what adds clips to the chosen action, and the clips that it has."""
    st.markdown(f"##### 2. Collect {FEWEST_CLIPS} or more clips of each")
    read_files()
    there = state.collection()
    keys = [action.key for action in there.actions]
    labels = {action.key: label_of(action) for action in there.actions}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        # The names of the buttons change with every clip, so the choice is kept apart from them.
        st.session_state[CHOICE] = state.chosen().key
        st.segmented_control(
            "Clips of",
            keys,
            format_func=labels.__getitem__,
            key=CHOICE,
            on_change=action_chosen,
            required=True,
        )
        way = st.segmented_control(
            "How", [CAMERA, FILES], default=CAMERA, key="teach-way", required=True
        )
    action = state.chosen()
    if len(action) >= MOST_CLIPS:
        st.info(f"This action has {MOST_CLIPS} clips, as many as it can have.")
    elif way == FILES:
        take_files(action)
    else:
        take_recordings(action)
    show_undo()
    show_clips(action)


def action_chosen() -> None:
    """Add clips to the action whose button was pressed."""
    state.choose(st.session_state[CHOICE])


def label_of(action: Action) -> str:
    """Return the name of an action with how many clips it has, as Markdown."""
    done = " :material/check:" if len(action) >= FEWEST_CLIPS else ""
    return f"{as_text(action.name)} · {len(action)}{done}"


def count(clips: int) -> str:
    """Return "1 clip" or "2 clips"."""
    return f"{clips} clip{'s' * (clips != 1)}"


def take_recordings(action: Action) -> None:
    """Show the camera, and take what it has recorded."""
    takes = webcam_takes("teach-camera", SECONDS, takes=FEWEST_CLIPS)
    if not takes:
        return
    first = len(action) + 1
    clips = [(f"recording {first + i}", take.clip(FRAMES)) for i, take in enumerate(takes)]
    if state.change(lambda there: add_clips(there, action.key, clips)):
        state.forget_undo()
    state.redraw()


def take_files(action: Action) -> None:
    """Show the field for files."""
    key = f"teach-files-{state.nonce()}"
    st.file_uploader(
        "Short clips, several at once",
        ENDINGS,
        accept_multiple_files=True,
        key=key,
        on_change=files_arrived,
        args=(action.key, key),
        help="Each is read as one clip of this action: cut them to the movement itself.",
    )


def files_arrived(action: int, key: str) -> None:
    """Remember uploaded files until they are read, which one can interrupt at any time."""
    waiting, size = [], 0
    for file in st.session_state[key][:MOST_CLIPS]:
        size += file.size
        if size > MOST_BYTES:
            state.say(
                f"{plain_file_name(file.name)} and those after it were left out: at most "
                f"{MOST_BYTES // 10**6} MB are taken at once. Upload them in a second go."
            )
            break
        waiting.append((action, file))
    st.session_state[WAITING] = [*st.session_state.get(WAITING, ()), *waiting]
    state.renew()


def read_files() -> None:
    """Read the files that wait, each into the action that it was uploaded for."""
    waiting: list[tuple[int, Any]] = st.session_state.get(WAITING, [])
    if not waiting:
        return
    bar, number = st.progress(0.0, "Reading the clips…"), len(waiting)
    while waiting:
        action, file = waiting[0]
        try:
            read_file(action, file)
        finally:
            # Whatever it was, it isn't tried again; a run that is broken off goes on with the next.
            waiting.pop(0)
        done = number - len(waiting)
        bar.progress(done / number, f"Read {done} of {number} clips.")
    state.redraw()


def read_file(action: int, file: Any) -> None:
    """Read a file into an action, or say why that can't be."""
    name = plain_file_name(file.name)
    try:
        clip = prepare_clip(read_video(file.getvalue(), name), FRAMES)
    except ClipError as error:
        state.say(f"{name}: {error}")
        return
    if state.change(lambda there: add_clips(there, action, [(name, clip)])):
        state.forget_undo()


def show_undo() -> None:
    """Say what was taken out last, and offer to put it back."""
    if what := state.undoable():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(as_text(what), width="content")
            st.button("Undo", key="teach-undo", icon=":material/undo:", on_click=state.undo)


def show_clips(action: Action) -> None:
    """Show the clips of an action as film strips, each with a button that takes it out."""
    if not action.examples:
        st.caption(f"No clips of {as_text(action.name)} yet.")
        return
    with st.container(horizontal=True, key="teach-clips"):
        for number, example in enumerate(action.examples):
            with st.container(width=250, border=True):
                words = f"Clip {number + 1} of {action.name}: {example.name}"
                st.html(strips.strip(example.frames, words))
                st.button(
                    f"{number + 1}. {as_text(example.name)}",
                    key=f"teach-drop-{example.key}",
                    icon=":material/delete:",
                    type="tertiary",
                    help="Take this clip out",
                    on_click=take_clip_out,
                    args=(example.key, words),
                )


def take_clip_out(key: int, words: str) -> None:
    """Take a clip out, so that one can undo it."""
    state.change_back_possible(lambda there: remove_clip(there, key), f"Took out: {words}.")


def show_keeping() -> None:
    """Show a menu that saves what was collected, and brings it back."""
    place = st.popover(
        "Keep your clips", icon=":material/save:", on_change="rerun", key="teach-keep"
    )
    if not place.open:
        return
    with place:
        st.caption(
            "The clips stay on this server for a day, for this browser alone, and are gone when "
            "the server is restarted. Save them to go on another time, or elsewhere."
        )
        # The file is made when it is asked for, outside of any session: it can't ask for the clips.
        there = state.collection()
        st.download_button(
            "Save the clips",
            lambda: clips_bytes(as_clips(there)),
            SAVED,
            key="teach-save",
            on_click="ignore",
            icon=":material/download:",
            disabled=not len(there),
            width="stretch",
        )
        key = f"teach-load-{state.nonce()}"
        st.file_uploader(
            "Bring saved clips back", ["safetensors"], key=key, on_change=bring_back, args=(key,)
        )


def bring_back(key: str) -> None:
    """Add the clips of a saved file to what is there."""
    file = st.session_state[key]
    if file is None:
        return
    state.renew()

    def joined() -> None:
        clips = parse_clips(file.getvalue(), plain_file_name(file.name))
        if state.change(lambda there: join(there, clips)):
            state.forget_undo()

    state.attempt(joined)
