"""Imports run one way: ui -> plots -> core, ui -> analysis -> models -> core, and so on."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "rnnviz"

# Which parts of the package each part may import, besides itself. A part is a folder or a file
# directly under rnnviz/; "rnnviz" itself is rnnviz/__init__.py, the library's front door.
MAY_IMPORT = {
    "registry": set(),
    "version":  set(),
    "files":    set(),
    "core":     {"registry"},
    "data":     {"registry", "files", "core"},
    "models":   {"registry", "files", "core"},
    "plots":    {"registry", "core"},
    "analysis": {"registry", "core", "models"},
    "training": {"registry", "files", "version", "core", "models", "data", "analysis"},
    "rnnviz":   {"version", "core", "models", "data", "analysis", "training", "plots"},
    "cli":      {"registry", "files", "version", "core", "models", "data", "analysis", "training",
                 "plots"},
    "__main__": {"cli"},
    "ui":       {"registry", "files", "core", "models", "data", "analysis", "training", "plots",
                 "rnnviz"},
}  # fmt: skip

# Who may import a library of others; who isn't named here may import any of those.
ONLY_IMPORTED_BY = {
    "streamlit": {"ui"},
    "plotly":    {"plots", "ui"},
}  # fmt: skip

# Parts that get by with little: plain data, and what draws it.
ONLY_IMPORTS_FROM_OTHERS = {
    "plots": {"plotly", "numpy"},
    "registry": set(),
}


def python_files() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def part_of(module: str) -> str:
    """Return the part of the package a module belongs to: "core" for "rnnviz.core.trace"."""
    return [*module.split("."), "rnnviz"][1]


def module_of(file: Path) -> str:
    names = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(names[:-1] if names[-1] == "__init__" else names)


def imported_modules(source: str, module: str, is_package: bool) -> Iterator[str]:
    """Yield the full name of every module that a source imports, wherever in it that happens.

    `from rnnviz import core` yields "rnnviz.core": which of the names are modules the source
    does not say, and for ours it is the parts that count.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = absolute(node, module, is_package)
            if base == "rnnviz":
                yield from (whole(alias.name) for alias in node.names)
            else:
                yield base


def absolute(node: ast.ImportFrom, module: str, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    # One dot is the package that the file is in, each further one the package around it.
    package = module.split(".") if is_package else module.split(".")[:-1]
    around = package[: len(package) - (node.level - 1)]
    return ".".join([*around, *([node.module] if node.module else [])])


def whole(name: str) -> str:
    return f"rnnviz.{name}" if name in MAY_IMPORT else "rnnviz"


def imports_of(file: Path) -> set[str]:
    source = file.read_text(encoding="utf-8")
    return set(imported_modules(source, module_of(file), file.name == "__init__.py"))


def split(modules: set[str]) -> tuple[set[str], set[str]]:
    """Return the parts of ours among the modules, and the libraries of others."""
    names = {module: module.split(".")[0] for module in modules}
    ours = {part_of(module) for module, top in names.items() if top == "rnnviz"}
    return ours, {top for top in names.values() if top != "rnnviz"}


def named(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("file", python_files(), ids=named)
def test_a_file_imports_only_the_parts_below_it(file):
    part = part_of(module_of(file))
    assert part in MAY_IMPORT, f"say in MAY_IMPORT what rnnviz/{part} may import"
    ours, _ = split(imports_of(file))
    wrong = ours - MAY_IMPORT[part] - {part}
    assert not wrong, f"{named(file)} imports {sorted(wrong)}; {part} may not"


@pytest.mark.parametrize("file", python_files(), ids=named)
def test_a_file_imports_only_the_libraries_its_part_may_use(file):
    part = part_of(module_of(file))
    _, others = split(imports_of(file))
    wrong = {name for name in others if part not in ONLY_IMPORTED_BY.get(name, {part})}
    assert not wrong, f"{named(file)} imports {sorted(wrong)}; {part} may not"


@pytest.mark.parametrize("part", ONLY_IMPORTS_FROM_OTHERS)
def test_a_frugal_part_imports_little(part):
    allowed = ONLY_IMPORTS_FROM_OTHERS[part] | set(sys.stdlib_module_names)
    for file in python_files():
        if part_of(module_of(file)) == part:
            _, others = split(imports_of(file))
            assert others <= allowed, f"{named(file)} imports {sorted(others - allowed)}"


def test_the_table_has_no_circle():
    """Taking away, again and again, the parts that import nothing that is left leaves nothing."""
    left = dict(MAY_IMPORT)
    while free := [part for part, below in left.items() if not below & left.keys()]:
        for part in free:
            del left[part]
    assert not left


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import rnnviz.core.trace", {"rnnviz.core.trace"}),
        ("from rnnviz import core", {"rnnviz.core"}),
        ("from rnnviz.core import trace", {"rnnviz.core"}),
        ("from . import norms", {"rnnviz.models.cells"}),
        ("from .lstm import Lstm", {"rnnviz.models.cells.lstm"}),
        ("from ...core import trace", {"rnnviz.core"}),
        ("from ... import core", {"rnnviz.core"}),
        ("def late():\n    import streamlit as st", {"streamlit"}),
    ],
)
def test_every_form_of_import_is_seen(source, expected):
    assert set(imported_modules(source, "rnnviz.models.cells.gru", is_package=False)) == expected


def test_in_a_package_one_dot_is_the_package_itself():
    assert set(imported_modules("from .lstm import x", "rnnviz.models", is_package=True)) == {
        "rnnviz.models.lstm"
    }
