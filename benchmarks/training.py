"""How fast networks train here, beside a plain PyTorch loop as a tutorial writes it.

    python -m benchmarks.training [--rounds N] [--only CASE] [--threads N] [--cpu-time]
                                  [--dataset NAME] [--data FOLDER]

Three ways through the same pictures, with the same batch, optimiser and number of threads:

plain   an ``nn.Module`` of its own with ``nn.LSTM(batch_first=True)`` and ``nn.Linear``, for the
        grid the plain double loop over cells; a data set as torchvision's are, each picture an
        image that ``ToTensor`` makes a tensor of; ``DataLoader(shuffle=True)``, Adam,
        ``CrossEntropyLoss``; the loss added up, and an accuracy at the end of the epoch
bare    our loop with all of its recording but the flow: every step's loss, accuracy, norm and
        learning rate, the state and the checkpoints, in a run's folder
ours    the same with the flow recorded too, as densely as the studio does in its shortest runs;
        in longer ones it is looked at more seldom, at most 60 times in all

A round is an epoch of each with as many validation pictures as belong to it. The three take their
steps in turns, each time another one first, so that a busy machine slows them alike; a ratio is
that of one round, and what is printed the median of the rounds and their range. The exit status is
0 if the goals are met: for rows ``ours`` is at least as fast as ``plain``, and everywhere the flow
costs at most a tenth on top of ``bare``.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import ToTensor

from benchmarks.gradients import chosen_dataset
from benchmarks.grid import lstm_double_loop
from rnnviz.data.folder import data_folder
from rnnviz.models.config import ModelConfig
from rnnviz.models.model import Model
from rnnviz.training.data import Pictures, load_pictures
from rnnviz.training.loop import Training
from rnnviz.training.moments import FEWEST_STEPS
from rnnviz.training.recipe import Recipe
from rnnviz.training.runs.carry_out import Recorder
from rnnviz.training.runs.folder import RunFolder
from rnnviz.training.runs.service import new_id
from rnnviz.training.settings import Stage, TrainingSettings

SPEED_GOAL = 1.0
"""Least ratio of our speed to that of the plain loop, where there is a goal."""
FLOW_GOAL = 0.10
"""Most that recording the flow may add to the time of a run."""
LEARNING_RATE = 1e-3
VALIDATED = 2000 / 58000
"""Validation pictures to a training picture, as in a run on all of MNIST."""
SEED = 0


@dataclass(frozen=True)
class Case:
    """One line of the table."""

    name: str
    """What is printed."""
    route: str
    """Registry name of the route: rows, pixels or grid."""
    units: int
    """Hidden units of the LSTM."""
    batch: int
    """Pictures a training step."""
    steps: int
    """Training steps a round."""

    @property
    def model(self) -> ModelConfig:
        """The network as we build it, from PyTorch's own start."""
        cell = "lstm_2d" if self.route == "grid" else "lstm"
        return ModelConfig(self.route, cell, self.units)

    def settings(self, dataset: str) -> TrainingSettings:
        """Return how it is trained for one epoch, the flow recorded as often as it ever is."""
        pictures = self.batch * self.steps
        return TrainingSettings(
            stages=(Stage(1, LEARNING_RATE, batch=self.batch),),
            datasets=(dataset,),
            pictures=pictures,
            validation=round(pictures * VALIDATED),
            seed=SEED,
            optimiser="adam",
            schedule="constant",
            weight_decay=0.0,
            clip=0.0,
            augmentation=None,
            moments=self.steps // FEWEST_STEPS,
        )


CASES = (
    Case("rows, 128 units, batch 128", "rows", 128, 128, 50),
    Case("rows, 48 units, batch 32", "rows", 48, 32, 125),
    Case("pixels, 48 units, batch 32", "pixels", 48, 32, 50),
    Case("grid, 24 units, batch 32", "grid", 24, 32, 50),
)
"""The first is as the shipped networks are trained, the others are as the studio proposes."""


