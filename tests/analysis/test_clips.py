"""What is told of a clip model, against loops, finite differences and taking things away."""

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from rnnviz.analysis.clips import clip_flow, clip_trace, frame_trace, importance, read_clip
from rnnviz.analysis.clips.reading import settled_frame
from rnnviz.analysis.trace import trace
from rnnviz.core.clip_trace import rank_correlation
from rnnviz.models.clips.config import ClipConfig
from rnnviz.models.clips.model import ClipModel
from rnnviz.models.clips.probes import FrameProbes
from rnnviz.models.config import ModelConfig
from rnnviz.models.model import Model

SIDE = 8
ROWS = ModelConfig("rows", "gru", 3, shape=(1, SIDE, SIDE))
BOTH = ModelConfig("rows", "gru", 3, shape=(1, SIDE, 2 * SIDE))
GRID = ModelConfig(
    "grid", "lstm_2d_mixed", 3, shape=(1, SIDE, SIDE), route_options={"patch": 4, "corners": 4}
)
STACK = ModelConfig("columns", "lstm", 3, shape=(1, SIDE, SIDE), layers=2)
CASES = [
    (ROWS, "lstm", {}),
    (BOTH, "gru", {"sight": "both"}),
    (GRID, "lstm", {"layers": 2}),
    (STACK, "rnn", {"sight": "changes"}),
]
FRAMES = np.random.default_rng(3).random((5, SIDE, SIDE))


def small_model(spatial: ModelConfig, cell: str, **options) -> ClipModel:
    torch.manual_seed(4)
    return ClipModel(ClipConfig(spatial, cell, 4, ("a", "b", "c"), frames=5, **options)).double()


@pytest.mark.parametrize(("spatial", "cell", "options"), CASES)
def test_a_trace_holds_what_the_steps_give(spatial, cell, options):
    model = small_model(spatial, cell, **options)
    seen = clip_trace(model, FRAMES)
    states = [one.zero_states() for one in model.layers]
    units = model.config.units
    for frame, features in enumerate(torch.from_numpy(seen.temporal.inputs)):
        heard = features
        for layer, one in enumerate(model.layers):
            part = slice(layer * units, (layer + 1) * units)
            states[layer], gates = one.step(one.project(heard), [states[layer]])
            heard = states[layer]["h"]
            for name, state in states[layer].items():
                found = seen.temporal.states[name][frame, part]
                np.testing.assert_allclose(found, state.detach(), atol=1e-12)
            for name in one.GATES:
                found = seen.temporal.gates[name][frame, part]
                np.testing.assert_allclose(found, gates[name].detach(), atol=1e-12)
    expected = model.frame_logits(torch.from_numpy(FRAMES)[None])[0].detach()
    np.testing.assert_allclose(seen.frame_logits, expected, atol=1e-12)
    np.testing.assert_array_equal(seen.temporal.logits, seen.frame_logits[-1])
    assert seen.temporal.route.name == "frames" and seen.temporal.route.steps == len(FRAMES)
    np.testing.assert_allclose(seen.frame_probabilities.sum(1), 1)


@pytest.mark.parametrize(("spatial", "cell", "options"), CASES)
def test_a_frames_trace_is_that_of_a_picture_model_with_the_same_weights(spatial, cell, options):
    model = small_model(spatial, cell, **options)
    picture_model = Model(spatial).double()
    own = {f"{name}": value for name, value in model.spatial.state_dict().items()}
    picture_model.load_state_dict(own, strict=False)
    for frame in (0, 3):
        found = frame_trace(model, FRAMES, frame)
        shown = clip_trace(model, FRAMES).seen[frame]
        expected = trace(picture_model, shown)
        for kind in ("states", "gates"):
            for name, values in getattr(expected, kind).items():
                np.testing.assert_allclose(getattr(found, kind)[name], values, atol=1e-12)
        np.testing.assert_allclose(found.logits, clip_trace(model, FRAMES).frame_logits[frame])


def loss_of(model: ClipModel, frames: np.ndarray, target: int, at: int = -1) -> float:
    logits = model.frame_logits(torch.from_numpy(frames)[None])[0, at]
    return -float(torch.log_softmax(logits, 0)[target])


