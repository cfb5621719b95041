"""Why gradients vanish: products of Jacobians, norm by norm, and what gates keep."""

import copy
import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from rnnviz.analysis.adjoint import check_finite, is_chain, readout_gradient, sweep_slopes
from rnnviz.analysis.flow import Images, as_pictures
from rnnviz.analysis.gradients import checked_class
from rnnviz.analysis.trace import Image, as_batch
from rnnviz.analysis.variants import keeping_gates
from rnnviz.core.spectrum import RESOLVED, JacobianSpectrum
from rnnviz.models.cells import Cell
from rnnviz.models.cells.cell import Slopes, States
from rnnviz.models.model import Model
from rnnviz.models.record import Recording, record


def jacobian_spectrum(
    model: Model, image: Image, most_steps: int = 60, target: int | None = None
) -> JacobianSpectrum:
    """Return the singular values of ∂s_T/∂s_t, s the state (h, or h and c together), on a chain.

    The identity is carried back from the last step through the transposed Jacobian of each step,
    rescaled on the way, all in float64.

    Args:
        model: A model of one layer whose route is a chain that is read one way, trained or not;
            it isn't changed.
        image: (28, 28), or the model's (frame, height, width), values in [0, 1].
        most_steps: For how many t at most, evenly spread; the first and the last are among them.
        target: Class of the loss whose norm preservation is measured; None for the model's answer.

    Raises:
        ValueError: If the route is no chain or there are several layers or directions, so that
            there isn't one such product; if the picture, the target or ``most_steps`` don't fit,
            or the states overflow.
    """
    check_chain(model)
    if most_steps < 2:
        raise ValueError(f"A spectrum needs at least 2 steps, got most_steps={most_steps}.")
    exact = copy.deepcopy(model).double().requires_grad_(False)
    recording = record(exact, as_batch(image, exact))
    check_finite(recording.states.values(), exact.dtype)
    answer = int(recording.logits.argmax()) if target is None else target
    slopes = by_step(sweep_slopes(exact.route, 0, exact.cells[0], recording))
    steps = np.unique(np.linspace(0, exact.route.steps - 1, most_steps).round().astype(np.int64))
    cell = exact.cells[0]
    radius, largest = recurrent_size(cell)
    return JacobianSpectrum(
        steps=steps,
        values=log_singular_values(cell, slopes, steps),
        radius=radius,
        largest=largest,
        bound=None if cell.STEEPEST is None else 1.0 / cell.STEEPEST,
        preservation=preservation(exact, recording, slopes, answer),
    )


def check_chain(model: Model) -> None:
    """Raise a ValueError unless each step hears from the step before and from nothing else."""
    if model.config.layers > 1 or model.route.both_ways:
        several = f"{model.config.layers} layers" if model.config.layers > 1 else "2 directions"
        raise ValueError(
            f"This network has {several}, and only along a single chain is there one product of "
            f"Jacobians. Choose a network of 1 layer and 1 direction."
        )
    if model.route.sweeps != 1 or not is_chain(model.route.parents):
        raise ValueError(
            f"Route '{model.route.name}' isn't a chain, and only along a chain is there one "
            f"product of Jacobians. Choose a route whose steps follow one another, such as rows."
        )


def by_step(slopes: Slopes) -> list[Slopes]:
    """Return slopes (batch, step, ...) as one dictionary a step, each (batch, ...)."""
    unbound = {name: value.unbind(1) for name, value in slopes.items()}
    steps = len(next(iter(unbound.values())))
    return [{name: value[step] for name, value in unbound.items()} for step in range(steps)]


@torch.no_grad()
def log_singular_values(cell: Cell, slopes: Sequence[Slopes], steps: np.ndarray) -> np.ndarray:
    """Return log10 of the singular values of ∂s_T/∂s_t for each t of ``steps``, (t, value)."""
    width = len(cell.STATES) * cell.units
    jacobian = torch.eye(width, dtype=cell.bias.dtype)
    scale, chosen = 0.0, set(steps.tolist())
    products: list[Tensor] = []
    scales: list[float] = []
    for step in reversed(range(len(slopes))):
        if step in chosen:
            products.append(jacobian)
            scales.append(scale)
        if step > 0:
            jacobian, scale = rescaled(pull_back(cell, slopes[step], jacobian), scale)
    found = torch.linalg.svdvals(torch.stack(products[::-1])).numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        resolved = np.where(found > 10.0**-RESOLVED * found[:, :1], found, np.nan)
        values = np.log10(resolved) + np.array(scales[::-1])[:, None]
    # A product that is exactly zero has a norm of zero, which is known and not unresolved.
    return np.where(found[:, :1] == 0, -np.inf, values)


