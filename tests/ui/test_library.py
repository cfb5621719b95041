"""Networks of runs read like shipped ones, for whoever has their link and for nobody else."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from rnnviz.models import Model, ModelConfig
from rnnviz.models.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from rnnviz.training.loop import Report
from rnnviz.training.recipe import Recipe
from rnnviz.training.runs.folder import RunFolder
from rnnviz.training.runs.ledger import Ledger
from rnnviz.training.runs.service import COMMAND_LINE, Service, new_id
from rnnviz.ui import cache, library
from rnnviz.ui.library import Loaded, RunName, Shelf, called, size_of
from rnnviz.ui.link import View, read_link, write_link
from rnnviz.ui.service import service as shared_service
from tests.training.finished import finished
from tests.training.test_runs import QUICK
from tests.ui.test_draw_page import open_app, open_menu, query_of, room, said

NOBODY = "run-" + "0" * 24


@pytest.fixture
def service(tmp_path: Path, monkeypatch) -> Iterator[Service]:
    """The app's own service, with runs of this test alone."""
    monkeypatch.setenv("RNNVIZ_RUNS", str(tmp_path / "runs"))
    shared_service.clear()
    library.loaded.clear()
    yield shared_service()
    shared_service.clear()
    library.loaded.clear()


def a_run(service: Service, who: str, recipe: Recipe = QUICK) -> tuple[str, RunFolder]:
    """Return a trained run's network name and its folder, as the command line makes it."""
    files, last = finished(recipe, service.folder)
    enter_done(service.ledger, files, recipe, who, last)
    return str(RunName(files.id)), files


def not_begun(service: Service, who: str) -> str:
    """Return the network name of a run that was paused before it began."""
    files = service.files(new_id())
    files.create(QUICK)
    service.ledger.add(files.id, QUICK, who, "paused")
    return str(RunName(files.id))


def enter_done(ledger: Ledger, files: RunFolder, recipe: Recipe, who: str, last: Report) -> None:
    """Enter a run that was trained here; it is locked while it counts as running."""
    lock = files.try_lock()
    assert lock is not None
    ledger.add(files.id, recipe, who, "running")
    ledger.progress(files.id, last, {"loss": last.loss, "accuracy": last.accuracy})
    ledger.settle(files.id, "done", "", load_checkpoint(files.model_path).metrics)
    lock.release()


def shelf(who: str, *opened: str) -> Shelf:
    return Shelf({}, opened, who)


@pytest.mark.parametrize("name", [RunName("0123456789abcdef01234567"), RunName("a" * 24, 0)])
def test_a_name_means_what_it_was_made_of(name):
    assert RunName.parse(str(name)) == name


@pytest.mark.parametrize(
    "name",
    [
        "run-../../etc/passwd",
        "run-../" + "a" * 21,
        "run-" + "a" * 23,
        "run-" + "a" * 25,
        "run-" + "A" * 24,
        "run-" + "a" * 24 + "-",
        "run-" + "a" * 24 + "-007",
        "run-" + "a" * 24 + "--1",
        "run-" + "a" * 24 + "-²",
        "run-" + "a" * 24 + "-1\n",
        "run-" + "a" * 24 + "-" + "9" * 10,
        "RUN-" + "a" * 24,
        "",
        "\x00",
    ],
)
def test_what_is_no_name_of_a_run_is_never_looked_for(name, service: Service):
    assert RunName.parse(name) is None
    assert name not in shelf("ann")


def test_a_view_with_a_runs_network_comes_back_from_its_link(service: Service):
    name, files = a_run(service, "ann")
    moment = f"{name}-{files.keep_moment()}"
    view = View(readers=(name, "lstm-rows", moment), gates=(moment,))
    assert read_link(write_link(view), shelf("bob")) == (view, ())
    now, kept = shelf("bob")[name], shelf("bob")[moment]
    images = torch.rand(3, 28, 28)
    expected = load_checkpoint(files.model_path).model()(images)
    assert torch.equal(now.model(images), expected) and torch.equal(kept.model(images), expected)
    assert now.checkpoint.probes is not None


def test_a_visitor_is_shown_what_is_theirs_and_what_a_link_opened_and_nothing_else(
    service: Service,
):
    anns, bobs, everybodys = (a_run(service, who)[0] for who in ("ann", "bob", COMMAND_LINE))
    shipped = list(cache.shipped())
    assert list(shelf("ann")) == [*shipped, everybodys, anns]
    assert list(shelf("bob")) == [*shipped, everybodys, bobs]
    assert list(shelf("eve", anns, NOBODY)) == [*shipped, everybodys, anns]
    assert bobs in shelf("ann"), "but it may be opened by who knows its name"


def test_a_menu_says_the_same_of_a_network_before_and_after_it_was_read(service: Service):
    name, _ = a_run(service, "ann", replace(QUICK, name="<b>my</b> *first* run_1"))
    menu = shelf("ann")
    before = menu.label(name)
    assert before == menu[name].label == menu.label(name)
    assert before.replace("\u2060", "") == "GRU · rows (‹b›my‹/b› ∗first∗ run_1)"
    assert menu.config(name) == menu[name].checkpoint.config


def test_networks_of_one_name_are_told_apart(service: Service):
    names = [a_run(service, "ann")[0] for _ in range(2)]
    one, other = (shelf("ann")[name] for name in names)
    assert one.label != other.label and one.identity != other.identity
    assert names[0][4:10] in one.label and names[1][4:10] in other.label
    met = shelf("bob")
    assert met[names[0]].label != met[names[1]].label, "also where only a link names them"


