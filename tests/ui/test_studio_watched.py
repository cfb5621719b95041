"""What a browser gets of a run: nothing lost, nothing twice, little where little is new."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rnnviz.training.runs.carry_out import carry_out
from rnnviz.training.runs.folder import RunFolder
from rnnviz.training.runs.limits import Limits
from rnnviz.training.runs.run import Turn
from rnnviz.training.runs.service import Service
from rnnviz.training.settings import Stage
from rnnviz.ui.components.common.encoding import decode, from_wire, to_wire
from rnnviz.ui.studio import watched as module
from rnnviz.ui.studio.fields import fields
from rnnviz.ui.studio.latest import Latest, latest
from rnnviz.ui.studio.plan import queue_words
from rnnviz.ui.studio.presets import PRESETS
from rnnviz.ui.studio.recipes import recipe_of
from rnnviz.ui.studio.watched import COLUMNS, MOST_ROWS, Mark, Watched, bucket_size, thinned
from rnnviz.ui.studio.words import status
from tests.training.test_runs import QUICK, made

NAMES = (
    "step",
    "loss",
    "accuracy",
    "norm",
    "clipped_norm",
    "validation",
    "validation_loss",
    "seconds",
)


class Browser:
    """What the page's JavaScript keeps, as store.js does it."""

    def __init__(self) -> None:
        self.mark = Mark()
        self.rows = np.zeros((0, len(COLUMNS)))
        self.size, self.generation = 0, -1
        self.epochs: list = []
        self.moments: list = []

    def take(self, watched: Watched) -> dict:
        payload, self.mark = watched.since(self.mark)
        payload = from_wire(to_wire(payload))
        if payload["generation"] != self.generation:
            assert payload["from"] == payload["epochsFrom"] == payload["momentsFrom"] == 0
            self.__dict__.update(Browser().__dict__ | {"mark": self.mark})
            self.generation = payload["generation"]
        if payload["rows"]:
            kept = self.rows[: payload["from"]]
            assert len(kept) == payload["from"] and (self.size == payload["size"] or not len(kept))
            self.rows = np.concatenate([kept, decode(payload["rows"])])
            self.size = payload["size"]
        self.epochs = self.epochs[: payload["epochsFrom"]] + payload["epochs"]
        self.moments = self.moments[: payload["momentsFrom"]] + payload["moments"]
        return payload


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    found = Service(tmp_path, tmp_path / "runs", Limits())
    yield found
    found.close()


def entered(service: Service, recipe=QUICK) -> RunFolder:
    """Return a run in the ledger that the test trains itself."""
    run = made(service.folder, recipe)
    service.ledger.add(run.id, recipe, "ann", "running")
    # Whoever trains a run holds its lock; else it would count as interrupted.
    assert run.try_lock() is not None
    return run


def table(steps: int, seed: int = 0) -> dict[str, np.ndarray]:
    numbers = np.random.default_rng(seed)
    found = {name: numbers.random(steps) for name in NAMES}
    found["step"] = np.arange(1.0, steps + 1)
    found["validation"][np.arange(steps) % 7 != 6] = np.nan
    return found


