"""The shipped stages are complete, small, and what they say they are."""

from dataclasses import replace

import pytest
import torch

from rnnviz.analysis.variants import VARIANTS, variant_config
from rnnviz.models.checkpoint import CheckpointError
from rnnviz.models.stages_store import (
    STAGE_ROUTES,
    STAGE_STEPS,
    load_stage,
    read_stage,
    routes_of,
    stage_name,
    stage_names,
    stages_folder,
)

MOST_BYTES = 5_000_000
ALL = [(variant, route) for variant in VARIANTS for route in STAGE_ROUTES]


def test_every_variant_is_there_on_every_route_at_every_stage():
    expected = {stage_name(*one, step) for one in ALL for step in STAGE_STEPS.values()}
    assert set(stage_names()) == expected
    assert all(routes_of(variant) == list(STAGE_ROUTES) for variant in VARIANTS)


def test_all_stages_together_are_small():
    sizes = [path.stat().st_size for path in stages_folder().iterdir()]
    assert 0 < sum(sizes) < MOST_BYTES


@pytest.mark.parametrize(("variant", "route"), ALL)
def test_a_stage_is_the_variant_it_is_named_after(variant, route):
    config = variant_config(variant, route, STAGE_ROUTES[route])
    for stage, step in STAGE_STEPS.items():
        checkpoint = read_stage(variant, route, stage)
        assert checkpoint.name == stage_name(variant, route, step)
        assert replace(checkpoint.config, length=None) == config
        assert checkpoint.training["step"] == step
        assert checkpoint.provenance["variant"] == variant
        assert 0 < checkpoint.metrics["mnist/validation/accuracy"] < 1
        assert load_stage(variant, route, stage)(torch.rand(2, 28, 28)).shape == (2, 10)


def test_the_stages_of_one_training_differ():
    early, end = (load_stage("rnn", "rows", stage) for stage in ("early", "end"))
    assert not torch.equal(early.cells[0].weight_h, end.cells[0].weight_h)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("rnn", "rows", "late"), "early, midway, end"),
        (("rnn", "pixels", "end"), "rows, patches"),
        (("no-such", "rows", "end"), "there are none"),
        (("../rnn", "rows", "end"), "there are none"),
    ],
)
def test_a_stage_that_was_not_kept_is_refused_with_what_there_is(asked, told):
    with pytest.raises(CheckpointError, match=told):
        load_stage(*asked)
