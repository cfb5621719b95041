"""The routes, one file each. A file declares what a menu needs and one function, ``build``.

``NAME``         registry name
``LABEL``        what a menu shows
``DESCRIPTION``  one line: in which order the picture is read
``PARENTS``      1 or 2
``OPTIONS``      the options of ``build`` with their defaults
``build(shape, **options) -> Route``
"""

from rnnviz.core.route import Route
from rnnviz.registry import find

PACKAGE = "rnnviz.core.routes"


def build_route(name: str, shape: tuple[int, int, int], **options: int) -> Route:
    """Return the route called ``name`` over a volume of ``shape`` (frame, height, width).

    Raises:
        ValueError: If there is no such route, it has no such option, or the option doesn't fit.
    """
    module = find(PACKAGE, name, "route")
    unknown = set(options) - set(module.OPTIONS)
    if unknown:
        raise ValueError(
            f"Route '{name}' has no option '{min(unknown)}'. "
            f"Its options are: {', '.join(module.OPTIONS) or 'none'}."
        )
    return module.build(shape, **options)
