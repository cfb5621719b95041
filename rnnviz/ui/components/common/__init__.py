"""What the browser components share: JavaScript modules, a style sheet, and how they are joined."""

import re
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).parent
MODULES = ("encode", "dom", "decades", "tip", "theme", "figure", "clock", "focus", "player")
"""The shared JavaScript modules in the order in which they are joined."""

IMPORT = re.compile(r"^import\s.*?;\n", re.MULTILINE | re.DOTALL)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE)


def script(folder: Path, modules: Sequence[str]) -> str:
    """Return the shared JavaScript and a component's own as the one module that Streamlit takes.

    Args:
        folder: The component's folder, with its modules in ``js``.
        modules: Their names in the order in which they are joined: each after what it imports.
    """
    texts = [source(FOLDER, name) for name in MODULES] + [source(folder, name) for name in modules]
    return "\n".join(closed(text) for text in texts)


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


def style(folder: Path) -> str:
    """Return the shared style sheet and a component's own."""
    files = [place / "style.css" for place in (FOLDER, folder)]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)
