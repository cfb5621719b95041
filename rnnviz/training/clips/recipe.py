"""Recipes: how each shipped clip model is trained, as a file in the repository."""

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from rnnviz.data.clips.motions import Scene
from rnnviz.data.clips.moving_digits import task_of
from rnnviz.models.clips.config import ClipConfig
from rnnviz.training.recipe import load_from, names_in, parse_settings
from rnnviz.training.settings import TrainingSettings

FOLDER = Path(__file__).parent / "recipes"


@dataclass(frozen=True)
class ClipSource:
    """Which clips are learned from, and how the learning begins."""

    task: str = ""
    """Of moving digits: what is asked about them."""
    scene: dict[str, Any] = field(default_factory=dict)
    """Of moving digits: where their scene differs from the task's."""
    training_scene: dict[str, Any] = field(default_factory=dict)
    """Of moving digits: where the scene differs from that while the model learns. A harder one
    makes it robust; it is measured without."""
    start: str = ""
    """A shipped picture model whose spatial weights are the start, or none."""
    frozen: bool = False
    """Whether the spatial weights stay as they start."""

    def scene_of(self) -> Scene:
        """Return the scene of the moving digits on which the model is measured."""
        return changed(task_of(self.task).scene, self.scene)

    def training_scene_of(self) -> Scene:
        """Return the scene of the moving digits from which it learns."""
        return changed(self.scene_of(), self.training_scene)

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON-able data, without a scene for the training where it has none."""
        plain = asdict(self)
        if not self.training_scene:
            del plain["training_scene"]
        return plain


def changed(scene: Scene, differences: dict[str, Any]) -> Scene:
    """Return a scene with some of its values replaced by those of a recipe."""
    plain: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in differences.items()
    }
    return replace(scene, **plain)


@dataclass(frozen=True)
class ClipRecipe:
    """A clip model and the run that trains it."""

    name: str
    """Name of the checkpoint that it makes."""
    model: ClipConfig
    """What the model is made of."""
    source: ClipSource
    """Which clips, and how it begins."""
    training: TrainingSettings
    """How it is trained. One data set, of clips; ``pictures`` counts the clips of an epoch where
    they are made without end; target replication counts from the first frame."""
    note: str = ""
    """What a reader of the table of models should know."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON-able data that describes the recipe."""
        return {
            "name": self.name,
            "model": self.model.as_dict(),
            "source": self.source.as_dict(),
            "training": self.training.as_dict(),
            "note": self.note,
        }


def clip_recipe_names() -> list[str]:
    """Return the names of all clip recipes, sorted."""
    return names_in(FOLDER)


def load_clip_recipe(name: str | Path) -> ClipRecipe:
    """Return the recipe of a shipped clip model, or the one in a TOML file.

    Raises:
        ValueError: If there is no such recipe or it can't be understood.
    """
    return load_from(FOLDER, name, "clip recipe", parse_clip_recipe)


def parse_clip_recipe(content: dict[str, Any]) -> ClipRecipe:
    """Return the recipe that plain data describes: a parsed file, or ``ClipRecipe.as_dict()``."""
    recipe = ClipRecipe(
        name=str(content["name"]),
        model=ClipConfig(**content["model"]),
        source=ClipSource(**content.get("source", {})),
        training=parse_settings(content["training"]),
        note=content.get("note", ""),
    )
    if len(recipe.training.datasets) != 1 or len(recipe.training.stages) != 1:
        raise ValueError("a clip model is trained on one data set, in one stage")
    return recipe
