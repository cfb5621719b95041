"""What the browser components share: JavaScript modules, a style sheet, and how they are joined."""

import re
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).parent
MODULES = (
    "encode",
    "dom",
    "decades",
    "tip",
    "theme",
    "figure",
    "clock",
    "focus",
    "player",
    "transport",
    "strokes",
    "pad",
    "keys",
    "units",
    "heatmap",
    "grid",
)
"""The shared JavaScript modules in the order in which they are joined: each after what it
imports. A component gets those that it needs."""

IMPORTED = re.compile(r'from "(?:\.\./\.\./common/js|\.)/(\w+)\.js"')
IMPORT = re.compile(r"^import\s.*?;\n", re.MULTILINE | re.DOTALL)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE)


def script(folder: Path, modules: Sequence[str]) -> str:
    """Return a component's JavaScript, and what it shares, as the one module that Streamlit takes.

    Args:
        folder: The component's folder, with its modules in ``js``.
        modules: Their names in the order in which they are joined: each after what it imports.
    """
    own = [source(folder, name) for name in modules]
    shared: list[str] = []
    needed = {name for text in own for name in IMPORTED.findall(text)}
    for name in reversed(MODULES):
        if name in needed:
            shared.insert(0, source(FOLDER, name))
            needed.update(IMPORTED.findall(shared[0]))
    return "\n".join(closed(text) for text in (*shared, *own))


def source(folder: Path, name: str) -> str:
    """Return the text of one module."""
    return (folder / "js" / f"{name}.js").read_text(encoding="utf-8")


def closed(module: str) -> str:
    """Return a module's text as it can stand beside others in one file.

    Each becomes a function that is called at once and returns what the module exports, so that
    what it keeps to itself stays its own. Imports go: the names they bring stand outside. The
    last module, with the default export that Streamlit calls, stays open.
    """
    names = ", ".join(EXPORT.findall(module))
    body = EXPORT.sub("", IMPORT.sub("", module))
    if not names:
        return body
    return f"const {{ {names} }} = (() => {{\n{body}\nreturn {{ {names} }};\n}})();"


def style(folder: Path, *shared: str) -> str:
    """Return the shared style sheet, such others as are named, and a component's own.

    Args:
        folder: The component's folder, with its style sheet.
        shared: Names of style sheets for parts that only some components have, such as "pad".
    """
    files = [FOLDER / "style.css", *(FOLDER / f"{name}.css" for name in shared)]
    return "\n".join(file.read_text(encoding="utf-8") for file in (*files, folder / "style.css"))
