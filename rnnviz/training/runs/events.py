"""A run as TensorBoard's event file: its curves, the flow and the gates, and its settings.

TensorBoard keeps a curve's values in single precision, so its figures have about 7 digits; those of
``metrics.csv`` are exact.
"""

import datetime
import io
import json
import math
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tensorboardX import summary
from tensorboardX.proto.event_pb2 import Event  # type: ignore[attr-defined]
from tensorboardX.proto.summary_pb2 import Summary  # type: ignore[attr-defined]
from tensorboardX.record_writer import RecordWriter

from rnnviz.training.moments import Moment
from rnnviz.training.runs.errors import RunError
from rnnviz.training.runs.folder import RunFolder
from rnnviz.training.runs.metrics import Metrics, MetricsReader

TAGS = {
    "loss": "loss/training",
    "validation_loss": "loss/validation",
    "accuracy": "accuracy/training",
    "validation": "accuracy/validation",
    "norm": "norm/before_clip",
    "clipped_norm": "norm/after_clip",
    "learning_rate": "learning_rate",
    "epoch": "epoch",
}
"""The columns of the metrics, and what their curves are called; one group before each slash."""
FLOW = "flow/decades_from_last_to_first"
"""log10 of |dL/dh| at the first depth over that at the last: 0 where all of it arrives."""
VERSION = "brain.Event:2"
"""What an event file begins with."""
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
"""Of every file in an archive, so that the same run gives the same bytes."""


def events_of(run: RunFolder) -> bytes:
    """Return a zip archive with the folder that ``write_events`` writes; errors as there."""
    archive = io.BytesIO()
    with tempfile.TemporaryDirectory(prefix="rnnviz-events-") as folder:
        path = write_events(run, Path(folder))
        entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), ZIP_DATE)
        entry.external_attr = 0o644 << 16
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return archive.getvalue()


def write_events(run: RunFolder, folder: Path) -> Path:
    """Write a run's event file and return its path.

    It gets a folder of its own, named after the run's id, for TensorBoard takes each folder for a
    run: ``tensorboard --logdir FOLDER`` then shows all that were written there. Written again it
    takes the place of the one before.

    Its clock counts the time that the run trained, from when it was made on, without waiting and
    pauses: that is what TensorBoard's "relative" axis shows.

    Raises:
        RunError: If the run has no training, or none yet.
        OSError: If the folder can't be written to.
    """
    settings = settings_text(run)
    metrics = MetricsReader(run.metrics_path).read()
    if not len(metrics["step"]):
        raise RunError(
            "This run has not taken a training step yet, so there are no curves. Export it once "
            "it trains."
        )
    began = made_at(run)
    path = folder / run.id / f"events.out.tfevents.{int(began)}.rnnviz"
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = RecordWriter(str(path))
    try:
        for event in events(metrics, run.moments(), settings, began):
            writer.write(event.SerializeToString())
    finally:
        writer.close()
    return path


def events(metrics: Metrics, moments: list[Moment], settings: str, began: float) -> Iterator[Event]:
    """Yield the events of a run, ascending in time.

    Args:
        metrics: Every training step.
        moments: How the network looked from the inside.
        settings: What is shown as text.
        began: When the run was made, seconds since the epoch.
    """
    yield Event(wall_time=began, file_version=VERSION)
    yield Event(wall_time=began, step=0, summary=summary.text("settings", settings))
    inside = {moment.step: moment for moment in moments}
    if 0 in inside:
        yield Event(wall_time=began, step=0, summary=Summary(value=look_values(inside[0])))
    steps, seconds = metrics["step"].astype(int).tolist(), metrics["seconds"].tolist()
    curves = [(tag, metrics[name].tolist()) for name, tag in TAGS.items()]
    for row, step in enumerate(steps):
        values = [
            Summary.Value(tag=tag, simple_value=curve[row])
            for tag, curve in curves
            if not math.isnan(curve[row])
        ]
        if step in inside:
            values += look_values(inside[step])
        yield Event(wall_time=began + seconds[row], step=step, summary=Summary(value=values))


def look_values(moment: Moment) -> list[Summary.Value]:
    """Return the curves' values at a moment: how far the flow reaches, and how gates saturate."""
    found = {}
    first, last = moment.flow[0], moment.flow[-1]
    if first is not None and last is not None:
        found[FLOW] = first - last
    for gate, (low, high) in moment.gates.items():
        found[f"gates/{gate}_low"], found[f"gates/{gate}_high"] = low, high
    return [Summary.Value(tag=tag, simple_value=value) for tag, value in found.items()]


def settings_text(run: RunFolder) -> str:
    """Return the settings of a run and where it comes from, as Markdown that is all one code block.

    Names and notes are what somebody typed. Every line is indented, so none of it is Markdown.
    """
    content = {"recipe": run.recipe().as_dict(), "provenance": run.content().get("provenance")}
    lines = json.dumps(content, indent=2, ensure_ascii=False).split("\n")
    return "\n".join(f"    {''.join(map(shown, line))}" for line in lines)


def shown(character: str) -> str:
    """Return a character that can be seen, or its number where it can't."""
    return character if character.isprintable() else f"\\u{ord(character):04x}"


def made_at(run: RunFolder) -> float:
    """Return when a run was made, in seconds since the epoch."""
    try:
        made = datetime.datetime.fromisoformat(run.content()["provenance"]["created"])
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(f"The settings of run {run.id} don't say when it was made.") from error
    return made.timestamp()
