"""Finished runs: trained once for each recipe, and copied for every test that asks for one."""

import json
import shutil
import tempfile
from pathlib import Path

from rnnviz.training.loop import Report
from rnnviz.training.recipe import Recipe
from rnnviz.training.runs.carry_out import carry_out
from rnnviz.training.runs.folder import RunFolder
from rnnviz.training.runs.service import new_id

KEPT = tempfile.TemporaryDirectory(prefix="rnnviz-finished-", ignore_cleanup_errors=True)
_trained: dict[str, tuple[RunFolder, Report]] = {}


def finished(recipe: Recipe, runs: Path) -> tuple[RunFolder, Report]:
    """Return a finished run of its own in a folder of runs, and the last report of its training.

    Repeated, a run gives the same to the last digit (tests/training/test_runs.py holds it), so
    that a copy of its files is as good as training it again.

    Args:
        recipe: What is trained; of data sets that come with the packages, as ``digits`` does.
        runs: The folder of all runs.
    """
    key = json.dumps(recipe.as_dict(), sort_keys=True)
    if key not in _trained:
        files = RunFolder(Path(KEPT.name) / new_id())
        files.create(recipe)
        *_, last = carry_out(files, Path(KEPT.name))
        _trained[key] = files, last
    kept, last = _trained[key]
    copy = RunFolder(runs / new_id())
    shutil.copytree(kept.path, copy.path)
    return copy, last
