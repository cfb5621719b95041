"""Nine motions of a digit, and the clips that show them, drawn by sampling its picture.

A digit stands in each frame at a place, turned by an angle and of a size. A motion is what changes
from one frame to the next, so no single frame shows it.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional

MOTIONS = (
    "left",
    "right",
    "up",
    "down",
    "clockwise",
    "counter-clockwise",
    "growing",
    "shrinking",
    "still",
)
SIDE = 28
NEAR, FAR = 7.0, 21.0
"""Between these a digit's middle moves, in pixels from the left or the upper edge."""


@dataclass(frozen=True)
class Scene:
    """How clips of moving digits are made; each clip gets its own values within these ranges."""

    frames: int = 16
    """Frames of a clip."""
    speed: tuple[float, float] = (0.4, 0.95)
    """Pixels that a moving digit goes from one frame to the next."""
    turn_deg: tuple[float, float] = (5.0, 14.0)
    """Degrees that a turning digit turns from one frame to the next."""
    growth: tuple[float, float] = (0.015, 0.05)
    """Share of its size by which a growing digit grows, and a shrinking one shrinks, a frame."""
    size: tuple[float, float] = (0.7, 1.0)
    """Size of a digit that doesn't change it, as a share of its own picture."""
    sizes: tuple[float, float] = (0.5, 1.1)
    """Between these a growing or a shrinking digit stays."""
    noise: float = 0.1
    """Largest standard deviation of the noise added to every pixel of every frame."""
    clutter: int = 3
    """Most scraps of other digits that lie about without moving."""
    contrast: tuple[float, float] = (0.6, 1.0)
    """Brightness of the ink."""
    background: float = 0.15
    """Largest brightness of what isn't ink."""
    bounce: bool = False
    """Whether digits that move keep their speed and bounce off the edges, which turns left into
    right and up into down; otherwise each begins where its way has room."""
    parts: tuple[int, int] = (1, 1)
    """How many motions follow one another in a clip, at least and at most."""

    def __post_init__(self) -> None:
        """Check the ranges."""
        if not 2 <= self.frames <= 200:
            raise ValueError(f"A clip of moving digits has 2 to 200 frames, not {self.frames}.")
        for name in ("speed", "turn_deg", "growth", "size", "sizes", "contrast", "parts"):
            low, high = getattr(self, name)
            if not 0 <= low <= high:
                raise ValueError(f"{name} is a range from 0 upwards, got {getattr(self, name)}.")
        if self.parts[0] < 1 or self.parts[1] * 4 > max(self.frames, 4):
            raise ValueError(
                f"A clip of {self.frames} frames has 1 to {max(self.frames // 4, 1)} motions, "
                f"each of at least 4 frames, not {self.parts}."
            )
        if self.noise < 0 or self.clutter < 0 or not 0 <= self.background < 1:
            raise ValueError("noise, clutter and background aren't below 0.")

    def at(self, factor: float) -> "Scene":
        """Return the same scene in which everything moves ``factor`` times as fast."""
        changed = {
            name: tuple(factor * value for value in getattr(self, name))
            for name in ("speed", "turn_deg", "growth")
        }
        return replace(self, **changed)  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class Moving:
    """Clips of moving digits.

    Attributes:
        frames: Floats in [0, 1], (clip, frame, 28, 28).
        digits: Which digit it is, (clip,).
        motions: Index into ``MOTIONS`` of what happens from the frame before to each frame,
            (clip, frame). One frame shows no motion, so the first has that of the second.
    """

    frames: Tensor
    digits: Tensor
    motions: Tensor


@dataclass(frozen=True, eq=False)
class Paths:
    """Where digits are in every frame, each (clip, frame)."""

    x: Tensor
    y: Tensor
    angle: Tensor
    """In radians, clockwise."""
    size: Tensor
    motions: Tensor


