"""The gradient of one loss through the frames of a clip, and within one of its frames."""

import copy

import torch
from torch import Tensor

from rnnviz.analysis.adjoint import check_finite
from rnnviz.analysis.clips.trace import Frames, as_clip_batch, check_frame
from rnnviz.analysis.gradients import checked_class
from rnnviz.core.clip_trace import ClipFlow
from rnnviz.core.gradient_flow import GradientFlow
from rnnviz.models.clips.model import ClipModel
from rnnviz.models.unroll import Level, all_layers, unroll_layers


def clip_flow(
    model: ClipModel,
    frames: Frames,
    target: int,
    frame: int | None = None,
    answer_at: int | None = None,
) -> ClipFlow:
    """Return dL/dstate at every frame, and at every step within ``frame``, and dL/dx.

    L is the cross-entropy of one answer against ``target``. Computed in float64 whatever the
    model's own type. Each entry is the total derivative: dL/dc_t includes the way through h_t.

    Args:
        model: A clip model, trained or not; it isn't changed.
        frames: (frame, height, width), values in [0, 1].
        target: Class of the loss.
        frame: Within which frame the gradient is followed as well, None for none.
        answer_at: After which frame the answer is taken, the last if None.

    Raises:
        ValueError: If the clip, the target or a frame doesn't fit, or something overflows.
    """
    target = checked_class(target, len(model.config.classes))
    exact = copy.deepcopy(model).double().requires_grad_(False)
    clip = as_clip_batch(frames, exact).requires_grad_(True)
    count = clip.shape[1]
    answer_at = count - 1 if answer_at is None else answer_at
    for asked in (answer_at, 0 if frame is None else frame):
        check_frame(asked, count)
    shown = list(exact.see(clip).split(1, dim=1))
    spatial_levels: list[Level] = []
    features = []
    for index, one in enumerate(shown):
        if index == frame:
            spatial_levels, hidden = unroll_layers(
                exact.spatial.route, exact.spatial.layers, exact.spatial.read(one)
            )
            features.append(exact.spatial.summary(hidden))
        else:
            features.append(exact.spatial.encode(one))
    route = exact.route(count)
    levels, hidden = unroll_layers(
        route, [[cell] for cell in exact.layers], torch.stack(features, 1)
    )
    logits = exact.readout(hidden[:, answer_at])
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor([target]))

    names = exact.layers[0].STATES
    within = exact.spatial.layers[0][0].STATES if spatial_levels else ()
    wanted = [clip]
    if frame is not None:
        wanted.append(shown[frame])
    across = {name: [level.states[name] for level in levels] for name in names}
    inside = {name: [level.states[name] for level in spatial_levels] for name in within}
    for states in (*across.values(), *inside.values()):
        wanted += states
    # What lies behind the answer, and the frames after it, receive nothing.
    found = iter(torch.autograd.grad(loss, wanted, materialize_grads=True, allow_unused=True))
    pixels = next(found)
    shown_pixels = next(found) if frame is not None else None
    temporal = {name: gradients(levels, across[name], found) for name in names}
    spatial = {name: gradients(spatial_levels, inside[name], found) for name in within}
    check_finite([*temporal.values(), *spatial.values(), pixels], exact.dtype)
    value = float(loss.detach())
    return ClipFlow(
        temporal=GradientFlow(route, target, value, as_arrays(temporal), pixels[0].numpy()),
        spatial=None
        if shown_pixels is None
        else GradientFlow(
            exact.spatial.route, target, value, as_arrays(spatial), shown_pixels[0].numpy()
        ),
        frame=frame,
    )


def gradients(levels: list[Level], states: list[Tensor], found) -> Tensor:
    """Return the next gradients found, one a level, in the route's order, (batch, step, unit)."""
    return all_layers(levels, [next(found) for _ in states])


def as_arrays(states: dict[str, Tensor]) -> dict:
    """Return the gradients of a batch of one as arrays, (step, unit)."""
    return {name: state[0].numpy() for name, state in states.items()}
