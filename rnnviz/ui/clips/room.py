"""What the clip room is given to show."""

from dataclasses import replace

from rnnviz.core.clip import Clip
from rnnviz.data.clips.changes import CHANGES
from rnnviz.ui.clips import measure, words
from rnnviz.ui.clips.networks import ClipNetwork
from rnnviz.ui.clips.visit import Subject, Visit
from rnnviz.ui.components.clip_room import payload
from rnnviz.ui.components.common.encoding import to_wire
from rnnviz.ui.form import Form


def view(form: Form, network: ClipNetwork, found: Subject, shown: Clip, state: Visit) -> bytes:
    """Return what the browser component shows of a clip.

    Args:
        form: What is chosen.
        network: Who reads.
        found: The clip as it came.
        shown: The clip after the change that was chosen.
        state: What the visitor has drawn and looked at; forgets the frame with another clip.
    """
    reading, key = measure.reading(network, shown), key_of(form, network, shown)
    if state.key not in ("", key):
        state.position = None
    state.key = key
    drawing = form["source"] == "draw"
    return to_wire(
        payload.view(
            key,
            payload.clip(replace(shown, caption=words.caption_text(shown, form["change"]))),
            payload.network(
                network.label,
                network.description,
                network.checkpoint.config,
                reading,
                words.settled_text(reading),
                words.measured_text(reading),
                words.truth_text(shown, reading, network),
            ),
            inside(network, shown, state),
            changes(network, found.clip, form["change"]),
            words.order_text(measure.changed_answers(network, found.clip), network),
            words.changed_text(form["change"]),
            mattered(network, shown, reading.answer) if state.wants == key else None,
            payload.pad(state.drawing, state.pen_width, state.nonce, found.message)
            if drawing
            else None,
            None if state.position is None else state.position.fraction,
            "" if drawing else found.message,
        )
    )


def key_of(form: Form, network: ClipNetwork, shown: Clip) -> str:
    """Return what tells what the room shows from everything else that it could show."""
    return f"{measure.clip_key(network, shown)}-{form['change']}"


def inside(network: ClipNetwork, clip: Clip, state: Visit) -> payload.Payload:
    """Return the states of the network in space."""
    spatial = network.model.spatial
    frame = 0 if state.position is None else state.position.step - 1
    within = measure.within(network, clip, frame)
    return payload.inside(spatial.route, within.frames, within.hidden, spatial.config.layers)


def changes(network: ClipNetwork, clip: Clip, chosen: str) -> list[payload.Payload]:
    """Return what the network answers to the clip as it is and to every change of it."""
    answers = measure.changed_answers(network, clip)
    return [
        {
            "name": one.change,
            "label": CHANGES[one.change].label,
            "description": CHANGES[one.change].description,
            "answer": one.answer,
            "share": one.probability,
            "answers": one.frame_answers.tolist(),
            "note": words.change_text(one, network.classes),
            "other": one.answer != answers[0].answer,
            "chosen": one.change == chosen,
        }
        for one in answers
    ]


def mattered(network: ClipNetwork, clip: Clip, target: int) -> payload.Payload:
    """Return which frames and pixels mattered for an answer, and the gradient at every frame."""
    importance = measure.mattered(network, clip, target)
    flow = measure.flow(network, clip, target)
    answer = network.classes[target]
    return payload.mattered(
        importance,
        flow,
        words.agreement_text(importance),
        words.gradient_text(flow.norms(), answer),
        answer,
    )