def moving_clips(
    pictures: Tensor, labels: Tensor, count: int, scene: Scene, generator: torch.Generator
) -> Moving:
    """Return clips of digits that move.

    Args:
        pictures: Digits to choose from, uint8, (picture, 28, 28).
        labels: Which digits they are, (picture,).
        count: How many clips.
        scene: How they are made.
        generator: All chance comes from it.
    """
    chosen = torch.randint(len(pictures), (count,), generator=generator)
    paths = draw_paths(count, scene, generator)
    frames = render(pictures[chosen].float() / 255, paths)
    if scene.clutter:
        scraps = clutter(pictures, count, scene.clutter, generator)
        frames = torch.maximum(frames, scraps[:, None])
    frames = light(frames, scene, generator)
    return Moving(frames, labels[chosen], paths.motions)


def between(low: float, high: float, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Return even chance between two numbers."""
    return low + (high - low) * torch.rand(shape, generator=generator)


def draw_paths(count: int, scene: Scene, generator: torch.Generator) -> Paths:
    """Return the ways of digits through their clips, each with motions of its own."""
    return paths_along(draw_motions(count, scene, generator), scene, generator)


def paths_along(motions: Tensor, scene: Scene, generator: torch.Generator) -> Paths:
    """Return the ways of digits that move so, (clip, frame).

    What moves them is known first, then where they begin is drawn, so that the whole way stays
    within the frame. A way too long for that is gone more slowly, or bounces off the edges.
    """
    count = len(motions)
    amount = [
        between(*scene.speed, (count, 1), generator),
        between(*scene.speed, (count, 1), generator),
        torch.deg2rad(between(*scene.turn_deg, (count, 1), generator)),
        torch.log1p(between(*scene.growth, (count, 1), generator)),
    ]
    x, y, angle, growth = (
        way(motions, forth, back) * one
        for (forth, back), one in zip(((1, 0), (3, 2), (4, 5), (6, 7)), amount, strict=True)
    )
    angle = angle + torch.deg2rad(between(-15.0, 15.0, (count, 1), generator))
    changes = (motions == 6) | (motions == 7)
    bounds = torch.tensor([scene.size, scene.sizes]).log()[changes.any(1).long()]
    size = begin_within(growth, bounds[:, :1], bounds[:, 1:], generator).exp()
    place = begin_anywhere if scene.bounce else begin_within
    low, high = torch.full((count, 1), NEAR), torch.full((count, 1), FAR)
    paths = Paths(
        place(x, low, high, generator), place(y, low, high, generator), angle, size, motions
    )
    return with_bounces(paths) if scene.bounce else paths


def draw_motions(count: int, scene: Scene, generator: torch.Generator) -> Tensor:
    """Return the motion at each frame, (clip, frame): some in a row, none of them twice running."""
    parts = draw_parts(count, scene, generator)
    motion = torch.randint(len(MOTIONS), (count,), generator=generator)
    found = [motion]
    for _ in range(scene.parts[1] - 1):
        other = torch.randint(len(MOTIONS) - 1, (count,), generator=generator)
        motion = other + (other >= motion).long()
        found.append(motion)
    return torch.stack(found, 1).gather(1, parts)


def draw_parts(count: int, scene: Scene, generator: torch.Generator) -> Tensor:
    """Return to which part of its clip each frame belongs, (clip, frame).

    A part begins where equal shares would, give or take a sixth of one, and has 4 frames or more.
    """
    few, many = scene.parts
    number = torch.randint(few, many + 1, (count,), generator=generator)
    share = scene.frames / number
    spread = torch.minimum(share / 6, (share - 4) / 2).clamp_min(0)
    frames = torch.arange(scene.frames)
    parts = torch.zeros(count, scene.frames, dtype=torch.int64)
    for part in range(1, many):
        start = part * share + spread * between(-1.0, 1.0, (count,), generator)
        begun = (part < number)[:, None] & (frames >= start.round()[:, None])
        parts += begun.long()
    return parts


def way(motions: Tensor, forth: int, back: int) -> Tensor:
    """Return how often a clip has gone forth rather than back, from 0 at its first frame."""
    steps = (motions == forth).float() - (motions == back).float()
    steps[:, 0] = 0
    return steps.cumsum(1)


def begin_within(way: Tensor, low: Tensor, high: Tensor, generator: torch.Generator) -> Tensor:
    """Return a way (clip, frame) from where it fits between two bounds, slowed where it must be."""
    room = high - low
    length = (way.amax(1, keepdim=True) - way.amin(1, keepdim=True)).clamp_min(1e-6)
    way = way * (room / length).clamp_max(1)
    first, last = low - way.amin(1, keepdim=True), high - way.amax(1, keepdim=True)
    return way + first + (last - first) * torch.rand(len(way), 1, generator=generator)


def begin_anywhere(way: Tensor, low: Tensor, high: Tensor, generator: torch.Generator) -> Tensor:
    """Return a way (clip, frame) that turns back at either bound, as often as it gets there."""
    room = high - low
    along = way + room * torch.rand(len(way), 1, generator=generator)
    return low + room - (along.remainder(2 * room) - room).abs()


def with_bounces(paths: Paths) -> Paths:
    """Return paths whose motions are named after the way that they really go."""
    motions = paths.motions.clone()
    for place, forth, back in ((paths.x, 1, 0), (paths.y, 3, 2)):
        moves = (paths.motions == forth) | (paths.motions == back)
        ahead = place.diff(dim=1)
        ahead = torch.cat([ahead[:, :1], ahead], 1)
        motions = torch.where(moves & (ahead > 0), forth, motions)
        motions = torch.where(moves & (ahead < 0), back, motions)
    return replace(paths, motions=motions)


def render(pictures: Tensor, paths: Paths) -> Tensor:
    """Return pictures (clip, 28, 28) along their paths, (clip, frame, 28, 28)."""
    clips, frames = paths.x.shape
    cos, sin = paths.angle.cos() / paths.size, paths.angle.sin() / paths.size
    # Where a point of the frame lies in the picture, both from -1 to 1: back by the way, then the
    # turn and the size undone. y points down, so a turn by a growing angle is clockwise.
    x, y = (2 * place / SIDE - 1 for place in (paths.x, paths.y))
    theta = torch.stack([cos, sin, -(cos * x + sin * y), -sin, cos, sin * x - cos * y], -1)
    grid = functional.affine_grid(
        theta.view(-1, 2, 3), [clips * frames, 1, SIDE, SIDE], align_corners=False
    )
    repeated = pictures[:, None, None].expand(-1, frames, 1, -1, -1).flatten(0, 1)
    sampled = functional.grid_sample(repeated, grid, padding_mode="zeros", align_corners=False)
    return sampled.view(clips, frames, SIDE, SIDE)


def clutter(pictures: Tensor, count: int, most: int, generator: torch.Generator) -> Tensor:
    """Return scraps of digits that lie about, (clip, 28, 28): up to so many, 7 x 7 each."""
    side = 7
    canvas = torch.zeros(count, SIDE, SIDE)
    number = torch.randint(most + 1, (count,), generator=generator)
    rows = torch.arange(count)[:, None, None]
    for scrap in range(most):
        chosen = torch.randint(len(pictures), (count,), generator=generator)
        cut = torch.randint(7, SIDE - 7 - side + 1, (2, count, 1, 1), generator=generator)
        put = torch.randint(SIDE - side + 1, (2, count, 1, 1), generator=generator)
        down, across = torch.arange(side)[:, None], torch.arange(side)
        piece = pictures[chosen[:, None, None], cut[0] + down, cut[1] + across].float() / 255
        piece = piece * (scrap < number)[:, None, None]
        place = (rows, put[0] + down, put[1] + across)
        canvas[place] = torch.maximum(canvas[place], piece)
    return canvas


def light(frames: Tensor, scene: Scene, generator: torch.Generator) -> Tensor:
    """Return frames with the scene's background, contrast and noise, in [0, 1]."""
    shape = (len(frames), 1, 1, 1)
    dark = between(0.0, scene.background, shape, generator)
    bright = between(*scene.contrast, shape, generator).maximum(dark + 0.3)
    found = dark + (bright - dark) * frames
    if scene.noise:
        spread = between(0.0, scene.noise, shape, generator)
        found = found + spread * torch.randn(frames.shape, generator=generator)
    return found.clamp(0, 1)