class PlainPictures(Dataset):
    """Pictures as torchvision's data sets hold them."""

    def __init__(self, pictures: Pictures) -> None:
        self.pictures, self.transform = pictures, ToTensor()

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        image = Image.fromarray(self.pictures.images[index].numpy(), mode="L")
        return self.transform(image), int(self.pictures.labels[index])


class PlainChain(nn.Module):
    """A network that reads a picture in parts, one after another."""

    def __init__(self, features: int, units: int) -> None:
        super().__init__()
        self.features = features
        self.lstm = nn.LSTM(features, units, batch_first=True)
        self.readout = nn.Linear(units, 10)

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits."""
        hidden, _ = self.lstm(images.view(len(images), -1, self.features))
        return self.readout(hidden[:, -1])


class PlainGrid(nn.Module):
    """A network that reads a picture pixel by pixel, each from above and from the left."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.weight_x = nn.Parameter(torch.empty(5 * units, 1).uniform_(-1, 1) / units**0.5)
        self.weight_h = nn.Parameter(torch.empty(2, 5 * units, units).uniform_(-0.5, 0.5))
        self.weight_h.data /= units**0.5
        self.bias = nn.Parameter(torch.zeros(5 * units))
        self.readout = nn.Linear(units, 10)

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits."""
        hidden = lstm_double_loop(
            images.view(-1, 28, 28, 1), self.weight_x, self.weight_h, self.bias
        )
        return self.readout(hidden[:, -1, -1])


def repeated(pictures: Pictures, count: int) -> Pictures:
    """Return so many pictures, some of them again where there are fewer."""
    chosen = torch.arange(count) % len(pictures)
    return Pictures(pictures.images[chosen], pictures.labels[chosen])


def plain(case: Case, training: Pictures, validation: Pictures) -> Iterator[float]:
    """Train as a tutorial does, yielding the loss after every step."""
    torch.manual_seed(SEED)
    network = (
        PlainGrid(case.units)
        if case.route == "grid"
        else PlainChain(28 if case.route == "rows" else 1, case.units)
    )
    loader = DataLoader(
        PlainPictures(training), batch_size=case.batch, shuffle=True, drop_last=True
    )
    criterion = nn.CrossEntropyLoss()
    optimiser = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
    total = 0.0
    for images, labels in loader:
        optimiser.zero_grad()
        loss = criterion(network(images), labels)
        loss.backward()
        optimiser.step()
        total += loss.item()
        yield loss.item()
    right = 0
    with torch.no_grad():
        for images, labels in DataLoader(PlainPictures(validation), batch_size=250):
            right += (network(images).argmax(1) == labels).sum().item()


def recorded(
    recipe: Recipe, training: Pictures, validation: Pictures, runs: Path
) -> Iterator[float]:
    """Train as the studio does, in a run's folder, yielding the loss after every step."""
    run = RunFolder(runs / new_id())
    run.create(recipe)
    torch.manual_seed(recipe.training.seed)
    work = Training(Model(recipe.model), recipe.training, training, validation)
    with closing(Recorder(run, recipe, work, resumed=False)) as recorder:
        while not work.over:
            report = work.advance()
            recorder.take(report)
            yield report.loss
    if len(run.moments()) != len(recorder.moments):
        raise RuntimeError(f"{len(run.moments())} moments were recorded, not as many as asked for")


@dataclass(frozen=True)
class Round:
    """What an epoch of each of the three ways took, in seconds, and where it came to."""

    seconds: dict[str, float]
    """By way."""
    losses: dict[str, float]
    """Mean loss of the last quarter of the steps, by way."""


