"""How the gradient vanishes at the start, beside what is expected, and how fast that is measured.

    python -m benchmarks.gradients [--seeds N] [--table | --speed] [--cpu-time] [--data FOLDER]

The table holds log10(|dL/dh_1| / |dL/dh_T|) of networks of 64 units with the weights that torch's
own layers start with, both of its biases included; a forget bias is put in place of the first of
them. Each measured figure is the median over the seeds of the median over a batch of test digits.
T=28 are the rows of 28x28 pixels, T=196 their patches of 2x2.

Over 196 steps one seed differs from the next by more than a decade, so there what is expected,
being of one run or a few, is held against the seeds as well: the last column says how many of them
lie below it. Between 5 and 95 % it could be any of them.

The plain way that the speed is held against is an unrolled loop, its input projection hoisted out,
with retain_grad on the states of every step and one backward pass. Both ways in float64, measured
in turns, so that a busy machine slows them alike.
"""

import argparse
import copy
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from rnnviz.analysis.flow import batch_flow
from rnnviz.analysis.variants import fresh_model
from rnnviz.data.folder import data_folder
from rnnviz.data.sets import PACKAGE, load_dataset
from rnnviz.models.config import ModelConfig
from rnnviz.models.model import Model
from rnnviz.models.unroll import unroll
from rnnviz.registry import discover

UNITS = 64
WITHIN = 0.5
"""Decades by which a figure may differ from what is expected."""
ROUTES = {28: ("rows", {}), 196: ("patches", {"patch": 2}), 784: ("pixels", {})}
LAYERS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
SPEED_GOALS_S = {28: 0.030, 784: 1.5}
BATCH = 32


@dataclass(frozen=True)
class Row:
    """One network of the table."""

    label: str
    """What is printed."""
    cell: str
    """Registry name of the cell."""
    expected: dict[int, float]
    """Decades by number of steps, measured beforehand with torch's default start."""
    forget_bias: float | None = None
    """First bias of the forget gate; None as torch draws it."""


ROWS = (
    Row("RNN", "rnn", {28: -6.5, 196: -45.0}),
    Row("LSTM", "lstm", {28: -6.0, 196: -39.0}),
    Row("LSTM, forget bias 1", "lstm", {28: -2.8, 196: -13.0}, 1.0),
    Row("LSTM, forget bias 5", "lstm", {28: -0.6, 196: -0.1}, 5.0),
    Row("GRU", "gru", {28: -5.7, 196: -37.0}),
)


@torch.no_grad()
def torch_start(row: Row, steps: int, seed: int) -> Model:
    """Return a model with the weights that torch's own layer draws from a seed."""
    route, options = ROUTES[steps]
    model = fresh_model(ModelConfig(route, row.cell, UNITS, route_options=options), seed)
    torch.manual_seed(seed)
    cell = model.cells[0]
    weights = LAYERS[row.cell](cell.features, UNITS).state_dict()
    if row.forget_bias is not None:
        weights["bias_ih_l0"][cell.block("forget")] = row.forget_bias
    second = weights["bias_hh_l0"]
    own = dict(cell.named_parameters()).get("bias_h")
    if own is not None:
        # Inside the reset gate's product the second bias is one of its own.
        own.copy_(second[-UNITS:])
        second[-UNITS:] = 0
    cell.weight_x.copy_(weights["weight_ih_l0"])
    cell.weight_h[0] = weights["weight_hh_l0"]
    cell.bias.copy_(weights["bias_ih_l0"] + second)
    return model


def print_table(images: np.ndarray, labels: np.ndarray, seeds: int) -> None:
    """Print the decades of every network at both lengths beside what is expected."""
    print(
        "| network | T | expected | measured | middle half of the seeds | within half a decade "
        "| seeds below the expected |"
    )
    print("|---|---|---|---|---|---|---|")
    for steps in (28, 196):
        for row in ROWS:
            medians = [
                np.median(batch_flow(torch_start(row, steps, seed), images, labels).ratio()[:, 0])
                for seed in range(seeds)
            ]
            low, measured, high = np.percentile(medians, (25, 50, 75))
            expected = row.expected[steps]
            off = abs(measured - expected)
            verdict = "yes" if off <= WITHIN else f"NO, {off:.1f} off"
            below = np.mean(np.array(medians) < expected)
            print(
                f"| {row.label} | {steps} | {expected:.1f} | {measured:.2f} "
                f"| {low:.2f} to {high:.2f} | {verdict} | {below:.0%} |",
                flush=True,
            )


