"""The browser components: how their JavaScript is joined, and what it must never do."""

import re
from pathlib import Path
from types import ModuleType

import pytest

from rnnviz.ui.components import (
    backward,
    clip_room,
    common,
    plotly_figure,
    reading_room,
    runs_table,
    training_room,
    webcam,
)

COMPONENTS = [reading_room, backward, training_room, runs_table, webcam, clip_room, plotly_figure]


def named(component: ModuleType) -> str:
    return component.__name__.rsplit(".", maxsplit=1)[-1]


def joined(component: ModuleType) -> str:
    return common.script(component.FOLDER, component.MODULES)


def files(folder: Path) -> set[str]:
    return {path.stem for path in (folder / "js").glob("*.js")}


def test_no_component_with_modules_is_forgotten():
    folders = {path.parent.name for path in common.FOLDER.parent.glob("*/js")}
    assert folders == {named(component) for component in (*COMPONENTS, common)}


@pytest.mark.parametrize("component", COMPONENTS, ids=named)
def test_every_javascript_file_is_joined_after_what_it_imports(component):
    assert files(common.FOLDER) == set(common.MODULES)
    assert files(component.FOLDER) == set(component.MODULES)
    exported: set[str] = set()
    modules = [(common.FOLDER, name) for name in common.MODULES]
    modules += [(component.FOLDER, name) for name in component.MODULES]
    for folder, name in modules:
        text = common.source(folder, name)
        for names, path in re.findall(r'import \{([^}]*)\} from "(\.[\w./]+)"', text):
            wanted = {each.strip() for each in names.split(",") if each.strip()}
            assert (folder / "js" / path).is_file(), f"{name} imports {path}, which isn't there"
            assert wanted <= exported, f"{name} imports {wanted - exported} of {path}"
        own = common.EXPORT.findall(text)
        assert not exported & set(own), f"{name} exports a name that is taken"
        exported |= set(own)


@pytest.mark.parametrize("component", COMPONENTS, ids=named)
def test_the_joined_script_has_one_export_and_no_import(component):
    script = joined(component)
    assert re.findall(r"^export .*", script, re.MULTILINE) == [
        "export default function render(component) {"
    ]
    assert not re.search(r"^import ", script, re.MULTILINE)


@pytest.mark.parametrize("component", COMPONENTS, ids=named)
def test_text_never_becomes_html(component):
    assert "innerHTML" not in joined(component)
    assert "insertAdjacentHTML" not in joined(component)
