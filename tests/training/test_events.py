"""Event files hold what the run's own files hold, by TensorBoard's own reader."""

import io
import json
import socket
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import markdown
import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from rnnviz.data.augment import Augmentation
from rnnviz.models import ModelConfig
from rnnviz.training.recipe import Recipe
from rnnviz.training.runs.carry_out import carry_out
from rnnviz.training.runs.errors import RunError
from rnnviz.training.runs.events import FLOW, TAGS, events_of, write_events
from rnnviz.training.runs.folder import RunFolder
from rnnviz.training.runs.metrics import MetricsReader
from rnnviz.training.runs.service import new_id
from rnnviz.training.settings import Stage, TrainingSettings

NASTY = "a](javascript:x)\n\n# <script>alert(1)</script>\n```\n\u2028\ud800 *ü*"
RECIPE = Recipe(
    NASTY,
    ModelConfig("rows", "lstm", 6),
    TrainingSettings(
        stages=(Stage(3, 5e-3, batch=32),),
        datasets=("digits",),
        validation=60,
        pictures=200,
        augmentation=Augmentation(shift_px=1),
        moments=4,
        clip=0.5,
    ),
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    found = RunFolder(tmp_path_factory.mktemp("runs") / new_id())
    found.create(RECIPE)
    for _ in carry_out(found, found.path.parent):
        pass
    return found


@pytest.fixture(scope="module")
def read(run: RunFolder, tmp_path_factory: pytest.TempPathFactory) -> EventAccumulator:
    return accumulated(write_events(run, tmp_path_factory.mktemp("events")).parent)


def accumulated(folder: Path) -> EventAccumulator:
    # 0 keeps all; by default the reader draws a sample.
    accumulator = EventAccumulator(str(folder), size_guidance={"scalars": 0, "tensors": 0})
    return accumulator.Reload()


def made_at(run: RunFolder) -> float:
    created = json.loads((run.path / "recipe.json").read_text())["provenance"]["created"]
    return datetime.fromisoformat(created).timestamp()


def test_every_measured_value_is_there_with_its_step_and_time(
    run: RunFolder, read: EventAccumulator
):
    metrics = MetricsReader(run.metrics_path).read()
    for column, tag in TAGS.items():
        there = ~np.isnan(metrics[column])
        events = read.Scalars(tag)
        assert there.any()
        assert [event.step for event in events] == metrics["step"][there].tolist()
        # TensorBoard keeps values in single precision, and times in double.
        np.testing.assert_array_equal(
            np.array([event.value for event in events], np.float32),
            metrics[column][there].astype(np.float32),
        )
        assert [event.wall_time for event in events] == [
            made_at(run) + seconds for seconds in metrics["seconds"][there].tolist()
        ]


def test_an_epoch_has_one_validation_and_a_step_has_one_loss(read: EventAccumulator):
    assert len(read.Scalars("loss/validation")) == len(read.Scalars("accuracy/validation")) == 3
    assert len(read.Scalars("loss/training")) == 3 * (200 // 32)


def test_the_flow_and_the_gates_are_those_of_the_moments(run: RunFolder, read: EventAccumulator):
    moments = run.moments()
    assert [event.step for event in read.Scalars(FLOW)] == [moment.step for moment in moments]
    for moment, event in zip(moments, read.Scalars(FLOW), strict=True):
        first, last = moment.flow[0], moment.flow[-1]
        assert first is not None and last is not None
        assert event.value == np.float32(first - last)
    for gate in ("input", "forget", "candidate", "output"):
        for side, name in enumerate(("low", "high")):
            assert [event.value for event in read.Scalars(f"gates/{gate}_{name}")] == [
                np.float32(moment.gates[gate][side]) for moment in moments
            ]


def test_nothing_else_is_in_the_file(read: EventAccumulator):
    gates = {tag for tag in read.Tags()["scalars"] if tag.startswith("gates/")}
    assert set(read.Tags()["scalars"]) - gates == {*TAGS.values(), FLOW}
    assert read.Tags()["tensors"] == ["settings/text_summary"]


def test_the_settings_are_text_that_is_one_block_of_code(read: EventAccumulator):
    """By Python-Markdown, which is what TensorBoard turns texts to HTML with."""
    (event,) = read.Tensors("settings/text_summary")
    text = event.tensor_proto.string_val[0].decode()
    html = markdown.markdown(text)
    assert html.startswith("<pre><code>") and html.endswith("</code></pre>")
    assert html.count("<") == 4
    recipe = json.loads(text)["recipe"]
    assert recipe == json.loads(json.dumps(RECIPE.as_dict()))
    assert "ü" in text


def test_the_archive_holds_the_folder_of_the_run_and_is_the_same_each_time(
    run: RunFolder, read: EventAccumulator, tmp_path: Path
):
    content = events_of(run)
    assert content == events_of(run)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        (name,) = archive.namelist()
        archive.extractall(tmp_path)
    assert name.split("/")[0] == run.id and "tfevents" in name
    again = accumulated(tmp_path / run.id)
    for tag in read.Tags()["scalars"]:
        assert again.Scalars(tag) == read.Scalars(tag)


def test_writing_again_takes_the_place_of_what_was_written(run: RunFolder, tmp_path: Path):
    first = write_events(run, tmp_path)
    assert write_events(run, tmp_path) == first
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [first]


def test_a_run_under_way_is_written_as_far_as_it_is(tmp_path: Path):
    run = RunFolder(tmp_path / new_id())
    run.create(replace(RECIPE, name="under way"))
    with pytest.raises(RunError, match="not taken a training step"):
        events_of(run)
    reports = carry_out(run, tmp_path)
    losses = [next(reports).loss for _ in range(8)]
    reports.close()
    read = accumulated(write_events(run, tmp_path / "events").parent)
    assert [event.value for event in read.Scalars("loss/training")] == [
        np.float32(loss) for loss in losses
    ]


def test_there_is_nothing_of_whose_machine_it_was(run: RunFolder):
    with zipfile.ZipFile(io.BytesIO(events_of(run))) as archive:
        (name,) = archive.namelist()
        content = archive.read(name)
    for secret in (socket.gethostname(), str(run.path.parent)):
        assert secret not in name and secret.encode() not in content
