"""Print the README's table of models from the figures in the checkpoints themselves.

`python -m tools.model_table` prints it; a test holds that the README shows just that.
"""

from rnnviz.core.routes import PACKAGE
from rnnviz.models.checkpoint import Checkpoint
from rnnviz.models.model import parameter_count
from rnnviz.models.store import read_named, shipped_names
from rnnviz.registry import discover

HEADER = (
    "| name | cell | reads | units | parameters | MNIST test | pen strokes, unseen writers |",
    "|---|---|---|---:|---:|---:|---:|",
)


def table() -> str:
    """Return the table of all shipped models in Markdown."""
    checkpoints = [read_named(name) for name in shipped_names()]
    routes = list(discover(PACKAGE))
    checkpoints.sort(key=lambda one: (routes.index(one.config.route), one.config.cell, one.name))
    return "\n".join([*HEADER, *(row(checkpoint) for checkpoint in checkpoints)])


def row(checkpoint: Checkpoint) -> str:
    """Return one model's row."""
    model = checkpoint.model()
    cells = [
        f"`{checkpoint.name}`",
        model.cells[0].LABEL,
        reads(checkpoint),
        str(checkpoint.config.units),
        f"{parameter_count(model):,}",
        percent(checkpoint, "mnist"),
        percent(checkpoint, "pendigits"),
    ]
    return "| " + " | ".join(cells) + " |"


def reads(checkpoint: Checkpoint) -> str:
    """Return in what order and how many steps the model reads."""
    route = checkpoint.model().route
    label = discover(PACKAGE)[route.name].LABEL.lower()
    patch = route.options.get("patch", 1)
    if patch > 1:
        label += f" of {patch}x{patch} patches"
    corners = f" x {route.sweeps} corners" if route.sweeps > 1 else ""
    return f"{label}, {route.steps_per_sweep} steps{corners}"


def percent(checkpoint: Checkpoint, dataset: str) -> str:
    """Return a measured accuracy, as the checkpoint carries it."""
    value = checkpoint.metrics.get(f"{dataset}/test/accuracy")
    return "" if value is None else f"{value:.2%}".replace("%", " %")


if __name__ == "__main__":
    print(table())
