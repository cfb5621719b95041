"""Networks of runs on the page "Gradients": opened by a link, chosen, gone."""

from dataclasses import replace

import numpy as np
import pytest

from rnnviz.analysis.flow import batch_flow
from rnnviz.models import ModelConfig
from rnnviz.models.checkpoint import load_checkpoint, save_checkpoint
from rnnviz.training.runs.service import Service
from rnnviz.ui.laboratory.compute_flow import way_of
from rnnviz.ui.laboratory.pictures import digits
from rnnviz.ui.laboratory.ways import WAYS
from tests.training.test_runs import QUICK
from tests.ui.running import opened
from tests.ui.test_flow_sections import linked, median, page, said, shown
from tests.ui.test_library import NOBODY, a_run, service

__all__ = ["service"]  # a fixture


def recipe(**changes):
    return replace(QUICK, model=replace(QUICK.model, **changes))


@pytest.mark.parametrize("way", WAYS)
def test_a_network_is_found_to_read_along_its_own_way(way):
    config = ModelConfig(WAYS[way].route, "gru", 4, route_options=WAYS[way].options)
    assert way_of(config) == way


def test_no_way_is_found_where_there_is_none():
    assert way_of(ModelConfig("grid", "rnn_2d", 4)) is None
    assert way_of(ModelConfig("patches", "gru", 4, route_options={"patch": 7})) is None
    assert way_of(ModelConfig("rows", "gru", 4, length=12)) is None


def test_a_link_that_only_names_a_run_opens_its_flow_along_its_route(service: Service):
    name, files = a_run(service, "somebody", recipe(route="columns"))
    app = opened(page, models=name)
    batch = digits(32)
    flow = batch_flow(
        load_checkpoint(files.model_path).model(), batch.images, batch.labels.tolist()
    )
    network = shown(app)[name]
    assert np.allclose(median(network), flow.median("h"), rtol=1e-5)
    assert "quick" in network["label"]
    query = linked(app)
    assert (query["models"], query["weights"], query["route"]) == (name, "shipped", "columns")
    assert list(shown(opened(page, **query))) == [name]


def test_of_a_network_that_reads_both_ways_the_way_forwards_is_shown(service: Service):
    name, files = a_run(service, "somebody", recipe(directions=2, layers=2))
    app = opened(page, models=f"{name},lstm-rows")
    assert list(shown(app)) == ["lstm-rows", name]
    batch = digits(32)
    model = load_checkpoint(files.model_path).model()
    both = batch_flow(model, batch.images, batch.labels.tolist()).median("h")
    assert len(both) == 56 and np.allclose(median(shown(app)[name]), both[:28], rtol=1e-5)


def test_a_grid_opens_in_the_section_on_two_dimensions(service: Service):
    name, _ = a_run(
        service, "x", recipe(route="grid", cell="gru_2d", units=6, route_options={"patch": 4})
    )
    app = opened(page, models=name)
    assert linked(app)["section"] == "grid" and linked(app)["network"] == name
    assert not said(app)
    app = opened(page, section="grid", network=name, corner="bottom-right", models=name)
    assert "No sweep of this network starts at 'bottom-right'" in said(app)


def test_networks_that_are_gone_are_told_and_the_page_works(service: Service):
    app = opened(page, models=NOBODY)
    assert "There is no run" in said(app) and shown(app)
    name, files = a_run(service, "somebody")
    app = opened(page, models=f"{name},{NOBODY}")
    assert list(shown(app)) == [name]
    service.delete(files.id, "somebody")
    app = app.run()
    assert not app.exception and "rnn-rows" in shown(app)


def test_a_network_that_learned_other_things_is_told_apart(service: Service):
    name, files = a_run(service, "somebody")
    done = load_checkpoint(files.model_path)
    clothes = replace(done, provenance=done.provenance | {"datasets": ["fashion-mnist"]})
    save_checkpoint(clothes, files.model_path)
    assert "have learned other things" in said(opened(page, models=name))
