"""What the clip room shows: plain data in, plain data out, no Streamlit."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnviz.analysis.clips import ClipReading
from rnnviz.core.clip import Clip
from rnnviz.core.clip_trace import NOTICEABLE, Importance
from rnnviz.core.gradient_flow import GradientFlow
from rnnviz.core.route import Route
from rnnviz.models.clips.config import ClipConfig
from rnnviz.ui.components.common.encoding import encode_floats, encode_levels
from rnnviz.ui.components.reading_room.payload import (
    CORNERS,
    DIRECTIONS,
    PLURALS,
    colour_limit,
    step_word,
)

Payload = dict[str, Any]

ZERO = -9000.0
"""Travels in place of the log10 of an exact 0: below every log10 of a float64."""
NATURAL = ("file", "webcam")
"""Clips from these sources are shown with black as black, in either theme; ink is the text's."""


def view(
    key: str,
    clip: Payload,
    network: Payload,
    inside: Payload,
    changes: Sequence[Payload],
    order: str,
    changed: str = "",
    mattered: Payload | None = None,
    pad: Payload | None = None,
    position: float | None = None,
    message: str = "",
) -> Payload:
    """Return everything that the clip room shows.

    Args:
        key: Tells this reading of this clip from all others.
        clip: From ``clip``.
        network: From ``network``.
        inside: From ``inside``.
        changes: What a network answers to the clip as it is and to every change of it: "name",
            "label", "description", "answer", "share", "note", "chosen".
        order: In words, whether the order of the frames matters.
        changed: In a word or two, what was done to the clip; empty if nothing was.
        mattered: From ``mattered``; None until the browser asks for it.
        pad: From ``pad``; None where nobody draws.
        position: Where the clock stands at the start, 0 to 1; None plays the clip.
        message: A friendly word on what was wrong with the input; empty if nothing was.
    """
    return {
        "key": key,
        "clip": clip,
        "network": network,
        "inside": inside,
        "changes": list(changes),
        "order": order,
        "changed": changed,
        "mattered": mattered,
        "pad": pad,
        "position": position,
        "message": message,
    }


def pad(drawing: Any, pen_width: float, nonce: int, message: str = "") -> Payload:
    """Return what stands on the pad.

    Args:
        drawing: A ``Drawing`` or None.
        pen_width: Thickness of the pen as a fraction of the pad's side.
        nonce: The browser takes over ``drawing`` whenever this has changed.
        message: What was wrong with the drawing; empty if nothing was.
    """
    strokes = getattr(drawing, "strokes", ())
    return {
        "strokes": [np.round(stroke, 4).tolist() for stroke in strokes],
        "penWidth": float(pen_width),
        "nonce": str(nonce),
        "source": "drawing" if drawing is not None else "example",
        "message": message,
    }


def clip(shown: Clip) -> Payload:
    """Return the clip that is played, after whatever was done to it."""
    truth = shown.frame_labels
    return {
        "frames": encode_levels(shown.frames, 0.0, 1.0),
        "times": np.round(shown.times_s, 4).tolist(),
        "natural": shown.source in NATURAL,
        "caption": shown.caption,
        "truth": None if truth is None else truth.tolist(),
    }


def network(
    label: str,
    description: str,
    config: ClipConfig,
    reading: ClipReading,
    settled: str,
    measured: str,
    truth: str,
) -> Payload:
    """Return what a network did with a clip, across its frames.

    Args:
        label: What it is called.
        description: What it is made of.
        config: Its configuration.
        reading: What it did.
        settled: In words, when its answer stood.
        measured: In words, by what the belief was measured.
        truth: In words, whether the answer is right; may be empty.
    """
    trace = reading.trace
    temporal = trace.temporal
    states = {
        name: {"values": encode_floats(values), "limit": colour_limit(values)}
        for name, values in temporal.states.items()
    }
    answers = trace.frame_logits.argmax(axis=1)
    low = 0.0 if config.sight == "frames" else -1.0
    return {
        "label": label,
        "description": description,
        "classes": list(config.classes),
        "everyFrame": config.answers == "frames",
        "sight": config.sight,
        "seen": encode_levels(trace.seen, low, 1.0),
        "answer": reading.answer,
        "probabilities": reading.probabilities.astype(float).tolist(),
        "beliefs": encode_floats(reading.beliefs),
        "answers": answers.tolist(),
        "settled": reading.settled,
        "settledText": settled,
        "measuredText": measured,
        "truthText": truth,
        "units": temporal.units,
        "layers": temporal.layers,
        "states": states,
        "gates": {name: encode_floats(values) for name, values in temporal.gates.items()},
    }


def inside(route: Route, frames: Sequence[int], hidden: np.ndarray, layers: int) -> Payload:
    """Return the states of the network in space while it read some frames.

    Args:
        route: Along which it reads a frame.
        frames: Which frames.
        hidden: h, (frame, step, unit).
        layers: Number of layers of the network in space.
    """
    word = step_word(route)
    return {
        "frames": list(frames),
        "word": word,
        "words": PLURALS.get(word, word + "s"),
        "depths": route.depths,
        "steps": route.steps,
        "sweeps": route.sweeps,
        "sweepNames": list(DIRECTIONS if route.both_ways else CORNERS[: route.sweeps]),
        "lattice": list(route.lattice),
        "units": hidden.shape[2],
        "layers": layers,
        "hidden": encode_levels(hidden, -(limit := colour_limit(hidden)), limit),
        "limit": limit,
    }


def mattered(
    importance: Importance, flow: GradientFlow, agreement: str, gradient: str, target: str
) -> Payload:
    """Return which frames and pixels mattered, and the gradient at every frame.

    Args:
        importance: By gradient and by occlusion.
        flow: The gradient of the last answer's loss.
        agreement: In words, how far both agree.
        gradient: In words, how much of the gradient reaches the first frame.
        target: The answer that is asked about.

    Sizes travel relative to the largest of their kind: they are compared within a clip only. What
    changes the logit less than noticeably isn't drawn as if it mattered.
    """
    saliency = importance.saliency
    return {
        "target": target,
        "saliency": encode_levels(relative(saliency), 0.0, 1.0),
        "frameSaliency": encode_floats(relative(importance.frame_saliency)),
        "frameOcclusion": encode_floats(importance.frame_occlusion),
        "patchOcclusion": encode_floats(relative(importance.patch_occlusion, NOTICEABLE)),
        "largestDrop": size(importance.patch_occlusion, NOTICEABLE),
        "noticeable": NOTICEABLE,
        "patch": importance.patch,
        "agreement": agreement,
        "gradient": gradient,
        "norms": {name: encode_floats(logs(flow.norms(name))) for name in flow.states},
        "pixels": encode_floats(logs(np.sqrt((flow.inputs**2).sum(axis=(1, 2))))),
        "zero": ZERO,
    }


def size(values: np.ndarray, least: float = 0.0) -> float:
    """Return the largest absolute value, or the least size to draw as full if that is larger."""
    return float(np.abs(values).max(initial=least))


def relative(values: np.ndarray, least: float = 0.0) -> np.ndarray:
    """Return values over their size; all 0 where that is 0."""
    largest = size(values, least)
    return values / largest if largest > 0 else np.zeros_like(values)


def logs(values: np.ndarray) -> np.ndarray:
    """Return log10 of sizes, ``ZERO`` for an exact 0."""
    with np.errstate(divide="ignore"):
        return np.maximum(np.log10(values), ZERO)
