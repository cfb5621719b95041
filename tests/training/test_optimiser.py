"""The learning rate goes as it is said to, however short a stage is."""

import math

import pytest

from rnnviz.models import Model, ModelConfig
from rnnviz.training.optimiser import make_optimiser
from rnnviz.training.settings import Stage, TrainingSettings

PEAK = 0.5


def rates(schedule: str, steps: int, warm_up: float = 0.25) -> list[float]:
    """Return the learning rate of every step of a stage."""
    stage = Stage(epochs=1, learning_rate=PEAK)
    settings = TrainingSettings(stages=(stage,), schedule=schedule, warm_up=warm_up)
    model = Model(ModelConfig("rows", "rnn", 2))
    optimiser, course = make_optimiser(model, settings, stage, steps)
    found = []
    for _ in range(steps):
        found.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        course.step()
    return found


def one_cycle(step: int, steps: int, warm_up: float) -> float:
    """Return the rate after some steps: half a cosine up from PEAK / 25, one down to 1e-4 of that.

    Written from its description: the rise takes ``warm_up`` of the steps, the first one counted.
    """
    low, top, last = PEAK / 25, warm_up * steps - 1, steps - 1
    if step < top:
        return low + (PEAK - low) * (1 - math.cos(math.pi * step / top)) / 2
    end = low * 1e-4
    share = (step - top) / (last - top)
    return end + (PEAK - end) * (1 + math.cos(math.pi * share)) / 2


@pytest.mark.parametrize("warm_up", [0.0, 0.1, 0.2, 0.25, 0.5, 0.9])
def test_one_cycle_goes_up_and_down_however_few_steps_there_are(warm_up: float):
    for steps in range(1, 25):
        expected = [one_cycle(step, steps, warm_up) for step in range(steps)]
        assert rates("one-cycle", steps, warm_up) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("steps", [1, 2, 7, 24])
def test_the_other_schedules_go_as_they_are_called(steps: int):
    assert rates("constant", steps) == pytest.approx([PEAK] * steps)
    waves = [PEAK * math.cos(math.pi / 2 * step / steps) ** 2 for step in range(steps)]
    assert rates("cosine", steps) == pytest.approx(waves)
    halves = [PEAK if 2 * step < steps else PEAK / 10 for step in range(steps)]
    assert rates("step", steps) == pytest.approx(halves)