def pull_back(cell: Cell, slopes: Slopes, rows: Tensor) -> Tensor:
    """Return ``rows`` (row, state * unit) times the Jacobian of one step of a chain."""
    parts = rows.chunk(len(cell.STATES), dim=1)
    received: States = dict(zip(cell.STATES, parts, strict=True))
    (before,) = cell.pull(slopes, received).parents
    return torch.cat([before[name] for name in cell.STATES], dim=1)


def rescaled(rows: Tensor, scale: float = 0.0) -> tuple[Tensor, float]:
    """Return the rows divided by their largest entry, and ``scale`` with log10 of it added."""
    largest = float(rows.abs().max())
    if largest == 0:
        return rows, scale
    # Divided twice by the root, because 1 / 1e-310 is infinite.
    return rows / math.sqrt(largest) / math.sqrt(largest), scale + math.log10(largest)


@torch.no_grad()
def preservation(
    model: Model, recording: Recording, slopes: Sequence[Slopes], target: int
) -> np.ndarray:
    """Return |dL/ds_{k+1} · ∂s_{k+1}/∂s_k| / |dL/ds_{k+1}| for each k, shape (step - 1,)."""
    cell = model.cells[0]
    wanted = torch.tensor([checked_class(target, model.config.classes)])
    _, arriving = readout_gradient(model, recording, wanted)
    direct = torch.cat(
        [arriving.get(name, torch.zeros_like(arriving["h"])) for name in cell.STATES], dim=2
    )
    ratios = np.full(len(slopes) - 1, np.nan)
    carried, scale = rescaled(direct[:, -1])
    for step in reversed(range(1, len(slopes))):
        before = pull_back(cell, slopes[step], carried)
        norm = float(carried.norm())
        ratios[step - 1] = float(before.norm()) / norm if norm > 0 else np.nan
        carried, scale = scaled_sum(*rescaled(before, scale), *rescaled(direct[:, step - 1]))
    return ratios


def scaled_sum(
    one: Tensor, scale: float, other: Tensor, other_scale: float
) -> tuple[Tensor, float]:
    """Return the sum of two tensors that are given each with log10 of a factor, likewise."""
    if not other.any():
        return one, scale
    common = max(scale, other_scale)
    return one * 10.0 ** (scale - common) + other * 10.0 ** (other_scale - common), common


def recurrent_size(cell: Cell) -> tuple[float | None, float | None]:
    """Return ρ(W_h) and σ₁(W_h), or None twice unless W_h is one square matrix."""
    if len(cell.BLOCKS) != 1 or cell.PARENTS != 1:
        return None, None
    weight = cell.weight_h[0].detach().double()
    radius = torch.linalg.eigvals(weight).abs().max()
    return float(radius), float(torch.linalg.matrix_norm(weight, ord=2))


def half_lives(model: Model, images: Images) -> np.ndarray:
    """Return after how many steps each unit still keeps half of its memory, shape (unit,).

    The memory is what the gate that keeps (``Cell.KEEPS``: an LSTM's forget gate, a GRU's update
    gate) multiplies; along this direct path alone, dc_T/dc_t = ∏f. Sweeps stand one after
    another, and in each of them the units of the first layer come first.

    Args:
        model: A model of a cell with one such gate.
        images: One or more pictures, (picture, 28, 28); the gate's geometric mean is taken over
            all of their steps.

    Raises:
        ValueError: If the cell has no such gate, or one for each of two parents.
    """
    gates = keeping_gates(model)
    if len(gates) != 1:
        raise ValueError(
            f"{model.cells[0].LABEL} keeps a part of each parent's memory ({', '.join(gates)}), so "
            f"no unit has one half-life. Choose a cell with one gate that keeps."
        )
    exact = copy.deepcopy(model).double().requires_grad_(False)
    kept = record(exact, as_pictures(images, exact)).gates[gates[0]]
    by_sweep = kept.unflatten(1, (exact.route.sweeps, -1))
    return half_life(by_sweep.transpose(1, 2).flatten(0, 1)).flatten().numpy()


def half_life(kept: Tensor) -> Tensor:
    """Return how many steps each unit keeps half of its memory.

    Args:
        kept: Values in (0, 1) of the gate that keeps, shape (step, ...).

    Returns:
        Half-life in steps, shape (...); infinite for a gate held at 1.

    A constant gate f keeps f**k of the memory after k steps, so the half-life is
    log(1/2) / log(f), here at the geometric mean of f.
    """
    return math.log(2.0) / kept.log().mean(dim=0).abs()
