"""How fast grids are read: double loop, wavefront, torch's own RNN over pixels, and the floor.

    python -m benchmarks.grid [--quick] [--threads N] [--cpu-time]

The floor is the time in which the machine, at the rate that it reaches here and now on a
large matrix product, does the floating-point operations of the cells' matrix products:
2 * gate * unit * (2 * unit + feature) a cell forward, three times as many with the
backward pass. torch's own networks are another model, with one parent a step and, for
the LSTM, four gates instead of five; they show what reading 784 steps in turn costs.
All rows of the table are measured in turns, so that a busy machine slows them alike.
"""

import argparse
import itertools
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rnnviz.models.wavefront import lstm_2d, rnn_2d

SIDE = 28
GATES = {"tanh": 1, "lstm": 5}
NETWORKS = {"tanh": nn.RNN, "lstm": nn.LSTM}


@dataclass(frozen=True)
class Case:
    """One line of the table."""

    cell: str
    """"tanh" or "lstm"."""
    unit: int
    """Hidden units."""
    batch: int
    """Images."""
    backward: bool
    """Whether the gradients of the weights are computed as well."""

    def operations(self) -> int:
        """Return the floating-point operations of the matrix products."""
        rows = GATES[self.cell] * self.unit
        forward = 2 * self.batch * SIDE * SIDE * rows * (2 * self.unit + 1)
        return 3 * forward if self.backward else forward


def tanh_double_loop(inputs: Tensor, weight_x: Tensor, weight_h: Tensor, bias: Tensor) -> Tensor:
    """Return the states of the plain 2-D RNN, visiting the cells in turn."""
    batch, height, width, _ = inputs.shape
    zero = inputs.new_zeros(batch, weight_h.shape[2])
    states: dict[tuple[int, int], Tensor] = {}
    for row, column in itertools.product(range(height), range(width)):
        up = states.get((row - 1, column), zero)
        left = states.get((row, column - 1), zero)
        z = nn.functional.linear(inputs[:, row, column], weight_x, bias)
        states[row, column] = torch.tanh(z + up @ weight_h[0].t() + left @ weight_h[1].t())
    return torch.stack(list(states.values()), dim=1).unflatten(1, (height, width))


def lstm_double_loop(inputs: Tensor, weight_x: Tensor, weight_h: Tensor, bias: Tensor) -> Tensor:
    """Return h of the 2-D LSTM, visiting the cells in turn."""
    batch, height, width, _ = inputs.shape
    zero = inputs.new_zeros(batch, weight_h.shape[2])
    outside = (zero, zero)
    states: dict[tuple[int, int], tuple[Tensor, Tensor]] = {}
    for row, column in itertools.product(range(height), range(width)):
        h_up, c_up = states.get((row - 1, column), outside)
        h_left, c_left = states.get((row, column - 1), outside)
        z = nn.functional.linear(inputs[:, row, column], weight_x, bias)
        z = z + h_up @ weight_h[0].t() + h_left @ weight_h[1].t()
        i, forget_up, forget_left, g, o = z.chunk(5, dim=1)
        c = torch.sigmoid(i) * torch.tanh(g)
        c = c + torch.sigmoid(forget_up) * c_up + torch.sigmoid(forget_left) * c_left
        states[row, column] = (torch.sigmoid(o) * torch.tanh(c), c)
    hidden = [h for h, _ in states.values()]
    return torch.stack(hidden, dim=1).unflatten(1, (height, width))


LOOPS = {"tanh": tanh_double_loop, "lstm": lstm_double_loop}
WAVEFRONTS = {"tanh": rnn_2d, "lstm": lambda *arguments: lstm_2d(*arguments)[0]}


