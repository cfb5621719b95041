"""The one setting that says where data sets lie."""

import os
import sys
from pathlib import Path

ENVIRONMENT_VARIABLE = "RNNVIZ_DATA"


def data_folder(override: Path | str | None = None) -> Path:
    """Return the folder of the data sets; it need not exist yet.

    Args:
        override: The folder somebody chose (the option `--data`), or None.

    The first of these that is set decides: the argument, the environment
    variable RNNVIZ_DATA, the folder `rnnviz` in the user's cache.
    """
    chosen = override or os.environ.get(ENVIRONMENT_VARIABLE)
    # Unlike pathlib's, this expanduser leaves the home of an unknown user as it is written.
    return Path(os.path.expanduser(chosen)) if chosen else user_cache() / "rnnviz"


def user_cache() -> Path:
    """Return the folder in which this platform keeps a user's cached files."""
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return Path(local) if local else Path.home() / "AppData" / "Local"
    xdg = os.environ.get("XDG_CACHE_HOME")
    if xdg:
        return Path(xdg)
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
