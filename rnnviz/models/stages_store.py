"""The shipped stages: the variants of the laboratory early, midway and at the end of a training."""

from pathlib import Path

from rnnviz.models.checkpoint import Checkpoint, CheckpointError, load_checkpoint
from rnnviz.models.model import Model
from rnnviz.models.store import SUFFIX, pretrained_folder

STAGE_STEPS = {"early": 100, "midway": 500, "end": 1500}
"""After how many training steps each stage was kept."""
STAGE_ROUTES: dict[str, dict[str, int]] = {"rows": {}, "patches": {"patch": 2}}
"""The routes along which the variants were trained, with their options."""


def stages_folder() -> Path:
    """Return the folder of the shipped stages."""
    return pretrained_folder() / "stages"


def stage_name(variant: str, route: str, step: int) -> str:
    """Return what a stage is called: "lstm-1-patches-500"."""
    return f"{variant}-{route}-{step}"


def stage_names() -> list[str]:
    """Return the names of all shipped stages, sorted."""
    return sorted(path.stem for path in stages_folder().glob(f"*{SUFFIX}"))


def load_stage(variant: str, route: str, stage: str) -> Model:
    """Return a variant as it was at a stage of its training.

    Args:
        variant: Name of a variant of the laboratory.
        route: "rows" (28 steps) or "patches" (2x2 pixels, 196 steps).
        stage: "early", "midway" or "end".

    Raises:
        CheckpointError: If there is no such stage or it can't be used.
    """
    return read_stage(variant, route, stage).model()


def read_stage(variant: str, route: str, stage: str) -> Checkpoint:
    """Return the checkpoint of a stage; arguments and errors as for ``load_stage``."""
    if stage not in STAGE_STEPS:
        raise CheckpointError(
            f"There is no stage '{stage}'. Choose one of: {', '.join(STAGE_STEPS)}."
        )
    name = stage_name(variant, route, STAGE_STEPS[stage])
    # Looked up, never joined to a path: a variant's name may come from a link.
    if name not in stage_names():
        raise CheckpointError(
            f"'{variant}' on the route '{route}' was not kept {stage} in its training. "
            f"Choose one of these routes: {', '.join(routes_of(variant)) or 'there are none'}."
        )
    return load_checkpoint(stages_folder() / f"{name}{SUFFIX}")


def routes_of(variant: str) -> list[str]:
    """Return the routes for which a variant's stages are shipped."""
    names = stage_names()
    return [
        route
        for route in STAGE_ROUTES
        if all(stage_name(variant, route, step) in names for step in STAGE_STEPS.values())
    ]