def test_a_name_is_written_as_it_is_and_without_what_the_label_says_already(service: Service):
    name, _ = a_run(service, "ann", replace(QUICK, name="… then · clip × 2"))
    other, files = a_run(service, "ann", replace(QUICK, name="GRU · rows · Digits 8×8"))
    menu = shelf("ann")
    assert menu.label(name) == "GRU · rows (… then · clip × 2)"
    assert menu.label(other) == "GRU · rows (Digits 8×8)"
    kept = f"{other}-{files.keep_moment()}"
    assert menu[kept].label == f"GRU · rows (Digits 8×8, step {kept.rpartition('-')[2]})"


def test_a_network_that_learns_on_is_another_one_to_what_was_kept_of_it(service: Service):
    name, files = a_run(service, "ann")
    before = shelf("ann")[name]
    assert shelf("ann")[name].identity == before.identity
    assert shelf("ann")[name].model is before.model
    done = load_checkpoint(files.model_path)
    changed = {key: value * 2 for key, value in done.weights.items()}
    save_checkpoint(replace(done, weights=changed), files.model_path)
    after = shelf("ann")[name]
    assert after.identity != before.identity
    key = next(iter(changed))
    assert torch.equal(after.checkpoint.weights[key], changed[key])


def test_a_run_that_is_gone_or_has_no_network_is_told_and_the_rest_of_the_link_works(
    service: Service,
):
    deleted, files = a_run(service, "ann")
    service.delete(files.id, "ann")
    names = [deleted, not_begun(service, "ann"), NOBODY, f"{NOBODY}-3"]
    view, _ = read_link({"models": ",".join([*names, "lstm-rows"])}, menu := shelf("ann"))
    assert view.readers == ("lstm-rows",)
    assert all(name not in menu for name in names)
    app = open_app(models=",".join([*names[:3], "lstm-rows"]))
    assert [reader["name"] for reader in room(app)["readers"]] == ["lstm-rows"]
    assert "has not begun to train" in said(app) and "There is no run" in said(app)


def test_a_network_that_goes_while_it_reads_makes_room_with_a_notice(service: Service):
    name, files = a_run(service, "ann")
    app = open_app(models=f"{name},lstm-rows")
    assert [reader["name"] for reader in room(app)["readers"]] == [name, "lstm-rows"]
    service.delete(files.id, "ann")
    app = app.run()
    assert [reader["name"] for reader in room(app)["readers"]] == ["lstm-rows"]
    assert "There is no run" in said(app)


def test_the_page_draw_reads_with_a_runs_network_and_lists_it(service: Service):
    name, _ = a_run(service, "somebody else")
    app = open_menu(open_app(models=name, example="digits.test.3"), "networks")
    (reader,) = room(app)["readers"]
    assert reader["name"] == name and "quick" in reader["label"]
    assert query_of(app)["models"] == name
    menu = app.multiselect(key="draw-readers")
    assert sum("quick" in option for option in menu.options) == 1
    # Nobody is shown what nobody gave them a link to.
    a_run(service, "somebody else", replace(QUICK, name="secret"))
    assert not any("secret" in option for option in app.run().multiselect[0].options)


def test_a_network_that_cannot_show_these_pictures_is_not_read_with(service: Service, tmp_path):
    name, files = a_run(service, "ann")
    config = ModelConfig("rows", "gru", 4, classes=3)
    save_checkpoint(Checkpoint("x", config, Model(config).state_dict()), files.model_path)
    menu = shelf("ann")
    assert name not in menu and "3 classes" in menu.why(name)
    files.model_path.write_bytes(b"\x80\x04 and so on")
    menu = shelf("ann")
    assert name not in menu and "pickle" in menu.why(name)


def checkpoints(folder: Path, count: int) -> list[Path]:
    config = ModelConfig("rows", "gru", 32)
    paths = [folder / f"{number}.safetensors" for number in range(count)]
    for path in paths:
        save_checkpoint(Checkpoint("x", config, Model(config).state_dict()), path)
    return paths


def test_what_is_loaded_never_takes_more_memory_than_it_may(tmp_path: Path):
    paths = checkpoints(tmp_path, 6)
    one = size_of(Loaded().get(paths[0], "0"))
    kept = Loaded(most_bytes=3 * one)
    for path in paths * 2:
        kept.get(path, path.stem)
        assert kept.bytes <= 3 * one
    # What was asked for last is still there, what was asked for first is read again.
    last = kept.get(paths[5], "5")
    assert kept.get(paths[5], "5") is last
    first = kept.get(paths[0], "0")
    for path in paths[1:4]:
        kept.get(path, path.stem)
    assert kept.get(paths[0], "0") is not first


def test_one_that_is_larger_than_everything_allowed_is_still_read(tmp_path: Path):
    (path,) = checkpoints(tmp_path, 1)
    kept = Loaded(most_bytes=1)
    assert kept.get(path, "0") is kept.get(path, "0")


def test_a_called_run_says_its_moment_and_never_nothing():
    recipe = {"model": ModelConfig("rows", "gru", 4).as_dict()}
    run = type("Run", (), {"name": " \n ", "id": "abcdef" * 4, "recipe": recipe})()
    assert called(run, 120) == "abcdef, step 120"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wild",
    ["<b>x</b>", "*x*", "[x](http://a.b)", "$x$ $y$", ":red[x]", "`x`", "~~x~~", "a&lt;b", "%{x}"],
)
def test_no_name_is_markup_to_markdown_or_plotly(wild):
    recipe = {"model": ModelConfig("rows", "gru", 4).as_dict()}
    run = type("Run", (), {"name": wild, "id": "abcdef" * 4, "recipe": recipe})()
    found = called(run)  # type: ignore[arg-type]
    assert not re.search(r"[<>*`$~\[\]]|:\w|&\w|%\{|://", found)
