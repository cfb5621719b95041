"""Clip models against plain loops over frames and steps, in float64."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from rnnviz.models.cells import cells_with
from rnnviz.models.cells.cell import Cell
from rnnviz.models.clips.config import ClipConfig
from rnnviz.models.clips.model import ClipModel
from rnnviz.models.config import ModelConfig

SIDE = 8
SPATIAL = {
    "rows": ModelConfig("rows", "gru", 3, shape=(1, SIDE, SIDE)),
    "columns, two layers": ModelConfig("columns", "lstm", 3, shape=(1, SIDE, SIDE), layers=2),
    "rows both ways": ModelConfig("rows", "rnn", 3, shape=(1, SIDE, SIDE), directions=2),
    "grid": ModelConfig(
        "grid",
        "lstm_2d_mixed",
        3,
        shape=(1, SIDE, SIDE),
        readout="last+mean",
        route_options={"patch": 4, "corners": 4},
    ),
    "patches": ModelConfig("patches", "irnn", 3, shape=(1, SIDE, SIDE), route_options={"patch": 4}),
}
NAMES = ("wave", "clap", "nothing")


def config(spatial: str = "rows", cell: str = "lstm", **options) -> ClipConfig:
    own = SPATIAL[spatial]
    if options.get("sight") == "both":
        own = replace(own, shape=(1, SIDE, 2 * SIDE))
    return ClipConfig(own, cell, 4, NAMES, frames=6, **options)


def small_model(*args, **options) -> ClipModel:
    torch.manual_seed(1)
    return ClipModel(config(*args, **options)).double()


def clips(count: int = 3, frames: int = 6) -> Tensor:
    generator = torch.Generator().manual_seed(2)
    return torch.rand(count, frames, SIDE, SIDE, generator=generator, dtype=torch.float64)


def close(one: Tensor, other: Tensor) -> None:
    torch.testing.assert_close(one, other, rtol=0, atol=1e-11)


def read_frame(model: ClipModel, picture: Tensor) -> Tensor:
    """Return the summary of one picture by visiting every step of every sweep in turn."""
    spatial, route = model.spatial, model.spatial.route
    inputs = list(picture.flatten()[spatial.gather])
    for cells in spatial.layers:
        hidden: list[Tensor] = []
        for sweep, cell in enumerate(cells):
            states: list[dict[str, Tensor]] = []
            first = sweep * route.steps_per_sweep
            for place in range(route.steps_per_sweep):
                heard = [
                    states[parent - first] if parent >= 0 else cell.zero_states()
                    for parent in route.parents[first + place]
                ]
                found, _ = cell.step(cell.project(inputs[first + place]), heard)
                states.append(found)
            hidden += [state["h"] for state in states]
        inputs = [torch.cat([hidden[s] for s in route.alike[:, k]]) for k in range(route.steps)]
        if route.sweeps == 1:
            inputs = hidden
    by_sweep = torch.stack(hidden).unflatten(0, (route.sweeps, -1))
    parts = [by_sweep[:, -1].flatten()]
    if spatial.config.readout == "last+mean":
        parts.append(by_sweep.mean(1).flatten())
    return torch.cat(parts)


def read_clip(model: ClipModel, clip: Tensor) -> Tensor:
    """Return the readout after every frame of one clip, by plain loops, (frame, class)."""
    before = clip[0]
    states = [cell.zero_states() for cell in model.layers]
    logits = []
    for frame in clip:
        shown = {
            "frames": frame,
            "changes": frame - before,
            "both": torch.cat([frame, frame - before], 1),
        }[model.config.sight]
        before = frame
        heard = read_frame(model, shown)
        for layer, cell in enumerate(model.layers):
            states[layer], _ = cell.step(cell.project(heard), [states[layer]])
            heard = states[layer]["h"]
        logits.append(model.readout.weight @ heard + model.readout.bias)
    return torch.stack(logits)


CASES = [
    ("rows", "lstm", {}),
    ("rows", "gru", {"sight": "changes"}),
    ("rows", "rnn", {"sight": "both", "layers": 2}),
    ("columns, two layers", "gru", {"answers": "frames"}),
    ("rows both ways", "lstm", {"layers": 2}),
    ("grid", "gru", {}),
    ("grid", "lstm", {"sight": "both", "answers": "frames"}),
    ("patches", "rnn_relu", {}),
]


@pytest.mark.parametrize(("spatial", "cell", "options"), CASES)
def test_answers_and_gradients_are_those_of_the_plain_loops(spatial, cell, options):
    model = small_model(spatial, cell, **options)
    batch = clips()
    expected = torch.stack([read_clip(model, clip) for clip in batch])
    close(model.frame_logits(batch), expected)
    answers = model(batch)
    wanted = expected if model.config.answers == "frames" else expected[:, -1]
    close(answers, wanted)
    weights = list(model.parameters())
    arriving = torch.randn_like(wanted)
    pairs = zip(
        torch.autograd.grad(answers, weights, arriving),
        torch.autograd.grad(wanted, weights, arriving),
        strict=True,
    )
    for got, right in pairs:
        close(got, right)


@pytest.mark.parametrize("cell", cells_with(parents=1))
def test_every_chain_cell_carries_time(cell):
    model = small_model(cell=cell)
    close(model(clips()), torch.stack([read_clip(model, clip)[-1] for clip in clips()]))


@pytest.mark.parametrize("sight", ["frames", "changes", "both"])
@pytest.mark.parametrize("answers", ["end", "frames"])
def test_clips_of_different_lengths_are_read_as_if_each_were_alone(sight, answers):
    model = small_model(sight=sight, answers=answers)
    lengths = torch.tensor([6, 1, 4])
    padded = clips()
    # What stands behind a clip's end is anything but zero.
    padded[1, 1:], padded[2, 4:] = 7.0, -3.0
    together = model(padded, lengths)
    for row, length in enumerate(lengths.tolist()):
        alone = model(padded[row : row + 1, :length])[0]
        close(together[row, :length] if answers == "frames" else together[row], alone)


def test_what_is_not_a_clips_own_receives_no_gradient():
    model = small_model(sight="both")
    lengths = torch.tensor([6, 2, 3])
    batch = clips().requires_grad_(True)
    (found,) = torch.autograd.grad(model(batch, lengths).sum(), batch)
    for row, length in enumerate(lengths.tolist()):
        assert (found[row, length:] == 0).all()
        assert (found[row, :length].flatten(1).abs().amax(1) > 0).all()


def test_the_gradient_is_the_slope():
    model = small_model("grid", "lstm", sight="both")
    assert torch.autograd.gradcheck(model, (clips(1, 3).requires_grad_(True),))


def test_it_never_looks_ahead():
    model = small_model("rows", "gru", sight="both")
    whole = model.frame_logits(clips(1, 6))
    close(model.frame_logits(clips(1, 6)[:, :4]), whole[:, :4])


@pytest.mark.parametrize("lengths", [[6, 0, 3], [6, 7, 3], [6, 3], [1.0, 2.0, 3.0]])
def test_lengths_that_do_not_fit_are_refused(lengths):
    with pytest.raises(ValueError, match="lengths from 1 to 6"):
        small_model()(clips(), torch.tensor(lengths))


@pytest.mark.parametrize("shape", [(3, 6, SIDE, SIDE + 1), (6, SIDE, SIDE)])
def test_frames_of_another_size_are_refused(shape):
    with pytest.raises(ValueError, match="reads clips of shape"):
        small_model()(torch.zeros(shape))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"classes": ("one",)}, "at least 2 classes"),
        ({"classes": ("one", "one")}, "different names"),
        ({"classes": ("one", "")}, "needs a name"),
        ({"answers": "never"}, "no answers 'never'"),
        ({"sight": "smells"}, "no sight 'smells'"),
        ({"frames": 1}, "2 to 64 frames"),
        ({"frames": 2.5}, "2 to 64 frames"),
        ({"layers": 5}, "1 to 4 temporal layers"),
        ({"spatial": replace(SPATIAL["rows"], shape=(2, 8, 8))}, "one frame at a time"),
        ({"sight": "both", "spatial": replace(SPATIAL["rows"], shape=(1, 8, 7))}, "even"),
    ],
)
def test_a_config_that_makes_no_sense_is_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        replace(config(), **changed)


def test_a_cell_of_a_grid_can_not_carry_time():
    with pytest.raises(ValueError, match=r"takes 1 parent.*lstm"):
        ClipModel(replace(config(), cell="rnn_2d"))


def test_a_config_survives_json():
    for sight in ("frames", "both"):
        one = config("grid", "gru", sight=sight, cell_options={"gain": 1.0})
        assert ClipConfig(**one.as_dict()) == one


def test_cells_are_the_ones_of_pictures():
    model = small_model("grid", "gru")
    assert all(isinstance(cell, Cell) for cell in (*model.layers, *model.spatial.cells))
