"""What is said of a clip, what the browser gets and what one takes away, against the numbers."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnviz.analysis.clips import clip_flow, frame_trace, importance, read_clip
from rnnviz.analysis.clips.within import hidden_within
from rnnviz.core.clip import Clip
from rnnviz.core.clip_trace import NOTICEABLE
from rnnviz.data.clips.changes import CHANGES
from rnnviz.data.clips.motions import MOTIONS
from rnnviz.data.video import read_video, video_bytes
from rnnviz.ui.clips import files, measure, words
from rnnviz.ui.clips.annotated import BEST, LINE, MARGIN, SCALE, annotated_frames, speed
from rnnviz.ui.clips.networks import ClipNetwork, network_of
from rnnviz.ui.components.clip_room import payload
from rnnviz.ui.components.common.encoding import decode, encode_levels
from tests.ui.clip_models import SHIPPED, tiny_checkpoint


def network(name: str) -> ClipNetwork:
    return network_of(tiny_checkpoint(name), name, name)


def clip_for(name: str, **parts) -> Clip:
    count = SHIPPED[name][0].frames
    pixels = np.random.default_rng(3).random((count, 28, 28)).astype(np.float32)
    return Clip(pixels, np.arange(count) * 0.1, source="generated", **parts)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_states_within_all_frames_are_those_of_every_single_one(name):
    model, clip = network(name).model, clip_for(name)
    together = hidden_within(model, clip.frames)
    for frame in range(len(clip)):
        alone = frame_trace(model, clip.frames, frame).states["h"]
        np.testing.assert_allclose(together[frame], alone, atol=1e-6)


def test_levels_are_as_close_as_256_of_them_can_be():
    values = np.linspace(-1, 1, 999)
    assert np.abs(decode(encode_levels(values, -1, 1)) - values).max() <= 1 / 255 + 1e-6
    assert decode(encode_levels(np.array([-9.0, 9.0, np.nan]), -1, 1)).tolist() == [-1, 1, -1]


def test_the_room_gets_what_the_model_did():
    name = "clip-events"
    one, clip = network(name), clip_for(name)
    reading = read_clip(one.model, None, clip.frames)
    sent = payload.network("l", "d", one.checkpoint.config, reading, "s", "m", "t")
    temporal = reading.trace.temporal
    for state, values in temporal.states.items():
        np.testing.assert_array_equal(decode(sent["states"][state]["values"]), values)
    for gate, values in temporal.gates.items():
        np.testing.assert_array_equal(decode(sent["gates"][gate]), values)
    seen = decode(sent["seen"])
    np.testing.assert_allclose(seen[:, :, :28], clip.frames, atol=1 / 255)
    np.testing.assert_allclose(seen[1:, :, 28:], np.diff(clip.frames, axis=0), atol=1 / 255)


def test_what_mattered_travels_relative_to_the_largest_and_gradients_as_powers_of_ten():
    name = "clip-motion"
    model, clip = network(name).model, clip_for(name)
    found, flow = importance(model, clip.frames, 2), clip_flow(model, clip.frames, 2).temporal
    sent = payload.mattered(found, flow, "a", "g", "up")
    assert decode(sent["saliency"]).argmax() == found.saliency.argmax()
    drops = decode(sent["patchOcclusion"]) * sent["largestDrop"]
    np.testing.assert_allclose(drops, found.patch_occlusion, atol=1e-6)
    np.testing.assert_allclose(10.0 ** decode(sent["norms"]["h"]), flow.norms("h"), rtol=1e-5)
    assert payload.logs(np.zeros(2)).tolist() == [payload.ZERO] * 2


@pytest.mark.parametrize("name", ["clip-motion", "clip-digit"])
def test_the_states_in_space_travel_whole(name):
    model, clip = network(name).model, clip_for(name)
    hidden = hidden_within(model, clip.frames)
    sent = payload.inside(model.spatial.route, range(len(clip)), hidden, 1)
    np.testing.assert_allclose(decode(sent["hidden"]), hidden, atol=sent["limit"] / 255 + 1e-6)
    assert sent["steps"] == hidden.shape[1] and sent["sweeps"] * sent["depths"] >= sent["depths"]


def test_changed_clips_are_answered_as_the_model_itself_does():
    one, clip = network("clip-motion"), clip_for("clip-motion", label=1)
    answers = measure.changed_answers(one, clip)
    for answer in answers:
        order = CHANGES[answer.change].order(len(clip))
        with torch.no_grad():
            logits = one.model(torch.tensor(clip.frames[order].copy())[None])[0]
        assert answer.answer == int(logits.argmax())
        assert answer.probability == pytest.approx(float(torch.softmax(logits, 0).max()), abs=1e-5)
    truths = {answer.change: answer.truth for answer in answers}
    assert truths["reversed"] == MOTIONS.index("left") and truths["shuffled"] is None


def test_another_truth_of_the_same_frames_is_not_taken_from_the_cache():
    one, clip = network("clip-motion"), clip_for("clip-motion", label=1)
    for label in (1, 2, None):
        first = measure.changed_answers(one, replace(clip, label=label))[0]
        assert first.truth == label


def reading_that(beliefs: list[int], answer: int):
    """Return a reading whose most likely class after each frame is the one given."""
    one, clip = network("clip-motion"), clip_for("clip-motion")
    reading = read_clip(one.model, None, clip.frames)
    shares = np.eye(9)[beliefs]
    differs = [i for i, belief in enumerate(beliefs) if belief != answer]
    first = differs[-1] + 1 if differs else 0
    settled = first if first < len(beliefs) else None
    return replace(reading, beliefs=shares, answer=answer, settled=settled)


@pytest.mark.parametrize(
    ("beliefs", "text"),
    [
        ([1, 1, 2, 2], "Answer stands from frame 3 of 4."),
        ([2, 2, 2, 2], "Answer stands from the first frame on."),
        ([1, 1, 1, 2], "Answer stands only at the last frame, 4 of 4."),
        ([2, 2, 2, 1], "Its last probe doesn't agree with the answer it gives."),
    ],
)
def test_when_it_knew_is_said_as_it_was(beliefs, text):
    assert words.settled_text(reading_that(beliefs, 2)) == text


def answers_of(**given: tuple[int, float]) -> list[measure.ChangedAnswer]:
    return [
        measure.ChangedAnswer(name, answer, share, None, np.full(4, answer), None)
        for name, (answer, share) in given.items()
    ]


@pytest.mark.parametrize(
    ("plain", "back", "mixed", "text"),
    [
        ((1, 0.9), (0, 0.9), (1, 0.9), "Order matters here: it answers “right”, but reversed"),
        ((1, 0.9), (1, 0.5), (1, 0.9), "less sure, by up to 40 points"),
        ((1, 0.9), (1, 0.9), (1, 0.85), "Order doesn't matter here"),
    ],
)
def test_whether_order_matters_is_said_by_the_answers(plain, back, mixed, text):
    found = words.order_text(
        answers_of(none=plain, reversed=back, shuffled=mixed), network("clip-motion")
    )
    assert text in found


def test_for_a_detector_order_is_judged_frame_by_frame():
    one = network("clip-events")
    same = [
        measure.ChangedAnswer("none", 0, 1.0, None, np.array([0, 1, 2, 3]), None),
        measure.ChangedAnswer("reversed", 0, 1.0, None, np.array([3, 2, 1, 0]), None),
        measure.ChangedAnswer("shuffled", 0, 1.0, None, CHANGES["shuffled"].order(4), None),
    ]
    assert words.order_text(same, one).startswith("Order hardly matters here")
    turned = [same[0], replace(same[1], frame_answers=np.zeros(4, int)), same[2]]
    assert "reversed, 75 % of the frames" in words.order_text(turned, one)


def test_agreement_is_said_in_words_and_as_a_number():
    assert words.agreement(0.72) == "agree (rank correlation 0.72)"
    assert words.agreement(-0.31) == "don't agree (rank correlation −0.31)"
    assert words.agreement(-0.001) == "don't agree (rank correlation 0.00)"
    assert "can't be compared" in words.agreement(None)


def test_the_belief_is_a_table_with_a_row_a_frame():
    one, clip = network("clip-motion"), clip_for("clip-motion")
    beliefs = measure.reading(one, clip).beliefs
    rows = list(csv.DictReader(io.StringIO(files.belief_csv(clip, beliefs, MOTIONS).decode())))
    assert [row["frame"] for row in rows] == [str(i) for i in range(1, 9)]
    found = np.array([[float(row[name]) for name in MOTIONS] for row in rows])
    np.testing.assert_allclose(found, beliefs, atol=1e-6)


def test_the_gradient_is_a_table_of_all_measures():
    one, clip = network("clip-digit"), clip_for("clip-digit")
    flow, found = measure.flow(one, clip, 3), measure.mattered(one, clip, 3)
    rows = list(csv.DictReader(io.StringIO(files.gradient_csv(clip, flow, found).decode())))
    columns = {name: [float(row[name]) for row in rows] for name in rows[0]}
    np.testing.assert_allclose(columns["gradient_h"], flow.norms("h"), rtol=1e-7)
    np.testing.assert_allclose(columns["gradient_c"], flow.norms("c"), rtol=1e-7)
    np.testing.assert_allclose(columns["occlusion"], found.frame_occlusion, rtol=1e-7)


def test_a_class_that_looks_like_a_formula_is_none_in_a_spreadsheet():
    clip = clip_for("clip-motion")
    text = files.belief_csv(clip, np.full((8, 2), 0.5), ["=cmd|'/C calc'!A0", "wave"]).decode()
    assert text.splitlines()[0].startswith("frame,time_s,'=cmd")


def test_the_annotated_clip_shows_the_frames_and_bars_as_long_as_the_belief():
    clip = clip_for("clip-motion")
    beliefs = np.full((8, 9), 0.0)
    beliefs[:, 4] = np.linspace(0.2, 1, 8)
    beliefs[:, 5] = 1 - beliefs[:, 4]
    shown = annotated_frames(clip, beliefs, MOTIONS)
    assert shown.dtype == np.uint8 and shown.shape[0] == 8
    side = 28 * SCALE
    picture = shown[3, MARGIN : MARGIN + side, MARGIN : MARGIN + side, 0]
    small = picture.reshape(28, SCALE, 28, SCALE).mean(axis=(1, 3)) / 255
    np.testing.assert_allclose(small, clip.frames[3], atol=1 / 255)
    best = (shown == BEST).all(axis=3).sum(axis=(1, 2))
    lengths = beliefs.max(axis=1)
    np.testing.assert_allclose(best / best[-1], lengths / lengths[-1], atol=0.03)


@pytest.mark.parametrize("change", CHANGES)
def test_an_annotated_clip_that_was_changed_says_so_in_a_line_that_has_room(change):
    clip = clip_for("clip-motion")
    beliefs = np.full((8, 9), 1 / 9)
    plain = annotated_frames(clip, beliefs, MOTIONS)
    shown = annotated_frames(clip, beliefs, MOTIONS, words.changed_text(change))
    if change == "none":
        np.testing.assert_array_equal(shown, plain)
        return
    heading = 28 * SCALE + 2 * MARGIN + LINE
    dark = shown[0, heading : heading + LINE].min(axis=(0, 2)) < 128
    assert dark.any() and not dark[-MARGIN:].any()
    np.testing.assert_array_equal(shown[:, heading + LINE :], plain[:, heading:])


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_done_to_a_clip_is_told_beside_what_it_is(change):
    clip = clip_for("clip-motion", caption="A moving 3.")
    told = words.caption_text(clip, change)
    assert told.startswith("A moving 3.")
    assert (words.changed_text(change) in told.lower()) and (len(told) > 20) == (change != "none")
    assert words.changed_text(change) == ("" if change == "none" else CHANGES[change].label.lower())


@pytest.mark.parametrize("kind", ["gif", "mp4"])
def test_the_annotated_clip_can_be_played(kind):
    clip = clip_for("clip-motion")
    shown = annotated_frames(clip, np.full((8, 9), 1 / 9), MOTIONS)
    video = read_video(video_bytes(shown, speed(clip), kind), "clip")
    assert len(video) == 8
    assert video.original is not None
    assert abs(video.original.height - shown.shape[1]) <= 1


def test_long_or_strange_class_names_are_drawn_as_they_are():
    clip = clip_for("clip-motion")
    names = ["<b>", "x" * 200, "挥手", "🙂", "", " ", "ω", "\u202eabc", "\x00"]
    assert annotated_frames(clip, np.full((8, 9), 1 / 9), names).shape[3] == 3


def test_what_hardly_changes_the_answer_is_neither_compared_nor_drawn_as_if_it_did():
    one, clip = network("clip-motion"), clip_for("clip-motion", label=1)
    frozen = np.repeat(clip.frames[:1], len(clip), axis=0)
    answer = read_clip(one.model, None, frozen).answer
    found = importance(one.model, frozen, answer)
    calm = replace(found, patch_occlusion=np.full_like(found.patch_occlusion, -1e-3))
    assert np.abs(found.frame_occlusion).max() < NOTICEABLE, "all frames are alike"
    assert "nothing alone matters" in words.agreement_text(calm)
    assert np.abs(payload.relative(calm.patch_occlusion, NOTICEABLE)).max() == pytest.approx(0.1)
    loud = replace(calm, frame_occlusion=np.linspace(0.0, 1.0, len(clip)))
    assert "nothing alone matters" not in words.agreement_text(loud)
    assert np.abs(payload.relative(loud.frame_occlusion, NOTICEABLE)).max() == 1
