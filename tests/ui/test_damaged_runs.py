"""Files of a run that were changed by hand are told of, and take no page along."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.training.runs.service import Service
from rnnviz.ui.visitor import WHO
from tests.ui.running import checked
from tests.ui.test_library import a_run, service

__all__ = ["service"]  # a fixture

ANN = "a" * 32


def runs_page() -> None:
    from rnnviz.ui.pages import runs

    runs.show()


def train_page() -> None:
    from rnnviz.ui.pages import train

    train.show()


def opened(page, **query: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=120)
    app.session_state[WHO] = ANN
    for name, value in query.items():
        app.query_params[name] = value
    return checked(app.run())


def said(app: AppTest) -> str:
    return " ".join(part.value for part in [*app.warning, *app.error, *app.caption])


def trained(service: Service) -> str:
    return a_run(service, ANN)[0].removeprefix("run-")


def add(path: Path, line: bytes) -> None:
    path.write_bytes(path.read_bytes() + line)


@pytest.mark.parametrize("line", [b"abc\n", b"\xff\n", b"5,1\n"])
def test_damaged_metrics_are_said_and_the_table_stands(service: Service, line: bytes):
    run = trained(service)
    add(service.files(run).metrics_path, line)
    assert "measurements" in said(opened(train_page, run=run))
    app = opened(runs_page)
    assert not app.error and app.get("bidi_component"), "the table of all runs is there"
    assert "measurements" in said(opened(runs_page, runs=run))


def test_damaged_moments_are_said(service: Service):
    run = trained(service)
    add(service.files(run).moments_path, b"{\n")
    assert "moments" in said(opened(train_page, run=run))


@pytest.mark.parametrize("line", [b"digits,1,99,3,0.5\n", b"digits,1,-1,3,0.5\n", b"digits,1\n"])
def test_damaged_answers_are_said(service: Service, line: bytes):
    run = trained(service)
    add(service.files(run).test_path, line)
    app = opened(runs_page, run=run)
    assert "answers of this run are damaged" in said(app).replace("\\", "") and not app.error
