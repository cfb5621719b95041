"""The files of one run. Everything in it can be read without this program.

``recipe.json``     the model and the settings, and where the run comes from
``metrics.csv``     one line a training step
``moments.jsonl``   how the network looked from the inside, one JSON object a line
``state.safetensors``   everything that is needed to go on; gone when the run is done
``latest.safetensors``  the network as of the last time that the state was kept
``model.safetensors``   the finished network, with its probes and measured accuracies
``checkpoints/``    the network after epochs, and at the moments that somebody kept
``test.csv``        its answer to every test picture
``log.txt``         what happened when
``lock``            held by the process that trains it
"""

import datetime
import json
import platform
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from filelock import FileLock, Timeout
from safetensors import SafetensorError
from torch import Tensor

from rnnviz.files import whole_lines, write_whole
from rnnviz.models.checkpoint import (
    Checkpoint,
    CheckpointError,
    load_checkpoint,
    save_checkpoint,
)
from rnnviz.training.moments import Moment
from rnnviz.training.recipe import Recipe, parse_recipe
from rnnviz.training.runs.errors import RunError, no_such_run
from rnnviz.version import VERSION

FORMAT = 1
"""Version of ``recipe.json``."""
ID = re.compile(r"[0-9a-f]{24}")
"""What the name of a run's folder looks like: 96 random bits, which nobody guesses."""


