"""Strokes as a hand draws them, for benchmarks that draw."""

import math
import random

Stroke = list[list[float]]
"""Points [x, y, t_ms], x and y as fractions of the canvas."""
EVERY_MS = 17
"""A pointer sends about 60 positions a second."""


def some_stroke(chance: random.Random) -> Stroke:
    """Return a stroke like a 7, a 0 or a 3, a little different every time, in 0.4 to 0.8 s."""
    x, y = chance.uniform(0.25, 0.35), chance.uniform(0.15, 0.25)
    wide, high = chance.uniform(0.35, 0.45), chance.uniform(0.5, 0.65)
    count = chance.randint(24, 47)
    shape = chance.choice([seven, zero, three])
    places = [shape(k / (count - 1)) for k in range(count)]
    return [
        [round(x + wide * across, 4), round(y + high * down, 4), k * EVERY_MS]
        for k, (across, down) in enumerate(places)
    ]


def seven(share: float) -> tuple[float, float]:
    """Return how far across and down a 7 has come after a share of its way."""
    if share < 0.5:
        return 2 * share, 0.0
    return 1 - 0.6 * (2 * share - 1), 2 * share - 1


def zero(share: float) -> tuple[float, float]:
    """Return how far across and down a 0 has come after a share of its way."""
    turn = 0.99 * 2 * math.pi * share
    return (1 + math.sin(turn)) / 2, (1 - math.cos(turn)) / 2


def three(share: float) -> tuple[float, float]:
    """Return how far across and down a 3 has come after a share of its way."""
    down = 0.03 + 0.94 * share
    return abs(math.sin(2 * math.pi * down)) ** 0.7, down
