"""Recipes: how each shipped model is trained, as a file in the repository."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from rnnviz.data.augment import Augmentation
from rnnviz.models.config import ModelConfig
from rnnviz.training.settings import Stage, TrainingSettings

FOLDER = Path(__file__).parent / "recipes"

Parsed = TypeVar("Parsed")


@dataclass(frozen=True)
class Recipe:
    """A model and the run that trains it."""

    name: str
    """Name of the checkpoint that it makes."""
    model: ModelConfig
    """What the model is made of."""
    training: TrainingSettings
    """How it is trained."""
    note: str = ""
    """What a reader of the table of models should know."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON-able data from which ``parse_recipe`` makes an equal recipe."""
        return {
            "name": self.name,
            "model": self.model.as_dict(),
            "training": self.training.as_dict(),
            "note": self.note,
        }


def recipe_names() -> list[str]:
    """Return the names of all recipes, sorted."""
    return names_in(FOLDER)


def load_recipe(name: str | Path) -> Recipe:
    """Return the recipe of a shipped model, or the one in a TOML file.

    Raises:
        ValueError: If there is no such recipe or it can't be understood.
    """
    return load_from(FOLDER, name, "recipe", parse_recipe)


def names_in(folder: Path) -> list[str]:
    """Return the names of the recipes in a folder, sorted."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def load_from(
    folder: Path, name: str | Path, kind: str, parse: Callable[[dict[str, Any]], Parsed]
) -> Parsed:
    """Return the recipe of a name in a folder, or the one in a TOML file.

    Args:
        folder: Where the shipped ones lie.
        name: One of theirs, or the path of a .toml file.
        kind: What a message calls such a recipe.
        parse: Makes the recipe of the file's content and its name.

    Raises:
        ValueError: If there is no such recipe or it can't be understood.
    """
    path = Path(name) if str(name).endswith(".toml") else folder / f"{name}.toml"
    if not path.is_file():
        raise ValueError(
            f"There is no {kind} '{name}'. Give the path of a .toml file, or one of: "
            f"{', '.join(names_in(folder))}."
        )
    try:
        return parse(tomllib.loads(path.read_text(encoding="utf-8")) | {"name": path.stem})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"The recipe {path.name} can't be understood: {error}") from error


def parse_recipe(content: dict[str, Any]) -> Recipe:
    """Return the recipe that plain data describes: a parsed TOML file, or ``Recipe.as_dict()``.

    Raises:
        ValueError: If a part is missing, unknown or out of its range.
    """
    try:
        return Recipe(
            name=str(content["name"]),
            model=ModelConfig(**content["model"]),
            training=parse_settings(content["training"]),
            note=content.get("note", ""),
        )
    except KeyError as error:
        raise ValueError(f"the part {error} is missing") from error
    except (TypeError, AttributeError) as error:
        raise ValueError(str(error)) from error


def parse_settings(content: dict[str, Any]) -> TrainingSettings:
    """Return the settings that the table [training] of a recipe describes."""
    values = dict(content)
    values["stages"] = tuple(parse_stage(stage) for stage in values["stages"])
    for name in ("datasets", "pen_widths"):
        if values.get(name) is not None:
            values[name] = tuple(values[name])
    if values.get("augmentation") is not None:
        values["augmentation"] = Augmentation(**values["augmentation"])
    return TrainingSettings(**values)


def parse_stage(content: dict[str, Any]) -> Stage:
    """Return the stage that a table [[training.stages]] describes."""
    values = dict(content)
    if isinstance(values.get("shrink"), list):
        values["shrink"] = tuple(values["shrink"])
    return Stage(**values)
