"""The app as a server that benchmarks start, watch and end."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START_S = 120
"""How long an app may take to start."""
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """A running app."""

    process: subprocess.Popen
    """Its process."""
    port: int
    """Where it listens on this machine."""
    log_path: Path
    """What it writes to its terminal."""

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://localhost:{self.port}"

    @property
    def log(self) -> str:
        """All that it has written so far."""
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def processes(self) -> list[int]:
        """Return the numbers of its process and of all that it has started."""
        parents = {int(path.name): parent_of(path) for path in Path("/proc").glob("[0-9]*")}
        family = [self.process.pid]
        for member in family:
            family += [pid for pid, parent in parents.items() if parent == member]
        return family

    def memory_mb(self) -> dict[str, float]:
        """Return the megabytes of the server and of its children together.

        Memory that several processes share counts once, in parts (PSS).
        """
        own, *children = (pss_mb(pid) for pid in self.processes())
        return {"server": own, "children": sum(children)}

    def cpu_s(self) -> dict[str, float]:
        """Return the processor time that the server and its living children have taken."""
        own, *children = (cpu_of(pid) for pid in self.processes())
        return {"server": own, "children": sum(children)}


@contextmanager
def running_app(log_path: Path, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Yield the app as ``make run`` starts it, at a free port, and end it afterwards.

    Raises:
        RuntimeError: If it doesn't answer in time.
    """
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            command,
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=os.environ | dict(environment or {}),
        )
    server = Server(process, port, log_path)
    try:
        wait_until_healthy(f"{server.url}/_stcore/health")
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """Return the number of a port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]


def wait_until_healthy(url: str) -> None:
    """Return once the address answers; RuntimeError if it doesn't in time."""
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"The app did not answer at {url} within {START_S} s.")


def parent_of(folder: Path) -> int:
    """Return the number of a process' parent, 0 for a process that has just ended."""
    return int((stat_of(folder) or ["", "0"])[1])


def cpu_of(pid: int) -> float:
    """Return the seconds of processor time that a process has taken, 0 if it has ended."""
    stat = stat_of(Path(f"/proc/{pid}"))
    return sum(int(ticks) for ticks in stat[11:13]) / CLOCK_TICKS if stat else 0.0


def stat_of(folder: Path) -> list[str]:
    """Return what stands in a process' ``stat`` after its name, empty if it has ended."""
    with contextlib.suppress(OSError):
        return (folder / "stat").read_text().rpartition(")")[2].split()
    return []


def pss_mb(pid: int) -> float:
    """Return the megabytes of a process, of what it shares only its part; 0 if it has ended."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0
