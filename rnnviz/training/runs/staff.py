"""The foreman of one server: started when there is work, asked for measurements."""

import json
import os
import subprocess
import sys
import threading
import uuid
from pathlib import Path
from typing import Any

from rnnviz.training.recipe import Recipe
from rnnviz.training.runs.errors import RunError
from rnnviz.training.runs.speed import Speed, read_reply

OF_PEOPLE, OF_COMMAND_LINE = "people", "command-line"
"""Whose runs a foreman sees to."""
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
CLOSE_S = 10.0
"""How long the foreman may take to have everything kept when it has to end."""
ANSWER_S = 60.0
"""How long one waits for a measurement, the foreman's own start included."""


class Staff:
    """Keeps a foreman. Safe to share between threads."""

    def __init__(
        self, runs: Path, data: Path, at_once: int, longest_min: float, whose: str
    ) -> None:
        """Begin without a foreman.

        Args:
            runs: The folder of all runs.
            data: The data folder.
            at_once: Runs that train at the same time.
            longest_min: Minutes after which a run is ended.
            whose: Whose runs it sees to, ``OF_PEOPLE`` or ``OF_COMMAND_LINE``.
        """
        self.runs, self.data = runs, data
        self.at_once, self.longest_min, self.whose = at_once, longest_min, whose
        self.foreman: subprocess.Popen[bytes] | None = None
        self._change = threading.Condition()
        self._answers: dict[str, dict[str, Any]] = {}

    def hire(self) -> None:
        """See to it that there is a foreman; RunError if none can be started."""
        with self._change:
            if self.foreman is not None and self.foreman.poll() is None:
                return
            self._let_go()
            self.foreman = self._open()
            threading.Thread(target=self._listen, args=(self.foreman,), daemon=True).start()

    def measure(self, recipe: Recipe) -> Speed | str:
        """Return what a recipe costs on this machine, or why it can't be measured. Takes seconds.

        Raises:
            RunError: If no process can be started for it.
        """
        key = uuid.uuid4().hex
        order = json.dumps({"measure": recipe.as_dict(), "key": key}) + "\n"
        with self._change:
            # Held all the while: nobody lets the foreman go between hiring and asking.
            self.hire()
            foreman = self.foreman
            assert foreman is not None and foreman.stdin is not None
            try:
                foreman.stdin.write(order.encode())
                foreman.stdin.flush()
            except OSError as error:
                raise RunError(f"It can't be measured now ({error}). Try again.") from error
            self._change.wait_for(
                lambda: key in self._answers or self.foreman is not foreman, ANSWER_S
            )
            answer = self._answers.pop(key, None)
        if answer is None:
            return "It could not be measured in time: this machine is busy, or the run very slow."
        return read_reply({name: value for name, value in answer.items() if name != "key"})

    def close(self) -> None:
        """End the foreman once what is trained has been kept."""
        with self._change:
            foreman, self.foreman = self.foreman, None
            self._change.notify_all()
        if foreman is None:
            return
        if foreman.stdin is not None:
            foreman.stdin.close()
        try:
            foreman.wait(timeout=CLOSE_S)
        except subprocess.TimeoutExpired:
            foreman.kill()
            foreman.wait()

    def _let_go(self) -> None:
        """Close what belonged to a foreman that has ended."""
        if self.foreman is not None and self.foreman.stdin is not None:
            self.foreman.stdin.close()

    def _listen(self, foreman: "subprocess.Popen[bytes]") -> None:
        """Take the foreman's answers until it ends."""
        assert foreman.stdout is not None
        with foreman.stdout as lines:
            for line in lines:
                try:
                    answer = json.loads(line)
                    key = answer["key"]
                except (ValueError, TypeError, KeyError):
                    continue
                with self._change:
                    self._answers[key] = answer
                    self._change.notify_all()

    def _open(self) -> "subprocess.Popen[bytes]":
        """Start a foreman; what it says besides goes into ``workers.log``."""
        command = [sys.executable, "-m", "rnnviz.training.runs.foreman"]
        command += [str(self.runs), str(self.data), str(self.at_once), str(self.longest_min)]
        command += [self.whose]
        try:
            with (self.runs / "workers.log").open("ab") as log:
                return subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    env=os.environ | ONE_THREAD,
                    # Ctrl-C in a terminal is for the server; this ends with its input.
                    start_new_session=True,
                )
        except OSError as error:
            raise RunError(
                f"No process for the training can be started ({error}). Try again in some minutes."
            ) from error
