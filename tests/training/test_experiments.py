"""What every experiment that is found keeps to: settings, reports, presets, records."""

import json
from dataclasses import asdict, fields, is_dataclass, replace
from itertools import pairwise

import pytest

from rnnviz.registry import discover
from rnnviz.training.experiments import (
    PACKAGE,
    Recorder,
    as_json,
    load_record,
    record_path,
    save_record,
    settings_of,
    shipped,
)

EXPERIMENTS = discover(PACKAGE)
SHIPPED = [(name, preset) for name, module in EXPERIMENTS.items() for preset in module.PRESETS]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_experiment_declares_what_is_needed(name):
    module = EXPERIMENTS[name]
    assert module.LABEL and module.DESCRIPTION.endswith(".")
    assert is_dataclass(module.Settings) and module.Settings.__hash__ is not None
    assert module.PRESETS or "folder" in {field.name for field in fields(module.Settings)}


@pytest.mark.parametrize(("name", "preset"), SHIPPED)
def test_settings_survive_json(name, preset):
    settings = EXPERIMENTS[name].PRESETS[preset]
    again = settings_of(name, json.loads(as_json(settings)))
    assert again == settings and as_json(again) == as_json(settings)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_unknown_setting_is_refused_with_those_there_are(name):
    first = fields(EXPERIMENTS[name].Settings)[0].name
    with pytest.raises(ValueError, match=f"no setting 'colour'.*{first}"):
        settings_of(name, {"colour": "red"})


@pytest.mark.parametrize(("name", "preset"), SHIPPED)
def test_every_preset_is_shipped_and_makes_a_result(name, preset):
    settings = EXPERIMENTS[name].PRESETS[preset]
    record = shipped(name, settings)
    assert record is not None, f"make it: rnnviz experiment {name} --preset {preset}"
    done = [report["done"] for report in record.reports]
    assert all(before <= after for before, after in pairwise(done))
    assert done[-1] == record.reports[-1]["total"], "it was run to its end"
    assert {"date", "duration_s", "torch"} <= set(record.provenance)
    assert EXPERIMENTS[name].gather(settings, record.reports) is not None
    # A page draws a run while it is under way.
    assert EXPERIMENTS[name].gather(settings, record.reports[:1]) is not None


def test_the_shipped_records_stay_small():
    paths = [record_path(name, preset) for name, preset in SHIPPED]
    assert sum(path.stat().st_size for path in paths) < 4e6


def test_a_record_survives_its_file(tmp_path):
    name, module = next(iter(EXPERIMENTS.items()))
    settings = next(iter(module.PRESETS.values()))
    recorder = Recorder(name, settings)
    list(recorder.watch(iter([{"done": 1, "total": 2, "loss": None}])))
    save_record(recorder.record(), tmp_path / "record.json")
    record = load_record(tmp_path / "record.json")
    assert record.reports == [{"done": 1, "total": 2, "loss": None}]
    assert settings_of(name, record.settings) == settings
    assert list(tmp_path.iterdir()) == [tmp_path / "record.json"]


@pytest.mark.parametrize("text", ["", "[]", '{"experiment": "race"}', "\x80"])
def test_a_file_that_is_no_record_is_refused(tmp_path, text):
    (tmp_path / "bad.json").write_text(text, encoding="latin-1")
    with pytest.raises(ValueError, match=r"bad\.json isn't the record"):
        load_record(tmp_path / "bad.json")


def test_a_record_of_other_settings_than_its_preset_s_is_not_shown(tmp_path, monkeypatch):
    name, module = next(iter(EXPERIMENTS.items()))
    preset, settings = next(iter(module.PRESETS.items()))
    other = replace(settings, **{"batch": asdict(settings)["batch"] + 1})
    monkeypatch.setitem(module.PRESETS, preset, other)
    assert shipped(name, other) is None