@pytest.mark.parametrize(("spatial", "cell", "options"), CASES)
def test_the_gradient_of_the_clip_is_its_slope(spatial, cell, options):
    model = small_model(spatial, cell, **options)
    flow = clip_flow(model, FRAMES, 1)
    assert flow.temporal.loss == pytest.approx(loss_of(model, FRAMES, 1))
    step = 1e-6
    for place in [(0, 0, 0), (2, 3, 4), (4, 7, 7)]:
        ahead, back = FRAMES.copy(), FRAMES.copy()
        ahead[place] += step
        back[place] -= step
        slope = (loss_of(model, ahead, 1) - loss_of(model, back, 1)) / (2 * step)
        assert flow.temporal.inputs[place] == pytest.approx(slope, rel=1e-5, abs=1e-10)


@pytest.mark.parametrize(("spatial", "cell", "options"), CASES)
def test_the_gradient_of_a_state_is_what_changing_that_state_does(spatial, cell, options):
    model = small_model(spatial, cell, **options)
    flow, frame, unit, step = clip_flow(model, FRAMES, 2), 1, 2, 1e-6
    top = model.config.layers - 1
    features = torch.from_numpy(clip_trace(model, FRAMES).temporal.inputs)

    def loss(change: float, name: str) -> float:
        states = [one.zero_states() for one in model.layers]
        for index, heard in enumerate(features):
            for layer, one in enumerate(model.layers):
                found, gates = one.step(one.project(heard), [states[layer]])
                if index == frame and layer == top:
                    moved = found[name].detach().clone()
                    moved[unit] += change
                    found = found | {name: moved}
                    if name == "c":
                        found["h"] = gates["output"] * torch.tanh(moved)
                states[layer] = found
                heard = found["h"]
        return -float(torch.log_softmax(model.readout(states[-1]["h"]), 0)[2].detach())

    for name in model.layers[0].STATES:
        slope = (loss(step, name) - loss(-step, name)) / (2 * step)
        found = flow.temporal.states[name][frame, top * model.config.units + unit]
        assert found == pytest.approx(slope, rel=1e-5, abs=1e-10)


@pytest.mark.parametrize(("spatial", "cell", "options"), CASES)
def test_within_a_frame_the_gradient_goes_on(spatial, cell, options):
    model = small_model(spatial, cell, **options)
    frame = 2
    flow = clip_flow(model, FRAMES, 0, frame)
    assert flow.spatial is not None and flow.frame == frame
    route = model.spatial.route
    assert flow.spatial.states["h"].shape == (route.steps, 3 * model.spatial.config.layers)
    # What was shown takes part in the loss by the frame alone: through its features.
    seen = torch.from_numpy(clip_trace(model, FRAMES).seen)[None]
    features = model.encode(seen).detach().requires_grad_(True)
    logits = model.readout(model.scan(features)[-1]["h"][:, -1])
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor([0]))
    (arriving,) = torch.autograd.grad(loss, features)
    picture = seen[:, frame].clone().requires_grad_(True)
    (expected,) = torch.autograd.grad(model.spatial.encode(picture), picture, arriving[:, frame])
    np.testing.assert_allclose(flow.spatial.inputs, expected.numpy(), atol=1e-12)
    # The last states are what the summary reads; with it alone arrives what arrives there.
    if model.spatial.config.layers == 1:
        last = [route.sweep_steps(sweep).stop - 1 for sweep in range(route.sweeps)]
        np.testing.assert_allclose(
            flow.spatial.states["h"][last].ravel(), arriving[0, frame].numpy(), atol=1e-12
        )


def test_behind_the_answer_nothing_arrives():
    model = small_model(ROWS, "lstm", answers="frames")
    flow = clip_flow(model, FRAMES, 1, frame=4, answer_at=2)
    assert flow.temporal.loss == pytest.approx(loss_of(model, FRAMES, 1, at=2))
    assert (flow.temporal.norms("h")[:3] > 0).all() and (flow.temporal.norms("h")[3:] == 0).all()
    assert flow.spatial is not None and (flow.spatial.inputs == 0).all()


