"""Readouts fitted to what a network holds along the way: what did it know, and when?"""

from dataclasses import dataclass

import torch
from torch import Tensor

from rnnviz.models.model import Model


@dataclass(frozen=True, eq=False)
class Probes:
    """One linear readout for each of some depths of a route.

    Putting the final readout on an early state is misleading, so a readout of its own is fitted
    at each depth (Alain and Bengio 2016, "Understanding intermediate layers using linear
    classifier probes").

    Attributes:
        depths: After which depths of the route the probes read, ascending, shape (probe,).
        weight: (probe, class, feature); the features are the model's ``summaries``.
        bias: (probe, class).
        accuracy: Share of test pictures that each probe gets right, shape (probe,).
    """

    depths: Tensor
    weight: Tensor
    bias: Tensor
    accuracy: Tensor

    def logits(self, model: Model, hidden: Tensor) -> Tensor:
        """Return the beliefs before the softmax, (batch, probe, class).

        Args:
            model: The model for which the probes were fitted.
            hidden: Its h at every step, (batch, step, unit).
        """
        read = model.summaries(hidden, self.depths.tolist())
        return torch.einsum("bpf,pcf->bpc", read, self.weight.to(read)) + self.bias.to(read)


def probe_depths(depths: int, most: int = 64) -> list[int]:
    """Return the depths that get a probe: all, or every k-th so that there are at most ``most``.

    The last depth is always among them. For rows of 28 pixels k divides 28, so that a probe
    stands at the end of each row.
    """
    every = next(k for k in (1, 2, 4, 7, 14, 28, 56, depths) if depths <= k * most)
    return list(range((depths - 1) % every, depths, every))


def fit_probes(
    features: Tensor, labels: Tensor, classes: int, ridge: float = 1e-4, rounds: int = 60
) -> tuple[Tensor, Tensor]:
    """Return the weights (probe, class, feature) and biases (probe, class) of logistic probes.

    Multinomial logistic regression by L-BFGS, every probe at once: their losses are independent,
    so their sum has the same optimum. Features are standardised for the fit and the scale folded
    back into the weights, for states near zero are probed as well as large ones.

    Args:
        features: (batch, probe, feature).
        labels: (batch,).
        classes: Number of classes.
        ridge: Weight of the penalty on the squared standardised weights.
        rounds: Most L-BFGS iterations.
    """
    mean, scale = features.mean(0), features.std(0).clamp_min(1e-6)
    standard = ((features - mean) / scale).transpose(0, 1).contiguous()
    probes, _, width = standard.shape
    weight = features.new_zeros(probes, classes, width, requires_grad=True)
    bias = features.new_zeros(probes, classes, requires_grad=True)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=rounds, line_search_fn="strong_wolfe")
    targets = labels.expand(probes, -1).reshape(-1)

    def closure() -> Tensor:
        optimiser.zero_grad()
        logits = torch.baddbmm(bias.unsqueeze(1), standard, weight.transpose(1, 2))
        loss = torch.nn.functional.cross_entropy(logits.reshape(-1, classes), targets) * probes
        loss = loss + ridge * weight.square().sum()
        loss.backward()
        return loss

    optimiser.step(closure)
    folded = weight.detach() / scale.unsqueeze(1)
    return folded, bias.detach() - torch.einsum("pcf,pf->pc", folded, mean)


@torch.no_grad()
def probe_features(model: Model, images: Tensor, depths: list[int], batch: int = 128) -> Tensor:
    """Return what probes at these depths read, shape (picture, probe, feature)."""
    chunks = [model.summaries(model.scan(part)["h"], depths) for part in images.split(batch)]
    return torch.cat(chunks)
