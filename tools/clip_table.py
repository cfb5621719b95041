"""Print the README's tables of clip models from the figures in the checkpoints themselves.

`python -m tools.clip_table` prints them; a test holds that the README shows just that.
"""

from rnnviz.models.clips.checkpoint import ClipCheckpoint
from rnnviz.models.clips.config import SIGHTS
from rnnviz.models.clips.store import clip_names, read_clip_model
from rnnviz.models.model import parameter_count

HEADER = (
    "| name | in space | sees | in time | frames | parameters | on unseen digits or writers |",
    "|---|---|---|---|---:|---:|---|",
)
SPOILT = {
    "none": "as it is",
    "slow": "half as fast",
    "fast": "twice as fast",
    "clutter": "much clutter",
    "dim": "half the contrast",
    "inverted": "inverted",
    "compressed": "H.264, crf 35",
}
"""The columns of the second table, by the names of the figures."""
EACH = {"frames": "frames", "changes": "changes", "both": "frames and changes"}


def table() -> str:
    """Return the table of all shipped clip models in Markdown."""
    return "\n".join([*HEADER, *(row(read_clip_model(name)) for name in clip_names())])


def robustness_table() -> str:
    """Return how right they are where clips are other than those that they learned from."""
    lines = [
        "| name | " + " | ".join(SPOILT.values()) + " |",
        "|---|" + "---:|" * len(SPOILT),
    ]
    for name in clip_names():
        metrics = read_clip_model(name).metrics
        shares = [percent(metrics.get(f"robust/{spoilt}")) for spoilt in SPOILT]
        lines.append(f"| `{name}` | " + " | ".join(shares) + " |")
    return "\n".join(lines)


def row(checkpoint: ClipCheckpoint) -> str:
    """Return one model's row."""
    config, model = checkpoint.config, checkpoint.model()
    assert config.sight in SIGHTS
    cells = [
        f"`{checkpoint.name}`",
        f"{model.spatial.cells[0].LABEL}, {config.spatial.route}, {config.spatial.units} units",
        EACH[config.sight],
        f"{model.layers[0].LABEL}, {config.units} units",
        str(config.frames),
        f"{parameter_count(model):,}",
        figures(checkpoint.metrics),
    ]
    return "| " + " | ".join(cells) + " |"


def figures(metrics: dict[str, float]) -> str:
    """Return what a model was measured to get right."""
    if "test/frames" in metrics:
        return (
            f"{percent(metrics['test/frames'])} of the frames; every change found within 2 frames "
            f"in {percent(metrics['test/changes'])} of the clips"
        )
    early = percent(metrics.get("test/accuracy@70"))
    return f"{percent(metrics.get('test/accuracy'))} (after 70 % of the clip {early})"


def percent(share: float | None) -> str:
    """Return a share in per cent, as the tables show it."""
    return "" if share is None else f"{share:.1%}".replace("%", " %")


if __name__ == "__main__":
    print(table())
    print()
    print(robustness_table())
