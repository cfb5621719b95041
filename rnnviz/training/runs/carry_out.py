"""Train what a run's folder describes, from its beginning or from where it was interrupted."""

import csv
import os
import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from rnnviz.data.sets import load_dataset
from rnnviz.files import write_whole
from rnnviz.models.checkpoint import Checkpoint, save_checkpoint
from rnnviz.models.model import Model
from rnnviz.training.data import Pictures, as_floats, as_pictures, load_pictures
from rnnviz.training.loop import Report, Training
from rnnviz.training.moments import handful, look, moment_steps
from rnnviz.training.recipe import Recipe
from rnnviz.training.result import as_checkpoint, probe
from rnnviz.training.runs.errors import RunError
from rnnviz.training.runs.folder import RunFolder
from rnnviz.training.runs.limits import MOST_STEPS
from rnnviz.training.runs.metrics import Writer

KEEP_EVERY_S = 5.0
"""Seconds between two times that the state is kept."""
KEEP_EPOCH_S = 1.0
"""The same at the end of an epoch: a small data set has many of them a second."""
FLUSH_EVERY_S = 0.5
"""Seconds between two times that others get to see the metrics."""
MOST_EPOCHS_KEPT = 30
"""Epochs of which the network is kept; of a longer run evenly spaced ones are."""

DIVERGED = "diverged at step"
"""What begins the line in the log of a run whose loss was no longer a finite number."""

Tell = Callable[[str], None]
"""Told what is being done while that isn't training."""


def carry_out(
    run: RunFolder, data: Path, tell: Tell = lambda phase: None
) -> Generator[Report, None, None]:
    """Train a run, yielding a report after every step; the folder then holds all there is.

    Whoever stops iterating, by ``close()``, pauses the run: its state is kept, and the next call
    goes on from there to the same result. So it does after the process was killed, from the last
    state that was kept. A run that is done already yields nothing.

    Args:
        run: A folder that ``create`` made; its lock is the caller's business.
        data: The data folder.
        tell: Told what is done before and after the training steps.

    Raises:
        RunError: If the folder isn't that of a run.
        InputError: If the data set can't be read.
        FloatingPointError: If the training diverges; the folder keeps everything until then.
        OSError: If the folder can't be written to.
    """
    recipe = run.recipe()
    if run.model_path.is_file():
        return
    tell("loading the pictures")
    training, validation = load_pictures(recipe.training, data)
    torch.manual_seed(recipe.training.seed)
    work = Training(Model(recipe.model), recipe.training, training, validation)
    if work.steps > MOST_STEPS:
        raise RunError(
            f"{work.steps:,} training steps are too many for one run, at most {MOST_STEPS:,} are "
            f"taken. Choose fewer epochs or a larger batch."
        )
    state = run.load_state()
    if state is not None:
        work.restore(state)
    begun = f"goes on after step {work.step}" if state is not None else "begins"
    run.log(f"{begun}, in process {os.getpid()}")
    with closing(Recorder(run, recipe, work, resumed=state is not None)) as recorder:
        while not work.over:
            try:
                report = work.advance()
                recorder.take(report)
            except FloatingPointError as error:
                run.log(f"{DIVERGED} {work.step + 1}: {error}")
                recorder.look_inside(due=True)
                raise
            except (KeyboardInterrupt, SystemExit):
                recorder.drop()
                raise
            yield report
    finish(run, recipe, work, data, tell)


