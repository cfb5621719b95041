"""What was found about a clip, in sentences. Pure text, no Streamlit."""

from collections.abc import Mapping, Sequence

import numpy as np

from rnnviz.analysis.clips import ClipReading
from rnnviz.core.clip import Clip
from rnnviz.core.clip_trace import NOTICEABLE, Importance
from rnnviz.data.clips.changes import CHANGES
from rnnviz.ui.clips.measure import ChangedAnswer
from rnnviz.ui.clips.networks import ClipNetwork

HIGH, LOW = 0.6, 0.2
"""From here up two measures agree, from here down they don't."""
SURE = 0.1
"""A probability that falls by less than this is about as high as before."""
ROBUSTNESS = {
    "none": "test clips as they are",
    "slow": "half as fast",
    "fast": "twice as fast",
    "dim": "half the contrast",
    "inverted": "dark on bright",
    "compressed": "after a lossy codec",
}
"""What was done to test clips, in the order in which it is told."""


def settled_text(reading: ClipReading) -> str:
    """Return when the answer stood: "Answer stands from frame 9 of 16."."""
    count = len(reading.beliefs)
    if reading.settled is None:
        return "Its last probe doesn't agree with the answer it gives."
    if reading.settled == 0:
        return "Answer stands from the first frame on."
    if reading.settled + 1 == count:
        return f"Answer stands only at the last frame, {count} of {count}."
    return f"Answer stands from frame {reading.settled + 1} of {count}."


def measured_text(reading: ClipReading) -> str:
    """Return by what the belief was measured."""
    if reading.measured_by == "probes":
        return "Measured by probes: after each frame a read-out of its own, fitted to the state."
    return "Measured by the network's own answer, asked after every frame."


def truth_text(clip: Clip, reading: ClipReading, network: ClipNetwork) -> str:
    """Return whether the answer is right, empty where nobody knows."""
    if network.every_frame and clip.frame_labels is not None:
        known = clip.frame_labels >= 0
        answers = reading.trace.frame_logits.argmax(axis=1)
        right = int((answers == clip.frame_labels)[known].sum())
        return f"Correct at {right} of {int(known.sum())} frames."
    if clip.label is None:
        return ""
    truth = network.classes[clip.label]
    return "That is correct." if clip.label == reading.answer else f"In truth: {truth}."


def agreement_text(importance: Importance) -> str:
    """Return how far gradient and occlusion agree on frames and on patches."""
    occlusions = (importance.frame_occlusion, importance.patch_occlusion)
    largest = max(float(np.abs(part).max(initial=0.0)) for part in occlusions)
    if largest < NOTICEABLE:
        return (
            f"Whichever frame or patch is taken away, the answer's logit changes by {largest:.1g} "
            f"at most: nothing alone matters to it, and there is nothing to compare."
        )
    frames = agreement(importance.frame_agreement)
    patches = agreement(importance.patch_agreement)
    return (
        f"On which frames mattered, gradient and occlusion {frames}. "
        f"On which patches of them, they {patches}."
    )


def agreement(value: float | None) -> str:
    """Return a rank correlation as the end of a sentence about two measures."""
    if value is None:
        return "can't be compared, as one of them is the same everywhere"
    # Adding 0 makes of −0 a 0.
    number = f"rank correlation {round(value, 2) + 0.0:.2f}".replace("-", "−")
    if value >= HIGH:
        return f"agree ({number})"
    return f"agree in part ({number})" if value >= LOW else f"don't agree ({number})"


