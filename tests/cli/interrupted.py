"""A command that somebody ends by Ctrl-C."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]


def interrupted(command: list[str], begun: Callable[[], object]) -> tuple[int, str, str]:
    """Return the status, the output and the errors of a command that gets Ctrl-C.

    Args:
        command: The program and its arguments.
        begun: Returns something true once the command is to be interrupted.
    """
    # A run in the background may have been started with Ctrl-C ignored; the command is not to be.
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL) and None,
    ) as process:
        until = time.monotonic() + 120
        while not begun() and time.monotonic() < until and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, told = process.communicate(timeout=60)
    return process.returncode, out, told
