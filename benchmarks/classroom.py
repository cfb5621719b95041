"""Thirty at once: a class that draws while networks train, on one small server.

    python -m benchmarks.classroom [--sessions 30] [--minutes 5] [--trainings 2] [--watchers 10]

Starts the app as the README does, opens a websocket for every pupil as a browser does, and lets
all of them draw a stroke every two seconds, the strokes under way sent five times a second. Some
also watch one of the trainings on the page Train. Measured are the time from the pointer's lift to
the new answer, errors, the memory of the server with all its children, and whether anybody is sent
what belongs to somebody else. The exit status says whether all goals are met.

The pupils run in a process of their own; it takes processor time that thirty laptops would bring
along, so what they took is said as well.
"""

import argparse
import json
import math
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.server import Server, running_app
from rnnviz.data.folder import data_folder
from rnnviz.data.sets import mnist
from rnnviz.models.config import ModelConfig
from rnnviz.training.recipe import Recipe
from rnnviz.training.runs.folder import RunFolder
from rnnviz.training.runs.ledger import Ledger
from rnnviz.training.runs.service import new_id
from rnnviz.training.settings import Stage, TrainingSettings

P50_MS, P95_MS = 80.0, 350.0
MEMORY_MB = 1536.0
GROWTH = 0.05
GROWTH_OVER_S = 180.0
SAMPLE_S = 2.0
SLACK_S = 150.0
"""How much longer than the lesson the pupils may take."""


def main() -> None:
    """Run the benchmark and end with the status that says whether the goals are met."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sessions", type=int, default=30, help="pupils who draw")
    parser.add_argument("--minutes", type=float, default=5.0, help="how long they draw")
    parser.add_argument("--trainings", type=int, default=2, help="networks that train meanwhile")
    parser.add_argument("--watchers", type=int, default=10, help="pupils who also watch a training")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(
        prefix="rnnviz-classroom-", ignore_cleanup_errors=True
    ) as folder:
        result = measure(options, Path(folder))
    print(json.dumps(result, indent=2) if options.json else as_text(result))
    sys.exit(not all(goal["met"] for goal in result["goals"].values()))


def measure(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Return what a lesson with these options measured."""
    environment = {
        "RNNVIZ_RUNS": str(folder / "runs"),
        "RNNVIZ_DATA": str(data_folder()),
        "RNNVIZ_TRAININGS": str(max(options.trainings, 1)),
    }
    runs = [begin_training(folder / "runs", k) for k in range(options.trainings)]
    plan = {
        "sessions": options.sessions,
        "seconds": 60 * options.minutes,
        "watchers": options.watchers,
        "runs": runs,
    }
    with running_app(folder / "log.txt", environment) as server:
        before = server.cpu_s()
        notes, samples = attend(server, plan)
        after = server.cpu_s()
        states = [Ledger(folder / "runs").get(run) for run in runs]
    trainings = [{"state": run.state, "step": run.step} for run in states]
    cpu = {name: (after[name] - before[name]) / notes["wall_s"] for name in after}
    cpu["pupils"] = notes["cpu_s"] / notes["wall_s"]
    return summary(options, notes, samples, server.log, trainings, cpu)


def begin_training(folder: Path, number: int) -> str:
    """Let a visitor's run wait that takes longer than any lesson, and return its name."""
    # The embedded set is small: an epoch of it takes 8 steps.
    dataset, epochs = ("mnist", 400) if mnist.available(data_folder()) else ("digits", 40_000)
    recipe = Recipe(
        f"training {number}",
        ModelConfig("rows", ("lstm", "gru")[number % 2], 64),
        TrainingSettings(
            stages=(Stage(epochs=epochs, learning_rate=1e-3),),
            datasets=(dataset,),
            seed=number,
        ),
    )
    run = RunFolder(folder / new_id())
    folder.mkdir(parents=True, exist_ok=True)
    run.create(recipe)
    Ledger(folder).add(run.id, recipe, secrets.token_hex(16))
    return run.id


def attend(server: Server, plan: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, float]]]:
    """Let the pupils draw; return what they saw, and the server's memory over time.

    Raises:
        RuntimeError: If the pupils' process fails or doesn't end.
    """
    command = [sys.executable, "-m", "benchmarks.pupils", server.url, json.dumps(plan)]
    # Into a file: what thirty pupils note is more than a pipe holds until somebody reads it.
    with tempfile.TemporaryFile("w+", encoding="utf-8") as notes:
        pupils = subprocess.Popen(command, stdout=notes)
        end = time.monotonic() + plan["seconds"] + plan["sessions"] + SLACK_S
        samples = []
        while pupils.poll() is None and time.monotonic() < end:
            samples.append({"at_s": time.monotonic()} | server.memory_mb())
            time.sleep(SAMPLE_S)
        if pupils.poll() is None:
            pupils.kill()
            pupils.wait()
            raise RuntimeError("The pupils did not end in time. Is the server stuck?")
        notes.seek(0)
        output = notes.read()
    if pupils.returncode:
        raise RuntimeError(f"The pupils' process failed with status {pupils.returncode}.")
    return json.loads(output), samples