@dataclass(frozen=True)
class RunFolder:
    """One run's files."""

    path: Path
    """The folder; its name is the run's."""

    @property
    def id(self) -> str:
        """The run's name, which links carry."""
        return self.path.name

    @property
    def metrics_path(self) -> Path:
        """One line a training step."""
        return self.path / "metrics.csv"

    @property
    def moments_path(self) -> Path:
        """One JSON object a moment."""
        return self.path / "moments.jsonl"

    @property
    def model_path(self) -> Path:
        """The finished network."""
        return self.path / "model.safetensors"

    @property
    def latest_path(self) -> Path:
        """The network as of the last time that the state was kept."""
        return self.path / "latest.safetensors"

    @property
    def test_path(self) -> Path:
        """The answer to every test picture."""
        return self.path / "test.csv"

    @property
    def log_path(self) -> Path:
        """What happened when."""
        return self.path / "log.txt"

    def create(self, recipe: Recipe) -> None:
        """Make the folder of a run that has not begun."""
        self._begin(recipe.as_dict())
        self.log("created")

    def create_brought(self, recipe: dict[str, Any], checkpoint: Checkpoint) -> None:
        """Make the folder of a network that somebody brought along: see ``brought``."""
        self._begin(recipe)
        save_checkpoint(checkpoint, self.model_path)
        self.log("brought along")

    def _begin(self, recipe: dict[str, Any]) -> None:
        """Make the folder with its settings."""
        self.path.mkdir(parents=True, exist_ok=False)
        content = {
            "format": FORMAT,
            "recipe": recipe,
            "provenance": {
                "created": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
                "rnnviz": VERSION,
                "torch": torch.__version__,
                "python": platform.python_version(),
                "threads": torch.get_num_threads(),
            },
        }
        write_whole(self.path / "recipe.json", json.dumps(content, indent=2).encode())

    def content(self) -> dict[str, Any]:
        """Return what ``recipe.json`` holds; errors as of ``recipe``."""
        try:
            content = json.loads((self.path / "recipe.json").read_text(encoding="utf-8"))
        except OSError as error:
            raise no_such_run(self.id) from error
        except ValueError as error:
            raise RunError(f"The settings of run {self.id} are damaged: {error}.") from error
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise RunError(f"Run {self.id} was made by another version, which can't be read here.")
        return content

    def recipe(self) -> Recipe:
        """Return what is trained, and how.

        Raises:
            RunError: If there is no such run, it was brought along without a training, or its
                settings can't be understood.
        """
        try:
            content = self.content()["recipe"]
            if content["training"] is None:
                raise RunError(
                    "This network was brought along as a file, so there is no training to look at "
                    "or to repeat."
                )
            return parse_recipe(content)
        except (ValueError, KeyError, TypeError) as error:
            if isinstance(error, RunError):
                raise
            raise RunError(f"The settings of run {self.id} are damaged: {error}.") from error

    def log(self, message: str) -> None:
        """Add a line to the run's log."""
        now = datetime.datetime.now().isoformat(sep=" ", timespec="milliseconds")
        with self.log_path.open("a", encoding="utf-8") as file:
            file.write(f"{now} {message}\n")

    def try_lock(self) -> FileLock | None:
        """Return the lock of this run, held, or None if somebody else holds it.

        The system lets go of it when the process that holds it ends, however it ends.
        """
        # Not thread-local: a generator's clean-up may run in another thread.
        lock = FileLock(self.path / "lock", timeout=0, thread_local=False)
        try:
            lock.acquire()
        except (Timeout, OSError):
            return None
        return lock

    def save_state(self, state: dict[str, Tensor]) -> None:
        """Keep what is needed to go on; the file appears whole or not at all."""
        write_whole(self.path / "state.safetensors", safetensors.torch.save(state))

    def load_state(self) -> dict[str, Tensor] | None:
        """Return what ``save_state`` kept last; None before that, or if the file is damaged."""
        path = self.path / "state.safetensors"
        try:
            return safetensors.torch.load(path.read_bytes()) if path.is_file() else None
        except SafetensorError as error:
            self.log(f"the kept state is damaged ({error})")
            return None

    def drop_state(self) -> None:
        """Forget the state of a run that is done."""
        (self.path / "state.safetensors").unlink(missing_ok=True)

    def keep(self, checkpoint: Checkpoint, name: str) -> Path:
        """Keep the network as it is now under a name of its own, and return the file."""
        path = self.path / "checkpoints" / f"{name}.safetensors"
        save_checkpoint(checkpoint, path)
        return path

    def network_path(self, step: int | None = None) -> Path:
        """Return the file of the network: finished, otherwise the latest; or as kept at a step.

        Raises:
            RunError: If there is none yet, or none was kept at that step.
        """
        if step is not None:
            path = self.path / "checkpoints" / f"step-{step:07d}.safetensors"
            if path.is_file():
                return path
            raise RunError(f"No network was kept at step {step} of this run. Open it as it is now.")
        for path in (self.model_path, self.latest_path):
            if path.is_file():
                return path
        raise RunError("This run has not begun to train, so there is no network to open yet.")

    def keep_moment(self) -> int:
        """Keep the network as it is now for good, and return after which step that is.

        Raises:
            RunError: If the run has not begun to train, its network can't be used, or its folder
                not be written to.
        """
        try:
            checkpoint = load_checkpoint(self.network_path())
            step = int(checkpoint.provenance.get("step", 0))
            name = f"step-{step:07d}"
            if not (self.path / "checkpoints" / f"{name}.safetensors").is_file():
                self.keep(checkpoint, name)
        except CheckpointError as error:
            raise RunError(str(error)) from error
        except OSError as error:
            raise RunError(
                f"This moment can't be kept ({error.strerror or error}). Free some room on the "
                f"disk, or open the network as it is now from the page Runs."
            ) from error
        return step

    def kept_steps(self) -> list[int]:
        """Return the steps at which the network was kept, ascending."""
        found = (self.path / "checkpoints").glob("step-*.safetensors")
        steps = [path.stem.removeprefix("step-") for path in found]
        return sorted(int(step) for step in steps if step.isdecimal())

    def moments(self) -> list[Moment]:
        """Return the moments so far; a last line that is only half written is left out.

        Raises:
            RunError: If the file is damaged or can't be read.
        """
        try:
            return [Moment(**json.loads(line)) for line in whole_lines(self.moments_path)]
        except (OSError, ValueError, TypeError) as error:
            raise RunError(
                f"The moments of this run can't be read ({error}). If their file was changed by "
                f"hand, put it back as it was."
            ) from error

    def size_bytes(self) -> int:
        """Return how much room the run takes."""
        return sum(path.stat().st_size for path in self.path.rglob("*") if path.is_file())

    def remove(self) -> None:
        """Delete the folder with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