@pytest.mark.parametrize("steps", [0, 1, 599, 600, 601, 1200, 1201, 100_000])
def test_there_are_few_rows_and_their_size_is_a_power_of_two(steps):
    size = bucket_size(steps)
    assert size & (size - 1) == 0
    assert -(-steps // size) <= MOST_ROWS
    assert size == 1 or -(-steps // (size // 2)) > MOST_ROWS, "no coarser than needed"


@pytest.mark.parametrize("steps, size", [(1, 1), (10, 4), (12, 4), (1000, 2), (5000, 16)])
def test_thinned_rows_are_means_and_extremes_of_their_steps(steps, size):
    metrics = table(steps)
    rows = thinned(metrics, size)
    for place, start in enumerate(range(0, steps, size)):
        part = {name: values[start : start + size] for name, values in metrics.items()}
        expected = {
            "step": part["step"][-1],
            "loss": part["loss"].mean(),
            "loss_low": part["loss"].min(),
            "loss_high": part["loss"].max(),
            "accuracy": part["accuracy"].mean(),
            "norm_high": part["norm"].max(),
            "clipped": part["clipped_norm"].mean(),
            "seconds": part["seconds"][-1],
        }
        for name, value in expected.items():
            assert rows[place, COLUMNS.index(name)] == pytest.approx(value, rel=1e-12)


def test_a_browser_that_looks_now_and_then_has_what_one_has_that_looks_at_the_end(service: Service):
    recipe = replace(QUICK, training=replace(QUICK.training, stages=(Stage(60, 5e-3, batch=32),)))
    run = entered(service, recipe)
    watched, often = Watched(service, run.id), Browser()
    for number, _ in enumerate(carry_out(run, service.data)):
        if number % 97 == 0:
            watched.refresh(now=True)
            often.take(watched)
    watched.refresh(now=True)
    often.take(watched)
    last = Browser()
    last.take(fresh(service, run.id))
    assert last.size == 2, "720 steps don't fit into 600 rows"
    assert np.array_equal(often.rows, last.rows)
    assert (often.epochs, often.moments) == (last.epochs, last.moments)
    assert len(last.epochs) == 60 and last.moments[-1]["step"] == 720


def fresh(service: Service, run: str) -> Watched:
    found = Watched(service, run)
    found.refresh(now=True)
    return found


def test_where_nothing_is_new_next_to_nothing_is_sent(service: Service):
    run = entered(service)
    for _ in carry_out(run, service.data):
        pass
    watched, browser = fresh(service, run.id), Browser()
    whole = len(to_wire(browser.take(watched)))
    again = browser.take(watched)
    assert again["rows"] is None and again["moments"] == again["epochs"] == []
    assert len(to_wire(again)) < 200 < whole


def test_a_run_that_goes_on_from_earlier_is_sent_anew(service: Service):
    run = entered(service)
    for _ in carry_out(run, service.data):
        pass
    watched, browser = fresh(service, run.id), Browser()
    browser.take(watched)
    lines = run.metrics_path.read_text().splitlines(keepends=True)
    part = run.metrics_path.with_suffix(".part")
    part.write_text("".join(lines[:11]))
    part.replace(run.metrics_path)
    watched.refresh(now=True)
    browser.take(watched)
    assert browser.rows[:, 0].tolist() == list(range(1, 11))


def test_many_watchers_read_the_files_once(service: Service, monkeypatch):
    run = entered(service)
    monkeypatch.setattr(module, "FRESH_S", 60.0)
    watched = fresh(service, run.id)
    asked = []
    get = service.get
    monkeypatch.setattr(service, "get", lambda name: asked.append(name) or get(name))
    for _ in range(10):
        watched.refresh()
    assert asked == []
    watched.refresh(now=True)
    assert asked == [run.id]


def test_a_poll_costs_next_to_nothing(service: Service):
    run = entered(service)
    for _ in carry_out(run, service.data):
        pass
    watched, browser = fresh(service, run.id), Browser()
    browser.take(watched)
    spent = []
    for _ in range(20):
        started = time.thread_time()
        watched.refresh(now=True)
        browser.take(watched)
        spent.append(time.thread_time() - started)
    # Measured: 0.5 ms. Time at work, not on the clock: other tests may keep the machine busy.
    assert np.median(spent) < 0.02


def test_the_status_of_every_state_says_what_to_do(service: Service):
    run = service.get(entered(service).id)
    run = replace(run, step=6, steps=24, epochs=2, seconds=3.0)
    sixth = Latest(6, 1, 6, 2.0, 0.25, 1.5, 0.5)
    running = status(run, Turn(), sixth)
    assert running["detail"] == "9 seconds left." and running["progress"] == 0.25
    assert running["numbers"] == "step 6 of 24, epoch 1 of 2"
    assert ("training loss, last 6 steps", "2.000") in running["figures"]
    assert status(replace(run, phase="fitting the probes"), Turn(), sixth)["detail"] == (
        "Now fitting the probes."
    )
    assert "pauses" in status(replace(run, wish="pause"), Turn(), sixth)["detail"]
    queued = replace(run, state="queued")
    assert status(queued, Turn(2, 250.0), Latest())["detail"] == (
        "2 runs wait before it; it starts by itself, also when this page is closed. "
        "The training that ends first has about 4 minutes left."
    )
    assert status(queued, Turn(), Latest())["detail"] == (
        "It is the next that waits; it starts by itself, also when this page is closed."
    )
    for state in ("paused", "cancelled", "interrupted"):
        stopped = status(replace(run, state=state), Turn(), sixth)
        assert "esume" in stopped["detail"] and stopped["numbers"] == running["numbers"]
    ninth = Latest(9, 1, 9, 2.0, 0.25, 5976629.5, 0.5)
    failed = status(replace(run, state="failed", message="It overflowed."), Turn(), ninth)
    assert failed["detail"] == "It overflowed." and failed["numbers"].startswith("step 9 of 24")
    assert failed["figures"][0] == ("training loss, last step", "6.0e+06"), "no mean hides it"
    figures = {"loss": 0.5, "digits/test/accuracy": 0.95, "validation/accuracy": 0.9}
    done = status(replace(run, state="done", figures=figures), Turn(), Latest(24, 2))
    assert done["figures"][0] == ("digits, test accuracy", "95.0 %") and done["progress"] == 1
    assert "Validation and test pictures are different ones" in done["detail"]


@pytest.mark.parametrize("step, epoch", [(1, 1), (34, 1), (35, 1), (36, 2), (70, 2), (71, 3)])
def test_a_step_belongs_to_one_epoch_however_the_run_stands(step, epoch):
    metrics = table(step) | {"epoch": np.arange(1, step + 1) // 35}
    found = latest(metrics)
    assert (found.step, found.epoch) == (step, epoch)
    assert found.loss == pytest.approx(metrics["loss"][-20:].mean())
    assert (found.count, found.last_loss) == (min(step, 20), metrics["loss"][-1])
    assert latest(table(0)) == Latest()


def test_the_last_moment_of_a_run_that_explodes_is_of_its_last_step(service: Service):
    (preset,) = [one for one in PRESETS if one.name == "It explodes"]
    values = {one.name: one.default for one in fields(service.folder)} | dict(preset.values)
    run = entered(service, recipe_of(values, preset.name))
    with pytest.raises(FloatingPointError):
        list(carry_out(run, service.data))
    watched, browser = fresh(service, run.id), Browser()
    browser.take(watched)
    last = browser.moments[-1]
    assert last["step"] == watched.latest.step == browser.rows[-1, 0]
    assert last["flow"][0] - last["flow"][-1] > 10, "what explodes is the flow through time"
    with pytest.raises(FloatingPointError):
        list(carry_out(run, service.data))
    again = Browser()
    again.take(fresh(service, run.id))
    assert again.moments == browser.moments, "a run that is resumed and fails again tells it once"


def test_a_run_whose_validation_has_diverged_can_still_be_told_in_json(service: Service):
    # ReLUs that grow from step to step: after one training step the validation loss is no number.
    model = replace(QUICK.model, cell="rnn_relu", cell_options={"gain": 3.0})
    settings = replace(
        QUICK.training,
        stages=(Stage(40, 1.0, batch=32),),
        pictures=32,
        clip=0.0,
        optimiser="sgd",
        schedule="constant",
    )
    run = entered(service, replace(QUICK, model=model, training=settings))
    with pytest.raises(FloatingPointError):
        list(carry_out(run, service.data))
    browser = Browser()
    browser.take(fresh(service, run.id))
    assert len(browser.epochs) >= 1 and browser.epochs[-1][2] is None
    assert 0 <= browser.epochs[-1][1] <= 1


def test_before_a_run_begins_one_is_told_how_long_the_queue_is(service: Service):
    run = service.get(entered(service).id)
    training = replace(run, state="running", step=6, steps=24, seconds=3.0)
    starting, waiting = replace(training, step=0), replace(run, state="queued")
    one = Limits(at_once=1)
    assert queue_words([], one).startswith("It starts at once.")
    assert queue_words([starting], one).startswith("It starts when a run that trains now has ended")
    assert "left" not in queue_words([starting], one)
    told = queue_words([training, replace(training, step=12), waiting], one)
    assert told.startswith(
        "1 run waits before it. The training that ends first has about 3 seconds left."
    )