def summary(
    options: argparse.Namespace,
    notes: dict[str, Any],
    samples: Sequence[dict[str, float]],
    log: str,
    trainings: list[dict[str, Any]],
    cpu: dict[str, float],
) -> dict[str, Any]:
    """Return all figures, and which of the goals are met."""
    waits = sorted(notes["waits_ms"])
    memory = [sample["server"] + sample["children"] for sample in samples]
    times = [sample["at_s"] for sample in samples]
    tracebacks = log.count("Traceback (most recent call last)")
    waiting = {
        "n": len(waits),
        "p50_ms": round(statistics.median(waits), 1) if waits else math.inf,
        "p95_ms": round(percentile(waits, 0.95), 1),
        "most_ms": round(waits[-1], 1) if waits else math.inf,
        "unanswered": notes["unanswered"],
    }
    errors = [*notes["errors"], *([f"{tracebacks} tracebacks in the log"] if tracebacks else [])]
    strangers = notes["leaks"]
    growth = growth_of(times, memory, min(GROWTH_OVER_S, 60 * options.minutes))
    trained = all(run["state"] == "running" and run["step"] > 0 for run in trainings)
    return {
        "setting": vars(options) | {"cores": len(os.sched_getaffinity(0))},
        "waiting": waiting,
        "messages_between": notes["between"],
        "received_mb": round(notes["received_mb"]),
        "watchers_updates": notes["watched"],
        "memory": {
            "most_mb": round(max(memory)),
            "server_mb": round(samples[-1]["server"]),
            "children_mb": round(samples[-1]["children"]),
            "growth": round(growth, 4),
        },
        "cores_used": {name: round(value, 2) for name, value in cpu.items()},
        "trainings": trainings,
        "errors": errors[:20],
        "leaks": strangers[:20],
        "goals": {
            "p50": goal(waiting["p50_ms"] <= P50_MS, f"at most {P50_MS:.0f} ms"),
            "p95": goal(waiting["p95_ms"] <= P95_MS, f"at most {P95_MS:.0f} ms"),
            "every lift answered": goal(waits != [] and not waiting["unanswered"], "all"),
            "no error": goal(not errors, "none"),
            "memory": goal(max(memory) <= MEMORY_MB, f"at most {MEMORY_MB:.0f} MB"),
            "flat": goal(growth <= GROWTH, f"at most {GROWTH:.0%} over the last 3 minutes"),
            "private": goal(
                not strangers and notes["refusals"] == options.sessions,
                "each pupil's own message and drawings come to that pupil alone",
            ),
            "trainings go on": goal(trained, "all of them running"),
        },
    }


def goal(met: bool, wanted: str) -> dict[str, Any]:
    """Return a goal and whether it is met."""
    return {"met": bool(met), "wanted": wanted}


def percentile(ascending: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of the values don't exceed."""
    return ascending[math.ceil(share * len(ascending)) - 1] if ascending else math.inf


def growth_of(times: Sequence[float], memory: Sequence[float], over_s: float) -> float:
    """Return how much of itself the memory grew over the last seconds, by a straight line.

    A line through all samples, for a single one depends on what is being garbage just then.
    """
    chosen = np.asarray(times) >= times[-1] - over_s
    t, m = np.asarray(times)[chosen], np.asarray(memory)[chosen]
    if len(t) < 3:
        return 0.0
    slope, start = np.polyfit(t - t[0], m, 1)
    return float(slope * (t[-1] - t[0]) / start)


def as_text(result: dict[str, Any]) -> str:
    """Return the result for a person."""
    setting, waiting, memory = result["setting"], result["waiting"], result["memory"]
    cores = ", ".join(f"{name} {value:.2f}" for name, value in result["cores_used"].items())
    lines = [
        f"{setting['sessions']} pupils draw for {setting['minutes']:g} minutes, "
        f"{setting['watchers']} of them watch one of {setting['trainings']} trainings; "
        f"{setting['cores']} cores",
        f"from lift to answer   {waiting['n']} lifts: p50 {waiting['p50_ms']} ms, "
        f"p95 {waiting['p95_ms']} ms, most {waiting['most_ms']} ms, "
        f"{waiting['unanswered']} unanswered",
        f"messages              {result['messages_between']} while drawing, "
        f"{result['watchers_updates']} updates of watchers, {result['received_mb']} MB came",
        f"memory                {memory['most_mb']} MB at most; at the end {memory['server_mb']} "
        f"in the server, {memory['children_mb']} in its children; grew {memory['growth']:.1%}",
        f"cores used            {cores}",
        f"trainings             {result['trainings']}",
        *(f"error: {error}" for error in result["errors"]),
        *(f"leak: {leak}" for leak in result["leaks"]),
        "",
        *(
            f"{'met    ' if goal['met'] else 'NOT MET'}  {name}: {goal['wanted']}"
            for name, goal in result["goals"].items()
        ),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
