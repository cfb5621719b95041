"""What holds for every test: fixed seeds, nothing skipped in CI, and who runs beside whom."""

import os
import random
import sys
import tempfile
from pathlib import Path

import numpy
import pytest

# The tests' networks are too small to share out, and on a busy machine two threads wait for each
# other far longer than one would take. Set before torch is imported; processes inherit it.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# No test touches the runs of whoever runs the tests; processes inherit this as well.
RUNS = tempfile.TemporaryDirectory(prefix="rnnviz-runs-", ignore_cleanup_errors=True)
os.environ["RNNVIZ_RUNS"] = RUNS.name

TESTS = Path(__file__).parent
APART = "browser"
"""The folder whose tests all run in one process: one app and one browser keep a core busy."""
LONGEST = (APART, "training", "cli", "ui")
"""Folders that come first, so that at the end only quick tests are left to be shared out."""

IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}


@pytest.fixture(autouse=True)
def fixed_seeds():
    random.seed(0)
    numpy.random.seed(0)
    # Tests that need torch have imported it by now; the others need not wait for it.
    if torch := sys.modules.get("torch"):
        torch.manual_seed(0)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    report = yield
    # An expected failure is reported as skipped too; that one is meant.
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        fail_instead_of_skipping(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report():
    report = yield
    if IN_CI and report.skipped:
        fail_instead_of_skipping(report)
    return report


def fail_instead_of_skipping(report):
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome = "failed"
    report.longrepr = f"In CI nothing is skipped, and this was: {reason}"


def folder_of(path):
    """Return the folder of tests that a file lies in, or the name of a file that lies in none."""
    return path.relative_to(TESTS).parts[0]


def pytest_collection_modifyitems(items):
    ranks = {folder: rank for rank, folder in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(folder_of(item.path), len(ranks)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Give each process of ``pytest -n`` whole files, and all of APART to one of them."""
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid):
            file = super()._split_scope(nodeid)
            return APART if folder_of(config.rootpath / file) == APART else file

    # In the order of the collection, not of how many tests a file has.
    config.option.loadscopereorder = False
    return Scheduling(config, log)