@pytest.mark.parametrize("sight", ["frames", "changes", "both"])
def test_occlusion_is_what_the_answer_loses(sight):
    model = small_model(BOTH if sight == "both" else ROWS, "gru", sight=sight)
    found = importance(model, FRAMES, 1, patch=4)

    def logit(frames: np.ndarray) -> float:
        return float(model.frame_logits(torch.from_numpy(frames)[None])[0, -1, 1].detach())

    whole, ground = logit(FRAMES), float(torch.from_numpy(FRAMES).median())
    for frame in range(len(FRAMES)):
        lost = FRAMES.copy()
        lost[frame] = FRAMES[frame - 1] if frame else FRAMES[1]
        assert found.frame_occlusion[frame] == pytest.approx(whole - logit(lost), abs=1e-12)
        for row in range(2):
            for column in range(2):
                covered = FRAMES.copy()
                covered[frame, row * 4 : row * 4 + 4, column * 4 : column * 4 + 4] = ground
                dropped = found.patch_occlusion[frame, row, column]
                assert dropped == pytest.approx(whole - logit(covered), abs=1e-12)
    pixels = torch.from_numpy(FRAMES)[None].requires_grad_(True)
    (slope,) = torch.autograd.grad(model.frame_logits(pixels)[0, -1, 1], pixels)
    np.testing.assert_allclose(found.saliency, slope[0].abs(), atol=1e-13)
    assert found.patch_saliency.sum() == pytest.approx(found.saliency.sum())
    expected, _ = spearmanr(found.frame_saliency, np.abs(found.frame_occlusion))
    assert found.frame_agreement == pytest.approx(expected)


def test_ranks_agree_with_scipy():
    chance = np.random.default_rng(0)
    for _ in range(20):
        one, other = chance.integers(0, 5, (2, 30))
        expected, _ = spearmanr(one, other)
        assert rank_correlation(one, other) == pytest.approx(expected)
    assert rank_correlation(np.ones(4), np.arange(4)) is None


def test_beliefs_are_the_probes_where_they_stand_and_else_the_readouts():
    model = small_model(ROWS, "lstm", layers=2)
    probes = FrameProbes(torch.randn(5, 3, 4), torch.randn(5, 3), torch.rand(5))
    reading = read_clip(model, probes, FRAMES)
    top = reading.trace.temporal.states["h"][:, 4:]
    sums = np.einsum("fu,fcu->fc", top, probes.weight.numpy()) + probes.bias.numpy()
    expected = np.exp(sums) / np.exp(sums).sum(1, keepdims=True)
    np.testing.assert_allclose(reading.beliefs, expected, atol=1e-6)
    assert reading.measured_by == "probes"
    for other in (read_clip(model, probes, FRAMES[:4]), read_clip(model, None, FRAMES)):
        assert other.measured_by == "readout"
        np.testing.assert_array_equal(other.beliefs, other.trace.frame_probabilities)
        assert other.settled is not None, "its own last belief is its answer"


def test_it_has_settled_where_it_stays():
    beliefs = np.eye(3)[[0, 2, 0, 2, 2]]
    assert settled_frame(beliefs, 2) == 3
    assert settled_frame(beliefs, 0) is None
    assert settled_frame(np.eye(3)[[1, 1]], 1) == 0


@pytest.mark.parametrize("frames", [np.zeros((0, 8, 8)), np.zeros((3, 8, 9)), np.zeros((8, 8))])
def test_what_is_no_clip_is_refused(frames):
    model = small_model(ROWS, "lstm")
    for ask in (clip_trace, lambda m, f: clip_flow(m, f, 0), lambda m, f: importance(m, f, 0)):
        with pytest.raises(ValueError, match="Expected one clip"):
            ask(model, frames)


def test_what_does_not_exist_is_not_asked_about():
    model = small_model(ROWS, "lstm")
    with pytest.raises(ValueError, match="has frames 0 to 4, not 5"):
        frame_trace(model, FRAMES, 5)
    with pytest.raises(ValueError, match="class from 0 to 2"):
        clip_flow(model, FRAMES, 3)
    with pytest.raises(ValueError, match="finite"):
        clip_trace(model, np.full((2, SIDE, SIDE), np.nan))
