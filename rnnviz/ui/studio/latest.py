"""What the last training steps of a run say. Pure data."""

from dataclasses import dataclass

from rnnviz.training.runs.metrics import Metrics

MEAN_OF = 20
"""Training steps that the figures of a run are the mean of."""


@dataclass(frozen=True)
class Latest:
    """The last training steps of a run; all of it 0 before the first one."""

    step: int = 0
    """The last one."""
    epoch: int = 0
    """The epoch that it belongs to, from 1 on."""
    count: int = 0
    """How many steps the means are of."""
    loss: float = 0.0
    """Mean of the loss."""
    accuracy: float = 0.0
    """Mean of the accuracy."""
    last_loss: float = 0.0
    """Loss of the last step alone."""
    last_accuracy: float = 0.0
    """Accuracy of the last step alone."""


def latest(metrics: Metrics) -> Latest:
    """Return what the last training steps say."""
    steps = len(metrics["step"])
    if not steps:
        return Latest()
    count = min(steps, MEAN_OF)
    # The column tells how many epochs are finished, which the last step of one counts in.
    finished = metrics["epoch"][-2:]
    before = finished[0] if steps > 1 else 0
    ends = finished[-1] > before
    loss, accuracy = metrics["loss"], metrics["accuracy"]
    return Latest(
        step=int(metrics["step"][-1]),
        epoch=int(finished[-1]) + (not ends),
        count=count,
        loss=float(loss[-count:].mean()),
        accuracy=float(accuracy[-count:].mean()),
        last_loss=float(loss[-1]),
        last_accuracy=float(accuracy[-1]),
    )