def order_text(answers: Sequence[ChangedAnswer], network: ClipNetwork) -> str:
    """Return in words whether the order of the frames matters to a network.

    Args:
        answers: To the clip as it is first, then to every change.
        network: Whose answers they are.
    """
    found = {one.change: one for one in answers}
    plain, classes = found["none"], network.classes
    reordered = [found[name] for name in ("reversed", "shuffled")]
    if network.every_frame:
        return frames_order_text(plain, reordered)
    different = [one for one in reordered if one.answer != plain.answer]
    if different:
        told = " and ".join(
            f"{CHANGES[one.change].label.lower()} “{classes[one.answer]}”" for one in different
        )
        return f"Order matters here: it answers “{classes[plain.answer]}”, but {told}."
    fallen = max(plain.probability - one.probability for one in reordered)
    if fallen > SURE:
        return (
            f"The answer stays when the frames come in another order, but it gets less sure, "
            f"by up to {100 * fallen:.0f} points of a hundred."
        )
    return (
        "Order doesn't matter here: reversed and shuffled, the answer is the same and as sure. "
        "It may look at single frames only."
    )


def frames_order_text(plain: ChangedAnswer, reordered: Sequence[ChangedAnswer]) -> str:
    """Return the same for a network that answers at every frame."""
    shares = []
    for one in reordered:
        # The answer to the same picture, wherever it now stands.
        order = CHANGES[one.change].order(len(plain.frame_answers))
        shares.append(float((one.frame_answers != plain.frame_answers[order]).mean()))
    told = "; ".join(
        f"{CHANGES[one.change].label.lower()}, {100 * share:.0f} % of the frames get another answer"
        for one, share in zip(reordered, shares, strict=True)
    )
    verdict = "Order matters here" if max(shares) > SURE else "Order hardly matters here"
    return f"{verdict}: {told}."


def changed_text(change: str) -> str:
    """Return in a word or two what was done to a clip: "frozen"; empty if nothing was."""
    return "" if change == "none" else CHANGES[change].label.lower()


def caption_text(clip: Clip, change: str) -> str:
    """Return what a clip is, and what was done to it."""
    if change == "none":
        return clip.caption
    done = CHANGES[change].description
    return f"{clip.caption} {CHANGES[change].label}: {done[0].lower()}{done[1:]}".lstrip()


def change_text(one: ChangedAnswer, classes: Sequence[str]) -> str:
    """Return what is true of a changed clip and whether the answer says so, or nothing."""
    if one.frames_right is not None:
        return f"correct at {100 * one.frames_right:.0f} % of the frames"
    if one.truth is None:
        return ""
    if one.truth == one.answer:
        return "correct"
    return f"in truth: {classes[one.truth]}"


def quality(network: ClipNetwork) -> list[tuple[str, str]]:
    """Return what was measured about a network: what, and how it did, in percent."""
    metrics = network.checkpoint.metrics
    found = []
    for key, what in (
        ("test/accuracy", "Right on test clips that it never saw"),
        ("test/accuracy@70", "Right after 70 % of the clip"),
        ("test/frames", "Right at single frames of test clips"),
        ("test/changes", "Clips in which every change was found within 2 frames"),
        ("heldout/accuracy", "Right on clips left out of its training"),
    ):
        if key in metrics:
            found.append((what, percent(metrics[key])))
    return found


def robustness(metrics: Mapping[str, float]) -> list[tuple[str, str]]:
    """Return how right a network is on clips other than those that it learned from."""
    return [
        (what, percent(metrics[f"robust/{name}"]))
        for name, what in ROBUSTNESS.items()
        if f"robust/{name}" in metrics
    ]


def percent(share: float) -> str:
    """Return a share as percent."""
    return f"{100 * share:.1f} %"


def gradient_text(norms: np.ndarray, target: str) -> str:
    """Return how much of the gradient reaches the first frame, from |dL/dh| (frame,)."""
    first, last = float(norms[0]), float(norms[-1])
    if last == 0 or not np.isfinite(last):
        return "The last frame has no gradient, so there is nothing to compare with."
    if first == 0:
        return "Nothing of the gradient reaches the first frame."
    return (
        f"Of the loss against its answer “{target}”: at the first frame the gradient is "
        f"{times(first / last)} what it is at the last."
    )


def times(ratio: float) -> str:
    """Return a ratio as "0.42 times" or "1/2,000 of"."""
    if ratio >= 0.01:
        return f"{ratio:.3g} times"
    return f"1/{1 / ratio:,.0f} of"
