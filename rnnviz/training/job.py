"""The child process of a job: reads one order, runs it, reports a line at a time.

It ends as soon as its standard input closes, so it never outlives whoever started it.
"""

import contextlib
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import torch

from rnnviz.training.experiments import run_experiment, settings_of
from rnnviz.training.jobs import PRIORITY


def main() -> int:
    """Run what the first line of the standard input orders; return the exit status."""
    order = json.loads(sys.stdin.readline())
    threading.Thread(target=end_with_the_input, daemon=True).start()
    # Not every system has priorities like these; without them a job merely is less polite.
    with contextlib.suppress(AttributeError, OSError):
        os.nice(PRIORITY)
    torch.set_num_threads(1)
    try:
        settings = settings_of(order["experiment"], order["settings"])
        for report in run_experiment(order["experiment"], settings, Path(order["folder"])):
            tell({"report": report})
    except (ValueError, OSError, FloatingPointError) as error:
        tell({"error": str(error)})
        return 1
    return 0


def tell(answer: dict[str, Any]) -> None:
    """Write one line to whoever listens."""
    sys.stdout.write(json.dumps(answer, allow_nan=False) + "\n")
    sys.stdout.flush()


def end_with_the_input() -> None:
    """Wait until the standard input closes, then end the process at once."""
    while sys.stdin.readline():
        pass
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
