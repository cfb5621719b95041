"""Find the cells, routes, data sets and pages by looking into their folders."""

import importlib
import pkgutil
from functools import cache
from types import ModuleType


@cache
def discover(package: str) -> dict[str, ModuleType]:
    """Return the modules of a package that declare a ``NAME``, keyed by that name.

    Args:
        package: Dotted name of a package, for example ``rnnviz.core.routes``.

    Returns:
        ``{module.NAME: module}``, ordered by the modules' ``ORDER`` (0 where there is none) and
        then by name, so that menus always read the same.

    Raises:
        ValueError: If two modules claim the same name.
    """
    folder = importlib.import_module(package)
    found: dict[str, ModuleType] = {}
    for info in pkgutil.iter_modules(folder.__path__):
        module = importlib.import_module(f"{package}.{info.name}")
        name = getattr(module, "NAME", None)
        if name is None:
            continue
        if name in found:
            raise ValueError(
                f"Two modules of {package} are called '{name}': {found[name].__name__} and "
                f"{module.__name__}. Rename one of them."
            )
        found[name] = module
    return dict(sorted(found.items(), key=lambda item: (getattr(item[1], "ORDER", 0), item[0])))


def find(package: str, name: str, kind: str) -> ModuleType:
    """Return the module of ``package`` that is called ``name``.

    Raises:
        ValueError: If there is none; the message lists those there are, as a ``kind``.
    """
    found = discover(package)
    if name not in found:
        raise ValueError(f"There is no {kind} '{name}'. Choose one of: {', '.join(found)}.")
    return found[name]