def in_turns(ways: dict[str, Iterator[float]], first: int, clock: Callable[[], float]) -> Round:
    """Let several ways take their steps in turns until all have come to their end."""
    seconds = dict.fromkeys(ways, 0.0)
    losses: dict[str, list[float]] = {name: [] for name in ways}
    going = list(ways)
    while going:
        first = (first + 1) % len(going)
        for name in going[first:] + going[:first]:
            start = clock()
            loss = next(ways[name], None)
            seconds[name] += clock() - start
            if loss is None:
                going.remove(name)
            else:
                losses[name].append(loss)
    ends = {name: statistics.fmean(some[-(len(some) // 4) :]) for name, some in losses.items()}
    return Round(seconds, ends)


def measure(
    case: Case, dataset: str, data: Path, rounds: int, clock: Callable[[], float]
) -> list[Round]:
    """Return what the rounds of a case took; one before them isn't counted."""
    settings = case.settings(dataset)
    training, validation = load_pictures(settings, data)
    training = repeated(training, case.batch * case.steps)
    whole = Recipe("ours", case.model, settings)
    bare = replace(whole, training=replace(settings, moments=0))
    found = []
    for number in range(rounds + 1):
        with tempfile.TemporaryDirectory(prefix="rnnviz-benchmark-") as folder:
            ways = {
                "plain": plain(case, training, validation),
                "bare": recorded(bare, training, validation, Path(folder)),
                "ours": recorded(whole, training, validation, Path(folder)),
            }
            found.append(in_turns(ways, number, clock))
    return found[1:]


def spread(values: list[float], form: str) -> str:
    """Return the median of some values and their range."""
    low, high = min(values), max(values)
    return f"{statistics.median(values):{form}} ({low:{form}} to {high:{form}})"


def print_case(case: Case, found: list[Round]) -> bool:
    """Print the line of a case and return whether it meets its goals."""
    ratios = [one.seconds["plain"] / one.seconds["ours"] for one in found]
    costs = [one.seconds["ours"] / one.seconds["bare"] - 1 for one in found]
    pictures = case.batch * case.steps
    speeds = {
        name: statistics.median(pictures / one.seconds[name] for one in found)
        for name in ("plain", "bare", "ours")
    }
    loss = {name: found[-1].losses[name] for name in ("plain", "ours")}
    has_goal = case.route == "rows"
    fast = not has_goal or statistics.median(ratios) >= SPEED_GOAL
    cheap = statistics.median(costs) <= FLOW_GOAL
    print(
        f"| {case.name} | {speeds['plain']:.0f} | {speeds['bare']:.0f} | {speeds['ours']:.0f} "
        f"| {spread(ratios, '.2f')} | {f'{SPEED_GOAL:.1f}' if has_goal else 'none'} "
        f"| {spread(costs, '.1%')} | {FLOW_GOAL:.0%} | {loss['plain']:.2f}, {loss['ours']:.2f} "
        f"| {'yes' if fast and cheap else 'NO'} |",
        flush=True,
    )
    return fast and cheap


def main() -> int:
    """Print the table and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--rounds", type=int, default=7, help="of each case (default: 7)")
    parser.add_argument("--only", help="cases whose name begins so: rows, pixels, grid")
    parser.add_argument("--threads", type=int, default=1, help="default: 1, as the studio trains")
    parser.add_argument(
        "--cpu-time",
        action="store_true",
        help="count processor seconds, for a machine that others use too",
    )
    parser.add_argument("--dataset", help="default: mnist where it is, else digits")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="folder of the data sets")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    folder = data_folder(options.data)
    name = chosen_dataset(options.dataset, folder)
    clock = time.process_time if options.cpu_time else time.perf_counter
    cases = [case for case in CASES if case.name.startswith(options.only or "")]
    print(
        f"LSTMs on {name}, torch {torch.__version__}, {options.threads} thread(s), "
        f"{'processor' if options.cpu_time else 'wall'} time; {options.rounds} rounds each, the "
        f"median and the range\n\n"
        f"| case | plain, images/s | bare | ours | ours / plain | goal | the flow costs | goal "
        f"| last losses, plain and ours | met |\n|---|---|---|---|---|---|---|---|---|---|"
    )
    met = [print_case(case, measure(case, name, folder, options.rounds, clock)) for case in cases]
    return 0 if met and all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
