"""The process from which all trainings of a server come.

``python -m rnnviz.training.runs.foreman RUNS DATA AT_ONCE LONGEST_MIN WHOSE``

torch takes seconds and some 500 MB to be loaded. The foreman loads it once; every training and
every measurement is a fork of it, which begins at once and shares that memory (``offspring``).

It takes orders from its standard input, a JSON object a line: ``{"measure": recipe, "key": ...}``
is answered by ``{"key": ..., ...}`` on its standard output. Runs need no order, they wait in the
ledger. When the input closes, it ends, and with it all that came from it.
"""

import contextlib
import json
import os
import queue
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from rnnviz.training.runs.errors import RunError
from rnnviz.training.runs.ledger import Ledger
from rnnviz.training.runs.offspring import Forks, Offspring, Threads
from rnnviz.training.runs.speed import reply
from rnnviz.training.runs.staff import OF_COMMAND_LINE
from rnnviz.training.runs.worker import Worker

PRIORITY = 19
"""How nice trainings are to what else the machine does (0 to 19)."""
LOOK_EVERY_S = 0.2
"""Seconds between two looks whether a run is waiting."""
IDLE_S = 600.0
"""How long a foreman without work stays."""
GRACE_S = 4.0
"""How long a run may take to keep its state once its process has to end."""
LONGEST_MEASURE_S = 40.0
"""How long a measurement may take."""
NOTHING_TAKEN = 3
"""Exit status of a training process that found no run to train."""
REST_S = 2.0
"""How long the foreman rests after that."""
CAN_FORK = hasattr(os, "fork")


@dataclass
class Foreman:
    """Sees to it that waiting runs are trained, as many at once as are granted."""

    runs: Path
    """The folder of all runs."""
    data: Path
    """The data folder."""
    at_once: int
    """Runs that train at the same time."""
    longest_s: float
    """How long a run may train in all."""
    command_line: bool = False
    """Whether it sees to the command line's runs; otherwise to people's."""
    offspring: Offspring = field(default_factory=lambda: Forks() if CAN_FORK else Threads())
    """Where the work is done."""

    def __post_init__(self) -> None:
        """Open the ledger."""
        self.ledger = Ledger(self.runs)
        self.orders: queue.Queue[bytes | None] = queue.Queue()
        self.training: set[int] = set()
        self.measuring: dict[int, tuple[float, str]] = {}
        self.rest_until = 0.0

    def work(self) -> None:
        """Work until the standard input closes, or there has been nothing to do for long."""
        threading.Thread(target=listen, args=(self.orders,), daemon=True).start()
        busy_at = time.monotonic()
        while time.monotonic() - busy_at < IDLE_S:
            try:
                order = self.orders.get(timeout=LOOK_EVERY_S)
            except queue.Empty:
                order = b""
            if order is None:
                break
            if order:
                self.measure(order)
            self.bury()
            self.begin()
            if self.training or self.measuring:
                busy_at = time.monotonic()
        self.close()

    def begin(self) -> None:
        """Begin to train as many of the waiting runs as there is room for."""
        if time.monotonic() < self.rest_until or len(self.training) >= self.at_once:
            return
        with contextlib.suppress(RunError):
            waiting = len(self.ledger.waiting(self.command_line))
            for _ in range(min(waiting, self.at_once - len(self.training))):
                self.training.add(self.offspring.begin(self.train_one))

    def train_one(self) -> int:
        """Train the run that has waited longest; return the exit status."""
        worker = Worker(self.runs, self.data, self.longest_s, self.command_line)
        threading.Thread(target=end_with, args=(self.offspring, worker), daemon=True).start()
        return 0 if worker.take_one() else NOTHING_TAKEN

    def measure(self, order: bytes) -> None:
        """Begin to measure what a line asks for."""
        asked = json.loads(order)

        def work() -> int:
            answer(asked["key"], reply(asked["measure"], self.data))
            return 0

        self.measuring[self.offspring.begin(work)] = (time.monotonic(), asked["key"])

    def bury(self) -> None:
        """Let go of what has ended, and end measurements that take too long."""
        for number in list(self.training):
            status = self.offspring.ended(number)
            if status is not None:
                self.training.discard(number)
            if status == NOTHING_TAKEN:
                self.rest_until = time.monotonic() + REST_S
        for number, (since, key) in list(self.measuring.items()):
            if time.monotonic() - since > LONGEST_MEASURE_S:
                self.offspring.kill(number)
            status = self.offspring.ended(number)
            if status is not None:
                del self.measuring[number]
            if status:
                answer(key, {"error": TOO_MUCH})

    def close(self) -> None:
        """End all that is under way, once it has kept what it has."""
        self.offspring.tell_end()
        deadline = time.monotonic() + GRACE_S
        while self.training and time.monotonic() < deadline:
            self.bury()
            time.sleep(0.05)


TOO_MUCH = (
    f"A few batches took more than {LONGEST_MEASURE_S:.0f} s, or more memory than there is. Choose "
    f"fewer units, a smaller batch or a shorter route."
)


def answer(key: str, content: dict[str, Any]) -> None:
    """Write one line to whoever ordered it, whole even if others write as well."""
    os.write(1, (json.dumps({"key": key} | content) + "\n").encode())


def listen(orders: "queue.Queue[bytes | None]") -> None:
    """Hand on the lines of the standard input, and None when it closes.

    Read by its number: a fork must not find Python's own buffer locked by this thread.
    """
    rest = b""
    while chunk := os.read(0, 65536):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            orders.put(line)
    orders.put(None)


def end_with(offspring: Offspring, worker: Worker) -> None:
    """Wait until a training has to end; then end its process, soon or at once."""
    offspring.wait_for_end()
    worker.ending.set()
    time.sleep(GRACE_S)
    os._exit(1)


def get_ready() -> None:
    """Do once what takes torch seconds when the first optimiser is made."""
    torch.set_num_threads(1)
    torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))])


def main() -> int:
    """Be the foreman of a folder; return the exit status."""
    runs, data, at_once, longest_min, whose = sys.argv[1:6]
    with contextlib.suppress(AttributeError, OSError):
        # Not every system has priorities like these; without them it merely is less polite.
        os.nice(PRIORITY)
    get_ready()
    longest_s = 60.0 * float(longest_min)
    Foreman(Path(runs), Path(data), int(at_once), longest_s, whose == OF_COMMAND_LINE).work()
    return 0


if __name__ == "__main__":
    sys.exit(main())