def runs(case: Case) -> dict[str, Callable[[], object]]:
    """Return what is timed for a case, by name."""
    generator = torch.Generator().manual_seed(0)
    rows = GATES[case.cell] * case.unit
    inputs = torch.rand(case.batch, SIDE, SIDE, 1, generator=generator)
    weights = [
        (torch.randn(shape, generator=generator) * 0.5 / case.unit**0.5).requires_grad_()
        for shape in ((rows, 1), (2, rows, case.unit), (rows,))
    ]
    network = NETWORKS[case.cell](1, case.unit, batch_first=True)
    calls: dict[str, tuple[Callable[[], Tensor], list[Tensor]]] = {
        "loop": (lambda: LOOPS[case.cell](inputs, *weights), weights),
        "wavefront": (lambda: WAVEFRONTS[case.cell](inputs, *weights), weights),
        "torch": (lambda: network(inputs.flatten(1, 2))[0], list(network.parameters())),
    }
    return {name: _run(case, *call) for name, call in calls.items()}


def _run(case: Case, call: Callable[[], Tensor], weights: list[Tensor]) -> Callable[[], object]:
    """Return the call without gradients, or with its backward pass."""
    if not case.backward:
        return torch.no_grad()(call)
    with torch.no_grad():
        arriving = torch.randn_like(call())
    return lambda: torch.autograd.grad(call(), weights, arriving)


def measure(case: Case, budget_s: float, clock: Callable[[], float]) -> dict[str, float]:
    """Return the median seconds of every way through a case, and of the floor.

    Args:
        case: What to measure.
        budget_s: About how many seconds to spend, beyond two rounds.
        clock: Returns the time in seconds.
    """
    side = 1024
    left, right, product = torch.rand(side, side), torch.rand(side, side), torch.empty(side, side)
    timed = runs(case)
    timed["matrix"] = lambda: torch.mm(left, right, out=product)
    seconds: dict[str, list[float]] = {name: [] for name in timed}
    for run in timed.values():
        run()
    end = time.perf_counter() + budget_s
    while len(seconds["loop"]) < 2 or time.perf_counter() < end:
        for name, run in timed.items():
            # The double loop takes most of the time; the others deserve more samples.
            for _ in range(1 if name == "loop" else 5):
                start = clock()
                run()
                seconds[name].append(clock() - start)
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    medians["floor"] = case.operations() / (2 * side**3 / medians.pop("matrix"))
    return medians


def table_row(case: Case, median: dict[str, float]) -> str:
    """Return a case's line of the table."""
    cells = [
        case.cell,
        str(case.unit),
        str(case.batch),
        "forward + backward" if case.backward else "forward",
        *(f"{median[name] * 1e3:.2f}" for name in ("loop", "wavefront", "torch", "floor")),
        f"{median['loop'] / median['wavefront']:.1f}",
        f"{median['torch'] / median['wavefront']:.1f}",
        f"{median['wavefront'] / median['floor']:.1f}",
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--quick", action="store_true", help="hidden 32 only, a second a case")
    parser.add_argument("--threads", type=int, default=1, help="of torch (default: 1)")
    parser.add_argument(
        "--cpu-time",
        action="store_true",
        help="count processor seconds, for a machine that others use too; with one thread only",
    )
    options = parser.parse_args()
    if options.cpu_time and options.threads != 1:
        parser.error("--cpu-time counts the waiting of idle threads; use it with --threads 1.")
    torch.set_num_threads(options.threads)
    clock = time.process_time if options.cpu_time else time.perf_counter
    print(f"{SIDE}x{SIDE} pixels, torch {torch.__version__}, {options.threads} thread(s); ms")
    print()
    print(
        "| cell | hidden | batch | pass | double loop | wavefront | torch, 784 steps | floor "
        "| loop / wavefront | torch / wavefront | wavefront / floor |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    units = (32,) if options.quick else (32, 64)
    for cell, unit, batch, backward in itertools.product(GATES, units, (1, 32, 128), (False, True)):
        case = Case(cell, unit, batch, backward)
        print(table_row(case, measure(case, 1.0 if options.quick else 4.0, clock)), flush=True)


if __name__ == "__main__":
    main()
