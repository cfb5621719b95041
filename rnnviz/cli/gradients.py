"""``rnnviz gradients``: how much of the loss's gradient reaches every step of a scan."""

import argparse
import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from rnnviz.analysis.adjoint import is_chain
from rnnviz.analysis.gradients import gradient_flow
from rnnviz.analysis.jacobians import jacobian_spectrum
from rnnviz.analysis.trace import as_batch
from rnnviz.cli import options, picture, png
from rnnviz.core.batch_flow import BatchFlow
from rnnviz.core.gradient_flow import GradientFlow
from rnnviz.models.checkpoint import Checkpoint
from rnnviz.models.model import Model
from rnnviz.models.store import read_named
from rnnviz.plots.flow_figures import gradient_sheet

NAME = "gradients"
HELP = "measure how the gradient of the loss vanishes or explodes on its way back through time"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("name", help="a shipped model's name, or the path of a checkpoint")
    picture.add_picture(parser)
    parser.add_argument(
        "--target", type=int, help="class whose cross-entropy is the loss (default: the answer)"
    )
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write one line for every step")
    parser.add_argument(
        "--png", type=Path, metavar="FILE", help="draw |dL/dh| over the steps and unit by unit"
    )
    options.add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print how the gradient fares; write the table and the figure where asked."""
    checkpoint = read_named(arguments.name)
    model, image = checkpoint.model(), picture.chosen_image(arguments)
    target = answer(model, image) if arguments.target is None else arguments.target
    flow = gradient_flow(model, image, target)
    sizes = as_batch_of_one(flow)
    if arguments.csv is not None:
        write_table(arguments.csv, sizes)
    if arguments.png is not None:
        png.write_png(gradient_sheet(flow, checkpoint.name), arguments.png)
    result = summary(checkpoint, flow, sizes)
    if is_chain(model.route.parents):
        result["jacobians"] = jacobian_summary(model, image, target)
    print(json.dumps(result, allow_nan=False) if arguments.json else sentence(result))
    return 0


@torch.no_grad()
def answer(model: Model, image: np.ndarray) -> int:
    """Return the class that the model takes the picture for."""
    return int(model(as_batch(image, model)).argmax())


def as_batch_of_one(flow: GradientFlow) -> BatchFlow:
    """Return the sizes of one picture's gradient as those of a batch."""
    return BatchFlow(
        route=flow.route,
        targets=np.array([flow.target]),
        losses=np.array([flow.loss]),
        norms={name: flow.norms(name)[None] for name in flow.states},
    )


def summary(checkpoint: Checkpoint, flow: GradientFlow, sizes: BatchFlow) -> dict[str, Any]:
    """Return the sizes of the gradient by state, as JSON-able data."""
    return {
        "name": checkpoint.name,
        "target": flow.target,
        "loss": flow.loss,
        "steps": flow.route.steps,
        "states": {
            name: {
                "norms": flow.norms(name).tolist(),
                "log10_ratio": numbers(sizes.ratio(name)[0]),
                "factor_per_step": number(sizes.factor_per_step(name)),
                "steps_until_1_percent": sizes.steps_until(0.01, name),
            }
            for name in flow.states
        },
    }


def jacobian_summary(model: Model, image: np.ndarray, target: int) -> dict[str, Any]:
    """Return what the Jacobians of a chain say, as JSON-able data."""
    spectrum = jacobian_spectrum(model, image, target=target)
    return {
        "steps": spectrum.steps.tolist(),
        "log10_norms": numbers(spectrum.norms),
        "radius": spectrum.radius,
        "largest_singular_value": spectrum.largest,
        "sufficient_bound": spectrum.bound,
        "growth_per_step": number(spectrum.growth),
        "omega": number(spectrum.omega),
        "preservation": numbers(spectrum.preservation),
    }


def sentence(result: dict[str, Any]) -> str:
    """Return the summary for a person."""
    lines = [f"{result['name']}, loss against class {result['target']}: {result['loss']:.4g}"]
    for name, state in result["states"].items():
        left, until = state["log10_ratio"][0], state["steps_until_1_percent"]
        reach = "nothing" if left is None else f"10^{left:.1f} of it"
        gone = f"below 1 % {until} steps back" if until else "more than 1 % is left at every step"
        lines.append(
            f"  |dL/d{name}|: {reach} reaches the first of {result['steps']} steps, "
            f"a factor of {state['factor_per_step']:.3g} a step; {gone}"
        )
    jacobians = result.get("jacobians")
    if jacobians and jacobians["radius"] is not None:
        lines.append(
            f"  W_h: radius {jacobians['radius']:.3f}, largest singular value "
            f"{jacobians['largest_singular_value']:.3f}; gradients must vanish below "
            f"{jacobians['sufficient_bound']:.3g}"
        )
    return "\n".join(lines)


def write_table(path: Path, sizes: BatchFlow) -> None:
    """Write one line for every step: its number, how far from the end, and the gradient's size."""
    columns: dict[str, list] = {
        "step": list(range(1, sizes.route.steps + 1)),
        "steps_to_the_end": sizes.distance.tolist(),
    }
    for name, norms in sizes.norms.items():
        columns[f"gradient_norm_{name}"] = norms[0].tolist()
        columns[f"log10_ratio_{name}"] = [
            "" if v is None else v for v in numbers(sizes.ratio(name)[0])
        ]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def numbers(values: np.ndarray) -> list[float | None]:
    """Return values as JSON-able numbers, None for what isn't finite."""
    return [number(value) for value in values.tolist()]


def number(value: float) -> float | None:
    """Return a value, or None if it isn't finite."""
    return value if np.isfinite(value) else None