def plain_flow(model: Model, images: Tensor, targets: Tensor) -> list[Tensor]:
    """Return dL/dstate of every step by autograd on the unrolled loop, retain_grad on each."""
    exact = copy.deepcopy(model).double()
    unrolled = unroll(exact, images)
    states = [state for level in unrolled.levels for state in level.states.values()]
    for state in states:
        state.retain_grad()
    nn.functional.cross_entropy(unrolled.logits, targets, reduction="sum").backward()
    return [torch.zeros_like(state) if state.grad is None else state.grad for state in states]


def print_speed(
    images: np.ndarray, labels: np.ndarray, rounds: int, clock: Callable[[], float]
) -> None:
    """Print the time of the flow of one batch per cell and length, and of the plain way."""
    most = (1,) if clock is time.process_time else (1, 2)
    pictures, targets = torch.from_numpy(images), torch.from_numpy(labels.astype(np.int64))
    print(f"Batch of {len(images)}, {UNITS} units, float64; ms, the median of {rounds} rounds")
    print()
    print("| cell | steps | threads | plain way | flow | plain / flow | goal | met |")
    print("|---|---|---|---|---|---|---|---|")
    for steps, goal_s in SPEED_GOALS_S.items():
        route, options = ROUTES[steps]
        for cell in ("rnn", "rnn_relu", "irnn", "lstm", "gru"):
            model = fresh_model(ModelConfig(route, cell, UNITS, route_options=options), 0)
            for threads in most:
                torch.set_num_threads(threads)
                plain_s, flow_s = in_turns(
                    lambda model=model: plain_flow(model.requires_grad_(True), pictures, targets),
                    lambda model=model: batch_flow(model, images, labels),
                    rounds,
                    clock,
                )
                met = "yes" if flow_s <= goal_s else "NO"
                print(
                    f"| {cell} | {steps} | {threads} | {plain_s * 1e3:.1f} | {flow_s * 1e3:.1f} "
                    f"| {plain_s / flow_s:.1f} | {goal_s * 1e3:.0f} | {met} |",
                    flush=True,
                )


def in_turns(
    one: Callable[[], object], other: Callable[[], object], rounds: int, clock: Callable[[], float]
) -> tuple[float, float]:
    """Return the median seconds of two calls that are measured in turns, after one round each."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds + 1):
        for times, call in zip(seconds, (one, other), strict=True):
            start = clock()
            call()
            times.append(clock() - start)
    return statistics.median(seconds[0][1:]), statistics.median(seconds[1][1:])


def chosen_dataset(asked: str | None, folder: Path) -> str:
    """Return the data set asked for, else mnist where it is, else digits."""
    if asked is not None:
        return asked
    return "mnist" if discover(PACKAGE)["mnist"].available(folder) else "digits"


def main() -> None:
    """Print the table and the speed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--table", action="store_true", help="only the table")
    parser.add_argument("--speed", action="store_true", help="only the speed")
    parser.add_argument("--seeds", type=int, default=40, help="networks a figure (default: 40)")
    parser.add_argument("--rounds", type=int, default=5, help="of the speed (default: 5)")
    parser.add_argument(
        "--cpu-time",
        action="store_true",
        help="count processor seconds of one thread, for a machine that others use too",
    )
    parser.add_argument("--dataset", help="default: mnist where it is, else digits")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="folder of the data sets")
    options = parser.parse_args()
    folder = data_folder(options.data)
    name = chosen_dataset(options.dataset, folder)
    data = load_dataset(name, "test", folder).take(BATCH)
    images, labels = data.floats(), data.labels
    print(f"{BATCH} test digits of {name}, torch {torch.__version__}\n")
    if not options.speed:
        print_table(images, labels, options.seeds)
        print()
    if not options.table:
        clock = time.process_time if options.cpu_time else time.perf_counter
        for batch in (BATCH, 1):
            print_speed(images[:batch], labels[:batch], options.rounds, clock)
            print()


if __name__ == "__main__":
    main()