class Recorder:
    """Keeps what a training yields in the run's folder."""

    def __init__(self, run: RunFolder, recipe: Recipe, work: Training, resumed: bool) -> None:
        """Open the files where the training stands."""
        self.run, self.recipe, self.work = run, recipe, work
        self.writer = Writer(run, work.step if resumed else -1)
        self.pictures = handful(work.validation, recipe.model.classes)
        most = recipe.training.moments if len(self.pictures) else 0
        self.moments = moment_steps(work.steps, most)
        self.every = -(-work.epochs // MOST_EPOCHS_KEPT)
        self.validation: dict[str, float] = {}
        self.looked_at = work.step if resumed else -1
        self.kept_at = work.step if resumed else -1
        self.flushed_at = self.since_kept = time.monotonic()
        if not resumed:
            self.look_inside()
            self.keep()

    def take(self, report: Report) -> None:
        """Record a training step, and keep the state from time to time."""
        self.writer.write(report)
        self.look_inside()
        now = time.monotonic()
        if report.validation is not None and report.validation_loss is not None:
            self.validation = {"validation/accuracy": report.validation}
            if report.epoch % self.every == 0 or report.epoch == report.epochs:
                self.run.keep(self.checkpoint(), f"epoch-{report.epoch:04d}")
        limit = KEEP_EVERY_S if report.validation is None else KEEP_EPOCH_S
        if now - self.since_kept > limit:
            self.keep()
        elif now - self.flushed_at > FLUSH_EVERY_S:
            self.writer.flush()
            self.flushed_at = now

    def look_inside(self, due: bool = False) -> None:
        """Record a moment if one is due: when its time has come, or a run comes to a bad end."""
        work = self.work
        due = work.step in self.moments or (due and bool(self.moments))
        if due and work.step != self.looked_at:
            self.looked_at = work.step
            moment = look(work.reader, work.step, self.pictures, work.block)
            if moment is not None:
                self.writer.add(moment)

    def keep(self) -> None:
        """Keep the state: the metrics first, for they may be ahead of it but not behind."""
        self.writer.flush()
        save_checkpoint(self.checkpoint(), self.run.latest_path)
        self.run.save_state(self.work.state())
        self.since_kept = self.flushed_at = time.monotonic()
        self.kept_at = self.work.step

    def drop(self) -> None:
        """Leave what was kept last as it is: half a step is nothing to go on from."""
        self.kept_at = self.work.step

    def checkpoint(self) -> Checkpoint:
        """Return the network as it is after the last step, in full size."""
        model = Model(self.recipe.model)
        model.load_state_dict(self.work.reader.state_dict())
        made = as_checkpoint(self.recipe, model, self.validation, self.work.seconds)
        made.provenance["step"] = self.work.step
        return made

    def close(self) -> None:
        """Keep what isn't kept yet, and close the files, whatever ended the training."""
        try:
            if self.kept_at != self.work.step:
                self.keep()
        finally:
            self.writer.close()


def finish(run: RunFolder, recipe: Recipe, work: Training, data: Path, tell: Tell) -> None:
    """Measure the trained network, fit its probes, and leave the finished checkpoint."""
    tell("measuring on the test pictures")
    metrics = measure(run, work.model, recipe, data)
    tell("fitting the probes")
    probes = probe(work.model, work.training, recipe, data)
    made = as_checkpoint(recipe, work.model, metrics, work.seconds)
    made.provenance["step"] = work.step
    save_checkpoint(replace(made, probes=probes), run.model_path)
    run.drop_state()
    run.log("done: " + ", ".join(f"{name} {value:.4f}" for name, value in metrics.items()))


def measure(run: RunFolder, model: Model, recipe: Recipe, data: Path) -> dict[str, float]:
    """Return the accuracy on each test split, and leave every answer in ``test.csv``.

    Its columns: dataset, index (in the test split), label, answer, and the probability that the
    network gave its answer.
    """
    figures, lines = {}, [("dataset", "index", "label", "answer", "probability")]
    for name in recipe.training.datasets:
        test = load_dataset(name, "test", data)
        answers, certain = answer(model, as_pictures(test.images, test.labels))
        figures[f"{name}/test/accuracy"] = float((answers == test.labels).mean())
        rows = zip(test.labels.tolist(), answers.tolist(), certain.tolist(), strict=True)
        lines += [(name, index, *row) for index, row in enumerate(rows)]
    write_whole(run.test_path, "".join(f"{','.join(map(str, line))}\n" for line in lines).encode())
    return figures


@torch.no_grad()
def answer(model: Model, pictures: Pictures, batch: int = 250) -> tuple[np.ndarray, np.ndarray]:
    """Return the class that a model answers for each picture, and its probability."""
    found = [
        torch.softmax(model(as_floats(images)), 1).max(1) for images in pictures.images.split(batch)
    ]
    return (
        torch.cat([one.indices for one in found]).numpy(),
        torch.cat([one.values for one in found]).numpy(),
    )


def read_answers(run: RunFolder) -> dict[str, np.ndarray]:
    """Return the columns of ``test.csv``; RunError before the run has been measured."""
    try:
        with run.test_path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except FileNotFoundError as error:
        raise RunError(
            "This run hasn't been measured on the test pictures yet; that comes when its training "
            "is over."
        ) from error
    kinds = {"dataset": str, "index": int, "label": int, "answer": int, "probability": float}
    return {name: np.array([kind(row[name]) for row in rows]) for name, kind in kinds.items()}
