"""What holds for every test: fixed seeds, and nothing skipped in CI."""

import os
import random
import sys
import tempfile

import numpy
import pytest

# The tests' networks are too small to share out, and on a busy machine two threads wait for each
# other far longer than one would take. Set before torch is imported; processes inherit it.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# No test touches the runs of whoever runs the tests; processes inherit this as well.
RUNS = tempfile.TemporaryDirectory(prefix="rnnviz-runs-", ignore_cleanup_errors=True)
os.environ["RNNVIZ_RUNS"] = RUNS.name

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
